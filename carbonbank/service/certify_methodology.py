"""Certify a programme's methodology on the chain: the certifier's own act, with its own key."""

from dataclasses import dataclass

from carbonbank.domain.chain_facts import MethodologyOnChain
from carbonbank.domain.commands import CertifyMethodology
from carbonbank.domain.records import Programme
from carbonbank.errors import MethodologyDiffers, MethodologyExists
from carbonbank.mrv.package import parse_package
from carbonbank.service.bank import Bank
from carbonbank.service.hold_terms import refuse_shown
from carbonbank.service.sync_chain import sync_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A methodology as the chain has it; `repeated` if it was certified before."""

    methodology_id: str
    class_label: str
    buffer_bps: int
    demo: bool
    repeated: bool


def certify_methodology(bank: Bank, programme: str) -> Certified:
    """Certify the methodology package of a programme. `bank` carries the certifier's signer.

    Raises:
        MethodologyDiffers: it is certified with other terms, or withdrawn.
        MethodNeverIssues: the method is quantified and shown alone.
    """
    with bank.store.read() as session:
        stored = session.need(Programme, programme)
    package = parse_package(stored.package.encode())
    refuse_shown(package.programme)
    command = CertifyMethodology(
        methodology_id=package.methodology_id,
        class_label=package.programme.class_label,
        buffer_bps=package.programme.shares_bps.buffer,
        demo=package.programme.demo,
    )
    found = bank.chain.methodology(command.methodology_id)
    repeated = found is not None
    if found is None:
        try:
            bank.chain.submit(command, "role/certifier")
        except MethodologyExists:  # sent before a kill, mined after we looked
            repeated = True
        found = bank.chain.methodology(command.methodology_id)
        sync_chain(bank)
    assert found is not None
    _check(command, found)
    return Certified(
        methodology_id=command.methodology_id.hex(),
        class_label=found.class_label,
        buffer_bps=found.buffer_bps,
        demo=found.demo,
        repeated=repeated,
    )


def _check(asked: CertifyMethodology, found: MethodologyOnChain) -> None:
    # The contract marks the label of a demonstration itself.
    label = f"DEMO {asked.class_label}" if asked.demo else asked.class_label
    terms = (label, asked.buffer_bps, asked.demo, False)
    on_chain = (found.class_label, found.buffer_bps, found.demo, found.withdrawn)
    if on_chain != terms:
        raise MethodologyDiffers(
            methodology_id=asked.methodology_id.hex(), found=str(on_chain), asked=str(terms)
        )
