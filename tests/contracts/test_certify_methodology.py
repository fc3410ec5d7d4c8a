"""`certifyMethodology`: a certifier enters a methodology, once, under its class label."""

from eth_abi import encode
from eth_utils import keccak

from tests.contracts.getters import watched
from tests.contracts.ledger_site import METHOD, METHOD_B
from tests.contracts.refusals import unauthorized


def certify(site, method=METHOD_B, label="VM0038", buffer_bps=500, demo=False):
    return site.bank.functions.certifyMethodology(method, label, buffer_bps, demo)


def test_it_is_refused_in_the_order_of_the_checks(site):
    long = "x" * 32
    call = certify(site, METHOD, long, 10_001)
    assert site.refused(call, "admin") == unauthorized(site, "admin", "CERTIFIER")
    assert site.refused(call, "certifier") == ("MethodologyExists", {"methodologyId": METHOD})
    assert site.refused(certify(site, METHOD_B, long, 10_001), "certifier") == (
        "BufferShareTooLarge",
        {"bufferBps": 10_001, "maxBps": 10_000},
    )
    assert site.refused(certify(site, METHOD_B, long, 10_000), "certifier") == (
        "StringTooLong",
        {"str": long},
    )


def test_it_stands_there_with_the_next_number_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(certify(site), "certifier")
    assert changed == {
        "methodology b.number": 2,
        "methodology b.bufferBps": 500,
        "methodology b.classLabel": "VM0038",
    }
    assert site.events(receipt, site.bank, "MethodologyCertified") == [
        {
            "methodologyId": METHOD_B,
            "number": 2,
            "classLabel": "VM0038",
            "bufferBps": 500,
            "demo": False,
        }
    ]


def test_what_is_for_demonstration_says_so_in_its_class_and_its_batches(site):
    with watched(site) as changed:
        receipt = site.do(certify(site, label="AMS-III.C/16", demo=True), "certifier")
    assert changed["methodology b.demo"]
    assert changed["methodology b.classLabel"] == "DEMO AMS-III.C/16"
    (said,) = site.events(receipt, site.bank, "MethodologyCertified")
    assert (said["classLabel"], said["demo"]) == ("DEMO AMS-III.C/16", True)

    demo = site.issue({0: 0b10}, methodologyId=METHOD_B)
    real = site.issue({0: 0b100})
    assert (site.batch(demo)["demo"], site.batch(real)["demo"]) == (True, False)
    for batch_id, label in ((demo, "DEMO AMS-III.C/16"), (real, "AMS-III.C/16")):
        expected = keccak(encode(["string", "uint256"], [label, 2039]))
        assert site.ask(site.bank.functions.classOf(batch_id)) == expected
    assert site.ask(site.bank.functions.classOf(7)) == bytes(32)
