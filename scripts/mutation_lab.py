"""Changed contracts under the forge tests: compiled warm, put where forge keeps what it compiled.

Tests deploy from artefacts and know interfaces only, so a mutant is other bytecode in `out` for as
long as its tests run: forge compiles nothing but, once, the project as it is. Each lab has a copy
of `out` of its own, so that several work side by side and none touches what is proven elsewhere.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.provers import FORGE, ROOT, NotProvenError, call

# The profile that compiles without the optimiser, and where it keeps what it made.
PROFILE = "mutate"
OUT = "out/mutate"
CACHE = "cache/mutate"
UNIT_TESTS = ["--no-match-test", "invariant_", "--fail-fast"]
SEQUENCES = ["--match-test", "invariant_", "--fail-fast"]
_RAN = re.compile(r"(\d+) tests passed, (\d+) failed")


def units() -> list[str]:
    """List what is compiled anew: contracts, and tests that have a library in themselves."""
    shipped = [*ROOT.glob("contracts/*.sol"), *ROOT.glob("contracts/libraries/*.sol")]
    tests = [
        path
        for path in ROOT.glob("tests/foundry/*.t.sol")
        if "contracts/libraries/" in path.read_text("utf-8")
    ]
    return sorted(str(path.relative_to(ROOT)) for path in shipped + tests)


@dataclass(frozen=True)
class Trial:
    """`killed`, `survived`, `stillborn` (does not compile) or `equivalent` (the same bytes).

    `text` is what was printed, and `arguments` what forge was asked at last.
    """

    outcome: str
    text: str = ""
    arguments: tuple[str, ...] = ()


class Lab:
    """One warm compiler beside a compiled project."""

    def __init__(self, name: str, compiler: subprocess.Popen[str]) -> None:
        """Keep name and compiler; `open_lab` makes both."""
        self._name = name
        self._compiler = compiler
        self._sound: set[str] = set()

    def compile(self, file: str, source: str, *, optimise: bool = False) -> dict[str, Any]:
        """Compile what needs a file, with this source in its place."""
        if self._compiler.stdin is None or self._compiler.stdout is None:
            raise RuntimeError("the compiler has no pipes")
        asked = {"file": file, "source": source, "optimise": optimise}
        self._compiler.stdin.write(json.dumps(asked) + "\n")
        self._compiler.stdin.flush()
        answer: dict[str, Any] = json.loads(self._compiler.stdout.readline())
        return answer

    def is_same(self, file: str, source: str) -> bool:
        """Tell whether the optimiser makes the same bytes of a changed source."""
        return self.compile(file, source, optimise=True).get("equal", False)

    def try_source(self, file: str, source: str, *stages: list[str]) -> Trial:
        """Run the tests on a changed source, a stage of them after the other until one fails."""
        if file not in self._sound:
            sound = self.compile(file, (ROOT / file).read_text("utf-8"))
            trial = self._run(sound, stages[0])
            if trial.outcome != "survived":
                raise NotProvenError(f"the tests fail without any change\n{trial.text[-3000:]}")
            self._sound.add(file)
        made = self.compile(file, source)
        if "error" in made:
            return Trial("stillborn", made["error"])
        if made["equal"]:
            return Trial("equivalent")
        trial = Trial("survived")
        for stage in stages:
            trial = self._run(made, stage)
            if trial.outcome == "killed":
                break
        return trial

    def _run(self, made: dict[str, Any], arguments: list[str]) -> Trial:
        kept: dict[Path, bytes] = {}
        for contract in made["contracts"]:
            file = Path(contract["unit"]).name
            path = ROOT / f"out/labs/{self._name}" / file / f"{contract['name']}.json"
            if not path.exists():
                continue
            kept[path] = path.read_bytes()
            artefact = json.loads(kept[path])
            code = {**contract["bytecode"], "object": f"0x{contract['bytecode']['object']}"}
            path.write_text(json.dumps({**artefact, "bytecode": code}))
        places = ["--out", f"out/labs/{self._name}", "--cache-path", f"cache/labs/{self._name}"]
        try:
            code, text = call([str(FORGE), "test", *places, *arguments], PROFILE)
        finally:
            for path, data in kept.items():
                path.write_bytes(data)
        ran = _RAN.search(text)
        if ran is None:
            raise NotProvenError(f"forge ran no tests\n{text[-3000:]}")
        return Trial("killed" if code or int(ran[2]) else "survived", text, tuple(arguments))


def build() -> None:
    """Have forge compile what is to be compiled; every lab begins with a copy of it."""
    code, text = call([str(FORGE), "build"], PROFILE)
    if code:
        raise NotProvenError(f"forge build failed\n{text[-3000:]}")


@contextmanager
def open_lab(name: str = "1") -> Iterator[Lab]:
    """Copy the compiled project, and start a compiler."""
    out, cache = ROOT / f"out/labs/{name}", ROOT / f"cache/labs/{name}"
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(ROOT / OUT, out)
    cache.mkdir(parents=True)
    # forge takes a cache for its own only if it names the directories that it was asked to use.
    known = "solidity-files-cache.json"
    text = (ROOT / CACHE / known).read_text("utf-8")
    (cache / known).write_text(text.replace(f'"{OUT}', f'"out/labs/{name}'))
    with subprocess.Popen(
        ["node", str(ROOT / "scripts/compile_mutants.cjs"), *units()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as compiler:
        yield Lab(name, compiler)
        if compiler.stdin is not None:
            compiler.stdin.close()
