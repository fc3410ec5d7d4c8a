"""`issue`: refusals in the order of the checks, then what it changes, then what it says."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.getters import watched
from tests.contracts.ledger_site import (
    ACTIVE,
    CLAIM_FIELDS,
    DAY,
    DECEMBER,
    FIRST_MONTH,
    FLEET,
    JANUARY,
    METHOD,
    METHOD_B,
    NO_ROOT,
    NOW,
    payout_tree,
    role,
    words_hash,
)
from tests.contracts.refusals import unauthorized

UNKNOWN = keccak(text="unknown")


def issue_words(site, claim, words, bits):
    """Issue with words of which nothing needs to be right but that they are signed for."""
    vehicles_hash = keccak(encode(["uint256[]", "uint256[]"], [words, bits]))
    signed = claim | {"vehiclesHash": vehicles_hash}
    return site.bank.functions.issue(signed, words, bits, site.sign_claim(signed))


def test_powers_signature_and_what_must_exist_are_asked_in_this_order(site):
    """At first everything is wrong; each step mends what was refused."""
    stranger, operator = site.at["stranger"], site.at["operator"]
    site.do(site.bank.functions.stopIssue("audit"), "guardian")
    claim = site.claim(
        fleetId=UNKNOWN,
        operator=stranger,
        verifier=stranger,
        validUntil=NOW - 1,
        methodologyId=UNKNOWN,
        month=JANUARY,
        tripCount=0,
        vehiclesHash=UNKNOWN,
    )

    def refused(sender="issuer", signature=None):
        return site.refused(site.issue_call(claim, {}, signature), sender)

    assert refused("verifier", b"") == unauthorized(site, "verifier", "ISSUER")
    assert refused(signature=b"") == ("NotVerifier", {"verifier": stranger})
    claim |= {"verifier": site.at["verifier"]}
    assert refused(signature=b"") == (
        "BadVerifierSignature",
        {
            "batchId": site.ask(site.bank.functions.batchIdOf(claim)),
            "verifier": site.at["verifier"],
        },
    )
    assert refused() == ("FleetNotFound", {"fleetId": UNKNOWN})
    claim |= {"fleetId": FLEET}
    assert refused() == (
        "OperatorMismatch",
        {"fleetId": FLEET, "operator": operator, "claimedOperator": stranger},
    )
    claim |= {"operator": operator}
    assert refused() == ("MethodologyNotFound", {"methodologyId": UNKNOWN})
    claim |= {"methodologyId": METHOD}
    site.do(site.bank.functions.withdrawMethodology(METHOD), "certifier")
    assert refused() == ("IssueIsStopped", {})
    site.do(site.bank.functions.resumeIssue(), "admin")
    assert refused() == ("MethodologyIsWithdrawn", {"methodologyId": METHOD})


def test_time_amounts_and_vehicles_are_asked_in_this_order(site):
    """As above, from where what must exist does."""
    site.do(site.bank.functions.setLastMonth(JANUARY), "admin")
    claim = site.claim(
        validUntil=NOW - 1,
        month=JANUARY + 1,
        reportHash=NO_ROOT,
        payoutRoot=UNKNOWN,
        operatorG=0,
        bufferG=0,
        vehiclesHash=UNKNOWN,
    )

    def refused():
        return site.refused(site.issue_call(claim, {}), "issuer")

    name, fields = refused()
    assert (name, fields["validUntil"]) == ("ClaimExpired", NOW - 1)
    assert fields["blockTime"] >= NOW
    claim |= {"validUntil": NOW + DAY}
    assert refused() == (
        "MonthStillRunning",
        {"month": JANUARY + 1, "currentMonth": JANUARY},
    )
    claim |= {"month": FIRST_MONTH - 1}
    assert refused() == (
        "MonthOutOfRange",
        {"month": FIRST_MONTH - 1, "firstMonth": FIRST_MONTH, "lastMonth": JANUARY},
    )
    claim |= {"month": DECEMBER}
    assert refused() == ("NoEvidence", {})
    claim |= {"reportHash": UNKNOWN}
    assert refused() == ("NothingToIssue", {})
    claim |= {"operatorG": 2**48}
    assert refused() == ("BatchTooLarge", {"totalG": 2**48, "maxG": 2**48 - 1})
    claim |= {"operatorG": 1000}
    assert refused() == ("BufferTooSmall", {"bufferG": 0, "neededG": 100})
    claim |= {"bufferG": 112}
    assert refused() == ("PayoutRootMismatch", {"driversG": 0, "payoutRoot": UNKNOWN})
    claim |= {"payoutRoot": NO_ROOT}
    assert refused() == (
        "VehiclesHashMismatch",
        {"vehiclesHash": UNKNOWN, "actualHash": words_hash({})},
    )


def test_words_are_asked_one_after_the_other_in_this_order(site):
    """Vehicle 1 was credited, vehicle 4 is nobody's; each step mends what was refused."""
    site.issue({0: 0b10})
    claim = site.claim(reportHash=UNKNOWN)

    def refused(words, bits):
        return site.refused(issue_words(site, claim, words, bits), "issuer")

    assert refused([0, 0], [0]) == ("BadWordCount", {"words": 2, "bitmaps": 1})
    assert refused([0, 0], [0b100, 0]) == ("WordsNotAscending", {"wordIndex": 0})
    assert refused([0, 1], [0b100, 0]) == ("EmptyWord", {"wordIndex": 1})
    assert refused([0], [0b10110]) == (
        "VehicleNotInFleet",
        {"vehicleIndex": 4, "fleetId": FLEET, "month": DECEMBER},
    )
    assert refused([0], [0b110]) == (
        "VehicleMonthAlreadyCredited",
        {"vehicleIndex": 1, "month": DECEMBER},
    )
    site.do(issue_words(site, claim, [0], [0b100]), "issuer")


