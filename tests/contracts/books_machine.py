"""The first machines of `test_shadow_ledger`: issue, and then claims, moves and retirements.

Each act is done on the chain and in the shadow alike. After every act all getters are compared,
and every named invariant is checked. `market_machine` goes on from here.
"""

from collections import Counter
from hashlib import sha256
from struct import pack
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from tests.contracts import shadow_ledger as shadow
from tests.contracts.asked_at_once import AskedAtOnce
from tests.contracts.ledger_site import (
    ACTIVE,
    CLAIM_FIELDS,
    FLEET,
    FLEET_B,
    FOR_EVER,
    METHOD,
    METHOD_B,
    NO_ROOT,
    Refusal,
    Site,
    payout_tree,
)
from tests.contracts.named_invariants import Seen, Story, broken

DAY = 86_400
HOLDERS = ("operator", "operator_b", "driver", "driver_b", "buyer")
TRADERS = ("operator", "buyer", "driver")
MOSTLY_HOLDERS = ("operator", "operator", "operator_b", *HOLDERS)  # who has grams from the start
FLEETS = {"a": FLEET, "b": FLEET_B}
OPERATORS = {"a": "operator", "b": "operator_b"}
BUFFER_BPS = {METHOD: 1000, METHOD_B: 0}
LABELS = {METHOD: "AMS-III.C/16", METHOD_B: "other"}
STATUSES = ("None", shadow.ACTIVE, shadow.FROZEN, shadow.DISPROVEN, shadow.CANCELLED)
GOOD = {
    "method": METHOD,
    "trouble": None,
    "own_fleet": True,
    "vehicles": frozenset(),
    "operator_g": 400,
    "drivers_g": 150,
    "buffer_g": 100,
}
"""What a fleet asks for that wants all its vehicles credited."""
MONEY = 10**9
VEHICLES = (1, 2, 3, 4, 5)  # the first three start in fleet a, the others in fleet b

grams = st.integers(0, 120)
sometimes = st.sampled_from([False] * 4 + [True])


def prepare(site: Site) -> None:
    """Give the site a second fleet and methodology, and its people money and approvals."""
    bank, market = site.bank.functions, site.market.address
    site.do(bank.certifyMethodology(METHOD_B, "other", 0, False), "certifier")
    site.do(bank.enrolFleet(FLEET_B, site.at["operator_b"]), "registrar")
    site.do(bank.enrolVehicles(FLEET_B, [keccak(text=n) for n in "45"], 2020 * 12), "registrar")
    for name in TRADERS:
        site.do(bank.setApprovalForAll(market, True), name)
        site.do(site.money.functions.mint(site.at[name], MONEY), "minter")
        site.do(site.money.functions.approve(market, MONEY), name)


