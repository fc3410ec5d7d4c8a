"""The uncertainty discount: the worst step of each measure, added up, never above the whole."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pyarrow as pa
import pytest
from programmes_made import trip

from carbonbank.errors import ProgrammeInvalid
from carbonbank.mrv.discount import applying_steps, discount_bps_of, discount_lines
from carbonbank.mrv.monitoring import monitor
from carbonbank.mrv.quality import VehicleMonthQuality
from carbonbank.mrv.terms import DiscountStep
from carbonbank.mrv.trips import RawTrips, from_trips

STEPS = [
    DiscountStep(measure="odometer_share", below_bps=9000, discount_bps=200),
    DiscountStep(measure="odometer_share", below_bps=5000, discount_bps=500),
    DiscountStep(measure="gap_free_share", below_bps=10_000, discount_bps=100),
    DiscountStep(measure="accepted_share", below_bps=2000, discount_bps=9_900),
]


def of(steps, blend_bps=0):
    return SimpleNamespace(discounts=steps, fixed_discount_bps=blend_bps)


def quality(**shares):
    whole = dict.fromkeys(
        ("odometer_share", "measured_energy_share", "gap_free_share", "accepted_share"), 10_000
    )
    return VehicleMonthQuality(
        vehicle_id="car-1", month=24252, trips=1, distance_m=1, **(whole | shares)
    )


@pytest.mark.parametrize(
    ("shares", "bps"),
    [
        ({}, 0),
        ({"odometer_share": 9000}, 0),
        ({"odometer_share": 8999}, 200),
        ({"odometer_share": 4999}, 500),
        ({"odometer_share": 0, "gap_free_share": 9999}, 600),
        ({"measured_energy_share": 0}, 0),
        ({"odometer_share": 0, "gap_free_share": 0, "accepted_share": 0}, 10_000),
    ],
)
def test_discount_of_a_vehicle_month(shares, bps):
    assert discount_bps_of(of(STEPS), quality(**shares)) == bps
    assert discount_bps_of(of(STEPS[::-1]), quality(**shares)) == bps


def test_the_steps_that_count_say_what_to_improve():
    steps = applying_steps(of(STEPS), quality(odometer_share=0, gap_free_share=0))
    assert [(s.measure, s.discount_bps) for s in steps] == [
        ("gap_free_share", 100),
        ("odometer_share", 500),
    ]


def test_every_measure_is_explained_even_where_it_costs_nothing():
    lines = discount_lines(of(STEPS), quality(odometer_share=5123, gap_free_share=0))
    told = [(x.measure, x.share_bps, x.below_bps, x.discount_bps, bool(x.remedy)) for x in lines]
    assert told == [
        ("accepted_share", 10_000, None, 0, False),
        ("gap_free_share", 0, 10_000, 100, True),
        ("odometer_share", 5123, 9000, 200, True),
    ]
    assert discount_lines(of([]), quality()) == ()


def test_the_published_table_by_its_name_stands_in_the_package(package_of):
    package = package_of("demo-morocco", discounts="carbonbank/1")
    assert len(package.document["programme"]["discounts"]) == 12
    lossy = quality(odometer_share=5123, accepted_share=9700)
    # docs/methodology/discount.md, worked by hand: 100 + 100.
    assert discount_bps_of(package.programme, lossy) == 200
    with pytest.raises(ProgrammeInvalid, match="carbonbank/9"):
        package_of("demo-morocco", discounts="carbonbank/9")


def test_a_programmes_table_reaches_the_grams(package_of):
    table = from_trips([trip(0, distance_m=49_615, soc_start_bps=8754, soc_end_bps=1500)])
    raw = RawTrips(
        table=table.append_column("row", pa.array([2])), issues=(), format="made", rows_read=1
    )
    steps = [{"measure": "odometer_share", "below_bps": 9000, "discount_bps": 500}]
    now_at = datetime(2026, 1, 1, tzinfo=UTC)
    plain = monitor(raw, package_of("demo-morocco"), now_at)
    cut = monitor(raw, package_of("demo-morocco", discounts=steps), now_at)
    assert (plain.reduction_g, cut.reduction_g) == (949, 901)
    assert [m.discount_bps for m in cut.months] == [500]
    assert cut.exact_reduction_g == plain.exact_reduction_g


def test_nothing_read_is_nothing_saved(package_of):
    table = from_trips([trip(0)]).append_column("row", pa.array([2]))
    raw = RawTrips(table=table.slice(1), issues=(), format="made", rows_read=0)
    done = monitor(raw, package_of("demo-morocco"), datetime(2026, 1, 1, tzinfo=UTC))
    assert (done.reduction_g, done.months, done.trips.num_rows) == (0, (), 0)
