"""The later machines of `test_shadow_ledger`: the market, and then guardian and corrections."""

from typing import Any

from eth_abi import encode
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from tests.contracts import shadow_ledger as shadow
from tests.contracts.books_machine import DAY, GOOD, TRADERS, HolderMachine, IssueMachine
from tests.contracts.ledger_site import ACTIVE, BUY, FOR_EVER, SELL, Refusal

who = st.sampled_from(TRADERS)
proofs = st.integers(1, 3)
LAST_TOTAL = 99  # the shadow's name for the one fact a batch's only leaf can prove


def class_id(kind: shadow.Class) -> bytes:
    """Return the id of a class as `CarbonBank.classOf` does."""
    return keccak(encode(["string", "uint256"], kind))


class MarketMachine(HolderMachine):
    """And signed orders."""

    orders = Bundle("orders")

    @initialize(target=orders)
    def open_market(self):
        """Let three orders be there that meet: most trades need two of a batch."""
        number = self.issue(fleet="a", months_ago=4, honest=True, **GOOD)
        terms = {"number": number, "amount": 60, "least": 0, "days": None}
        return multiple(
            self.offer("operator", SELL, price=700_000, by_class=None, **terms),
            self.offer("buyer", BUY, price=1_300_000, by_class=None, **terms),
            self.offer("driver", BUY, price=1_300_001, by_class=0, **terms),
        )

    @rule(
        target=orders,
        maker=who,
        side=st.sampled_from([SELL, BUY]),
        number=IssueMachine.made,
        amount=st.integers(1, 100),
        price=st.sampled_from([0, 700_000, 1_300_000, 1_300_001]),
        least=st.sampled_from([0, 0, 20]),
        days=st.sampled_from([None, None, 2]),
        by_class=st.sampled_from([None, None, None, 0, 9 * DAY // 2]),
    )
    def offer(self, maker, side, number, amount, price, least, days, by_class):
        """A maker signs an order of a batch, or of its class from an age on."""
        wanted = number if by_class is None else self.shadow.batches[number].kind
        end = FOR_EVER if days is None else self.shadow.now + days * DAY - DAY // 2
        order = self.site.order(
            maker,
            side,
            number if by_class is None else 0,
            classId=bytes(32) if by_class is None else class_id(wanted),
            minAgeS=by_class or 0,
            amountG=amount,
            priceUnitsPerT=price,
            minFillG=least,
            signedAt=self.shadow.now,
            validUntil=end,
            salt=len(self.story.orders),
        )
        key = self.site.hash_of(order)
        self.story.orders[key] = order
        self.height = -1  # one more to ask for
        made = (maker, side, wanted, amount, price, least, self.shadow.now, end, by_class or 0)
        self.shadow.offers[key] = shadow.Offer(*made)
        return key

    def signed(self, key: bytes) -> tuple[dict[str, Any], bytes]:
        """Return an order with its maker's signature."""
        order = self.story.orders[key]
        return order, self.site.sign_order(order, self.shadow.offers[key].maker)

    def traded(self, refusal: str | None, call: Any, sender: str) -> Any:
        """Do a trade; remember what the log tells, and which orders are dead by now."""
        receipt = self.act(refusal, call, sender)
        if receipt is not None:
            self.story.trades += self.site.events(receipt, self.site.market, "CreditsTraded")
        return receipt

    @invariant()
    def the_dead_are_remembered(self) -> None:
        """From the moment an order is dead its fill must not change."""
        for key, offer in self.shadow.offers.items():
            if not self.shadow.is_alive(offer):
                self.story.dead.setdefault(key, (offer.filled_g, offer.paid))

    def batch_of(self, key: bytes, number: int) -> int:
        """Return the batch that an order names, or another where it names none."""
        wanted = self.shadow.offers[key].wanted
        return wanted if isinstance(wanted, int) else number

    @rule(key=orders, taker=who, amount=st.integers(0, 40), number=IssueMachine.made)
    def fill(self, key, taker, amount, number):
        """The sender takes an order."""
        number = self.batch_of(key, number)
        refusal = self.shadow.fill(key, taker, number, amount)
        self.traded(
            refusal,
            self.site.market.functions.fill(*self.signed(key), number, amount),
            taker,
        )

    @rule(one=orders, two=orders, amount=st.integers(0, 40), number=IssueMachine.made)
    def settle(self, one, two, amount, number):
        """Anyone puts two orders together."""
        sell, buy = sorted((one, two), key=lambda key: self.shadow.offers[key].side)
        number = self.batch_of(sell, self.batch_of(buy, number))
        refusal = self.shadow.settle(sell, buy, number, amount)
        call = self.site.market.functions.settle(
            *self.signed(sell), *self.signed(buy), number, amount
        )
        self.traded(refusal, call, "stranger")

    @rule(
        pairs=st.lists(st.tuples(orders, orders, st.integers(1, 40)), max_size=3),
        number=IssueMachine.made,
    )
    def settle_many(self, pairs, number):
        """Anyone settles many; the dead are passed over, and the living trade in their order."""
        trades, dead = [], []
        for position, (one, two, amount) in enumerate(pairs):
            sell, buy = sorted((one, two), key=lambda key: self.shadow.offers[key].side)
            batch = self.batch_of(sell, self.batch_of(buy, number))
            trades.append((*self.signed(sell), *self.signed(buy), batch, amount))
            if self.shadow.settle(sell, buy, batch, amount) is not None:
                dead.append(position)
        market = self.site.market
        receipt = self.traded(None, market.functions.settleMany(trades), "stranger")
        skipped = [e["position"] for e in self.site.events(receipt, market, "TradeSkipped")]
        assert skipped == dead, f"the chain skipped {skipped}, the shadow {dead}"

    @rule(key=orders, sender=who)
    def cancel_order(self, key, sender):
        """A maker cancels an order; that of another stays."""
        call = self.site.market.functions.cancel([key])
        if sender == self.shadow.offers[key].maker:
            self.shadow.offers[key].cancelled = True
        self.act(None, call, sender)

    @rule(sender=who)
    def cancel_all(self, sender):
        """A maker cancels everything signed up to now."""
        self.act(None, self.site.market.functions.cancelAll(), sender)
        self.shadow.cancelled_up_to[sender] = self.shadow.now
        self.site.tester.mine_block()
        self.shadow.now = self.clock()

    @rule(maker=who, number=IssueMachine.made)
    def sign_and_cancel(self, maker, number):
        """ROUND_A: no gram and no unit has moved."""
        order = self.site.order(maker, SELL, number, salt=10**9)
        self.site.sign_order(order, maker)
        before = self.look()
        self.act(None, self.site.market.functions.cancel([self.site.hash_of(order)]), maker)
        after = self.look()
        assert (before.held, before.money, before.fills) == (after.held, after.money, after.fills)

    @rule(
        key=orders,
        taker=who,
        amount=st.integers(2, 40),
        number=IssueMachine.made,
        data=st.data(),
    )
    def split(self, key, taker, amount, number, data):
        """ROUND_B: what a fill pays is what its two parts pay."""
        if self.story.orders[key]["minFillG"]:
            return
        site, number = self.site, self.batch_of(key, number)
        fill, signed = site.market.functions.fill, self.signed(key)
        part = data.draw(st.integers(1, amount - 1))
        try:
            whole = site.ask(fill(*signed, number, amount), taker)
        except Refusal:
            return
        snapshot = site.tester.take_snapshot()
        first = site.ask(fill(*signed, number, part), taker)
        site.do(fill(*signed, number, part), taker)
        second = site.ask(fill(*signed, number, amount - part), taker)
        site.tester.revert_to_snapshot(snapshot)
        assert first + second == whole


class WholeMachine(MarketMachine):
    """And guardian, proofs and corrections."""

    @rule(number=IssueMachine.made)
    def freeze(self, number):
        """A guardian stops a batch."""
        refusal = self.shadow.freeze(number)
        receipt = self.act(refusal, self.site.bank.functions.freeze(number, "why"), "guardian")
        self.date_freeze(receipt, number)

    @rule(number=IssueMachine.made, proof=proofs)
    def freeze_proven(self, number, proof):
        """A proof over two batches stops one."""
        refusal = self.shadow.freeze(number, proof=proof)
        call = self.site.bank.functions.freezeProven(number, proof.to_bytes(32, "big"))
        self.date_freeze(self.act(refusal, call, "challenger"), number)

    @rule(one=IssueMachine.made, other=IssueMachine.made)
    def challenge_double_credit(self, one, other):
        """A stranger shows that vehicle 1 drove in both batches at a time, as all leaves say."""
        refusal = self.shadow.double_credit(one, other)
        pairs = ((self.story.claims[n], (self.leaves[n], 0, [])) for n in (one, other))
        (claim_a, leaf_a), (claim_b, leaf_b) = pairs
        challenge = self.site.challenge.functions.challengeDoubleCredit
        receipt = self.act(refusal, challenge(claim_a, leaf_a, claim_b, leaf_b), "stranger")
        self.date_freeze(receipt, one, other)

    def date_freeze(self, receipt: Any, *numbers: int) -> None:
        """The block's own second counts, which the shadow learns only now."""
        for number in numbers if receipt is not None else ():
            books = self.shadow.batches[number]
            books.frozen_until = self.shadow.now + 30 * DAY
            if self.seen.batches[number]["status"] == ACTIVE:
                books.frozen_since = self.shadow.now

    @rule(number=IssueMachine.made, sender=st.sampled_from(["guardian", "stranger"]))
    def unfreeze(self, number, sender):
        """A guardian ends a freeze; after thirty days anyone."""
        refusal = self.shadow.unfreeze(number, guardian=sender == "guardian")
        self.act(refusal, self.site.bank.functions.unfreeze(number), sender)

    @rule(number=IssueMachine.made, proof=proofs)
    def disprove(self, number, proof):
        """A proof inside one batch."""
        refusal = self.shadow.disprove(number, proof)
        call = self.site.bank.functions.disprove(number, proof.to_bytes(32, "big"))
        self.act(refusal, call, "challenger")

    @rule(number=IssueMachine.made)
    def challenge(self, number):
        """A stranger shows that the last total is not what was issued, or fails to."""
        claim, leaf = self.story.claims[number], self.leaves[number]
        issued_g = claim["operatorG"] + claim["driversG"] + claim["bufferG"]
        refusal = self.shadow.challenge(number, LAST_TOTAL, true=leaf[4] != issued_g)
        call = self.site.challenge.functions.challengeLastTotal(claim, (leaf, 0, []))
        self.act(refusal, call, "stranger")

    @rule(
        number=IssueMachine.made,
        excess=st.integers(1, 150),
        sources=st.lists(IssueMachine.made, max_size=2),
    )
    def correct(self, number, excess, sources):
        """A guardian cancels an excess out of buffers."""
        refusal = self.shadow.correct(number, excess, sources)
        call = self.site.bank.functions.correct(number, excess, sources, "why")
        self.act(refusal, call, "guardian")

    @rule(number=IssueMachine.made)
    def cancel_batch(self, number):
        """A guardian ends a batch."""
        refusal = self.shadow.cancel(number)
        self.act(refusal, self.site.bank.functions.cancel(number, "why"), "guardian")

    @rule(number=IssueMachine.made, sources=st.lists(IssueMachine.made, min_size=1, max_size=2))
    def replace(self, number, sources):
        """A guardian retires buffers in place of what was cancelled."""
        refusal = self.shadow.replace(number, sources)
        call = self.site.bank.functions.replaceFromBuffer(number, sources)
        self.act(refusal, call, "guardian")

    @rule(
        number=IssueMachine.made,
        proof=proofs,
        excess=st.integers(1, 150),
        sources=st.lists(IssueMachine.made, max_size=2),
    )
    def disprove_and_correct(self, number, proof, excess, sources):
        """Seldom does chance put these next to one another; each is compared by itself."""
        self.disprove(number, proof)
        self.compared()
        self.correct(number, excess, sources)

    @rule(number=IssueMachine.made, sources=st.lists(IssueMachine.made, min_size=1, max_size=2))
    def cancel_and_replace(self, number, sources):
        """Nor these: what is retired, cancelled and replaced."""
        self.retire(number, "operator", 10)
        self.compared()
        self.disprove(number, 3)
        self.compared()
        self.cancel_batch(number)
        self.compared()
        self.replace(number, sources)
