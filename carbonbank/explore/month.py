"""One month of the demo's Twizy in a throw-away bank: every stage from import to retirement.

Bank, database, chain and keys live in a temporary directory and are gone with it. The verifier has
its own keystore and receives the audit package alone, here in the same process (the demonstration
runs it in another).
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from carbonbank.audit.check import check_package
from carbonbank.audit.verify import verify_and_sign
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys
from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.config import Settings
from carbonbank.demo.measure import enrol_fleet
from carbonbank.demo.scenario import DemoFleet, load_scenario, programme_handle
from carbonbank.domain.claim import batch_number
from carbonbank.domain.evidence import encode_leaf, leaves_of_file
from carbonbank.domain.merkle import inclusion_proof, leaf_hash
from carbonbank.domain.records import SealedBatch
from carbonbank.explore.logs import log_bytes
from carbonbank.ports import Signer
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.batch_view import batch_view
from carbonbank.service.certificate import certificate
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.close_month import close_month
from carbonbank.service.export_package import export_package
from carbonbank.service.import_trips import import_trips
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.record_verification import record_verification
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.seal_batch import seal_batch
from carbonbank.units import month_from_label

VERIFIER = "role/verifier"


@contextmanager
def open_month(month: str) -> Iterator["OneMonth"]:
    """Open a throw-away demo bank with the Twizy's fleet enrolled, for one month (`2021-03`)."""
    fleet = load_scenario().fleets[0]
    with tempfile.TemporaryDirectory(prefix="carbonbank-explore-") as folder:
        # Constructed without the environment: an operator's database and chain stay untouched.
        settings = Settings.model_construct(data=Path(folder) / "bank")
        with open_bank(settings, demo=True) as bank:
            enrol_fleet(bank, fleet)
            verifier = open_demo_keys(DataDirectory(settings.data), "verifier")
            yield OneMonth(bank, verifier, fleet, month)


class OneMonth:
    """The stages of one month, in the order of the methods; each returns its facts in grams."""

    def __init__(self, bank: Bank, verifier: Signer, fleet: DemoFleet, month: str) -> None:
        self.bank = bank
        self.batch_id = ""
        self.driver = fleet.vehicles[0].driver
        self.operator = fleet.operator
        self._verifier = verifier
        self._fleet = fleet.handle
        self._month = month_from_label(month)
        self._programme = programme_handle(fleet.programme)

    def import_logs(self, logs: Iterable[str]) -> pd.DataFrame:
        """Import logs; one row a file: rows read, trips by state."""
        uploads = [
            import_trips(
                self.bank,
                fleet=self._fleet,
                programme=self._programme,
                filename=log,
                data=log_bytes(log),
            ).upload
            for log in logs
        ]
        counted = ["rows_read", "trips_accepted", "trips_quarantined", "trips_duplicate"]
        return pd.DataFrame([asdict(one) for one in uploads]).set_index("filename")[counted]

    def close(self) -> pd.Series:
        """Close the month of every vehicle: all its trips are in."""
        return _facts(close_month(self.bank, fleet=self._fleet, month=self._month))

    def seal(self) -> pd.Series:
        """Seal the closed vehicle-months into a batch."""
        done = seal_batch(
            self.bank,
            fleet=self._fleet,
            programme=self._programme,
            month=self._month,
            verifier=self._verifier.address(VERIFIER),
        )
        self.batch_id = done.batch_id
        return _facts(done)

    def leaves(self) -> pd.DataFrame:
        """Return the sealed leaves in tree order; `leaf` and the hashes are hex."""
        rows = []
        for leaf in leaves_of_file(self._sealed().leaves):
            encoded = encode_leaf(leaf)
            row = asdict(leaf) | {"record_hash": leaf.record_hash.hex()}
            row |= {"leaf": encoded.hex(), "leaf_hash": leaf_hash(encoded).hex()}
            rows.append(row)
        frame = pd.DataFrame(rows).rename_axis("leaf_index")
        for column in ("start_at", "end_at"):
            frame[column] = pd.to_datetime(frame[column], unit="s", utc=True)
        return frame

    def proof(self, leaf_index: int) -> list[str]:
        """Return the sibling hashes from a leaf to the evidence root, nearest first, as hex."""
        encoded = [encode_leaf(leaf) for leaf in leaves_of_file(self._sealed().leaves)]
        return [sibling.hex() for sibling in inclusion_proof(encoded, leaf_index)]

    def verify(self) -> pd.Series:
        """Let the verifier recompute the audit package and sign; record what it signed."""
        document = verify_and_sign(
            export_package(self.bank, self.batch_id),
            lambda digest: self._verifier.sign_digest(VERIFIER, digest),
        )
        return _facts(record_verification(self.bank, self.batch_id, document))

    def issue(self) -> pd.Series:
        """Issue the verified batch on the chain."""
        return _facts(issue_batch(self.bank, self.batch_id))

    def claim(self) -> pd.Series:
        """Pay the driver's share."""
        return _facts(claim_payout(self.bank, self.driver, self.batch_id))

    def retire(self, amount_g: int, *, beneficiary: str, purpose: str) -> pd.Series:
        """Retire grams the driver holds; the facts include the serial as people write it."""
        done = retire_credits(
            self.bank,
            self.driver,
            self.batch_id,
            amount_g,
            beneficiary=beneficiary,
            purpose=purpose,
        )
        serial = certificate(self.bank, done.retirement_id).serial
        return pd.concat([_facts(done), pd.Series({"serial": serial}, dtype=object)])

    def batch(self) -> pd.Series:
        """Return all that is public about the batch."""
        return _facts(batch_view(self.bank, self.batch_id))

    def balances(self) -> pd.Series:
        """Return the batch's grams by where they are; they add up to what was issued.

        What accounts hold comes from the projections, the rest from the contract.
        """
        operator, driver = (
            account_balance(self.bank, account) for account in (self.operator, self.driver)
        )
        chain = self.bank.chain.batch(batch_number(self.batch_id))
        return pd.Series(
            {
                "operator_held_g": operator.held_g,
                "driver_held_g": driver.held_g,
                "claimable_g": chain.claimable_g,
                "buffer_g": chain.buffer_g,
                "retired_g": chain.retired_g,
            }
        )

    def audit(self) -> pd.DataFrame:
        """Audit the batch's package as a stranger would; one row a check."""
        checks = check_package(export_package(self.bank, self.batch_id))
        rows = [{"check": c.name, "state": c.state.value, "detail": c.detail} for c in checks]
        return pd.DataFrame(rows).set_index("check")

    def _sealed(self) -> SealedBatch:
        with self.bank.store.read() as records:
            return records.need(SealedBatch, self.batch_id)


def _facts(done: Any) -> pd.Series:
    return pd.Series(asdict(done), dtype=object)
