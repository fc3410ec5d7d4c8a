"""Register a programme: its methodology package is built, hashed and kept."""

from carbonbank.domain.records import Fleet, Programme
from carbonbank.errors import DemoElsewhere
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme
from carbonbank.service.bank import Bank


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
        session.add(record)
    return record
