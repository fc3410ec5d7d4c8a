"""Changed contracts under the forge tests: compiled warm, put where forge keeps what it compiled.

Tests deploy from artefacts and know interfaces only, so a mutant is other bytecode in `out` for as
long as its tests run: forge compiles nothing but, once, the project as it is. What was there is put
back; `make prove` compares it with what ships.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.provers import FORGE, ROOT, NotProvenError, call

UNITS = (
    "contracts/CarbonBank.sol",
    "contracts/CarbonChallenge.sol",
    "contracts/CarbonMarket.sol",
    "contracts/libraries/BankCorrections.sol",
    "contracts/libraries/BankRegistry.sol",
)
# Bytecode that nobody optimised is longer than what a chain takes.
CODE_SIZE = 1_000_000
_RAN = re.compile(r"(\d+) tests passed, (\d+) failed")


@dataclass(frozen=True)
class Trial:
    """`killed`, `survived`, `stillborn` (does not compile) or `equivalent` (the same bytes)."""

    outcome: str
    text: str


class Lab:
    """One warm compiler beside the compiled project."""

    def __init__(self, compiler: subprocess.Popen[str]) -> None:
        """Keep the compiler; `open_lab` starts it."""
        self._compiler = compiler
        self._sound: dict[str, dict[str, Any]] = {}

    def compile(self, file: str, source: str) -> dict[str, Any]:
        """Compile what needs a file, with this source in its place."""
        if self._compiler.stdin is None or self._compiler.stdout is None:
            raise RuntimeError("the compiler has no pipes")
        self._compiler.stdin.write(json.dumps({"file": file, "source": source}) + "\n")
        self._compiler.stdin.flush()
        answer: dict[str, Any] = json.loads(self._compiler.stdout.readline())
        return answer

    def try_source(self, file: str, source: str, arguments: list[str], profile: str) -> Trial:
        """Run the tests on a changed source."""
        if file not in self._sound:
            sound = self.compile(file, (ROOT / file).read_text("utf-8"))
            trial = self._run(sound, arguments, profile)
            if trial.outcome != "survived":
                raise NotProvenError(f"the tests fail without any change\n{trial.text[-3000:]}")
            self._sound[file] = sound
        made = self.compile(file, source)
        if "error" in made:
            return Trial("stillborn", made["error"])
        if made == self._sound[file]:
            return Trial("equivalent", "")
        return self._run(made, arguments, profile)

    def _run(self, made: dict[str, Any], arguments: list[str], profile: str) -> Trial:
        kept: dict[Path, bytes] = {}
        for contract in made["contracts"]:
            path = ROOT / "out" / f"{contract['name']}.sol" / f"{contract['name']}.json"
            kept[path] = path.read_bytes()
            artefact = json.loads(kept[path])
            for part in ("bytecode", "deployedBytecode"):
                artefact[part] = {**contract[part], "object": f"0x{contract[part]['object']}"}
            path.write_text(json.dumps(artefact))
        try:
            command = [str(FORGE), "test", "--code-size-limit", str(CODE_SIZE), *arguments]
            code, text = call(command, profile)
        finally:
            for path, data in kept.items():
                path.write_bytes(data)
        ran = _RAN.search(text)
        if ran is None:
            raise NotProvenError(f"forge ran no tests\n{text[-3000:]}")
        return Trial("killed" if code or int(ran[2]) else "survived", text)


@contextmanager
def open_lab() -> Iterator[Lab]:
    """Have forge compile what is to be compiled, and start a compiler for what is not."""
    code, text = call([str(FORGE), "build"], "default")
    if code:
        raise NotProvenError(f"forge build failed\n{text[-3000:]}")
    with subprocess.Popen(
        ["node", str(ROOT / "scripts/compile_mutants.cjs"), *UNITS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as compiler:
        yield Lab(compiler)
        if compiler.stdin is not None:
            compiler.stdin.close()
