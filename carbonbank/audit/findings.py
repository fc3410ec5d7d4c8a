"""What a verifier found: a closed list of reasons, open until somebody says how it ended."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from math import ceil
from typing import Any

from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.plan import hash_of, stratum_weights
from carbonbank.errors import FindingUnknown

SCHEMA = "carbonbank.findings/1"


class Reason(StrEnum):
    """Why something is a finding; a closed list (docs/reference/verification.md)."""

    SOURCE_MISSING = "source_missing"
    SOURCE_DIFFERS = "source_differs"
    VEHICLE_DIFFERS = "vehicle_differs"
    DRIVER_DIFFERS = "driver_differs"
    TIMES_DIFFER = "times_differ"
    DISTANCE_DIFFERS = "distance_differs"
    ENERGY_DIFFERS = "energy_differs"
    ROW_DIFFERS = "row_differs"
    TRIP_TWICE = "trip_twice"
    TRIP_NOT_DRIVEN = "trip_not_driven"
    VEHICLE_NOT_ELIGIBLE = "vehicle_not_eligible"
    VEHICLE_LEFT_OUT = "vehicle_left_out"
    DECLARED_VALUE_UNSUPPORTED = "declared_value_unsupported"
    FACTOR_UNSUPPORTED = "factor_unsupported"
    DISCOUNT_UNSUPPORTED = "discount_unsupported"
    MONITORING_DEVIATES = "monitoring_deviates"


class Ending(StrEnum):
    """How a finding was closed: it was no error after all, or the error stands and counts."""

    CLEARED = "cleared"
    ACCEPTED = "accepted"


OPEN = "open"
# Reasons that leave nothing to compare a drawn trip with.
NOTHING_TO_READ = frozenset({Reason.SOURCE_MISSING, Reason.TRIP_NOT_DRIVEN})
STATES = (OPEN, *Ending)
FIELDS = frozenset({"number", "reason", "leaf", "effect_g", "text", "state", "resolution"})


def new_findings(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the empty record of a plan's findings."""
    return {
        "schema": SCHEMA,
        "batch_id": plan["batch_id"],
        "report_hash": plan["report_hash"],
        "plan_hash": hash_of(plan),
        "compared": [],
        "findings": [],
    }


def add_finding(
    record: Mapping[str, Any], *, reason: str, text: str, leaf: int | None, effect_g: int
) -> dict[str, Any]:
    """Return the record with one more open finding.

    Args:
        record: findings.json.
        reason: one of `Reason`.
        text: what was seen, in words.
        leaf: the sampled trip it is about; None for the batch as a whole.
        effect_g: grams claimed too much by it (negative: too little).
    """
    found = {
        "number": len(record["findings"]) + 1,
        "reason": Reason(reason).value,
        "leaf": leaf,
        "effect_g": effect_g,
        "text": text,
        "state": OPEN,
        "resolution": "",
    }
    return {**record, "findings": [*record["findings"], found]}


def not_produced(
    package: Package, record: Mapping[str, Any], leaf: int, *, reason: str, text: str
) -> dict[str, Any]:
    """Return the record with a drawn trip that no source shows: all of its grams are in doubt."""
    claimed_g = package.leaves[leaf].reduction_g
    told = {
        "leaf": leaf,
        "read_from": "no source was produced",
        "claimed_g": claimed_g,
        "recomputed_g": 0,
        "differs": [],
    }
    compared = [one for one in record["compared"] if one["leaf"] != leaf]
    compared = sorted([*compared, told], key=lambda one: one["leaf"])
    record = {**record, "compared": compared}
    return add_finding(record, reason=reason, text=text, leaf=leaf, effect_g=max(claimed_g, 0))


def close_finding(
    record: Mapping[str, Any], number: int, ending: str, resolution: str
) -> dict[str, Any]:
    """Return the record with a finding closed; a finding is never taken away.

    Raises:
        FindingUnknown: there is no such finding, or it is closed.
    """
    open_numbers = [one["number"] for one in record["findings"] if one["state"] == OPEN]
    if number not in open_numbers:
        listed = ", ".join(map(str, open_numbers)) or "none"
        raise FindingUnknown(number=number, open_numbers=listed)
    end = {"state": Ending(ending).value, "resolution": resolution}
    changed = [one | end if one["number"] == number else one for one in record["findings"]]
    return {**record, "findings": changed}


def misstated_g(
    package: Package, plan: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]
) -> int:
    """Return grams claimed too much, projected from the sample to the batch, rounded up.

    A sampled trip stands for N/n trips of its stratum. What was claimed too little offsets nothing.
    """
    weights = stratum_weights(package, plan)
    return sum(
        ceil(weights.get(one["leaf"], 1) * max(0, one["effect_g"]))
        for one in findings
        if one["state"] != Ending.CLEARED
    )


def check_findings(package: Package, plan: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Refute a record that is of another plan, unfinished, or beyond what is material."""
    require_equal("fields of the findings", set(record), set(new_findings(plan)))
    for name in ("schema", "batch_id", "report_hash", "plan_hash"):
        require_equal(f"{name} of the findings", record[name], new_findings(plan)[name])
    numbers = [one["number"] for one in record["findings"]]
    require_equal("numbers of the findings", numbers, list(range(1, len(numbers) + 1)))
    for one in record["findings"]:
        what = f"finding {one['number']}"
        require_equal(f"fields of {what}", set(one), set(FIELDS))
        require(one["reason"] in set(Reason), f"{what} has the reason {one['reason']!r}")
        require(one["state"] in STATES, f"{what} has the state {one['state']!r}")
        require(one["state"] != OPEN, f"{what} is open: {one['reason']}: {one['text']}")
        require(bool(one["resolution"].strip()), f"{what} was closed without a word")
        require(one["leaf"] is None or one["leaf"] in plan["leaves"], f"{what} is of no drawn trip")
    missing = sorted(set(plan["leaves"]) - {one["leaf"] for one in record["compared"]})
    require(not missing, f"drawn and not compared with their source: leaves {missing}")
    wrong_g, allowed_g = misstated_g(package, plan, record["findings"]), plan["materiality_g"]
    told = (
        f"{len(numbers)} findings, all closed; {wrong_g} g projected as claimed too much, "
        f"{allowed_g} g would be material"
    )
    require(wrong_g <= allowed_g, told)
    return told
