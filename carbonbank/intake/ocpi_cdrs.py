"""Charge detail records of OCPI 2.2.1 and 2.3: charging sessions, not trips.

Fields as in the `CDR` object of ocpi/ocpi (`mod_cdrs`, CC BY-ND 4.0; names alone): a record is
unique by (country_code, party_id, id) in any case, `total_energy` is kWh, times are UTC with or
without a `Z`. A credit record takes another back: it repeats its data, and of its values only
`total_cost` is negative, so energies are never added up over credits. `1970-01-01` is what
chargers without a clock send: no time at all.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.errors import UnknownColumns
from carbonbank.intake.charges import CHARGE_SCHEMA, RawCharges, TokenBook
from carbonbank.intake.json_text import document_records, first_line_record, line_records
from carbonbank.intake.record import Record, Unreadable
from carbonbank.intake.upload import Upload, issue_at

NAME = "ocpi_cdrs"
REQUIRED = (
    "country_code", "party_id", "id", "start_date_time", "end_date_time", "cdr_token",
    "total_energy",
)  # fmt: skip
_NO_CLOCK_YEAR = 1970

Key = tuple[str, str, str]


def read(upload: Upload, vehicles: TokenBook) -> RawCharges:
    """Read charge detail records and net the credits among them.

    Args:
        upload: JSON in or without OCPI's envelope, or NDJSON.
        vehicles: the vehicle of each charging token, by `cdr_token.uid` or else `contract_id`.

    Raises:
        UnknownColumns: these are no charge detail records.
        InputError: no JSON, empty, or too large.
    """
    rows = line_records(upload) if first_line_record(upload) else document_records(upload)
    issues: list[RowIssue] = []
    by_key: dict[Key, list[Record]] = defaultdict(list)
    rows_read = left_out = 0
    found: set[str] = set()
    for row, cells in rows:
        rows_read += 1
        if isinstance(cells, str):
            issues.append(issue_at(row, "unreadable_value", "", cells, "a JSON object"))
            left_out += 1
            continue
        found |= cells.keys()
        try:
            by_key[_key(record := Record(row, cells), "id")].append(record)
        except Unreadable as wrong:
            issues.append(_told(row, wrong))
            left_out += 1
    _require(upload, found)
    credited, elsewhere = _credited(by_key, issues)
    charges: list[dict[str, Any]] = []
    for key, records in by_key.items():
        if key in credited or _are_credits(records):
            continue
        try:
            charge = _one_of(records, key, vehicles, issues)
            if charge["vehicle_id"]:
                charges.append(charge)
        except Unreadable as wrong:
            issues.append(_told(records[0].row, wrong))
            left_out += 1
    return RawCharges(
        table=pa.Table.from_pylist(charges, schema=CHARGE_SCHEMA),
        credited=tuple(sorted(map("/".join, credited | elsewhere))),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        left_out=left_out,
        format=NAME,
        rows_read=rows_read,
    )


def fits(fields: set[str]) -> bool:
    """Say whether records with these fields are charge detail records."""
    return fields >= set(REQUIRED)


def _require(upload: Upload, found: set[str]) -> None:
    if not fits(found):
        raise UnknownColumns(
            filename=upload.filename,
            format=NAME,
            found=[name[:80] for name in sorted(found)[:100]],
            expected=list(REQUIRED),
            missing=[name for name in REQUIRED if name not in found],
            unexpected=[],
            advice="Send the CDR objects of OCPI 2.2.1 or 2.3.",
        )


def _key(record: Record, name: str) -> Key:
    country, party, own = (record.text(part) for part in ("country_code", "party_id", name))
    return country.casefold(), party.casefold(), own.casefold()


def _are_credits(records: list[Record]) -> bool:
    return all(record.cell("credit") is True for record in records)


def _credited(by_key: dict[Key, list[Record]], issues: list[RowIssue]) -> tuple[set[Key], set[Key]]:
    """Return the keys of charges that credits take back: those in the file, and the others."""
    taken_back: set[Key] = set()
    elsewhere: set[Key] = set()
    for credit in (records[0] for records in by_key.values() if _are_credits(records)):
        try:
            key = _key(credit, "credit_reference_id")
        except Unreadable as wrong:
            issues.append(_told(credit.row, wrong))
            continue
        if key in by_key and not _are_credits(by_key[key]):
            taken_back.add(key)
            row, code = by_key[key][0].row, "charge_credited"
        else:
            elsewhere.add(key)
            row, code = credit.row, "credit_without_charge"
        issues.append(issue_at(row, code, "id", "/".join(key)))
    return taken_back, elsewhere


def _one_of(
    records: list[Record], key: Key, vehicles: TokenBook, issues: list[RowIssue]
) -> dict[str, Any]:
    """Return the charge that records of one key tell alike."""
    charge = _charge(records[0], vehicles)
    for other in records[1:]:
        alike = {**_charge(other, vehicles), "row": charge["row"]} == charge
        if not alike or other.cell("credit") != records[0].cell("credit"):
            raise Unreadable("conflicting_charges", "id", "/".join(key))
        issues.append(issue_at(other.row, "duplicate_charge", "id", "/".join(key)))
    return charge


def _charge(record: Record, vehicles: TokenBook) -> dict[str, Any]:
    token = record.text("cdr_token.uid")
    contract = "cdr_token.contract_id"
    if token not in vehicles and record.has(contract) and record.text(contract) in vehicles:
        token = record.text(contract)
    if token not in vehicles:
        raise Unreadable("charge_of_no_vehicle", "cdr_token.uid", token)
    energy_wh = record.ceil("total_energy", 1_000)
    if energy_wh < 0:
        raise Unreadable("unreadable_value", "total_energy", f"{energy_wh} Wh", ">= 0 kWh")
    return {
        "vehicle_id": vehicles[token],
        "start_at": _moment(record, "start_date_time"),
        "end_at": _moment(record, "end_date_time"),
        "energy_grid_wh": energy_wh,
        "source": NAME,
        "source_record_id": "/".join(_key(record, "id")),
        "row": record.row,
    }


def _moment(record: Record, name: str) -> datetime:
    moment = record.moment(name, naive_is_utc=True)
    if moment.year == _NO_CLOCK_YEAR:
        raise Unreadable("impossible_date", name, record.cell(name), "a time; 1970 is none")
    return moment


def _told(row: int, wrong: Unreadable) -> RowIssue:
    return issue_at(row, wrong.code, wrong.column, wrong.value, wrong.limit)
