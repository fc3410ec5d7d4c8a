"""The market's and the money's rules in plain Python, on top of the bank's."""

from typing import Any

from carbonbank.domain import commands as do
from carbonbank.domain.order import Order, Side, class_id, order_struct_hash
from carbonbank.domain.signature import signer_of
from carbonbank.units import fee_floor, price_ceil
from tests.fakes.ledger import Turn
from tests.fakes.registry import NOBODY, revert


class MarketTurn(Turn):
    """A turn that may also trade and pay."""

    # --- money ---

    def mint_money(self, c: do.MintMoney) -> None:
        self.only("MINTER")
        self.ledger.money[c.account] += c.amount_units
        self._paid(NOBODY, c.account, c.amount_units)

    def allow_money(self, c: do.AllowMoney) -> None:
        self.ledger.allowed[c.owner] = c.amount_units
        spender = self.ledger.at.market
        self.emit("money", "Approval", owner=c.owner, spender=spender, value=c.amount_units)

    def _pay(self, payer: str, payee: str, units: int) -> None:
        money, allowed = self.ledger.money, self.ledger.allowed
        if allowed[payer] < units:
            revert(
                "ERC20InsufficientAllowance",
                spender=self.ledger.at.market,
                allowance=allowed[payer],
                needed=units,
            )
        if money[payer] < units:
            revert("ERC20InsufficientBalance", sender=payer, balance=money[payer], needed=units)
        if allowed[payer] != 2**256 - 1:
            allowed[payer] -= units
        money[payer] -= units
        money[payee] += units
        self._paid(payer, payee, units)

    def _paid(self, payer: str, payee: str, units: int) -> None:
        self.emit("money", "Transfer", **{"from": payer, "to": payee, "value": units})

    # --- market ---

    def cancel_orders(self, c: do.CancelOrders) -> None:
        for order in c.orders:
            order_hash = order_struct_hash(order)
            self.ledger.fills[self.actor.encode() + order_hash].cancelled = True
            self.emit("market", "OrderCancelled", maker=self.actor, order_hash=order_hash)

    def settle_orders(self, c: do.SettleOrders) -> None:
        sell, buy, amount_g = c.sell, c.buy, c.amount_g
        sell_hash = self._check(sell, c.sell_signature, Side.SELL, c.batch_id, amount_g)
        buy_hash = self._check(buy, c.buy_signature, Side.BUY, c.batch_id, amount_g)
        if sell.money != buy.money:
            revert("MoneyMismatch", sell_money=sell.money, buy_money=buy.money)
        if sell.price_units_per_t > buy.price_units_per_t:
            revert(
                "PricesDoNotCross",
                sell_price_units_per_t=sell.price_units_per_t,
                buy_price_units_per_t=buy.price_units_per_t,
            )
        older, older_hash = (
            (sell, sell_hash) if sell.signed_at <= buy.signed_at else (buy, buy_hash)
        )
        paid = self._price(older, older_hash, amount_g)
        buy_fill, sell_fill = self._fill(buy, buy_hash), self._fill(sell, sell_hash)
        paid = min(
            paid,
            price_ceil(buy_fill.filled_g + amount_g, buy.price_units_per_t) - buy_fill.paid_units,
        )
        limit = price_ceil(sell_fill.filled_g + amount_g, sell.price_units_per_t)
        if sell_fill.paid_units + paid + 1 < limit:
            revert(
                "PaidTooLittle",
                order_hash=sell_hash,
                paid_units=sell_fill.paid_units + paid,
                limit_units=limit,
            )
        for filled in (sell_fill, buy_fill):
            filled.filled_g += amount_g
            filled.paid_units += paid
        self._exchange(
            (sell.maker, sell_hash), (buy.maker, buy_hash), sell.money, c.batch_id, amount_g, paid
        )

    def fill_order(self, c: do.FillOrder) -> None:
        self._take(c, c.order.side)

    def fill_and_retire(self, c: do.FillAndRetire) -> None:
        self._take(c, Side.SELL)
        market = self.ledger.at.market
        self._authorized(market, self.actor)
        self._retire(market, self.actor, c.batch_id, c.amount_g, c.beneficiary, c.purpose)

    def _take(self, c: do.FillOrder | do.FillAndRetire, side: Side) -> None:
        order, amount_g = c.order, c.amount_g
        order_hash = self._check(order, c.signature, side, c.batch_id, amount_g)
        filled = self._fill(order, order_hash)
        paid = self._price(order, order_hash, amount_g)
        if side == Side.BUY:
            limit = price_ceil(filled.filled_g + amount_g, order.price_units_per_t)
            paid = min(paid, limit - filled.paid_units)
        filled.filled_g += amount_g
        filled.paid_units += paid
        maker, taker = (order.maker, order_hash), (self.actor, bytes(32))
        seller, buyer = (maker, taker) if side == Side.SELL else (taker, maker)
        self._exchange(seller, buyer, order.money, c.batch_id, amount_g, paid)

    def _fill(self, order: Order, order_hash: bytes) -> Any:
        return self.ledger.fills[order.maker.encode() + order_hash]

    def _price(self, order: Order, order_hash: bytes, amount_g: int) -> int:
        before = self._fill(order, order_hash).filled_g
        price = order.price_units_per_t
        return price_ceil(before + amount_g, price) - price_ceil(before, price)

    def _check(
        self, order: Order, signature: bytes, side: Side, number: int, amount_g: int
    ) -> bytes:
        order_hash = order_struct_hash(order)
        this = {"order_hash": order_hash}
        if signer_of(self.order_digest(order), signature) != order.maker:
            revert("BadOrderSignature", **this, maker=order.maker)
        if order.side != side:
            revert("WrongSide", **this, side=order.side)
        if (order.batch_id == 0) == (not any(order.class_id)):
            revert("BatchOrClass", **this)
        if self._fill(order, order_hash).cancelled:
            revert("OrderIsCancelled", **this)
        if order.signed_at > self.now_s:
            revert("OrderFromFuture", **this, signed_at=order.signed_at, block_time=self.now_s)
        if order.valid_until < self.now_s:
            revert("OrderExpired", **this, valid_until=order.valid_until, block_time=self.now_s)
        self._check_batch(order, order_hash, number)
        fee_bps = self.ledger.fee_bps
        if fee_bps > order.max_fee_bp:
            revert("FeeTooHigh", **this, fee_bps=fee_bps, max_fee_bp=order.max_fee_bp)
        if amount_g == 0:
            revert("ZeroAmount")
        rest_g = order.amount_g - self._fill(order, order_hash).filled_g
        if amount_g > rest_g:
            revert("FillTooLarge", **this, amount_g=amount_g, rest_g=rest_g)
        if amount_g < order.min_fill_g and amount_g != rest_g:
            revert("FillTooSmall", **this, amount_g=amount_g, min_fill_g=order.min_fill_g)
        return order_hash

    def _check_batch(self, order: Order, order_hash: bytes, number: int) -> None:
        if order.batch_id:
            if order.batch_id != number:
                revert("WrongBatch", order_hash=order_hash, batch_id=number)
            return
        batch = self.ledger.batches.get(number)
        found = class_id(batch.class_label, batch.month // 12) if batch else bytes(32)
        if found != order.class_id:
            revert(
                "WrongClass",
                order_hash=order_hash,
                class_id=order.class_id,
                batch_class_id=found,
            )
        assert batch is not None
        age_s = max(0, self.now_s - batch.issued_at_s)
        if age_s < order.min_age_s:
            revert("BatchTooYoung", order_hash=order_hash, age_s=age_s, min_age_s=order.min_age_s)

    def _exchange(
        self,
        seller: tuple[str, bytes],
        buyer: tuple[str, bytes],
        money: str,
        number: int,
        amount_g: int,
        paid: int,
    ) -> None:
        if seller[0] == buyer[0]:
            revert("SelfTrade", account=seller[0])
        fee = fee_floor(paid, self.ledger.fee_bps)
        self.emit(
            "market",
            "CreditsTraded",
            sell_hash=seller[1],
            buy_hash=buyer[1],
            batch_id=number,
            seller=seller[0],
            buyer=buyer[0],
            money=money,
            amount_g=amount_g,
            paid_units=paid,
            fee_units=fee,
        )
        self._pay(buyer[0], seller[0], paid - fee)
        if fee:
            self._pay(buyer[0], self.ledger.fee_to, fee)
        market = self.ledger.at.market
        self._authorized(market, seller[0])
        self._deliver(market, seller[0], buyer[0], number, amount_g)
