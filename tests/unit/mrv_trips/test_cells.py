"""Geohash against its published examples, distances against geodesy."""

import numpy as np
import pytest

from carbonbank.mrv.rules.cells import (
    apart_m_about,
    cell_bounds,
    cell_boxes,
    cell_of,
    cells_apart_m,
    great_circle_m,
)


@pytest.mark.parametrize(
    ("latitude", "longitude", "geohash"),
    [
        (57.64911, 10.40744, "u4pruydqqvj"),  # the example of the geohash article
        (42.6, -5.6, "ezs42"),
        (-25.382708, -49.265506, "6gkzwgjzn820"),
    ],
)
def test_published_geohashes(latitude, longitude, geohash):
    assert cell_of(latitude, longitude, len(geohash)) == geohash
    south, north, west, east = cell_bounds(geohash)
    assert south <= latitude <= north
    assert west <= longitude <= east


def test_great_circle_of_a_quarter_meridian():
    assert great_circle_m(0, 0, 90, 0) == pytest.approx(6_371_000 * 3.141592653589793 / 2)
    # Paris to London by Vincenty on WGS84: 343.9 km within half a percent of the sphere's.
    assert great_circle_m(48.8566, 2.3522, 51.5074, -0.1278) == pytest.approx(343_900, rel=0.005)


def test_cells_are_never_told_farther_apart_than_their_nearest_points():
    # 0.5 degree of longitude at the equator is 55.66 km on WGS84.
    apart = cells_apart_m(cell_of(0.001, 0.001), cell_of(0.001, 0.501))
    assert 40_000 < apart < 55_660
    assert cells_apart_m("u33db", "u33db") == 0
    assert cells_apart_m("u33db", "no cell") == 0


def test_arrays_are_a_metre_above_the_exact_distance():
    cells = ["u33db", "u281z", "u33", "9q8yyk8ytpxr", "no", "ü33db", "u33dl", "ezs42", "s0000"]
    places = np.arange(len(cells) ** 2)
    a, b = np.divmod(places, len(cells))
    boxes = cell_boxes(cells)
    for about_m, one, other in zip(
        apart_m_about(boxes, boxes, a, b, places), a.tolist(), b.tolist(), strict=True
    ):
        exact_m = cells_apart_m(cells[one], cells[other])
        assert exact_m <= about_m <= exact_m + 2.001
