"""A verifier's sampling plan: terms in, the same document for everyone who holds the package."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from carbonbank.audit.claim import total_g
from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import canonical
from carbonbank.audit.sampling import (
    QUANTILES,
    allocate,
    draw,
    mean_size,
    pooled_v,
    proportion_size,
    seed_of,
    stratum_of,
)
from carbonbank.errors import SampleUndefined

SCHEMA = "carbonbank.plan/1"
KINDS = ("proportion", "mean", "stratified")
BPS = 10**4
EVERY = "all vehicles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the verifier decides: the kind, how sure, how precise, and what would be material.

    `expected_bps` is the share of trips expected to be right (kind proportion). The threshold is
    declared, with where it comes from: the bank knows no text that would set it.
    """

    kind: str
    materiality_bps: int
    materiality_source: str
    confidence_percent: int = 90
    precision_bps: int = 1000
    expected_bps: int = 5000


def make_plan(package: Package, terms: Terms) -> dict[str, Any]:
    """Return the plan of a package under some terms, with the leaves that are drawn.

    The mean and the variance of kinds `mean` and `stratified` are those of the grams the leaves
    claim; strata are vehicles.

    Raises:
        SampleUndefined: terms out of range, or grams whose mean is zero.
    """
    _check(terms)
    strata = _strata(package, split=terms.kind == "stratified")
    sizes = _sizes(package, terms, strata)
    seed = seed_of(package.sha256_of("report.json"))
    drawn = sorted(
        leaf
        for leaves, size in zip(strata.values(), sizes, strict=True)
        for leaf in draw(seed, leaves, size)
    )
    return {
        "schema": SCHEMA,
        "batch_id": package.claim["batch_id"],
        "report_hash": package.sha256_of("report.json").hex(),
        "seed": seed.hex(),
        "kind": terms.kind,
        "confidence_percent": terms.confidence_percent,
        "precision_bps": terms.precision_bps,
        "expected_bps": terms.expected_bps,
        "materiality_bps": terms.materiality_bps,
        "materiality_source": terms.materiality_source,
        "materiality_g": total_g(package.claim["claim"]) * terms.materiality_bps // BPS,
        "population": len(package.leaves),
        "size": len(drawn),
        "strata": [
            {"name": name, "population": len(leaves), "size": size}
            for (name, leaves), size in zip(strata.items(), sizes, strict=True)
        ],
        "leaves": drawn,
    }


def check_plan(package: Package, plan: Mapping[str, Any]) -> str:
    """Refute a plan that is not what its own terms give for this package."""
    require_equal("schema of the plan", plan["schema"], SCHEMA)
    terms = Terms(**{name: plan[name] for name in Terms.__slots__})
    expected = make_plan(package, terms)
    require_equal("fields of the plan", set(plan), set(expected))
    for name, value in expected.items():
        require(plan[name] == value, f"{name} of the plan is {plan[name]}, recomputed {value}")
    return told(plan)


def told(plan: Mapping[str, Any]) -> str:
    """Say a plan in a line."""
    return (
        f"{plan['kind']} {plan['confidence_percent']}/{plan['precision_bps'] // 100}, "
        f"{plan['size']} of {plan['population']} trips, seed {plan['seed']}"
    )


def hash_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document's canonical bytes, as hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def stratum_weights(package: Package, plan: Mapping[str, Any]) -> dict[int, Fraction]:
    """Return for every drawn leaf how many trips it stands for: N / n of its stratum."""
    parts = {one["name"]: Fraction(one["population"], one["size"]) for one in plan["strata"]}
    strata = _strata(package, split=plan["kind"] == "stratified")
    weights = {leaf: parts[name] for name, leaves in strata.items() for leaf in leaves}
    return {leaf: weights[leaf] for leaf in plan["leaves"]}


def _check(terms: Terms) -> None:
    for name, holds in (
        ("kind", terms.kind in KINDS),
        ("confidence_percent", terms.confidence_percent in QUANTILES),
        ("precision_bps", 0 < terms.precision_bps < BPS),
        ("expected_bps", 0 < terms.expected_bps < BPS),
        ("materiality_bps", 0 <= terms.materiality_bps < BPS),
        ("materiality_source", bool(terms.materiality_source.strip())),
    ):
        if not holds:
            raise SampleUndefined(reason=f"{name} is {getattr(terms, name)!r}")


def _names(package: Package) -> list[str]:
    by_index = {index: name for name, index in package.vehicles.items()}
    return [by_index[leaf.vehicle_index] for leaf in package.leaves]


def _strata(package: Package, *, split: bool) -> dict[str, list[int]]:
    strata: dict[str, list[int]] = {}
    for leaf, name in enumerate(_names(package)):
        strata.setdefault(name if split else EVERY, []).append(leaf)
    return strata


def _sizes(package: Package, terms: Terms, strata: Mapping[str, Sequence[int]]) -> list[int]:
    z, e = QUANTILES[terms.confidence_percent], Fraction(terms.precision_bps, BPS)
    population = len(package.leaves)
    if terms.kind == "proportion":
        return [proportion_size(population, Fraction(terms.expected_bps, BPS), z, e)]
    grams = [leaf.reduction_g for leaf in package.leaves]
    if not sum(grams):
        raise SampleUndefined(reason="the trips' grams have mean 0")
    parts = [stratum_of([grams[leaf] for leaf in leaves]) for leaves in strata.values()]
    return allocate(mean_size(population, pooled_v(parts), z, e), parts)
