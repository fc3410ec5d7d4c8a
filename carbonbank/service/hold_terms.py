"""Hold the terms of a programme when a month is to be sealed: period, version, cap and fleet.

A programme's versions are a line of programmes, each naming the one before. What was sealed under
a version stays under it; totals and the cap of a year count the whole line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from carbonbank.domain.records import Programme, SealedBatch
from carbonbank.errors import (
    AnnualCapReached,
    FleetLargerThanSold,
    MethodNeverIssues,
    OtherVersionInForce,
    OutsideCreditingPeriod,
    RuleError,
)
from carbonbank.mrv.package import MethodologyPackage, parse_package
from carbonbank.mrv.programme_base import Programme as ProgrammeFile
from carbonbank.mrv.terms import CAP_T_PER_YEAR
from carbonbank.ports import Session
from carbonbank.units import G_PER_T, month_from_label, month_label


@dataclass(frozen=True, slots=True)
class Version:
    """A programme in its line; `from_month` is the first month it is in force."""

    handle: str
    package: MethodologyPackage
    from_month: int


def versions_of(session: Session, fleet: str, programme: str) -> list[Version]:
    """Return the line that a programme stands in, oldest first.

    Raises:
        NotFound: there is no such programme.
    """
    session.need(Programme, programme)
    packages = {
        one.handle: parse_package(one.package.encode())
        for one in session.find(Programme, fleet=fleet)
    }
    after = {
        package.programme.succession.replaces: handle
        for handle, package in packages.items()
        if package.programme.succession is not None
    }
    handle = programme
    while (succession := packages[handle].programme.succession) is not None:
        handle = succession.replaces
    line = [Version(handle, packages[handle], 0)]
    while (handle := after.get(handle, "")) in packages:
        succession = packages[handle].programme.succession
        assert succession is not None  # `after` was made of successions
        first = month_from_label(succession.from_month)
        line.append(Version(handle, packages[handle], first))
    return line


def in_force(line: list[Version], month: int) -> Version:
    """Return the version under which a month is sealed."""
    return [version for version in line if version.from_month <= month][-1]


def refuse_shown(programme: ProgrammeFile) -> None:
    """Refuse a programme whose method is quantified and shown alone.

    Raises:
        MethodNeverIssues: it is.
    """
    if programme.NEVER_ISSUED:
        raise MethodNeverIssues(
            programme=programme.handle, method=programme.method, reason=programme.NEVER_ISSUED
        )


def hold_terms(package: MethodologyPackage, line: list[Version], month: int) -> None:
    """Refuse a month that a programme may not credit, whatever its trips are.

    Raises:
        MethodNeverIssues: the method is shown alone.
        OutsideCreditingPeriod: the crediting period does not cover the month.
        OtherVersionInForce: another version of the programme was in force.
    """
    programme = package.programme
    refuse_shown(programme)
    period = programme.crediting_period
    if period is not None and not period.covers(month):
        raise OutsideCreditingPeriod(
            month=month_label(month),
            first_month=period.first_month,
            last_month=period.last_month,
        )
    current = in_force(line, month)
    if current.handle != programme.handle:
        raise OtherVersionInForce(
            programme=programme.handle, month=month_label(month), in_force=current.handle
        )


def hold_totals(
    session: Session,
    package: MethodologyPackage,
    line: list[Version],
    *,
    month: int,
    batch_g: int,
    vehicles: int,
) -> None:
    """Refuse a batch that is too large for its year or for the fleet that was sold.

    Raises:
        AnnualCapReached: the line's batches of the calendar year would pass 60 kt.
        FleetLargerThanSold: more vehicles than the declared sales leave on the road.
    """
    programme, year = package.programme, month // 12
    sealed = session.find(SealedBatch, fleet=programme.fleet.handle)
    handles = {version.handle for version in line}
    total_g = batch_g + sum(
        one.total_g for one in sealed if one.programme in handles and one.month // 12 == year
    )
    cap_g = CAP_T_PER_YEAR * G_PER_T
    if total_g > cap_g:
        raise AnnualCapReached(programme=programme.handle, year=year, total_g=total_g, cap_g=cap_g)
    most = programme.monitoring.vehicles_max(year) if programme.monitoring is not None else None
    if most is not None and vehicles > most:
        raise FleetLargerThanSold(vehicles=vehicles, vehicles_max=most, year=year)


def refusals(
    session: Session,
    package: MethodologyPackage,
    line: list[Version],
    *,
    month: int,
    batch_g: int,
    vehicles: int,
) -> tuple[str, ...]:
    """Return in words what would keep a month from being sealed under a programme's terms."""
    sums = {"month": month, "batch_g": batch_g, "vehicles": vehicles}
    held: tuple[Callable[[], None], ...] = (
        partial(hold_terms, package, line, month),
        partial(hold_totals, session, package, line, **sums),
    )
    found = []
    for hold in held:
        try:
            hold()
        except RuleError as error:
            found.append(str(error))
    return tuple(found)
