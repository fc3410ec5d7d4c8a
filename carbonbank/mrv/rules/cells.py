"""Geohash cells: coarse enough to hide a doorstep, fine enough to hold a distance against."""

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_EARTH_RADIUS_M = 6_371_000  # the mean radius; the ellipsoid differs by 0.5 %, see `cells_apart_m`
CELL_LENGTH = 5  # about 4.9 km by 4.9 km


def cell_of(latitude: float, longitude: float, length: int = CELL_LENGTH) -> str:
    """Return the geohash of a position (public domain, G. Niemeyer 2008)."""
    south, north, west, east = -90.0, 90.0, -180.0, 180.0
    text, value = "", 0
    for bit in range(length * 5):
        if bit % 2 == 0:
            middle = (west + east) / 2
            high = longitude >= middle
            west, east = (middle, east) if high else (west, middle)
        else:
            middle = (south + north) / 2
            high = latitude >= middle
            south, north = (middle, north) if high else (south, middle)
        value = value * 2 + high
        if bit % 5 == 4:
            text, value = text + _ALPHABET[value], 0
    return text


def cell_bounds(cell: str) -> tuple[float, float, float, float] | None:
    """Return (south, north, west, east) of a geohash in degrees, or None for other text.

    A geohash has 3 to 12 letters; longer ones are cells of another kind.
    """
    south, north, west, east = -90.0, 90.0, -180.0, 180.0
    if not 3 <= len(cell) <= 12 or any(letter not in _ALPHABET for letter in cell):
        return None
    bits = [_ALPHABET.index(letter) >> shift & 1 for letter in cell for shift in (4, 3, 2, 1, 0)]
    for place, high in enumerate(bits):
        if place % 2 == 0:
            middle = (west + east) / 2
            west, east = (middle, east) if high else (west, middle)
        else:
            middle = (south + north) / 2
            south, north = (middle, north) if high else (south, middle)
    return south, north, west, east


def great_circle_m(
    latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float
) -> float:
    """Return the haversine distance of two positions in metres."""
    phi_a, phi_b = radians(latitude_a), radians(latitude_b)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = radians(longitude_b - longitude_a) / 2
    chord = sin(half_phi) ** 2 + cos(phi_a) * cos(phi_b) * sin(half_lambda) ** 2
    return 2 * _EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def cells_apart_m(cell_a: str, cell_b: str) -> int:
    """Return a distance in whole metres that no pair of points of the two cells is below.

    From centre to centre less both half diagonals, less 0.6 % for the shape of the earth; 0 for
    neighbours and for text that is no geohash.
    """
    a, b = cell_bounds(cell_a), cell_bounds(cell_b)
    if a is None or b is None:
        return 0
    centres_m = great_circle_m(
        (a[0] + a[1]) / 2, (a[2] + a[3]) / 2, (b[0] + b[1]) / 2, (b[2] + b[3]) / 2
    )
    halves_m = sum(_half_diagonal_m(bounds) for bounds in (a, b))
    return max(0, int((centres_m - halves_m) * 0.994))


def _half_diagonal_m(bounds: tuple[float, float, float, float]) -> float:
    south, north, west, east = bounds
    middle = ((south + north) / 2, (west + east) / 2)
    return max(great_circle_m(*middle, south, west), great_circle_m(*middle, north, west))


def cell_boxes(cells: Sequence[str]) -> Floats:
    """Return latitude and longitude (degrees) and half diagonal (m) of many cells, a column each.

    What is no geohash has nan.
    """
    boxes = np.full((3, len(cells)), np.nan)
    lengths = np.array([len(cell) if cell.isascii() else 0 for cell in cells], dtype=np.int64)
    for length in range(3, 13):
        places = np.flatnonzero(lengths == length)
        if not len(places):
            continue
        letters = np.frombuffer("".join(cells[i] for i in places.tolist()).encode(), dtype=np.uint8)
        values = _VALUE_OF_LETTER[letters.reshape(-1, length)]
        boxes[:, places] = np.where((values >= 0).all(axis=1), _boxes(values), np.nan)
    return boxes


_VALUE_OF_LETTER = np.full(256, -1, dtype=np.int64)
_VALUE_OF_LETTER[np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)] = np.arange(32)


def _boxes(values: Ints) -> Floats:
    bits = (values[:, :, None] >> np.arange(4, -1, -1) & 1).reshape(len(values), -1)
    sides = []
    for axis, whole in ((bits[:, 1::2], 180.0), (bits[:, 0::2], 360.0)):
        size = whole / 2 ** axis.shape[1]
        low = axis @ (1 << np.arange(axis.shape[1] - 1, -1, -1)) * size - whole / 2
        sides.append((low, low + size / 2, low + size))
    (south, middle, north), (west, centre, _) = sides
    halves_m = [_haversine_m(middle, centre, edge, west) for edge in (south, north)]
    return np.stack([middle, centre, np.maximum(*halves_m)])


def _haversine_m(phi_a: Floats, lam_a: Floats, phi_b: Floats, lam_b: Floats) -> Floats:
    a, b = np.radians(phi_a), np.radians(phi_b)
    chord = np.sin((b - a) / 2) ** 2
    chord += np.cos(a) * np.cos(b) * np.sin(np.radians(lam_b - lam_a) / 2) ** 2
    metres: Floats = 2 * _EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(chord)))
    return metres


def apart_m_about(a_boxes: Floats, b_boxes: Floats, a: Ints, b: Ints, places: Ints) -> Floats:
    """Return what `cells_apart_m` gives for cells `a[places]` and `b[places]`, and a metre more.

    Array arithmetic may differ in the last digit from one machine to another, so this only picks
    the few pairs that `cells_apart_m` then decides on.
    """
    ways = a_boxes.shape[1], b_boxes.shape[1]
    if ways[0] * ways[1] < len(places):  # fewer pairs of cells than trips: each once
        pairs = np.unravel_index(np.arange(ways[0] * ways[1]), ways)
        each_m = _apart_m(a_boxes[:, pairs[0]], b_boxes[:, pairs[1]])
        of_trips_m: Floats = each_m[a[places] * ways[1] + b[places]]
        return of_trips_m
    return _apart_m(a_boxes[:, a[places]], b_boxes[:, b[places]])


def _apart_m(one: Floats, other: Floats) -> Floats:
    centres_m = _haversine_m(one[0], one[1], other[0], other[1])
    least_m = (centres_m - one[2] - other[2]) * 0.994
    return np.where(least_m > 0, least_m + 1, 0.0)  # nothing known gives 0 as well
