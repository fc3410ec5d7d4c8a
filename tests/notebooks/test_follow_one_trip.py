"""The notebook runs from top to bottom, and what it shows was worked out here by other means."""

import ast
import csv
import fcntl
import gzip
import json
import re
import tempfile
from copy import deepcopy
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_follow_one_trip.ipynb"
PLOTS = 5

# Before the first cell: the kernel reaches nothing outside, and what warns, fails.
GUARD = """
import warnings, pytest_socket
pytest_socket.disable_socket(allow_unix_socket=True)
warnings.simplefilter("error")
warnings.simplefilter("ignore", DeprecationWarning)
warnings.simplefilter("ignore", ResourceWarning)
"""

# Before the bank is closed: what stands in the notebook's variables, and what the contract says.
TELL = """
import json
from carbonbank.domain.claim import batch_number
from carbonbank.domain.records import ChainRetirement
on_chain = month.bank.chain.batch(batch_number(month.batch_id))
with month.bank.store.read() as records:
    retirements = records.find(ChainRetirement)
print("FACTS" + json.dumps({
    "log": LOG,
    "rows": len(raw),
    "dropped_rows": [int(row) for row in dropped.index],
    "gaps_s": [int(gap) for gap in gaps],
    "distance_m": distance_m,
    "here_m": float(step_m.sum()),
    "drop_bps": drop_bps,
    "energy_wh": energy_wh,
    "coefficients": dict(coefficients),
    "bank_reduction_g": int(ours["reduction_g"]),
    "reduction_g": reduction_g,
    "leaf_index": leaf_index,
    "leaves": list(leaves["leaf"]),
    "leaf_grams": [int(g) for g in leaves["reduction_g"]],
    "root": root,
    "climbed": computed,
    "drivers_g": sealed["drivers_g"],
    "balances": {stage: {k: int(g) for k, g in row.items()} for stage, row in balances.iterrows()},
    "retired": {k: retired[k] for k in ("amount_g", "serial", "serial_first", "serial_last")},
    "chain": {k: getattr(on_chain, k) for k in ("issued_g", "retired_g")},
    "retirements": [[one.amount_g, one.beneficiary] for one in retirements],
    "checks": dict(checks["state"]),
}))
"""


