"""Register a programme: its methodology package is built, hashed and kept."""

from carbonbank.domain.records import Fleet, Programme
from carbonbank.errors import DemoElsewhere, SuccessionInvalid
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme
from carbonbank.mrv.programme_base import Programme as ProgrammeFile
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.hold_terms import versions_of
from carbonbank.units import month_from_label


def register_programme(bank: Bank, *, content: bytes) -> Programme:
    """Register a programme file for the fleet it names.

    Args:
        bank: the bank.
        content: the programme file (docs/reference/programme.md).

    Raises:
        ProgrammeInvalid: with every bad field.
        FactorsUnusable: with every factor that is missing or does not fit.
        NotFound: the fleet is not registered.
        DemoElsewhere: a programme flagged demo on a chain that is not embedded.
        SuccessionInvalid: it does not follow the version that it names.
        Conflict: the handle exists with another package.
    """
    programme = parse_programme(content)
    package = build_package(programme, bank.factors)
    chain = bank.chain.identity
    if programme.demo and not chain.embedded:
        raise DemoElsewhere(programme=programme.handle, chain_id=chain.chain_id)
    record = Programme(
        handle=programme.handle,
        fleet=programme.fleet.handle,
        methodology_id=package.methodology_id.hex(),
        package=package.canonical.decode(),
        demo=programme.demo,
    )
    with bank.store.begin() as session:
        session.need(Fleet, programme.fleet.handle)
        if session.get(Programme, programme.handle) is None:
            _check_succession(session, programme)
        session.add(record)
    return record


def _check_succession(session: Session, programme: ProgrammeFile) -> None:
    """A version follows the newest of its line, of the same fleet, from a later month on."""
    succession = programme.succession
    if succession is None:
        return
    before = session.need(Programme, succession.replaces)
    reason = ""
    if before.fleet != programme.fleet.handle:
        reason = f"it belongs to fleet {before.fleet}"
    elif before.demo != programme.demo:
        reason = f"its demo flag is {before.demo}"
    else:
        newest = versions_of(session, before.fleet, before.handle)[-1]
        if newest.handle != before.handle:
            reason = f"{newest.handle} has replaced it"
        elif month_from_label(succession.from_month) <= newest.from_month:
            reason = f"{before.handle} itself begins no earlier than {succession.from_month}"
    if reason:
        raise SuccessionInvalid(
            programme=programme.handle, replaces=succession.replaces, reason=reason
        )
