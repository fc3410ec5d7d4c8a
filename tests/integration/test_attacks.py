"""The attack bench on few rows: labels and scores are right, and no kilometre counts twice."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.attacks.fleets import KINDS, MADE, fleet_of
from benchmarks.attacks.offers import SECOND, Row, again, false, honest_rows, in_csv
from benchmarks.attacks.page import page
from benchmarks.attacks.score import ATTACKS, Score, score, score_attack, score_honest
from benchmarks.attacks.told_again import TOLD_AGAIN

SEED, ROWS = 2, 120


@pytest.mark.parametrize("attack", sorted(TOLD_AGAIN))
def test_no_drive_counts_twice(attack: str) -> None:
    found = score_attack(attack, "taxis", SEED, ROWS)
    assert found.told_again > 2
    assert (found.twice, found.recall) == (0, 1.0)


@pytest.mark.parametrize("kind", sorted(MADE))
def test_honest_rows_count(kind: str) -> None:
    found = score_honest(kind, SEED, ROWS)
    assert found.rows > 50
    assert (found.bad, found.honest_out * 100 < found.rows) == (0, True)


@pytest.mark.parametrize("attack", ["copy_jittered", "clone_scaled", "two_fleets_jittered"])
def test_no_drive_of_a_survey_counts_twice_where_nothing_is_metered(attack: str) -> None:
    found = score_attack(attack, "chicago", SEED, ROWS)
    assert found.told_again > 20
    assert found.twice == 0


@pytest.mark.parametrize("kind", ["buses", "sparse"])
def test_two_honest_fleets_of_one_kind_are_not_held_against_each_other(kind: str) -> None:
    one, other = (fleet_of(kind, seed, ROWS) for seed in (SEED, SEED + 2))
    offers = [in_csv(honest_rows(one.trips)), in_csv(honest_rows(other.trips), fleet=SECOND)]
    found = score(one, offers)
    assert (found.rows, found.honest_out) == (len(one.trips) + len(other.trips), 0)


def test_a_seed_gives_the_same_files_again() -> None:
    fleets = [fleet_of("cars", seed, ROWS) for seed in (1, 1, 2)]
    one, same, other = (ATTACKS["clone"](fleet, Random(5)) for fleet in fleets)
    assert one == same != other


def test_rows_are_scored_by_their_labels() -> None:
    fleet = fleet_of("cars", SEED, ROWS)
    rows = honest_rows(fleet.trips)
    fast = [false(rows[0], distance_m=5_000_000), *rows[1:]]
    counted = false(rows[1], source_record_id="other-name")  # nothing tells that it is false
    found = score(fleet, [in_csv([fast[0], counted, *rows[2:]])])
    assert (found.rows, found.bad, found.bad_out, found.honest_out) == (len(rows), 2, 1, 0)
    assert (found.recall, found.precision) == (0.5, 1.0)


def test_a_drive_in_two_vehicles_counts_twice() -> None:
    """Another energy makes them other drives to the bank: the bench must see them count twice."""
    fleet = fleet_of("cars", SEED, ROWS)
    rows = [row for row in honest_rows(fleet.trips) if row.trip.vehicle_id == "car-000"][:30]
    told: list[Row] = again(
        rows[::10], vehicle_id="car-900", driver_id=None,
        energy_grid_wh=lambda t: t.energy_grid_wh * 11 // 10,
    )  # fmt: skip
    found = score(fleet, [in_csv(rows), in_csv(told, "more.csv")])
    assert (found.told_again, found.twice, found.recall) == (3, 3, 0.0)
    assert found.escapes == {"cars": 3}


def test_a_score_that_is_not_whole_is_not_shown_whole() -> None:
    found = Score(rows=10_000, bad=5_000, bad_out=5_000, told_again=5_000, twice=1)
    told = page({"cars": Score(rows=10)}, {"clone": found}, "reporting", [1], 10)
    assert "| `clone` | 10,000 | 5,000 | 5,000 | 1 | 0.999 | 1.000 | 1.000 |" in told


def test_every_attack_and_fleet_is_explained() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "trip-attacks.md").read_text()
    for name in (*ATTACKS, *KINDS):
        assert f"| `{name}` | " in text