@pytest.fixture(scope="module")
def written() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(written: Any, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Any:
    """The notebook with its outputs; parallel workers share one run of it."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine if worker_id == "master" else mine.parent
    done = shared / "executed.ipynb"
    with (shared / "executed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            nbformat.write(execute(written), done)
    return nbformat.read(done, as_version=4)


def execute(written: Any) -> Any:
    notebook = deepcopy(written)
    *cells, last = notebook.cells
    notebook.cells = [
        nbformat.v4.new_code_cell(GUARD),
        *cells,
        nbformat.v4.new_code_cell(TELL),
        last,
    ]
    # A short path of its own: the kernel speaks over sockets in the file system, without ports.
    with tempfile.TemporaryDirectory(prefix="nb-") as folder:
        kernel = AsyncKernelManager(
            kernel_name="python3", transport="ipc", connection_file=f"{folder}/k.json"
        )
        resources = {"metadata": {"path": folder}}
        return NotebookClient(notebook, km=kernel, timeout=120, resources=resources).execute()


@pytest.fixture(scope="module")
def facts(executed: Any) -> Any:
    (text,) = [
        output.text
        for cell in executed.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream" and output.text.startswith("FACTS")
    ]
    return SimpleNamespace(**json.loads(text.removeprefix("FACTS")))


@pytest.fixture(scope="module")
def log(facts: Any) -> list[dict[str, str]]:
    """The log's rows, read without the bank."""
    file = files("carbonbank.data") / "trips" / "rsk_twizy" / f"{facts.log}.gz"
    return list(csv.DictReader(gzip.decompress(file.read_bytes()).decode().splitlines()))


def moment(row: dict[str, str]) -> datetime | None:
    try:
        return datetime.strptime(f"{row['Date']} {row['Time']}", "%m/%d/%Y %H:%M:%S").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None


def code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_it_is_kept_without_results(written: Any) -> None:
    for cell in written.cells:
        assert not cell.get("outputs"), cell.source
        assert cell.get("execution_count") is None


def test_it_enters_by_the_facade_alone(written: Any) -> None:
    imported = set()
    for node in ast.walk(ast.parse("\n".join(code(written)))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert {name for name in imported if name.startswith("carbonbank")} == {"carbonbank.explore"}


def test_its_prose_states_no_result(written: Any) -> None:
    names = re.compile(r"RFC 9162|SHA-256|CO2e|CC BY 4\.0|AMS-III\.C")
    for cell in written.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d", names.sub("", cell.source)), cell.source


def test_every_cell_runs_quietly_and_the_plots_are_drawn(executed: Any) -> None:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    loud = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert loud == []
    assert len([o for o in outputs if "image/png" in o.get("data", {})]) == PLOTS


def test_dropped_rows_are_those_without_a_date(facts: Any, log: list[dict[str, str]]) -> None:
    assert facts.rows == len(log)
    undated = [line for line, row in enumerate(log, start=2) if moment(row) is None]
    assert undated
    assert facts.dropped_rows == undated


def test_distance_is_the_sum_of_trapezia(facts: Any, log: list[dict[str, str]]) -> None:
    dated = [(at, Fraction(row["Speed"])) for row in log if (at := moment(row)) is not None]
    steps = [
        (int((b_at - a_at).total_seconds()), (a_kmh + b_kmh) / 2)
        for (a_at, a_kmh), (b_at, b_kmh) in pairwise(dated)
    ]
    metres = sum(step_s * kmh * Fraction(1000, 3600) for step_s, kmh in steps)
    assert facts.gaps_s == [step_s for step_s, _ in steps if step_s > 2]
    assert facts.distance_m == floor(metres)
    assert facts.here_m == pytest.approx(float(metres), abs=1e-3)


def test_grams_are_those_of_the_equations(facts: Any, log: list[dict[str, str]]) -> None:
    socs = [Fraction(row["Soc"]) for row in log if moment(row) is not None]
    # 4.0 L/100 km x 0.74 kg/L x 44.3 MJ/kg x 69300 g/GJ; 547 g/kWh with 20 % and 15 % lost.
    petrol_g_per_km = Fraction("0.04") * Fraction("0.74") * Fraction("44.3") * Fraction("69.3")
    grid_g_per_kwh = Fraction(547) / Fraction("0.80") / Fraction("0.85")
    kwh = (socs[0] - socs[-1]) / 100 * Fraction("6.1")
    exact_g = petrol_g_per_km * facts.distance_m / 1000 - grid_g_per_kwh * kwh
    wh = ceil(kwh * 1000)
    compiled = {
        "year": 2021,
        "baseline_ug_per_km": floor(petrol_g_per_km * 10**6),
        "project_ug_per_km": 0,
        "project_ug_per_kwh": ceil(grid_g_per_kwh * 10**6),
        "capacity_wh": 6100,
    }
    assert facts.coefficients == compiled
    assert facts.energy_wh == wh
    ng = compiled["baseline_ug_per_km"] * facts.distance_m - compiled["project_ug_per_kwh"] * wh
    assert facts.reduction_g == facts.bank_reduction_g == ng // 10**9
    assert 0 <= exact_g - facts.reduction_g < 3


def test_the_leaves_hash_to_the_root(facts: Any) -> None:
    assert facts.leaf_grams[facts.leaf_index] == facts.reduction_g
    a, b, c = (sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in facts.leaves)
    root = sha256(b"\x01" + sha256(b"\x01" + a + b).digest() + c).hexdigest()
    assert root == facts.root == facts.climbed


def test_every_gram_is_somewhere_after_every_act(facts: Any) -> None:
    assert list(facts.balances) == ["issued", "claimed", "retired"]
    total_g = sum(facts.leaf_grams)
    assert facts.chain["issued_g"] == total_g
    for stage, row in facts.balances.items():
        assert sum(row.values()) == total_g, stage
    issued, claimed, retired = facts.balances.values()
    assert issued["claimable_g"] == facts.drivers_g == total_g * 6000 // 10**4
    assert claimed == issued | {"claimable_g": 0, "driver_held_g": facts.drivers_g}
    gone_g = facts.drivers_g * facts.reduction_g // total_g
    assert retired == claimed | {
        "driver_held_g": facts.drivers_g - gone_g,
        "retired_g": gone_g,
    }


def test_the_retired_grams_are_retired_on_the_chain(facts: Any) -> None:
    amount_g = facts.retired["amount_g"]
    assert facts.chain["retired_g"] == amount_g == facts.balances["retired"]["retired_g"]
    assert facts.retirements == [[amount_g, "the reader of this page"]]
    assert (facts.retired["serial_first"], facts.retired["serial_last"]) == (1, amount_g)
    assert facts.retired["serial"].startswith("CB-rsk-twizy-202103-")
    assert facts.retired["serial"].endswith(f"-1-{amount_g}")


def test_the_audit_finds_nothing_wrong(facts: Any) -> None:
    unasked = {name for name, state in facts.checks.items() if state != "ok"}
    assert unasked == {"work", "chain id", "chain event", "chain amounts", "chain vehicles"}
    assert {facts.checks[name] for name in unasked} == {"not checked"}
