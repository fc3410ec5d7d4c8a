"""Worked examples: the published file, every op against an independent formula, bad entries."""

import json
import math
import random
import re
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from carbonbank.cli.examples import examples
from carbonbank.errors import ExamplesUnreadable
from carbonbank.mrv.examples import Status, line, run
from carbonbank.mrv.operations import OPERATIONS

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "tests/data/examples/worked_examples.json"
ENTRIES = json.loads(PUBLISHED.read_bytes())["examples"]


@pytest.mark.parametrize("entry", ENTRIES, ids=[e["id"] for e in ENTRIES])
def test_published_example_passes(entry):
    (outcome,) = run([entry])
    assert outcome.status is Status.PASS, line(outcome)


@pytest.mark.parametrize("entry", ENTRIES, ids=[e["id"] for e in ENTRIES])
def test_published_example_with_a_wrong_expectation_fails(entry):
    for name, value in entry["expected"].items():
        wrong = (
            not value
            if isinstance(value, bool)
            else str(Fraction(value).numerator / Fraction(value).denominator + 1.5)
        )
        (outcome,) = run([{**entry, "expected": {**entry["expected"], name: wrong}}])
        assert outcome.status is Status.FAIL
        assert name in outcome.reason


# --- every op, perturbed, against formulas of this test's own, in exact fractions --------------


def amsiiic_factor(v):
    """Equation 6, in g/km: electricity plus fuel."""
    fuel = math.prod(v.get(name, 0) for name in ("sfc_g_per_km", "ncv_j_per_g", "ef_g_per_j"))
    return v["sec_kwh_per_km"] * v["ef_elect_kg_per_kwh"] * 1000 / (Fraction(1) - v["tdl"]) + fuel


def case1(v):
    be = v["ef_bl_g_per_km"] * v["dd_km"] * v["n"] / 10**6
    pe = amsiiic_factor(v) * v["dd_km"] * v["n"] / 10**6
    return {
        "be_t": be,
        "ef_pj_t_per_km": amsiiic_factor(v) / 10**6,
        "pe_t": pe,
        "er_t": be - pe - v.get("le_t", 0),
    }


def case2(v):
    km = v["ec_kwh"] / v["sec_kwh_per_km"]
    be, pe = v["ef_bl_g_per_km"] * km / 10**6, amsiiic_factor(v) * km / 10**6
    return {"be_t": be, "pe_t": pe, "er_t": be - pe - v.get("le_t", 0)}


def trips(v):
    be = v["ef_bl_g_per_km"] * v["distance_km"] / 10**6
    pe = v["energy_kwh"] * v["ef_elect_kg_per_kwh"] / (1 - v["tdl"]) / 1000
    return {"be_t": be, "pe_t": pe, "er_t": be - pe}


def vm_baseline(v):
    litres = v["ed_kwh"] * 100 / v["afec_kwh_per_100mi"] / v["mpg"]  # gallons
    return litres * v["ef_t_per_gal"] * v["ir"] ** int(v["year"] - 1)


def vm_case(v):
    ec = v["ed_kwh"] / v["charger_efficiency"]
    be, pe = vm_baseline(v), ec / 1000 * v["ef_kw_t_per_mwh"]
    return {"be_t": be, "ec_kwh": ec, "pe_t": pe, "er_t": v["d"] * (be - pe - v["le_t"])}


def half_up(value, digits):
    scaled = abs(value) * 10**digits + Fraction(1, 2)
    return Fraction(math.floor(scaled), 10**digits) * (1 if value >= 0 else -1)


def bc(v):
    grams = (v["tci"] * v["eer"] - v["rci"] - v["uci"]) * v["q"] * v["ed"]
    cu = half_up(grams / 10**6, 5)
    return {"cu": cu, "cu_rounded": half_up(cu, 0)}


def ca(v):
    mj = v["kwh"] * Fraction(36, 10)
    return {"credits_t": (v["ci_std"] * v["eer"] - v["ci"]) * mj / 10**6}