class IssueMachine(RuleBasedStateMachine):
    """Issue, moves of vehicles, time."""

    made = Bundle("made")

    def __init__(self, site: Site, ledger: type[shadow.Shadow] = shadow.Shadow) -> None:
        """Start from a snapshot of the prepared site."""
        super().__init__()
        self.site = site
        self.snapshot = site.tester.take_snapshot()
        homes = {v: [(2020 * 12, "a" if v <= 3 else "b")] for v in VEHICLES}
        self.shadow = ledger(fleets=OPERATORS, homes=homes, now=self.clock())
        self.shadow.money = Counter(dict.fromkeys(TRADERS, MONEY), fee_box=0)
        self.story = Story(
            endowed=dict(self.shadow.money),
            home=lambda vehicle, month: FLEETS.get(self.shadow.home(vehicle, month) or ""),
            names={address: name for name, address in site.at.items()},
        )
        self.words: dict[int, dict[int, int]] = {}
        self.signatures: dict[int, bytes] = {}
        self.leaves: dict[int, tuple[Any, ...]] = {}
        self.height = -1
        self.able: set[tuple[str, int, int]] = set()
        self.seen = self.look()

    def teardown(self) -> None:
        """Leave the site as it was."""
        self.site.tester.revert_to_snapshot(self.snapshot)

    # --- doing and looking ----------------------------------------------------------------------

    def clock(self) -> int:
        """Return the time of the last block."""
        return int(self.site.web3.eth.get_block("latest")["timestamp"])

    def act(self, expected: str | None, call: Any, sender: str) -> Any:
        """Do it on the chain, and compare with what the shadow said would happen."""
        try:
            receipt = self.site.do(call, sender)
        except Refusal as refusal:
            happened, receipt = refusal.args[0], None
        else:
            happened = None
        self.shadow.now = self.clock()
        assert happened == expected, f"the chain: {happened}, the shadow: {expected}"
        return receipt

    def look(self) -> Seen:
        """Ask every getter; where no block came since the last look, all answer the same."""
        height = int(self.site.web3.eth.block_number)
        if height == self.height:
            return self.seen
        self.height = height
        asked = self.getters()
        answers = AskedAtOnce(self.site, list(asked.values())).answers()
        told = dict(zip(asked, answers, strict=True))

        def about(what: str) -> dict[Any, Any]:
            return {key[1]: answer for key, answer in told.items() if key[0] == what}

        batches = {number: self.site.by_field(one) for number, one in about("batch").items()}
        held = {number: dict(zip(HOLDERS, g, strict=True)) for number, g in about("held").items()}
        stuck = []
        for number, batch in batches.items():
            if batch["status"] == ACTIVE:
                held_g = held[number].items()
                stuck += [(name, number) for name, g in held_g if self.is_stuck(name, number, g)]
            else:
                self.able = {one for one in self.able if one[1] != number}
        claimed = [key for key, is_paid in about("paid").items() if is_paid]
        paid = {number: {index for n, index in claimed if n == number} for number in batches}
        return Seen(
            now=self.clock(),
            batches=batches,
            held=held,
            credited=about("credited"),
            fills=about("fill"),
            money=about("money"),
            paid=paid,
            stuck=stuck,
        )

    def getters(self) -> dict[tuple[str, Any], Any]:
        """Return everything that is looked at, by kind and key."""
        site, bank, story = self.site, self.site.bank.functions, self.story
        accounts = [site.at[name] for name in HOLDERS]
        asked: dict[tuple[str, Any], Any] = {}
        for number, claim in story.claims.items():
            asked["batch", number] = bank.batch(number)
            asked["held", number] = bank.balanceOfBatch(accounts, [number] * len(accounts))
            asked["credited", claim["month"]] = bank.creditedWord(claim["month"], 0)
            for index, *_ in story.payouts[number]:
                root = claim["payoutRoot"]
                asked["paid", (number, index)] = bank.isClaimed(number, root, index)
        for key, order in story.orders.items():
            asked["fill", key] = site.market.functions.fillOf(order["maker"], key)
        for name in (*TRADERS, "fee_box"):
            asked["money", name] = site.money.functions.balanceOf(site.at[name])
        return asked

    def is_stuck(self, name: str, number: int, held_g: int) -> bool:
        """Say whether a holder of an Active batch can not retire all; asked anew when it moved."""
        if held_g and (name, number, held_g) not in self.able:
            retire = self.site.bank.functions.retire(number, held_g, bytes(32), bytes(32))
            try:
                self.site.ask(retire, name)
            except Refusal:
                return True
            self.able.add((name, number, held_g))
        return False

    def compared(self) -> None:
        """Compare now, and not only after the rule."""
        self.every_named_invariant_holds()
        self.the_chain_knows_what_the_shadow_knows()

    @invariant()
    def every_named_invariant_holds(self) -> None:
        """BANK_A to BANK_G, MARKET_A to MARKET_C."""
        before, self.seen = self.seen, self.look()
        assert broken(self.seen, before, self.story) == []

    @invariant()
    def the_chain_knows_what_the_shadow_knows(self) -> None:
        """Every gram, status, fill and unit of money."""
        for number, books in self.shadow.batches.items():
            chain = self.seen.batches[number]
            told = STATUSES[chain["status"]], self.seen.held[number], self.seen.paid[number]
            known = books.status, {name: books.held[name] for name in HOLDERS}, books.paid
            assert told == known, f"the chain: {told}, the shadow: {known}"
            for name, value in {
                "issuedG": books.issued_g,
                "claimableG": books.claimable_g,
                "bufferG": books.buffer_g,
                "retiredG": books.retired_g,
                "cancelledG": books.cancelled_g,
                "unreplacedG": books.unreplaced_g,
                "frozenSince": books.frozen_since,
            }.items():
                assert chain[name] == value, f"{name}: {chain[name]}, the shadow: {value}"
        assert self.seen.money == self.shadow.money
        assert self.seen.fills == {
            key: (offer.filled_g, offer.paid, offer.cancelled)
            for key, offer in self.shadow.offers.items()
        }

    # --- acts -----------------------------------------------------------------------------------

    @initialize(target=made)
    def begin(self):
        """Issue three batches, one with a false total: most acts need something to act on."""
        return multiple(
            self.issue(fleet="a", months_ago=2, honest=True, **GOOD),
            self.issue(fleet="b", months_ago=2, honest=False, **GOOD),
            self.issue(fleet="a", months_ago=3, honest=True, **GOOD),
        )

    @rule(
        target=made,
        fleet=st.sampled_from("ab"),
        vehicles=st.frozensets(st.sampled_from(VEHICLES), max_size=3),
        months_ago=st.sampled_from([1, 1, 2, 3, 0]),
        method=st.sampled_from([METHOD, METHOD_B]),
        operator_g=st.integers(0, 400),
        drivers_g=st.sampled_from([0, 150, 151, 200]),
        buffer_g=st.integers(0, 200),
        trouble=st.sampled_from([None] * 8 + ["forged", "expired", "operator"]),
        honest=st.sampled_from([True, True, False]),
        own_fleet=st.sampled_from([True, True, True, False]),
    )
    def issue(self, fleet, vehicles, own_fleet, honest, months_ago, trouble, **amounts):
        """Ask for a batch; most wishes are good, some are not."""
        site = self.site
        month = shadow.month_of(self.shadow.now) - months_ago
        if own_fleet:
            vehicles = frozenset(v for v in VEHICLES if self.shadow.home(v, month) == fleet)
        # The two leaves come to 150 g: with one gram more one stays; 200 g of 150 overlap nothing.
        payouts = ((0, site.at["driver"], 0, 100), (1, site.at["driver_b"], 100, 50))
        drivers_g = amounts["drivers_g"]
        if drivers_g == 200:  # a tree that promises more than there is
            payouts = ((0, site.at["driver"], 0, 130), (1, site.at["driver_b"], 130, 130))
        words = {0: sum(1 << vehicle for vehicle in vehicles)} if vehicles else {}
        wish = shadow.Wish(
            fleet=fleet,
            operator=OPERATORS["b" if fleet == "a" else "a"]
            if trouble == "operator"
            else OPERATORS[fleet],
            vehicles=vehicles,
            month=month,
            valid_until=self.shadow.now - 1 if trouble == "expired" else FOR_EVER,
            operator_g=amounts["operator_g"],
            drivers_g=drivers_g,
            buffer_g=amounts["buffer_g"],
            buffer_bps=BUFFER_BPS[amounts["method"]],
            payouts=tuple((i, self.story.names[a], f, g) for i, a, f, g in payouts),
            label=LABELS[amounts["method"]],
            signed=trouble != "forged",
        )
        total_g = wish.operator_g + wish.drivers_g + wish.buffer_g
        leaf = (1, 0, 1, total_g, total_g if honest else total_g + 1, bytes(32))
        claim = site.claim(
            words,
            fleetId=FLEETS[fleet],
            operator=site.at[wish.operator],
            validUntil=wish.valid_until,
            methodologyId=amounts["method"],
            month=month,
            tripCount=1,
            evidenceRoot=sha256(b"\0" + pack(">IQQqq32s", *leaf)).digest(),
            reportHash=keccak(text=f"report {len(self.words)}"),
            payoutRoot=payout_tree(list(payouts))[0] if drivers_g else NO_ROOT,
            operatorG=wish.operator_g,
            driversG=drivers_g,
            bufferG=wish.buffer_g,
        )
        signature = site.sign_claim(claim, "stranger" if trouble == "forged" else "verifier")
        number = int(site.bank.functions.batchIdOf(claim).call())
        self.words[number], self.leaves[number] = words, leaf
        self.signatures[number] = signature
        refusal = self.shadow.issue(number, wish)
        self.act(refusal, site.issue_call(claim, words, signature), "issuer")
        if refusal:
            return multiple()
        self.shadow.batches[number].issued_at = self.shadow.now
        self.story.claims[number] = claim
        self.story.vehicles[number] = set(vehicles)
        self.story.payouts[number] = payouts if drivers_g else ()
        self.story.signers[number] = self.recovered(claim, signature)
        return number

    def recovered(self, claim: dict[str, Any], signature: bytes) -> str:
        """Return who signed a claim, by eth-account alone."""
        domain = {
            "name": "CarbonBank",
            "version": "1",
            "chainId": self.site.chain_id,
            "verifyingContract": self.site.bank.address,
        }
        types = {"BatchClaim": [{"name": n, "type": t} for n, t in CLAIM_FIELDS.items()]}
        text = encode_typed_data(domain, types, claim)
        return str(Account.recover_message(text, signature=signature))

    @rule(number=made)
    def issue_again(self, number):
        """A claim is issued once, whatever became of its batch."""
        claim, words = self.story.claims[number], self.words[number]
        call = self.site.issue_call(claim, words, self.signatures[number])
        self.act("BatchAlreadyIssued", call, "issuer")

    @rule(vehicle=st.sampled_from(VEHICLES), fleet=st.sampled_from("ab"), ahead=st.integers(0, 2))
    def move_vehicle(self, vehicle, fleet, ahead):
        """A vehicle changes fleets."""
        month = shadow.month_of(self.shadow.now) + ahead
        refusal = self.shadow.move_vehicle(vehicle, fleet, month)
        call = self.site.bank.functions.moveVehicle(vehicle, FLEETS[fleet], month)
        self.act(refusal, call, "registrar")

    @rule(days=st.sampled_from([1, 8, 31]))
    def wait(self, days):
        """Time passes."""
        self.site.travel(self.clock() + days * DAY)
        self.site.tester.mine_block()
        self.shadow.now = self.clock()


