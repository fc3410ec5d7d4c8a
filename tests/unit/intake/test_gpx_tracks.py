"""GPX 1.1 (schema at topografix.com/GPX/1/1): ways by geodesic, and everything that is no way."""

import random

import pytest

from carbonbank.domain.trip import iso_at
from carbonbank.errors import BrokenGpx, EntitiesRefused, InputError, NoRows, VehicleNotNamed
from carbonbank.intake import ReadOptions, read_trips
from carbonbank.mrv.trips import to_trips
from tests.unit.intake.test_damaged_files import damaged

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="hand" '
SPACE = 'xmlns="http://www.topografix.com/GPX/1/1">'


def point(clock, lon, lat=0.5, ele="9000"):
    return f'<trkpt lat="{lat}" lon="{lon}"><ele>{ele}</ele><time>{clock}</time></trkpt>\n'


def gpx(*segments, space=SPACE, before=""):
    body = "".join(f"<trkseg>\n{''.join(points)}</trkseg>\n" for points in segments)
    return f"{before}{HEAD}{space}\n<trk><name>x</name>\n{body}</trk></gpx>".encode()


def line(minute, count, first_lon=10.0, seconds=30):
    """Points a 1/1000 degree of longitude apart, at half a degree north."""
    return [
        point(f"2024-05-06T07:{minute + n * seconds // 60:02d}:{n * seconds % 60:02d}Z", lon)
        for n in range(count)
        for lon in [round(first_lon + n * 0.001, 6)]
    ]


def read(data, **options):
    known = {"vehicle_id": "v1"} | options
    return read_trips(data, "track.gpx", options=ReadOptions(**known))


def found(raw):
    return [(issue.row, issue.code) for issue in raw.issues]


def test_the_way_is_the_geodesic_of_wgs84():
    raw = read(gpx(line(0, 11)))
    (trip,) = to_trips(raw.table)
    # A degree of longitude at 0.5 N: pi/180 * a * cos(0.5 deg) / sqrt(1 - e2 sin2(0.5 deg)),
    # 111 315.3 m by hand with a = 6378137 m and e2 = 0.00669438; ten steps of a thousandth.
    assert trip.distance_m == 1113
    assert (iso_at(trip.start_at), iso_at(trip.end_at)) == (
        "2024-05-06T07:00:00Z",
        "2024-05-06T07:05:00Z",
    )
    assert (trip.distance_source, trip.vehicle_id, trip.source) == ("gps", "v1", "gpx_tracks")
    assert raw.issues == ()
    assert raw.rows_read == 11


def test_offsets_are_heeded_and_bare_times_are_utc():
    points = [point("2024-05-06T09:00:00.9+02:00", 10.0), point("2024-05-06T07:01:00", 10.001)]
    (trip,) = to_trips(read(gpx(points)).table)
    assert iso_at(trip.start_at) == "2024-05-06T07:00:00Z"
    assert (trip.end_at - trip.start_at).total_seconds() == 60


def test_nothing_counts_between_segments():
    raw = read(gpx(line(0, 2), line(1, 2, first_lon=10.002)))
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 222  # 2 * 111.3, not 3 *


def test_a_pause_makes_a_trip_of_its_own():
    raw = read(gpx(line(0, 3) + line(10, 3, first_lon=10.1)))
    first, second = to_trips(raw.table)
    assert (first.distance_m, second.distance_m) == (222, 222)  # not the 10.9 km between
    assert [code for _, code in found(raw)] == ["recording_split"]


def test_a_receiver_that_stands_still_makes_no_way():
    jitter = [
        point(f"2024-05-06T07:00:{n:02d}Z", 10 + (0.00004 if n % 2 else 0)) for n in range(60)
    ]
    (trip,) = to_trips(read(gpx(jitter)).table)
    assert trip.distance_m == 0  # 59 steps of 4.5 m


def test_a_jump_is_left_out_and_told():
    points = line(0, 4)
    points[2] = point("2024-05-06T07:01:00Z", 11.0)
    raw = read(gpx(points))
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 333  # the straight line beside the jump
    assert [code for _, code in found(raw)] == ["sample_out_of_range"]


def test_after_a_wrong_first_fix_the_rest_still_counts():
    points = line(0, 12)
    points[0] = point("2024-05-06T07:00:00Z", 60.0)
    raw = read(gpx(points))
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 667  # fixes 2 to 6 are lost, 6 steps remain of 7 to 12 and 6
    assert {code for _, code in found(raw)} == {"sample_out_of_range"}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (point("", 10.0005), "unreadable_value"),
        (point("2024-02-30T00:00:00Z", 10.0005), "impossible_date"),
        (point("2024-05-06T06:00:00Z", 10.0005), "clock_out_of_order"),
        (point("2024-05-06T07:00:15Z", 1000), "gps_out_of_range"),
        (point("2024-05-06T07:00:15Z", 0.0), "zero_gps_fix"),
        (point("2024-05-06T07:00:15Z", "nan"), "unreadable_value"),
    ],
)
def test_a_bad_point_costs_itself_alone(bad, code):
    points = line(0, 3)
    raw = read(gpx([points[0], bad, *points[1:]]))
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 222
    assert [one for _, one in found(raw)] == [code]


def test_routes_and_way_points_are_no_way():
    data = gpx(line(0, 3)).replace(
        b"<trk>", b'<wpt lat="1" lon="1"/><rte><rtept lat="50" lon="50"/></rte><trk>'
    )
    (trip,) = to_trips(read(data).table)
    assert trip.distance_m == 222


ENTITY = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def test_entities_are_refused():
    with pytest.raises(EntitiesRefused) as caught:
        read(gpx(line(0, 3), before=ENTITY))
    assert caught.value.fields == {"filename": "track.gpx", "row": 1}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (gpx(line(0, 3), space='xmlns="http://www.topografix.com/GPX/1/0">'), BrokenGpx),
        (gpx(line(0, 3))[:-30], BrokenGpx),
        (gpx(), NoRows),
        (gpx().replace(b"<trk>", b"<trk>" + b"<a>" * 100), BrokenGpx),
    ],
)
def test_what_is_no_gpx_is_refused(data, error):
    with pytest.raises(error):
        read(data)


def test_the_vehicle_is_named_by_the_caller():
    with pytest.raises(VehicleNotNamed):
        read_trips(gpx(line(0, 3)), "track.gpx")


def test_damage_is_an_issue_or_a_typed_error():
    whole, rng, refused = gpx(line(0, 12)), random.Random(3), 0
    for _ in range(200):
        try:
            read(damaged(whole, rng))
        except InputError as error:
            refused += bool(str(error))
    assert refused > 0