def box1(v):
    mean = sum(v["bev_share_pct"]) / 3
    limit = v.get("threshold_pct", Fraction(5, 2))
    return {"avg_bev_pct": mean, "automatically_additional": mean <= limit}


def proportion(v):
    variance = (1 - v["p"]) / v["p"]
    n = v["z"] ** 2 * v["population"] * variance
    n /= (v["population"] - 1) * v["e"] ** 2 + v["z"] ** 2 * variance
    return {"n_exact": n, "n": Fraction(math.ceil(n))}


def mean_sample(v):
    variance = v["sd"] ** 2 / v["mean"] ** 2
    n = v["z"] ** 2 * v["population"] * variance
    n /= (v["population"] - 1) * v["e"] ** 2 + v["z"] ** 2 * variance
    return {"n_exact": n, "n": Fraction(math.ceil(n))}


def dot(*names, scale=1):
    return lambda v: (
        sum(math.prod(terms) for terms in zip(*(v[n] for n in names), strict=True)) / (scale)
    )


def per(v, factor, scale):
    rows = zip(v[factor], v["ec_kwh"], v["sec_kwh_per_km"], strict=True)
    return sum(ef * (ec / sec) for ef, ec, sec in rows) / scale


INDEPENDENT = {
    "amsiiic.eq1": lambda v: {"be_t": dot("ef_bl_g_per_km", "dd_km", "n", scale=10**6)(v)},
    "amsiiic.eq2": lambda v: {"be_t": per(v, "ef_bl_g_per_km", 10**6)},
    "amsiiic.eq3": lambda v: {
        "ef_bl_g_per_km": v["ir"] ** int(v["t"])
        * (v["sfc_g_per_km"] * (v["ncv_j_per_g"] * v["ef_g_per_j"]))
    },
    "amsiiic.eq4": lambda v: {"pe_t": dot("ef_pj_t_per_km", "dd_km", "n")(v)},
    "amsiiic.eq5": lambda v: {"pe_t": per(v, "ef_pj_t_per_km", 1)},
    "amsiiic.eq6": lambda v: {"ef_pj_t_per_km": amsiiic_factor(v) / 10**6},
    "amsiiic.eq7": lambda v: {"er_t": v["be_t"] - (v["pe_t"] + v.get("le_t", 0))},
    "amsiiic.case1": case1,
    "amsiiic.case2": case2,
    "amsiiic.trips": trips,
    "amsiiic.box1": box1,
    "amsiiic.fleet_size": lambda v: {"n": v["sold"] * v["factor"] ** int(v["year"] - 1)},
    "vm0038.eq1": lambda v: {"be_t": vm_baseline(v)},
    "vm0038.eq4": lambda v: {"pe_t": dot("ec_kwh", "ef_t_per_kwh")(v)},
    "vm0038.eq10": lambda v: {"er_t": v["d"] * (v["be_t"] - v["pe_t"] - v["le_t"])},
    "vm0038.eq11": lambda v: {"d": 1 / (1 + v["erf"] / v["erc"])},
    "vm0038.case": vm_case,
    "lcfs.bc": bc,
    "lcfs.ca": ca,
    "tool07.cm": lambda v: {"cm": v["om"] * v["w_om"] + v["bm"] * v["w_bm"]},
    "sample.proportion": proportion,
    "sample.mean": mean_sample,
}
SHARES = {"tdl", "p", "w_om", "w_bm"}  # inputs that only mean something below one
COUNTS = {"t", "year"}


def random_text(name, rng):
    if name in COUNTS:
        return str(rng.randint(1, 12))
    if name in SHARES:
        return f"0.{rng.randint(1, 9999):04d}"
    return f"{rng.randint(1, 10**6)}E-{rng.randint(0, 5)}"


def random_inputs(operation, rng, *, with_optional):
    names = [*operation.required, *(operation.optional if with_optional else ())]
    types = 3 if "bev_share_pct" in names else rng.randint(1, 4)
    return {
        n: [random_text(n, rng) for _ in range(types)]
        if n in operation.sums
        else random_text(n, rng)
        for n in names
    }


def exact(inputs):
    return {
        k: [Fraction(p) for p in v] if isinstance(v, list) else Fraction(v)
        for k, v in inputs.items()
    }


