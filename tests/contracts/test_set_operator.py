"""`setOperator`: a registrar changes who operates a fleet, and so who is paid from then on."""

from eth_utils import keccak

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FLEET, role
from tests.contracts.refusals import unauthorized

NOBODY = "0x" + "0" * 40
UNKNOWN = keccak(text="unknown")


def change(site, fleet, operator):
    return site.bank.functions.setOperator(fleet, operator)


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = change(site, UNKNOWN, NOBODY)
    assert site.refused(call, "operator") == unauthorized(site, "operator", "REGISTRAR")
    assert site.refused(call, "registrar") == ("FleetNotFound", {"fleetId": UNKNOWN})
    assert site.refused(change(site, FLEET, NOBODY), "registrar") == ("ZeroAddress", {})
    assert site.refused(change(site, FLEET, site.at["verifier"]), "registrar") == (
        "RoleConflict",
        {"account": site.at["verifier"], "heldRole": role("VERIFIER")},
    )


def test_the_fleet_gets_another_operator_and_what_was_issued_stays_where_it_is(site):
    batch_id, to = site.issue(), site.at["operator_b"]
    with watched(site, it=batch_id) as changed:
        receipt = site.do(change(site, FLEET, to), "registrar")
    assert changed == {"fleet operatorOf": to}
    said = site.events(receipt, site.bank, "OperatorSet")
    assert said == [{"fleetId": FLEET, "operator": to}]


def test_the_same_operator_again_changes_nothing(site):
    with watched(site) as changed:
        site.do(change(site, FLEET, site.at["operator"]), "registrar")
    assert changed == {}
    grant = site.bank.functions.grantRole(role("ISSUER"), site.at["operator"])
    assert site.refused(grant, "admin")[1]["fleets"] == 1
