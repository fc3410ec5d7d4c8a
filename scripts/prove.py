"""Runs the provers of the contracts and says what they did: forge, planted bugs, halmos, slither.

Every count is parsed from what the tool printed, and too few of them fail: a tool that did not run
proves nothing. `python -m scripts.prove ci|short [--seed N] [--report]`; what runs by night is
`scripts/prove_night.py`.
"""

import argparse
import json
import re
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scripts.planted import find_planted
from scripts.provers import FORGE, PROVE_BIN, ROOT, NotProvenError, call, write_report

SLITHER = ROOT / "tests/foundry/slither.json"

# Which proofs are asked about as words of bits, by halmos's own solver, and which as integers.
SOLVERS = {
    "^(Arithmetic|Word)Proofs$": [],
    "^RoundingProofs$": ["--solver-command", ".prove/bin/python scripts/ask_integers.py"],
}

# Calls an invariant run must have made at least, by profile of foundry.toml.
CALLS_MIN = {"short": 1_000, "ci": 500_000}
INVARIANTS_MIN = 2
UNIT_TESTS_MIN = 130
PROOFS_MIN = 29
CONTRACTS_MIN = 6
SLITHER_CONTRACTS = 67

_INVARIANT = re.compile(r"(invariant_\w+)\(\) \(runs: (\d+), calls: (\d+), reverts: (\d+)\)")
_UNIT = re.compile(r"^\[PASS\] (test\w*)\(", re.MULTILINE)
_TOTAL = re.compile(r"(\d+) tests passed, (\d+) failed, (\d+) skipped")
_PROOF = re.compile(r"^\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)\(", re.MULTILINE)
_SLITHER_SIZE = re.compile(r"analyzed \((\d+) contracts with (\d+) detectors\)")


@dataclass(frozen=True)
class Run:
    """What one prover did."""

    name: str
    lines: list[str]
    seconds: float


def read_campaigns(text: str) -> dict[str, tuple[int, int]]:
    """Read runs and calls by invariant of what forge printed; refuse what failed or is missing."""
    total = _TOTAL.search(text)
    if total is None:
        raise NotProvenError("forge printed no result; did the native binary run?")
    passed, failed, skipped = map(int, total.groups())
    if failed or skipped:
        raise NotProvenError(f"forge: {failed} failed, {skipped} skipped of {passed + failed}")
    invariants = {
        name: (int(runs), int(calls), int(reverts))
        for name, runs, calls, reverts in _INVARIANT.findall(text)
    }
    if len(invariants) < INVARIANTS_MIN:
        raise NotProvenError(f"forge ran {len(invariants)} invariants only")
    if any(reverts for _, _, reverts in invariants.values()):
        raise NotProvenError("a call of an invariant run reverted")
    return {name: (runs, made) for name, (runs, made, _) in invariants.items()}


def read_forge(text: str, calls_min: int) -> list[str]:
    """Read what `forge test` printed; refuse failures, skips, reverts and too few calls."""
    invariants = read_campaigns(text)
    calls = sum(made for _, made in invariants.values())
    units = len(_UNIT.findall(text))
    if units < UNIT_TESTS_MIN:
        raise NotProvenError(f"forge ran {units} tests only")
    if calls < calls_min:
        raise NotProvenError(f"forge made {calls} calls, {calls_min} are asked for")
    shown = [f"{name}: {runs} runs, {made} calls" for name, (runs, made) in invariants.items()]
    return [f"{units} unit tests", *shown, f"{calls} calls in all, none reverted"]


def read_halmos(text: str) -> list[str]:
    """Read what halmos printed; refuse a proof that failed, gave up, or is missing."""
    outcomes = {name: outcome for outcome, name in _PROOF.findall(text)}
    open_ = sorted(name for name, outcome in outcomes.items() if outcome != "PASS")
    if open_:
        raise NotProvenError(f"halmos did not prove {', '.join(open_)}")
    if len(outcomes) < PROOFS_MIN:
        raise NotProvenError(f"halmos ran {len(outcomes)} proofs, {PROOFS_MIN} are asked for")
    return [*(f"proven: {name}" for name in sorted(outcomes)), f"{len(outcomes)} proofs"]


def read_slither(text: str, found: list[dict[str, str]], accepted: dict[str, str]) -> list[str]:
    """Compare findings with the accepted ones; refuse too little code, new and vanished ones."""
    size = _SLITHER_SIZE.search(text)
    if size is None:
        raise NotProvenError("slither printed no summary; did it run?")
    contracts, detectors = map(int, size.groups())
    if contracts < SLITHER_CONTRACTS:
        raise NotProvenError(f"slither saw {contracts} contracts, not {SLITHER_CONTRACTS}")
    keys = {f"{f['check']} {f['where']}": f["impact"] for f in found}
    if unknown := sorted(f"{keys[key]}: {key}" for key in keys.keys() - accepted.keys()):
        raise NotProvenError("slither found what nobody accepted: " + "; ".join(unknown))
    if gone := sorted(accepted.keys() - keys.keys()):
        raise NotProvenError("accepted, but slither no longer finds: " + "; ".join(gone))
    looked_at = Counter(keys.values())
    return [
        f"{contracts} contracts, {detectors} detectors",
        "open: 0 high, 0 medium, 0 low, 0 informational",
        "looked at and accepted, each with its reason: "
        + ", ".join(f"{count} {impact.lower()}" for impact, count in sorted(looked_at.items())),
    ]


