"""Converted in parts, a file gives the batch that the bank seals from it, to the bit."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster

from benchmarks.convert import programme_document
from benchmarks.convert import terms_of as bench_terms
from benchmarks.fleet_file import write_fleet_file
from carbonbank.cli.main import carbonbank
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.evidence import leaves_of_file
from carbonbank.domain.records import Account, ErasableKey, Programme, SealedBatch, Vehicle
from carbonbank.domain.salt import record_hash
from carbonbank.domain.trip import iso_at, trip_record_bytes
from carbonbank.errors import ChargesNotConverted, NoRows
from carbonbank.intake.bulk.convert import Converted, convert
from carbonbank.intake.bulk.runners import InProcess, Runner, dask
from carbonbank.mrv.bulk.terms import EnrolledVehicle, Terms
from carbonbank.mrv.trips import TRIP_SCHEMA, to_trips
from carbonbank.service.open_account import open_account
from tests.stage import FLEET, JUNE, Stage

ROWS, VEHICLES, DRIVERS = 10_000, 40, 80
CLONE, MENDED = "car-0900", "car-0901"
# The one tells trips of car-0003 half an hour later, the other those of car-0005 seconds off.


@pytest.fixture(scope="module")
def fleet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bulk") / "fleet.csv"
    write_fleet_file(path, ROWS - 60, vehicles=VEHICLES)
    lines = path.read_text().splitlines()
    for place, line in enumerate(lines):
        if line.startswith("car-0007"):  # its drivers drive another car at the same time
            lines[place] = line.replace("driver-00014", "driver-00016")
    told = [line.split(",") for line in lines if line.startswith("car-0003")][100:160]
    lines += [",".join((CLONE, "", *_later(cells[2:4]), *cells[4:])) for cells in told]
    told = [line.split(",") for line in lines if line.startswith("car-0005")]
    lines += [
        ",".join((MENDED, "", *_later(cells[2:4], timedelta(seconds=7 * (place % 6))), *cells[4:]))
        for place, cells in enumerate(told)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def _later(moments: list[str], by: timedelta = timedelta(minutes=30)) -> list[str]:
    moved = (datetime.fromisoformat(text) + by for text in moments)
    return [iso_at(moment) for moment in moved]


@pytest.fixture(scope="module")
def stage(fleet_file: Path) -> Stage:
    """The bank's own way: import, close, seal; one driver has no account."""
    document = programme_document()

    def change(shipped: dict[str, Any]) -> None:
        handle, fleet = shipped["handle"], shipped["fleet"]
        shipped.clear()
        shipped.update(document | {"handle": handle, "fleet": fleet})

    stage = Stage(change=change)
    for number in range(VEHICLES):
        stage.enrol(f"car-{number:04d}", 100 + number, powertrain="battery_electric")
    stage.enrol(CLONE, 900, powertrain="battery_electric")
    stage.enrol(MENDED, 901, powertrain="battery_electric")
    for number in range(1, DRIVERS):
        name = f"driver-{number:05d}"
        open_account(stage.bank, handle=name, kind="driver", person=name, fleet=FLEET)
    stage.offer_bytes(fleet_file.read_bytes(), "fleet.csv")
    stage.close()
    stage.seal()
    return stage


@pytest.fixture(scope="module")
def sealed(stage: Stage) -> SealedBatch:
    (batch,) = stage.all(SealedBatch)
    return batch


def converted(stage: Stage, path: Path, out: Path, runner: Runner, **rest: int) -> Converted:
    (methodology,) = {one.package for one in stage.all(Programme)}
    terms = Terms(
        package=methodology.encode(),
        fleet=FLEET,
        now_at=stage.bank.clock.now_at(),
        vehicles={
            one.vehicle_id: EnrolledVehicle(
                index=one.vehicle_index,
                powertrain=one.powertrain,
                category=one.category,
                from_month=one.from_month,
            )
            for one in stage.all(Vehicle)
        },
        keys={one.subject: bytes.fromhex(one.secret) for one in stage.all(ErasableKey)},
    )
    return convert(
        path,
        out,
        terms_of=lambda _: terms,
        accounts={a.handle: a.address for a in stage.all(Account) if a.kind == "driver"},
        runner=runner,
        **rest,
    )


