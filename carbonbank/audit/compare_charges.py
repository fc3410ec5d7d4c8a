"""Sealed charging sessions against a file that the report names.

What differs becomes a finding about the batch; so do sessions of its month that the file has and
the batch has not, since a charge that is left out makes a claim larger.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from carbonbank.audit.charges import is_metered_by_charges
from carbonbank.audit.findings import Reason, add_finding
from carbonbank.audit.grams import formula_of
from carbonbank.audit.package import Package
from carbonbank.audit.reading import month_bounds, unix, whole

NAMED = 20  # sessions told by name in one finding
FIELDS = ("start_at", "end_at", "energy_grid_wh")


def is_of_charges(package: Package, format_name: str) -> bool:
    """Tell whether sealed sessions come from files of a format."""
    if not is_metered_by_charges(package.methodology) or "charges.ndjson" not in package.files:
        return False
    return any(one.record["source"] == format_name for one in package.charges)


def compare_charges(
    package: Package,
    record: Mapping[str, Any],
    source: Mapping[str, Any],
    told: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, Any], int]:
    """Hold a file's sessions against the sealed ones.

    Args:
        package: the audit package.
        record: findings.json.
        source: the file as the report names it.
        told: its sessions, `source_record_id` and `FIELDS` of each.

    Returns:
        findings.json, and how many sealed sessions the file has.
    """
    of_file = {one["source_record_id"]: one for one in told}
    sealed = {
        one.record["source_record_id"]: one.record
        for one in package.charges
        if one.record["source"] == source["format"]
    }
    done = dict(record)
    for name in sorted(sealed.keys() & of_file.keys()):
        ours, theirs = sealed[name], of_file[name]
        differs = [field for field in FIELDS if ours[field] != theirs[field]]
        if differs:
            by_energy = "energy_grid_wh" in differs
            what = "; ".join(f"{one}: {ours[one]} sealed, {theirs[one]}" for one in differs)
            done = _found(
                done,
                reason=Reason.ENERGY_DIFFERS if by_energy else Reason.TIMES_DIFFER,
                text=f"session {name} in {source['filename']}: {what}",
                effect_g=_effect_g(package, ours, theirs, differs),
            )
    first, after = month_bounds(whole(package.claim["claim"]["month"]))
    others = sorted(of_file.keys() - sealed.keys())
    missing = [name for name in others if first <= unix(of_file[name]["start_at"]) < after]
    if missing:
        shown = ", ".join(missing[:NAMED]) + (", ..." if len(missing) > NAMED else "")
        text = f"{source['filename']} has {len(missing)} sessions of the month more: {shown}"
        done = _found(done, reason=Reason.SOURCE_DIFFERS, text=text, effect_g=0)
    return done, len(sealed.keys() & of_file.keys())


def _found(record: dict[str, Any], *, reason: str, text: str, effect_g: int) -> dict[str, Any]:
    """Add a finding about the batch; the same one again adds nothing."""
    if any(one["text"] == text for one in record["findings"]):
        return record
    return add_finding(record, reason=reason, text=text, leaf=None, effect_g=effect_g)


def _effect_g(
    package: Package, ours: Mapping[str, Any], theirs: Mapping[str, Any], differs: list[str]
) -> int:
    """Return grams claimed too much, upward: by more energy, and by hours at the dirtiest."""
    formula = formula_of(package)
    own = formula.own.get(ours["vehicle_id"], formula.factors)
    more_wh = whole(theirs["energy_grid_wh"]) - whole(ours["energy_grid_wh"])
    too_much_g = more_wh * (own.project_g_per_kwh - own.baseline_g_per_kwh) / 1000
    if {"start_at", "end_at"} & set(differs):
        dirtier = formula.factors.project_g_per_kwh - own.project_g_per_kwh
        too_much_g += whole(theirs["energy_grid_wh"]) * dirtier / 1000
    return ceil(too_much_g)
