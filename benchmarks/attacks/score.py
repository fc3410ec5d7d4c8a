"""Offer files to a bank on fakes, and compare what counts in the end with the labels."""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from random import Random
from typing import Any

from benchmarks.attacks.fleets import KINDS, REAL, Fleet, fleet_of
from benchmarks.attacks.made_up import MADE_UP
from benchmarks.attacks.offers import WHOLE, Attack, Offer, honest_rows, in_csv
from benchmarks.attacks.told_again import TOLD_AGAIN, WITH_CHANGE
from carbonbank.domain.records import StoredIssue, StoredTrip
from carbonbank.errors import CarbonBankError
from carbonbank.service.bank import Bank
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.import_trips import import_trips
from carbonbank.service.open_account import open_account
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from tests.stage import bank_on_fakes

ATTACKS: dict[str, Attack] = TOLD_AGAIN | MADE_UP
_READINGS = ("odometer_rollback", "odometer_jump", "distance_inflated", "km_taken_for_miles",
             "miles_taken_for_km", "night_trips")  # fmt: skip
_ENERGIES = ("kwh_taken_for_wh", "wh_taken_for_kwh", "towed")
COUNTS = "accepted"


@dataclass
class Score:
    """What became of the rows of one attack, or of honest fleets; scores add up.

    Attributes:
        rows: rows offered in all.
        honest_out: honest rows that do not count.
        bad: rows labelled `again` or `false`.
        bad_out: those of them that do not count.
        told_again: drives that a bad row tells again.
        twice: drives that count more than once in the end.
        codes: issue codes that keep bad rows out, or honest ones where no row is bad.
        escapes: kinds of fleets with their rows or drives that escape.
    """

    rows: int = 0
    honest_out: int = 0
    bad: int = 0
    bad_out: int = 0
    told_again: int = 0
    twice: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    escapes: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of drives told again that count once at most; of false rows kept out."""
        if self.told_again:
            return 1 - self.twice / self.told_again
        return self.bad_out / self.bad if self.bad else 1.0

    @property
    def precision(self) -> float:
        """Share of the rows kept out that are bad."""
        out = self.bad_out + self.honest_out
        return self.bad_out / out if out else 1.0

    def add(self, other: "Score") -> None:
        """Add the rows of another score."""
        for name in ("rows", "honest_out", "bad", "bad_out", "told_again", "twice"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.codes.update(other.codes)
        self.escapes.update(other.escapes)


@cache
def kinds_for(attack: str) -> list[str]:
    """Return the kinds of fleets that an attack makes sense on."""
    return [kind for kind in KINDS if _fits(attack, fleet_of(kind, 0, 100))]


def score_attack(attack: str, kind: str, seed: int, rows: int) -> Score:
    """Play an attack on a seeded fleet."""
    fleet = fleet_of(kind, seed, rows)
    offers = ATTACKS[attack](fleet, Random(f"{attack}/{kind}/{seed}"))
    return score(fleet, offers)


def score_honest(kind: str, seed: int, rows: int) -> Score:
    """Offer an honest fleet as one file."""
    fleet = fleet_of(kind, seed, rows)
    return score(fleet, [in_csv(honest_rows(fleet.trips))])


def reporting_seeds(count: int) -> list[int]:
    """Return the seeds kept for the table: the odd ones. Rules are worked on with even ones."""
    return list(range(1, 2 * count, 2))


def development_seeds(count: int) -> list[int]:
    """Return the seeds to work on rules with."""
    return list(range(0, 2 * count, 2))


def kinds_of_turn(attack: str, turn: int) -> list[str]:
    """Return the third of an attack's kinds whose turn it is; three turns play on all of them."""
    return kinds_for(attack)[turn % 3 :: 3]


