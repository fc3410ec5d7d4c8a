"""Acts of others: every role tries every act, and strangers pretend to be somebody."""

from dataclasses import dataclass
from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.ledger_site import FIRST_MONTH, FLEET, FLEET_B, JANUARY, METHOD, role

ADMIN = bytes(32)
ROLES = ("CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER")
EVERYBODY = ("admin", *(name.lower() for name in ROLES), "operator", "relayer", "stranger")
ACTS = {
    "stopIssue": ("GUARDIAN", ("why",)),
    "resumeIssue": ("ADMIN", ()),
    "setLastMonth": ("ADMIN", (JANUARY,)),
    "certifyMethodology": ("CERTIFIER", (keccak(text="new"), "label", 0, False)),
    "withdrawMethodology": ("CERTIFIER", (METHOD,)),
    "enrolFleet": ("REGISTRAR", (FLEET_B, "0x" + "77" * 20)),
    "setOperator": ("REGISTRAR", (FLEET, "0x" + "77" * 20)),
    "enrolVehicles": ("REGISTRAR", (FLEET, [keccak(text="new")], FIRST_MONTH)),
    "moveVehicle": ("REGISTRAR", (1, FLEET, JANUARY + 1)),
    "freeze": ("GUARDIAN", (7, "why")),
    "disprove": ("CHALLENGER", (7, bytes(32))),
    "freezeProven": ("CHALLENGER", (7, bytes(32))),
    "correct": ("GUARDIAN", (7, 1, [], "why")),
    "cancel": ("GUARDIAN", (7, "why")),
    "replaceFromBuffer": ("GUARDIAN", (7, [])),
}


@dataclass
class Bytes:
    """A call of which the test writes every byte."""

    site: Any
    to: str
    data: str

    def call(self, tx):
        return self.site.web3.eth.call({**tx, "to": self.to, "data": self.data})


@pytest.mark.parametrize("act", ACTS)
def test_nobody_does_what_another_role_may(site, act):
    power, arguments = ACTS[act]
    needed = ADMIN if power == "ADMIN" else role(power)
    call = site.bank.functions[act](*arguments)
    for who in set(EVERYBODY) - {power.lower()}:
        assert site.refused(call, who) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[who], "neededRole": needed},
        )


@pytest.mark.parametrize("wanted", ROLES)
def test_nobody_but_the_admin_gives_or_takes_a_role(site, wanted):
    for who in set(EVERYBODY) - {"admin"}:
        for act in ("grantRole", "revokeRole"):
            call = site.bank.functions[act](role(wanted), site.at[who])
            assert site.refused(call, who) == (
                "AccessControlUnauthorizedAccount",
                {"account": site.at[who], "neededRole": ADMIN},
            )


def test_the_admins_own_role_is_neither_given_nor_taken_in_one_step(site):
    for act, who, refusal in (
        ("grantRole", "stranger", "AccessControlEnforcedDefaultAdminRules"),
        ("revokeRole", "admin", "AccessControlEnforcedDefaultAdminRules"),
        ("renounceRole", "admin", "AccessControlEnforcedDefaultAdminDelay"),
    ):
        call = site.bank.functions[act](ADMIN, site.at[who])
        assert site.refused(call, "admin")[0] == refusal


def test_who_calls_directly_can_not_add_another_as_sender(site):
    """Through the forwarder the last 20 bytes are the account; from anybody else they are noise."""
    batch_id = site.issue()
    retire = site.bank.functions.retire(batch_id, 10, bytes(32), bytes(32))
    victim = site.at["operator"][2:]
    call = Bytes(site, site.bank.address, retire._encode_transaction_data() + victim)
    refused, fields = site.refused(call, "stranger")
    assert (refused, fields["sender"]) == ("ERC1155InsufficientBalance", site.at["stranger"])
    cancel_all = site.market.functions.cancelAll()._encode_transaction_data() + victim
    site.web3.eth.send_transaction(
        {"from": site.at["stranger"], "to": site.market.address, "data": cancel_all}
    )
    assert site.ask(site.market.functions.cancelledUpTo(site.at["operator"])) == 0
    assert site.ask(site.market.functions.cancelledUpTo(site.at["stranger"])) > 0


def test_a_request_is_forwarded_only_for_who_signed_it(site):
    batch_id = site.issue()
    move = site.bank.functions.safeTransferFrom(
        site.at["operator"], site.at["stranger"], batch_id, 1000, b""
    )
    (request,) = site.relay("stranger", site.bank, move).args
    forged = site.forwarder.functions.execute({**request, "from": site.at["operator"]})
    assert site.refused(forged, "relayer")[0] == "ERC2771ForwarderInvalidSigner"
    honest = site.forwarder.functions.execute(request)
    assert site.refused(honest, "relayer") == ("FailedCall", {})


def test_the_forwarder_itself_has_no_power(site):
    """Whoever calls the bank through it is the account that signed, never the forwarder."""
    for name in ROLES:
        assert not site.ask(site.bank.functions.hasRole(role(name), site.forwarder.address))
    grant = site.bank.functions.grantRole(role("ISSUER"), site.at["stranger"])
    assert site.refused(site.relay("admin", site.bank, grant), "relayer") == ("FailedCall", {})


def test_what_a_role_gives_up_or_takes_is_its_holders_own_act(site):
    """The same call that the holder may make is refused when the forwarder brings it, signed."""
    bank, market, money = site.bank, site.market, site.money
    site.do(bank.functions.beginDefaultAdminTransfer(site.at["stranger"]), "admin")
    minter = keccak(text="MINTER")
    for who, contract, call in (
        ("issuer", bank, bank.functions.renounceRole(role("ISSUER"), site.at["issuer"])),
        ("stranger", bank, bank.functions.acceptDefaultAdminTransfer()),
        ("minter", money, money.functions.renounceRole(minter, site.at["minter"])),
        ("admin", market, market.functions.transferOwnership(site.at["stranger"])),
        ("stranger", market, market.functions.acceptOwnership()),
    ):
        refused = site.refused(site.relay(who, contract, call), "relayer")
        assert refused == ("FailedCall", {}), call.fn_name
        site.do(call, who)


def test_a_relayer_that_saves_gas_burns_no_nonce(site):
    batch_id = site.issue()
    retire = site.bank.functions.retire(batch_id, 10, bytes(32), bytes(32))
    call = site.relay("operator", site.bank, retire)
    for gas in (60_000, 75_000, 90_000):
        tx_hash = call.transact({"from": site.at["relayer"], "gas": gas, "gasPrice": 10**10})
        assert site.web3.eth.get_transaction_receipt(tx_hash)["status"] == 0
    assert site.ask(site.forwarder.functions.nonces(site.at["operator"])) == 0
    site.do(call, "relayer")
    assert site.batch(batch_id)["retiredG"] == 10
