"""`issue`: refusals in the order of the checks, then what it changes, then what it says."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.ledger_site import (
    ACTIVE,
    CLAIM_FIELDS,
    DAY,
    DECEMBER,
    FIRST_MONTH,
    FLEET,
    JANUARY,
    METHOD,
    NO_ROOT,
    NONE,
    NOW,
    role,
    words_hash,
)

UNKNOWN = keccak(text="unknown")


def test_nobody_but_the_issuer_issues(site):
    for sender in ("admin", "verifier", "operator", "stranger"):
        assert site.refused(site.issue_call(site.claim()), sender) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[sender], "neededRole": role("ISSUER")},
        )


def test_a_repeated_claim_is_told_apart_also_when_it_has_expired_or_lost_its_verifier(site):
    claim = site.claim(validUntil=NOW + DAY)
    batch_id = site.issue(validUntil=NOW + DAY)
    site.travel(NOW + 2 * DAY)
    site.do(site.bank.functions.dismiss(role("VERIFIER"), site.at["verifier"], "left"), "guardian")
    again = site.refused(site.issue_call(claim), "issuer")
    assert again == ("BatchAlreadyIssued", {"batchId": batch_id})


def test_who_signs_must_be_a_verifier(site):
    claim = site.claim(verifier=site.at["stranger"])
    call = site.issue_call(claim, signature=site.sign_claim(claim, "stranger"))
    assert site.refused(call, "issuer") == ("NotVerifier", {"verifier": site.at["stranger"]})


def test_a_signature_must_be_the_named_verifiers_over_exactly_this_claim(site):
    claim = site.claim()
    batch_id = site.ask(site.bank.functions.batchIdOf(claim))
    wrong = {
        "another key": site.sign_claim(claim, "stranger"),
        "another claim": site.sign_claim(claim | {"operatorG": 1001}),
        "no signature": b"",
        "the bare id, not the digest": b"\x01" * 65,
    }
    for signature in wrong.values():
        assert site.refused(site.issue_call(claim, signature=signature), "issuer") == (
            "BadVerifierSignature",
            {"batchId": batch_id, "verifier": site.at["verifier"]},
        )


@pytest.mark.parametrize("name", CLAIM_FIELDS)
def test_no_field_of_a_signed_claim_can_be_changed(site, name):
    claim = site.claim()
    signature = site.sign_claim(claim)
    others = {"address": site.at["stranger"], "bytes32": UNKNOWN}
    kind = CLAIM_FIELDS[name]
    changed = claim | {name: others.get(kind, claim[name] + 1 if kind.startswith("uint") else None)}
    refused, _ = site.refused(site.issue_call(changed, signature=signature), "issuer")
    assert refused == ("NotVerifier" if name == "verifier" else "BadVerifierSignature")


@pytest.mark.parametrize("where", ["chain", "contract", "name"])
def test_a_signature_for_another_chain_or_contract_is_worth_nothing(site, where, monkeypatch):
    claim = site.claim()
    contract, name = site.bank, "CarbonBank"
    if where == "chain":
        other = site.chain_id + 1
        monkeypatch.setattr(type(site), "chain_id", property(lambda _: other))
    elif where == "contract":
        contract = site.market
    else:
        name = "CarbonMarket"
    signature = site.sign("verifier", contract, name, "BatchClaim", claim)
    refused, _ = site.refused(site.issue_call(claim, signature=signature), "issuer")
    assert refused == "BadVerifierSignature"


def test_fleet_operator_and_methodology_must_be_known(site):
    assert site.refused(site.issue_call(site.claim(fleetId=UNKNOWN)), "issuer") == (
        "FleetNotFound",
        {"fleetId": UNKNOWN},
    )
    paid = site.at["stranger"]
    assert site.refused(site.issue_call(site.claim(operator=paid)), "issuer") == (
        "OperatorMismatch",
        {"fleetId": FLEET, "operator": site.at["operator"], "claimedOperator": paid},
    )
    assert site.refused(site.issue_call(site.claim(methodologyId=UNKNOWN)), "issuer") == (
        "MethodologyNotFound",
        {"methodologyId": UNKNOWN},
    )


def test_a_claim_for_yesterdays_operator_dies_when_the_operator_changes(site):
    call = site.issue_call(site.claim())
    site.do(site.bank.functions.setOperator(FLEET, site.at["operator_b"]), "registrar")
    assert site.refused(call, "issuer") == (
        "OperatorMismatch",
        {
            "fleetId": FLEET,
            "operator": site.at["operator_b"],
            "claimedOperator": site.at["operator"],
        },
    )


def test_a_stop_a_withdrawal_an_expiry_and_the_calendar_come_before_the_amounts(site):
    empty = {"tripCount": 0}
    site.do(site.bank.functions.stopIssue("audit"), "guardian")
    assert site.refused(site.issue_call(site.claim(**empty)), "issuer") == ("IssueIsStopped", {})
    site.do(site.bank.functions.resumeIssue(), "admin")

    name, fields = site.refused(site.issue_call(site.claim(validUntil=NOW - 1, **empty)), "issuer")
    assert (name, fields["validUntil"]) == ("ClaimExpired", NOW - 1)
    assert fields["blockTime"] >= NOW
    assert site.refused(site.issue_call(site.claim(month=JANUARY, **empty)), "issuer") == (
        "MonthStillRunning",
        {"month": JANUARY, "currentMonth": JANUARY},
    )
    early = FIRST_MONTH - 1
    assert site.refused(site.issue_call(site.claim(month=early, **empty)), "issuer") == (
        "MonthOutOfRange",
        {"month": early, "firstMonth": FIRST_MONTH, "lastMonth": 2**32 - 1},
    )
    site.do(site.bank.functions.withdrawMethodology(METHOD), "certifier")
    assert site.refused(site.issue_call(site.claim(**empty)), "issuer") == (
        "MethodologyIsWithdrawn",
        {"methodologyId": METHOD},
    )


def test_months_after_the_last_one_are_refused(site):
    site.do(site.bank.functions.setLastMonth(JANUARY), "admin")
    site.travel(NOW + 60 * DAY)  # 16 March
    assert site.refused(site.issue_call(site.claim(month=JANUARY + 1)), "issuer") == (
        "MonthOutOfRange",
        {"month": JANUARY + 1, "firstMonth": FIRST_MONTH, "lastMonth": JANUARY},
    )
    site.issue(month=JANUARY)


def test_there_must_be_trips_evidence_and_a_report(site):
    for name, nothing in (("tripCount", 0), ("evidenceRoot", NO_ROOT), ("reportHash", NO_ROOT)):
        call = site.issue_call(site.claim(**{name: nothing}))
        assert site.refused(call, "issuer") == ("NoEvidence", {})


def test_amounts_must_be_positive_fit_and_hold_the_methodologys_buffer(site):
    assert site.refused(site.issue_call(site.claim(operatorG=0, bufferG=0)), "issuer") == (
        "NothingToIssue",
        {},
    )
    huge = site.claim(operatorG=2**48 - 112)
    assert site.refused(site.issue_call(huge), "issuer") == (
        "BatchTooLarge",
        {"totalG": 2**48, "maxG": 2**48 - 1},
    )
    # 10 % of 1,000 + 111 is 111.1, so 112 are needed and 112 of 1,112 are enough.
    assert site.refused(site.issue_call(site.claim(bufferG=111)), "issuer") == (
        "BufferTooSmall",
        {"bufferG": 111, "neededG": 112},
    )
    site.issue(bufferG=112)


def test_a_payout_root_comes_if_and_only_if_drivers_get_something(site):
    for drivers_g, root in ((0, UNKNOWN), (5, NO_ROOT)):
        claim = site.claim(driversG=drivers_g, payoutRoot=root)
        assert site.refused(site.issue_call(claim), "issuer") == (
            "PayoutRootMismatch",
            {"driversG": drivers_g, "payoutRoot": root},
        )


def test_the_vehicles_are_signed_for(site):
    claim = site.claim({0: 0b10})
    assert site.refused(site.issue_call(claim, {0: 0b110}), "issuer") == (
        "VehiclesHashMismatch",
        {"vehiclesHash": words_hash({0: 0b10}), "actualHash": words_hash({0: 0b110})},
    )


def test_a_batch_stands_on_the_chain_as_claimed(site):
    claim = site.claim({0: 0b1010}, driversG=300, payoutRoot=UNKNOWN, bufferG=200)
    call = site.issue_call(claim, {0: 0b1010})
    batch_id = site.ask(site.bank.functions.batchIdOf(claim))
    assert site.batch(batch_id)["status"] == NONE
    assert site.ask(site.bank.functions.creditedWord(DECEMBER, 0)) == 0

    receipt = site.do(call, "issuer")

    assert site.batch(batch_id) == {
        "issuedG": 1500,
        "claimableG": 300,
        "retiredG": 0,
        "bufferG": 200,
        "month": DECEMBER,
        "issuedHour": -(-site.web3.eth.get_block("latest")["timestamp"] // 3600),
        "status": ACTIVE,
        "demo": False,
        "methodologyId": METHOD,
        "heldG": 1000,
        "cancelledG": 0,
        "unreplacedG": 0,
        "frozenSince": 0,
        "frozenUntil": 0,
    }
    assert site.held("operator", batch_id) == 1000
    assert site.ask(site.bank.functions.creditedWord(DECEMBER, 0)) == 0b1010

    (said,) = site.events(receipt, site.bank, "BatchIssued")
    assert dict(said["claim"]) == claim
    assert (said["batchId"], said["fleetId"], said["methodologyId"]) == (batch_id, FLEET, METHOD)
    assert (said["wordIndex"], said["bits"], said["demo"]) == ([0], [0b1010], False)


def test_the_batch_id_is_the_claims_eip712_struct_hash(site):
    claim = site.claim()
    text = "BatchClaim(" + ",".join(f"{kind} {name}" for name, kind in CLAIM_FIELDS.items()) + ")"
    expected = keccak(keccak(text=text) + encode(list(CLAIM_FIELDS.values()), list(claim.values())))
    assert site.ask(site.bank.functions.batchIdOf(claim)) == int.from_bytes(expected, "big")