def decimal_text(value):
    """30 significant digits of a fraction, by integer arithmetic."""
    if value == 0:
        return "0"
    shift = 30 - (len(str(abs(value.numerator))) - len(str(value.denominator)))
    scaled = value * Fraction(10) ** shift
    return f"{round(scaled)}E{-shift}"


def test_independent_formulas_cover_every_op():
    assert set(INDEPENDENT) == set(OPERATIONS)


@pytest.mark.parametrize("op", OPERATIONS)
@pytest.mark.parametrize("seed", range(25))
def test_perturbed_inputs_give_what_the_independent_formula_gives(op, seed):
    rng = random.Random(f"{op}/{seed}")
    inputs = random_inputs(OPERATIONS[op], rng, with_optional=seed % 2 == 0)
    wanted = INDEPENDENT[op](exact(inputs))
    assert set(wanted) == set(OPERATIONS[op].outputs)
    for name, value in wanted.items():
        is_truth = isinstance(value, bool)
        text = value if is_truth else decimal_text(Fraction(value))
        tolerance = "0" if is_truth else decimal_text(abs(Fraction(value)) / 10**24)
        entry = {"id": "x", "op": op, "inputs": inputs, "expected": {name: text}}
        (outcome,) = run([{**entry, "tolerance": tolerance}])
        assert outcome.status is Status.PASS, line(outcome)
        billionth = Fraction(1, 10**9)
        nudged = not value if is_truth else decimal_text(value * (1 + billionth) + billionth)
        (outcome,) = run([{**entry, "expected": {name: nudged}, "tolerance": tolerance}])
        assert outcome.status is Status.FAIL


# --- entries that are no examples --------------------------------------------------------------

