"""What every step of the demonstration gets, and what it gives back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbonbank.demo.scenario import Scenario
from carbonbank.demo.telling import Say
from carbonbank.domain.records import SealedBatch
from carbonbank.service.bank import Bank

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The bank, whose demo keyring also answers for the certifier, the play and where papers go.

    `stranger` is the environment that another party's process gets.
    """

    bank: Bank
    verifier_address: str
    verifier_keystore: Path
    verifier_passphrase: str
    stranger: dict[str, str]
    scenario: Scenario
    papers: Path
    say: Say

    def batches(self) -> list[SealedBatch]:
        """Return all batches in the scenario's order of fleets, by month."""
        places = [fleet.handle for fleet in self.scenario.fleets]
        with self.bank.store.read() as records:
            found = records.find(SealedBatch, order="month")
        return sorted(found, key=lambda one: places.index(one.fleet))

    def paper(self, name: str, content: bytes) -> Path:
        """Put a paper where the newcomer finds it; a half-written one is never left behind."""
        self.papers.mkdir(parents=True, exist_ok=True)
        path = self.papers / name
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
        return path