def test_a_repeated_claim_is_told_apart_also_when_it_has_expired_or_lost_its_verifier(site):
    claim = site.claim(validUntil=NOW + DAY)
    batch_id = site.issue(validUntil=NOW + DAY)
    site.travel(NOW + 2 * DAY)
    site.do(site.bank.functions.dismiss(role("VERIFIER"), site.at["verifier"], "left"), "guardian")
    again = site.refused(site.issue_call(claim), "issuer")
    assert again == ("BatchAlreadyIssued", {"batchId": batch_id})


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


def test_a_batch_stands_on_the_chain_as_claimed_and_nothing_else_changes(site):
    payouts = [(0, site.at["driver"], 0, 200), (1, site.at["driver_b"], 200, 100)]
    root, _ = payout_tree(payouts)
    site.do(site.bank.functions.certifyMethodology(METHOD_B, "VM0038", 500, True), "certifier")
    words = {0: 0b1010}
    claim = site.claim(words, methodologyId=METHOD_B, driversG=300, payoutRoot=root, bufferG=200)
    call = site.issue_call(claim, words)
    batch_id = site.ask(site.bank.functions.batchIdOf(claim))
    assert site.ask(call, "issuer") == batch_id

    with watched(site, root, it=batch_id) as changed:
        receipt = site.do(call, "issuer")

    assert changed == {
        "it.issuedG": 1500,
        "it.claimableG": 300,
        "it.bufferG": 200,
        "it.month": DECEMBER,
        "it.issuedHour": -(-site.web3.eth.get_block("latest")["timestamp"] // 3600),
        "it.status": ACTIVE,
        "it.demo": True,
        "it.methodologyId": METHOD_B,
        "it.heldG": 1000,
        "it classOf": keccak(encode(["string", "uint256"], ["DEMO VM0038", 2039])),
        "it balanceOf.operator": 1000,
        "creditedWord.December.0": 0b1010,
    }
    (said,) = site.events(receipt, site.bank, "BatchIssued")
    assert said | {"claim": dict(said["claim"])} == {
        "batchId": batch_id,
        "fleetId": FLEET,
        "methodologyId": METHOD_B,
        "demo": True,
        "claim": claim,
        "wordIndex": [0],
        "bits": [0b1010],
    }
    (minted,) = site.events(receipt, site.bank, "TransferSingle")
    assert minted == {
        "operator": site.at["issuer"],
        "from": "0x" + "0" * 40,
        "to": site.at["operator"],
        "id": batch_id,
        "value": 1000,
    }


def test_an_operator_that_gets_nothing_is_sent_nothing(site):
    root, _ = payout_tree([(0, site.at["driver"], 0, 1), (1, site.at["driver_b"], 1, 8)])
    claim = site.claim(operatorG=0, driversG=9, payoutRoot=root, bufferG=1)
    receipt = site.do(site.issue_call(claim), "issuer")
    assert site.events(receipt, site.bank, "TransferSingle") == []
    assert len(receipt["logs"]) == 1


def test_the_batch_id_is_the_claims_eip712_struct_hash(site):
    claim = site.claim()
    text = "BatchClaim(" + ",".join(f"{kind} {name}" for name, kind in CLAIM_FIELDS.items()) + ")"
    expected = keccak(keccak(text=text) + encode(list(CLAIM_FIELDS.values()), list(claim.values())))
    assert site.ask(site.bank.functions.batchIdOf(claim)) == int.from_bytes(expected, "big")
