"""The method's conditions, as far as package, report and claim can show them.

What takes other batches (the cap of a year, the version in force) is the bank's to hold; here the
cap is held for this batch alone.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Any

from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import exact, month_number, plain, whole

CAP_G = 60_000 * 10**6
# Student's t, 97.5 %, for 1 to 30 degrees of freedom, then 40, 60 and 120; rounded up.
_T = (
    "12.707", "4.303", "3.183", "2.777", "2.571", "2.447", "2.365", "2.307", "2.263", "2.229",
    "2.201", "2.179", "2.161", "2.145", "2.132", "2.120", "2.110", "2.101", "2.094", "2.086",
    "2.080", "2.074", "2.069", "2.064", "2.060", "2.056", "2.052", "2.049", "2.046", "2.043",
)  # fmt: skip
_T_BEYOND = ((120, "1.980"), (60, "2.001"), (40, "2.022"))
# Where a value may come from a sample, and on which side of the interval it must stand.
_SAMPLED = {
    ("baseline", "specific_fuel_consumption"): -1,
    ("project", "specific_energy_consumption"): 1,
    ("project", "fuel", "specific_fuel_consumption"): 1,
    ("monitoring", "distance_share"): -1,
}


def check_conditions(package: Package) -> str:
    """Period, cap, fleet, comparability, additionality, samples and carriers hold."""
    programme = package.methodology["programme"]
    told = list(_terms(package, programme))
    told += _comparable(programme["eligibility"])
    told += _samples(programme)
    _check_urban(programme["project"])
    _check_carriers(programme)
    return ", ".join(told) or "none beyond the programme's own"


def _terms(package: Package, programme: Any) -> Iterator[str]:
    """The crediting period, the cap and the fleet that was sold."""
    month, claim = whole(package.claim["claim"]["month"]), package.claim["claim"]
    period = programme.get("crediting_period")
    if period:
        first, last = month_number(period["first_month"]), month_number(period["last_month"])
        require(first <= month <= last, f"month {month} lies outside {first} to {last}")
        yield f"credited {period['first_month']} to {period['last_month']}"
    total_g = sum(whole(claim[name]) for name in ("operator_g", "drivers_g", "buffer_g"))
    require(total_g <= CAP_G, f"{total_g} g in one month, {CAP_G} g are the most of a year")
    sales = (programme.get("monitoring") or {}).get("sales")
    if sales:
        year, bits = month // 12, package.claim["bits"]
        vehicles = sum(int(word, 16).bit_count() for word in bits)
        most = sum(
            whole(one["vehicles"]) * 9 ** (year - one["year"]) // 10 ** (year - one["year"])
            for one in sales
            if one["year"] <= year
        )
        require(vehicles <= most, f"{vehicles} vehicles credited, {most} of those sold remain")
        yield f"{vehicles} of at most {most} vehicles"


def _comparable(eligibility: Any) -> Iterator[str]:
    """Comparability within 20 %, and Box 1 where that is the way to additionality."""
    apart = exact(eligibility["comparability"]["value"])
    require(0 <= apart <= 20, f"comparability {apart} percent, 20 are the most")
    for one in eligibility.get("comparisons", ()):
        baseline, project = exact(one["baseline"]), exact(one["project"])
        percent = abs(project - baseline) * 100 / baseline
        require(percent <= 20, f"{one['what']} is {plain(percent, 2)} percent off")
        yield f"{one['what']} {plain(percent, 2)} percent off"
    if "expected_reduction" in eligibility:
        tonnes = exact(eligibility["expected_reduction"]["value"])
        require(0 < tonnes <= 60_000, f"{tonnes} t a year expected, 60000 are the most")
    if eligibility["additionality"]["route"] == "market_share":
        shares = eligibility["additionality"]["market_shares"]
        years = [one["year"] for one in shares]
        require_equal("years of the market shares", years, [years[0], years[0] + 1, years[0] + 2])
        mean = sum((exact(one["percent"]) for one in shares), Fraction(0)) / 3
        require(0 <= mean <= Fraction(5, 2), f"a market share of {plain(mean, 4)} percent")
        yield f"market share {plain(mean, 4)} percent"


def _samples(programme: Any) -> Iterator[str]:
    """Every sampled value has its 90/10 size and stands beyond its bound."""
    for path, side in _SAMPLED.items():
        value = programme
        for name in path:
            value = (value or {}).get(name)
        if not value or "sample" not in value:
            continue
        name, sample = ".".join(path), value["sample"]
        size, population = whole(sample["size"]), whole(sample["population"])
        mean, sd = exact(sample["mean"]), exact(sample["standard_deviation"])
        needed = _size_90_10(population, mean, sd)
        require(
            2 <= size <= population and size >= needed,
            f"{name}: {size} of {population} were sampled, 90/10 needs {needed}",
        )
        away = side * (exact(value["value"]) - mean)
        margin_2 = Fraction(0) if size == population else _t(size) ** 2 * sd**2 / size
        require(
            away >= 0 and away**2 >= margin_2,
            f"{name}: {value['value']} does not reach the 95 % bound of mean {mean}",
        )
        yield f"{name} from {size} samples"


def _size_90_10(population: int, mean: Fraction, sd: Fraction) -> int:
    spread = Fraction("1.645") ** 2 * (sd / mean) ** 2
    return min(population, ceil(spread * population / ((population - 1) / Fraction(100) + spread)))


def _t(size: int) -> Fraction:
    freedom = size - 1
    if freedom <= len(_T):
        return Fraction(_T[freedom - 1])
    return Fraction(next((t for row, t in _T_BEYOND if freedom >= row), _T[-1]))


def _check_urban(project: Any) -> None:
    """No declared consumption lies below the manufacturer's urban figure."""
    for part, name in (
        (project, "specific_energy_consumption"),
        (project.get("fuel") or {}, "specific_fuel_consumption"),
    ):
        if name in part and "manufacturer_urban" in part:
            urban = part["manufacturer_urban"]
            require_equal(f"unit of {name}", part[name]["unit"], urban["unit"])
            require(
                exact(part[name]["value"]) >= exact(urban["value"]),
                f"{name} {part[name]['value']} is below the urban figure {urban['value']}",
            )


def _check_carriers(programme: Any) -> None:
    """The project counts every carrier of the powertrains it credits."""
    project = programme["project"]
    counted = "battery_electric"
    if "fuel" in project:
        counted = "hybrid" if project["energy_source"] == "none" else "plug_in_hybrid"
    require_equal("powertrains", programme["eligibility"]["powertrains"], [counted])