class HolderMachine(IssueMachine):
    """And payouts, moves and retirements."""

    @rule(
        number=IssueMachine.made,
        index=st.integers(0, 2),
        bent=st.sampled_from([False] * 4 + [True]),
    )
    def claim(self, number, index, bent):
        """Anyone sends a payout to its account."""
        if not self.story.payouts[number]:
            return
        payouts = list(self.story.payouts[number])
        _, paths = payout_tree(payouts)
        payout, path = payouts[index % 2], paths[index % 2]
        if bent:
            payout = (payout[0], self.site.at["stranger"], *payout[2:])
        refusal = self.shadow.claim(number, index % 2, bent=bent)
        self.act(refusal, self.site.bank.functions.claim(number, payout, path), "stranger")

    @rule(
        number=IssueMachine.made,
        giver=st.sampled_from(MOSTLY_HOLDERS),
        taker=st.sampled_from(HOLDERS),
        amount=grams,
    )
    def transfer(self, number, giver, taker, amount):
        """A holder moves grams."""
        at = self.site.at
        move = self.site.bank.functions.safeTransferFrom
        refusal = self.shadow.transfer(number, giver, taker, amount)
        self.act(refusal, move(at[giver], at[taker], number, amount, b""), giver)

    @rule(number=IssueMachine.made, holder=st.sampled_from(MOSTLY_HOLDERS), amount=grams)
    def retire(self, number, holder, amount):
        """A holder retires grams."""
        refusal = self.shadow.retire(number, holder, amount)
        call = self.site.bank.functions.retire(number, amount, bytes(32), bytes(32))
        self.act(refusal, call, holder)

    @rule(number=IssueMachine.made, holder=st.sampled_from(HOLDERS))
    def take_from_another(self, number, holder):
        """A stranger neither moves nor retires what others hold."""
        bank, at = self.site.bank.functions, self.site.at[holder]
        taking = bank.safeTransferFrom(at, self.site.at["stranger"], number, 1, b"")
        self.act("ERC1155MissingApprovalForAll", taking, "stranger")
        retiring = bank.retireFrom(at, number, 1, bytes(32), bytes(32))
        self.act("ERC1155MissingApprovalForAll", retiring, "stranger")