GOOD = {
    "id": "good",
    "op": "amsiiic.eq7",
    "inputs": {"be_t": "10", "pe_t": "4", "le_t": "1"},
    "expected": {"er_t": "5"},
    "tolerance": "0",
}
BAD = {
    "no object": ("text", "not an object"),
    "no op": ({"id": "x"}, "names no op"),
    "missing input": ({**GOOD, "inputs": {"be_t": "10"}}, "input pe_t is missing"),
    "unknown input": (
        {**GOOD, "inputs": {**GOOD["inputs"], "le_kg": "1"}},
        "input le_kg is unknown",
    ),
    "input no number": ({**GOOD, "inputs": {**GOOD["inputs"], "be_t": "ten"}}, "be_t"),
    "input not finite": ({**GOOD, "inputs": {**GOOD["inputs"], "be_t": "Infinity"}}, "be_t"),
    "input a float": ({**GOOD, "inputs": {**GOOD["inputs"], "be_t": 0.1}}, "be_t"),
    "input a boolean": ({**GOOD, "inputs": {**GOOD["inputs"], "be_t": True}}, "be_t"),
    "inputs no object": ({**GOOD, "inputs": []}, "inputs is not an object"),
    "nothing expected": ({**GOOD, "expected": {}}, "expected is not an object"),
    "unknown output": ({**GOOD, "expected": {"er_kg": "5"}}, "er_kg is no output"),
    "no tolerance": ({k: v for k, v in GOOD.items() if k != "tolerance"}, "tolerance"),
    "negative tolerance": ({**GOOD, "tolerance": "-1"}, "tolerance is negative"),
    "boolean for number": ({**GOOD, "expected": {"er_t": True}}, "er_t differs"),
    "division by zero": (
        {**GOOD, "op": "vm0038.eq11", "inputs": {"erc": "1", "erf": "-1"}, "expected": {"d": "1"}},
        "DivisionByZero",
    ),
    "two market shares": (
        {
            **GOOD,
            "op": "amsiiic.box1",
            "inputs": {"bev_share_pct": ["1", "2"]},
            "expected": {"avg_bev_pct": "1.5"},
        },
        "3 years",
    ),
    "half a year": (
        {
            **GOOD,
            "op": "amsiiic.fleet_size",
            "inputs": {"sold": "1", "factor": "1", "year": "1.5"},
            "expected": {"n": "1"},
        },
        "whole number",
    ),
    "a fleet before its first year": (
        {
            **GOOD,
            "op": "amsiiic.fleet_size",
            "inputs": {"sold": "1", "factor": "1", "year": "0"},
            "expected": {"n": "1"},
        },
        "count from 1",
    ),
    "a charger before its first year": (
        {
            **GOOD,
            "op": "vm0038.eq1",
            "inputs": dict.fromkeys(OPERATIONS["vm0038.eq1"].required, "1") | {"year": "0"},
            "expected": {"be_t": "1"},
        },
        "count from 1",
    ),
    "lists of unequal length": (
        {
            **GOOD,
            "op": "vm0038.eq4",
            "inputs": {"ec_kwh": ["1", "2"], "ef_t_per_kwh": ["1"]},
            "expected": {"pe_t": "1"},
        },
        "unequal length",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_entry_fails_with_its_reason_and_spares_the_others(name):
    entry, reason = BAD[name]
    good, bad = run([GOOD, entry])
    assert good.status is Status.PASS
    assert bad.status is Status.FAIL
    assert reason in bad.reason


def test_an_entry_can_not_break_its_line():
    entry = {**GOOD, "id": "a\npass b", "expected": {"er_t": "5\npass c"}}
    (outcome,) = run([entry])
    assert outcome.status is Status.FAIL
    assert line(outcome).splitlines() == [line(outcome)]


def test_dispatch_is_by_op_alone():
    stranger = {**GOOD, "id": "vm0038-eq1", "source": "VM0038", "note": "amsiiic.eq1"}
    assert run([stranger])[0].got == {"er_t": "5"}
    assert run([{**GOOD, "op": "amsiiic.eq8"}])[0].status is Status.UNSUPPORTED


def test_a_document_without_examples_is_refused():
    for document in ({}, {"examples": {}}, "text", None):
        with pytest.raises(ExamplesUnreadable):
            run(document)


def test_command_prints_one_line_per_entry_and_tells_by_its_exit_code(tmp_path):
    file = tmp_path / "examples.json"
    file.write_text(json.dumps([GOOD, {**GOOD, "op": "other.op", "id": "b"}]))
    result = CliRunner().invoke(examples, ["run", str(file)])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "pass good expected er_t=5 got er_t=5",
        "unsupported b expected er_t=5 got - (no such op)",
    ]
    file.write_text(json.dumps([{**GOOD, "expected": {"er_t": "6"}}]))
    result = CliRunner().invoke(examples, ["run", str(file), "--json"])
    assert result.exit_code == 1
    (entry,) = json.loads(result.output)
    assert (entry["status"], entry["example_id"], entry["got"]) == ("fail", "good", {"er_t": "5"})


def test_command_takes_json_numbers_as_they_are_written(tmp_path):
    file = tmp_path / "examples.json"
    numbers = '{"be_t": 0.1, "pe_t": -0.2, "le_t": 0}'
    entry = f'{{"op": "amsiiic.eq7", "inputs": {numbers}, "expected": {{"er_t": 0.3}}'
    file.write_text(f'[{entry}, "tolerance": 0}}]')
    result = CliRunner().invoke(examples, ["run", str(file)])
    assert result.output == "pass #1 expected er_t=0.3 got er_t=0.3\n"


def test_reference_page_lists_exactly_the_operations_of_the_table():
    page = (ROOT / "docs/reference/examples.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9]+\.[a-z0-9_]+)` \| (.*) \| (.*) \|$", page, re.MULTILINE)
    documented = {}
    for op, inputs, outputs in rows:
        names = re.findall(r"(\*?)`(\w+)(?: = ([\d.]+))?`", inputs)
        documented[op] = (
            tuple(n for _, n, default in names if not default),
            {n: default for _, n, default in names if default},
            tuple(re.findall(r"`(\w+)`", outputs)),
            tuple(n for star, n, _ in names if star),
        )
    assert documented == {
        op: (o.required, dict(o.optional), o.outputs, o.sums) for op, o in OPERATIONS.items()
    }
