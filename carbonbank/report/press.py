"""Documents for people: a retirement certificate as PDF, an audit package as zip.

Equal facts give equal bytes: no clock, no system fonts, no network; the QR code is drawn from the
same facts.
"""

import json
from importlib.resources import files
from io import BytesIO
from typing import Any

import segno
import typst

from carbonbank.report.package import write_package
from carbonbank.units import G_PER_T

_TEMPLATE = "certificate.typ"
_NO_MOMENT = 0  # what the PDF gives as its time of creation: none


class TypstPress:
    """The press of `carbonbank.ports.Press`, over typst with its embedded fonts."""

    def certificate(self, facts: dict[str, Any]) -> bytes:
        """Render a retirement certificate.

        Args:
            facts: beneficiary, purpose, amount_g, serial, batch_id, methodology_class,
                methodology_id, fleet, month (label), retirement_id, holder, tx_hash, block_number,
                chain_id, contract, demo, and url (the batch's public page) or None. Where the
                batch is not active: batch_status, replaced (pairs of serials), unreplaced_g.
        """
        grams = facts["amount_g"]
        told = facts | {
            "amount_text": f"{grams:,} g",
            "chain_id": str(facts["chain_id"]),  # wider than the template's integers
            "tonnes_text": f"{grams // G_PER_T}.{grams % G_PER_T:06d} t",
            "qr": _qr(facts),
        }
        template = files("carbonbank.report").joinpath("templates", _TEMPLATE).read_bytes()
        pdf: bytes = typst.compile(
            template,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"facts": json.dumps(told, sort_keys=True)},
            timestamp=_NO_MOMENT,
        )
        return pdf

    def package(self, members: dict[str, bytes]) -> bytes:
        """Return an audit package: a deterministic zip of the members by name."""
        return write_package(members)


def _qr(facts: dict[str, Any]) -> str:
    """Return an SVG of the batch's public page, or of what names the batch without one."""
    named = facts.get("url") or (
        f"carbonbank:{facts['chain_id']}/{facts['contract']}/{facts['batch_id']}"
        f"?retirement={facts['retirement_id']}"
    )
    drawn = BytesIO()
    segno.make(named, error="m", micro=False).save(drawn, kind="svg", border=1, dark="#12312b")
    return drawn.getvalue().decode()
