"""What a programme in earnest has on record besides values and factors."""

from typing import Any

PROOF = "file 12 of the verifier"


def put_on_record(document: dict[str, Any]) -> None:
    """Give a programme file everything that issuing in earnest asks for, and evidence for it."""
    document["crediting_period"] = {
        "first_month": "2000-01",
        "last_month": "2034-12",
        "evidence": PROOF,
    }
    document["monitoring"] = {"evidence": PROOF, "cross_check": "charging invoices"}
    document["baseline"]["consumption_basis"] = {"way": "published", "evidence": PROOF}
    document["eligibility"]["comparisons"] = [
        {"what": "power", "unit": "kW", "baseline": "80", "project": "90", "evidence": PROOF}
    ]
    project = document["project"]
    if "specific_energy_consumption" in project:
        urban = {"value": "0.2", "unit": "kWh/km", "evidence": PROOF}
        project["manufacturer_urban"] = urban
    prove(document)


def prove(part: Any) -> None:
    """Give a reference wherever a file says that there is none."""
    for value in part.values() if isinstance(part, dict) else ():
        prove(value)
    if isinstance(part, dict) and str(part.get("evidence", "")).lower().startswith("none"):
        part["evidence"] = PROOF