def score(fleet: Fleet, offers: list[Offer]) -> Score:
    """Offer files in their order and count what became of the rows once all are in."""
    bank = _bank(fleet, offers)
    refused = [_refusal(bank, offer) for offer in offers]
    found, counted = Score(), Counter[int]()
    told_again: set[int] = set()
    for offer, code in zip(offers, refused, strict=True):
        outs = dict.fromkeys(range(len(offer.rows)), code) if code else _outs(bank, offer)
        for place, row in enumerate(offer.rows):
            is_bad, out = row.label != "honest", place in outs
            found.rows += 1
            found.bad += is_bad
            found.bad_out += is_bad and out
            found.honest_out += not is_bad and out
            if row.label == "again":
                told_again.update(number for number, _ in row.halves)
            if not out:
                for number, halves in row.halves:
                    counted[number] += halves
            if row.label == "false" and not out:
                found.escapes[fleet.kind] += 1
            if out and (is_bad or len(offers) == 1):
                found.codes[outs[place]] += 1
    found.told_again = len(told_again)
    found.twice = sum(counted[number] > WHOLE for number in told_again)
    if found.twice:
        found.escapes[fleet.kind] += found.twice
    return found


def _fits(attack: str, fleet: Fleet) -> bool:
    if attack in WITH_CHANGE:
        return fleet.change_at is not None
    if attack.startswith("night_trips") and fleet.kind in ("taxis", *REAL):
        return False  # no taxi stands for hours, and few of the surveyed cars were told for days
    if attack in _READINGS:
        return any(trip.odometer_end_m is not None for trip in fleet.trips)
    return fleet.metered or attack not in _ENERGIES


def _bank(fleet: Fleet, offers: list[Offer]) -> Bank:
    """Return a bank with the fleets of the offers, all their vehicles, and a programme each."""
    bank = bank_on_fakes()
    year = min(row.trip.start_at for offer in offers for row in offer.rows).year
    for name in sorted({offer.fleet for offer in offers}):
        open_account(bank, handle=f"owner-{name}", kind="operator", person="O.")
        register_fleet(bank, handle=name, title=name, operator=f"owner-{name}")
        register_programme(bank, content=_programme(name, fleet.rules, year, metered=fleet.metered))
        own = [row.trip.vehicle_id for o in offers if o.fleet == name for row in o.rows]
        for vehicle_id in sorted(set(own)):
            enrol_vehicle(
                bank,
                fleet=name,
                vehicle_id=vehicle_id,
                commitment=sha256(f"{name}/{vehicle_id}".encode()).hexdigest(),
                category="M1",
                powertrain="battery_electric",
                from_month=year * 12,
            )
    return bank


@cache
def _programme(fleet: str, rules: str, year: int, *, metered: bool) -> bytes:
    name = "demo-chicago-as-is" if metered else "demo-chicago"
    shipped = files("carbonbank.data").joinpath("programmes", f"{name}.json")
    document: dict[str, Any] = json.loads(shipped.read_bytes())
    document |= {"handle": f"programme-{fleet}", "base_year": year, "reading": {}}
    document["fleet"] |= {"handle": fleet}
    document["vehicles"] |= {"powertrain": "battery_electric", "kind": rules}
    document["eligibility"]["assumed_electric"] = False
    return json.dumps(document).encode()


def _refusal(bank: Bank, offer: Offer) -> str:
    """Offer a file; return why all of it was refused, or nothing."""
    try:
        answer = import_trips(
            bank,
            fleet=offer.fleet,
            programme=f"programme-{offer.fleet}",
            filename=offer.filename,
            data=offer.data,
        )
    except CarbonBankError as error:
        return f"refused: {type(error).__name__}"
    return "file imported before" if answer.repeated else ""


def _outs(bank: Bank, offer: Offer) -> dict[int, str]:
    """Return which rows of a file do not count, and the code of each."""
    file_hash = sha256(offer.data).hexdigest()
    with bank.store.read() as session:
        stored = session.find(StoredTrip, fleet=offer.fleet, file_hash=file_hash)
        issues = session.find(StoredIssue, fleet=offer.fleet, file_hash=file_hash)
    states = {one.row - offer.first_line: one for one in stored}
    told = {issue.row - offer.first_line: issue.code for issue in issues}
    outs = {}
    for place in range(len(offer.rows)):
        one = states.get(place)
        if one is None:
            outs[place] = told.get(place, "no issue")
        elif one.state != COUNTS:
            outs[place] = one.reason or one.state
    return outs
