"""What every step of the demonstration gets, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbonbank.demo.scenario import Scenario
from carbonbank.service.bank import Bank

Facts = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The bank, the certifier's bank (same chain, other keys), the play and where papers go."""

    bank: Bank
    certifier: Bank
    verifier_address: str
    verifier_keystore: Path
    verifier_passphrase: str
    scenario: Scenario
    papers: Path
    say: Say

    def paper(self, name: str, content: bytes) -> Path:
        """Put a paper where the newcomer finds it; a half-written one is never left behind."""
        self.papers.mkdir(parents=True, exist_ok=True)
        path = self.papers / name
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
        return path