def run_forge(profile: str, seed: str) -> list[str]:
    """Unit tests and invariants under one profile and seed."""
    code, text = call([str(FORGE), "test", "--fuzz-seed", seed], profile)
    if code:
        sys.stdout.write(text[-6000:])
        raise NotProvenError(f"forge test failed; repeat it with seed={seed}")
    lines = [f"seed {seed}", *read_forge(text, CALLS_MIN[profile])]
    return [*lines, f"{compare_bytecode()} contracts as shipped, byte for byte"]


def compare_bytecode() -> int:
    """Hold what forge compiled to the committed artefacts; return how many there are."""
    committed = sorted((ROOT / "carbonbank/chain/artefacts").glob("*.json"))
    compared = 0
    for path in committed:
        artefact = json.loads(path.read_text("utf-8"))
        built = ROOT / "out" / Path(artefact["sourceName"]).name / path.name
        if not built.exists():
            continue
        fresh = json.loads(built.read_text("utf-8"))["deployedBytecode"]["object"]
        if fresh != artefact["deployedBytecode"]:
            raise NotProvenError(f"forge compiled another {path.stem} than the one that ships")
        compared += 1
    if compared < CONTRACTS_MIN:
        raise NotProvenError(f"forge compiled {compared} of {len(committed)} artefacts only")
    return compared


def run_halmos() -> list[str]:
    """Symbolic proofs of the arithmetic."""
    command = [str(PROVE_BIN / "halmos"), "--forge-build-out", "out/proofs"]
    said = [
        call([*command, "--match-contract", contracts, *solver], "proofs")
        for contracts, solver in SOLVERS.items()
    ]
    text = "".join(printed for _, printed in said)
    try:
        proven = read_halmos(text)
    except NotProvenError:
        sys.stdout.write(text[-6000:])
        raise
    if codes := [code for code, _ in said if code]:
        sys.stdout.write(text[-6000:])
        raise NotProvenError(f"halmos ended with {codes}")
    return proven


def run_slither() -> list[str]:
    """Static analysis of what ships."""
    out = ROOT / "out/slither-findings.json"
    out.parent.mkdir(exist_ok=True)
    out.unlink(missing_ok=True)
    command = [str(PROVE_BIN / "slither"), ".", "--filter-paths", "node_modules"]
    command += ["--foundry-out-directory", "out/slither"]
    _, text = call([*command, "--json", str(out)], "slither")
    if not out.exists():
        sys.stdout.write(text[-6000:])
        raise NotProvenError("slither wrote no findings")
    detectors = json.loads(out.read_text("utf-8"))["results"].get("detectors", [])
    found = [
        {"check": d["check"], "impact": d["impact"], "where": _where(d["elements"][0])}
        for d in detectors
    ]
    accepted: dict[str, str] = json.loads(SLITHER.read_text("utf-8"))
    try:
        return read_slither(text, found, accepted)
    except NotProvenError:
        sys.stdout.write("\n".join(d["description"] for d in detectors))
        raise


def _where(element: dict[str, object]) -> str:
    fields = element.get("type_specific_fields")
    parent = fields.get("parent") if isinstance(fields, dict) else None
    within = f"{parent['name']}." if isinstance(parent, dict) and "name" in parent else ""
    return f"{within}{element['name']}"


def main() -> int:
    """Run the provers of a profile, print all counts, and fail if anything is open."""
    parser = argparse.ArgumentParser(description="prove the contracts")
    parser.add_argument("profile", choices=sorted(CALLS_MIN))
    parser.add_argument("--seed", default="", help="seed of the random sequences")
    parser.add_argument("--report", action="store_true", help="write it to docs/reports")
    asked = parser.parse_args()
    seed = asked.seed or f"0x{secrets.token_hex(8)}"
    steps = {"forge": lambda: run_forge(asked.profile, seed)}
    if asked.profile == "ci":
        steps |= {"planted": find_planted, "halmos": run_halmos, "slither": run_slither}
    runs = []
    for name, step in steps.items():
        sys.stdout.write(f"prove: {name}{f', seed {seed}' if name == 'forge' else ''}\n")
        sys.stdout.flush()
        started = time.monotonic()
        try:
            lines = step()
        except NotProvenError as refusal:
            sys.stdout.write(f"prove: {refusal}\n")
            return 1
        runs.append(Run(name, lines, time.monotonic() - started))
    body = []
    for run in runs:
        body += [f"## {run.name}, {run.seconds:.0f} s", "", *(f"- {x}" for x in run.lines), ""]
    sys.stdout.write("\n".join(["prove: all of it held", "", *body, ""]))
    if asked.report:
        path = write_report(f"prove-{asked.profile}", f"Proofs, profile {asked.profile}", body)
        sys.stdout.write(f"prove: {path.relative_to(ROOT)} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
