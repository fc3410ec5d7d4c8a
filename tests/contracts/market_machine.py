"""The later machines of `test_shadow_ledger`: the market, and then guardian and corrections."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, rule

from tests.contracts import shadow_ledger as shadow
from tests.contracts.books_machine import DAY, TRADERS, HolderMachine, IssueMachine
from tests.contracts.ledger_site import ACTIVE, BUY, FOR_EVER, SELL, Refusal

who = st.sampled_from(TRADERS)
proofs = st.integers(1, 3)
LAST_TOTAL = 99  # the shadow's name for the one fact a batch's only leaf can prove


class MarketMachine(HolderMachine):
    """And signed orders."""

    orders = Bundle("orders")

    @rule(
        target=orders,
        maker=who,
        side=st.sampled_from([SELL, BUY]),
        number=IssueMachine.made,
        amount=st.integers(1, 100),
        price=st.sampled_from([0, 700_000, 1_300_000, 1_300_001]),
        least=st.sampled_from([0, 0, 20]),
        days=st.sampled_from([None, None, 2]),
    )
    def offer(self, maker, side, number, amount, price, least, days):
        """A maker signs an order."""
        end = FOR_EVER if days is None else self.shadow.now + days * DAY - DAY // 2
        order = self.site.order(
            maker,
            side,
            number,
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
        made = (maker, side, number, amount, price, least, self.shadow.now, end)
        self.shadow.offers[key] = shadow.Offer(*made)
        return key

    def signed(self, key: bytes) -> tuple[dict[str, Any], bytes]:
        """Return an order with its maker's signature."""
        order = self.story.orders[key]
        return order, self.site.sign_order(order, self.shadow.offers[key].maker)

    def traded(self, refusal: str | None, call: Any, sender: str) -> None:
        """Do a trade; remember what the log tells, and which orders are dead by now."""
        receipt = self.act(refusal, call, sender)
        if receipt is not None:
            self.story.trades += self.site.events(receipt, self.site.market, "CreditsTraded")

    @invariant()
    def the_dead_are_remembered(self) -> None:
        """From the moment an order is dead its fill must not change."""
        for key, offer in self.shadow.offers.items():
            if not self.shadow.is_alive(offer):
                self.story.dead.setdefault(key, (offer.filled_g, offer.paid))

    @rule(key=orders, taker=who, amount=st.integers(0, 40))
    def fill(self, key, taker, amount):
        """The sender takes an order."""
        number = self.shadow.offers[key].batch
        refusal = self.shadow.fill(key, taker, number, amount)
        self.traded(
            refusal,
            self.site.market.functions.fill(*self.signed(key), number, amount),
            taker,
        )

    @rule(one=orders, two=orders, amount=st.integers(0, 40))
    def settle(self, one, two, amount):
        """Anyone puts two orders together."""
        sell, buy = sorted((one, two), key=lambda key: self.shadow.offers[key].side)
        number = self.shadow.offers[sell].batch
        refusal = self.shadow.settle(sell, buy, number, amount)
        call = self.site.market.functions.settle(
            *self.signed(sell), *self.signed(buy), number, amount
        )
        self.traded(refusal, call, "stranger")

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

    @rule(key=orders, taker=who, amount=st.integers(2, 40), data=st.data())
    def split(self, key, taker, amount, data):
        """ROUND_B: what a fill pays is what its two parts pay."""
        if self.story.orders[key]["minFillG"]:
            return
        site, number = self.site, self.shadow.offers[key].batch
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
        self.date_freeze(number, receipt)

    @rule(number=IssueMachine.made, proof=proofs)
    def freeze_proven(self, number, proof):
        """A proof over two batches stops one."""
        refusal = self.shadow.freeze(number, proof)
        call = self.site.bank.functions.freezeProven(number, proof.to_bytes(32, "big"))
        self.date_freeze(number, self.act(refusal, call, "challenger"))

    def date_freeze(self, number: int, receipt: Any) -> None:
        """The block's own second counts, which the shadow learns only now."""
        if receipt is not None:
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
