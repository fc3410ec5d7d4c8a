"""Programme files: which method, for which fleet, with which values, factors and shares.

Numbers are decimal strings and stay exact. Every declared value names its unit and its evidence.
docs/reference/programme.md lists the fields.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from carbonbank.errors import ProgrammeInvalid
from carbonbank.mrv.electric_programme import ElectricProgramme, SocProject
from carbonbank.mrv.methods import (
    ams_iii_c_v16,
    lcfs_bc_v1,
    lcfs_ca_v1,
    shared_transport_v1,
    vm0038_v1,
)
from carbonbank.mrv.programme_base import Programme
from carbonbank.mrv.rules import RULES_BY_VEHICLE_KIND, Rules
from carbonbank.mrv.shown_programmes import (
    BritishColumbiaProgramme,
    CaliforniaProgramme,
    ChargingProgramme,
    SharedProgramme,
)

FORMAT = "carbonbank-programme/1"
PROGRAMMES: Mapping[str, type[Programme]] = {
    ams_iii_c_v16.NAME: ElectricProgramme,
    vm0038_v1.NAME: ChargingProgramme,
    lcfs_bc_v1.NAME: BritishColumbiaProgramme,
    lcfs_ca_v1.NAME: CaliforniaProgramme,
    shared_transport_v1.NAME: SharedProgramme,
}
METHODS: Mapping[str, str] = dict.fromkeys(PROGRAMMES, "1")  # method -> version of its code


def parse_programme(content: bytes | str | Mapping[str, Any]) -> Programme:
    """Read a programme file, or the same as a JSON value.

    Raises:
        ProgrammeInvalid: with every bad field, not only the first.
    """
    text = json.dumps(content) if isinstance(content, Mapping) else content
    method = _field(text, "method")
    try:
        return PROGRAMMES.get(method, ElectricProgramme).model_validate_json(text)
    except ValidationError as error:
        problems = [_problem(e, method) for e in error.errors(include_url=False)]
        raise ProgrammeInvalid(
            programme=_field(text, "handle")[:64] or "(unnamed)",
            count=len(problems),
            problems="; ".join(problems),
        ) from error


def _problem(error: Any, method: str) -> str:
    place = ".".join(map(str, error["loc"])) or "file"
    if place == "method":
        return f"method: {method!r} is none of {', '.join(PROGRAMMES)}"
    return f"{place}: {error['msg']}"


def _field(text: bytes | str, name: str) -> str:
    """Return a text field of a programme that may not parse."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "(unreadable)"
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, str) else ""


def rules_of(programme: Programme) -> Rules:
    """Return the thresholds of a programme: those of its kind of vehicle, then its own."""
    rules = replace(RULES_BY_VEHICLE_KIND[programme.vehicles.kind], **programme.rules)  # type: ignore[arg-type]
    if programme.reading.zone is not None:
        zones = dict.fromkeys((programme.reading.zone, *rules.clock_zones))
        rules = replace(rules, clock_zones=tuple(zones))
    if isinstance(programme.project, SocProject) and rules.usable_battery_wh is None:
        return replace(rules, usable_battery_wh=programme.project.capacity_wh)
    return rules


def rules_document(rules: Rules) -> dict[str, Any]:
    """Return thresholds as a JSON value."""
    return {k: _json(v) for k, v in asdict(rules).items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [str(part) for part in value] if isinstance(value, tuple) else value