def test_both_roots_and_the_grams_are_those_of_the_bank(
    stage: Stage, sealed: SealedBatch, fleet_file: Path, tmp_path: Path
) -> None:
    done = converted(
        stage, fleet_file, tmp_path, InProcess(), block_bytes=200_000, partition_rows=200
    )
    (batch,) = done.months
    assert done.codes["copied_trips"] > 40
    assert done.codes["retold_trips"] > 200
    assert done.codes["driver_in_two_vehicles"] > 20
    claim = from_text(BatchClaim, sealed.claim)
    assert batch.month == JUNE
    assert batch.leaves.read_bytes() == sealed.leaves
    assert batch.evidence_root == claim.evidence_root
    assert batch.payouts.root == claim.payout_root
    assert batch.total_g == claim.total_g
    assert batch.split.operator_g == claim.operator_g
    report = json.loads(sealed.report)
    assert [str(one.exact_g) for one in batch.vehicles] == [
        one["exact_g"] for one in report["vehicles"]
    ]
    assert [one.discount_bps for one in batch.vehicles] == [
        one["discount_bps"] for one in report["vehicles"]
    ]


def test_a_cluster_gives_the_same_roots(
    stage: Stage, sealed: SealedBatch, fleet_file: Path, tmp_path: Path
) -> None:
    # Workers in this process that talk over sockets start at once, and tasks still travel as bytes.
    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address=None,
    )
    with cluster, Client(cluster) as client, dask(client) as runner:
        done = converted(stage, fleet_file, tmp_path, runner, partition_rows=3_000)
    (batch,) = done.months
    claim = from_text(BatchClaim, sealed.claim)
    assert (batch.evidence_root, batch.payouts.root) == (claim.evidence_root, claim.payout_root)


def test_stored_trips_are_those_the_leaves_commit_to(
    stage: Stage, sealed: SealedBatch, fleet_file: Path, tmp_path: Path
) -> None:
    converted(stage, fleet_file, tmp_path, InProcess())
    table = pq.read_table(tmp_path / "trips").slice(0, 500)
    for trip, salt, hashed in zip(
        to_trips(table), table["salt"].to_pylist(), table["record_hash"].to_pylist(), strict=True
    ):
        assert record_hash(salt, trip_record_bytes(trip)) == hashed
        assert hashed in sealed.leaves


def test_the_command_needs_no_bank(fleet_file: Path, tmp_path: Path) -> None:
    document = programme_document()
    document["discounts"] = []
    programme = tmp_path / "programme.json"
    programme.write_text(json.dumps(document))
    told = []
    for name in ("one", "two"):
        out = tmp_path / name
        out.mkdir()
        (out / "salt.secret").write_text("07" * 32)
        words = ["convert", str(fleet_file), "--programme", str(programme), "--out", str(out)]
        result = CliRunner().invoke(carbonbank, [*words, "--workers", "1", "--json"])
        assert result.exception is None, result.exception
        told.append(json.loads(result.stdout))
    assert told[0] == told[1]
    (batch,) = told[0]["batches"]
    leaves = leaves_of_file((tmp_path / "one" / "leaves" / f"{JUNE}.leaves").read_bytes())
    assert batch["trips"] == len(leaves)
    assert batch["total_g"] == leaves[-1].running_g
    assert batch["payout_root"] == "00" * 32  # nobody has an account


@pytest.mark.parametrize("below", ["", "\n", "\n\n\n"])
def test_a_file_without_a_row_is_refused_and_leaves_nothing(below: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text(",".join(TRIP_SCHEMA.names) + below)
    out = tmp_path / "out"
    with pytest.raises(NoRows, match=r"empty\.csv"):
        convert(empty, out, terms_of=bench_terms, accounts={}, runner=InProcess())
    assert list(out.iterdir()) == []


def test_a_programme_that_measures_by_charges_is_not_converted(
    fleet_file: Path, tmp_path: Path
) -> None:
    document = programme_document()
    kept = ("grid_factor", "transmission_loss")
    document["project"] = {name: document["project"][name] for name in kept} | {
        "energy_source": "grid",
        "metered_by": "charging_records",
    }
    programme = tmp_path / "programme.json"
    programme.write_text(json.dumps(document))
    out = str(tmp_path / "out")
    words = ["convert", str(fleet_file), "--programme", str(programme), "--out", out]
    result = CliRunner().invoke(carbonbank, words)
    assert isinstance(result.exception, ChargesNotConverted)
