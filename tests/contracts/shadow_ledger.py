"""The ledger once more, in plain Python: what every act must do, or by which name be refused.

Nothing here asks the chain or the bank's own code. Acts return the name of the refusal, or None.
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime

ACTIVE, FROZEN, DISPROVEN, CANCELLED = "Active", "Frozen", "Disproven", "Cancelled"
DAY, HOUR = 86_400, 3600
BPS, G_PER_T = 10_000, 1_000_000
FEE_BPS = 100
SELL = 0

Payouts = tuple[tuple[int, str, int, int], ...]
Class = tuple[str, int]  # label and vintage year


@dataclass
class Books:
    """One batch."""

    issued_g: int
    claimable_g: int
    buffer_g: int
    held: Counter[str]
    payouts: Payouts
    kind: Class = ("", 0)
    issued_at: int = 0
    status: str = ACTIVE
    retired_g: int = 0
    cancelled_g: int = 0
    unreplaced_g: int = 0
    frozen_since: int = 0
    frozen_until: int = 0
    proof: Hashable = 0
    paid: set[int] = field(default_factory=set)
    settled: set[Hashable] = field(default_factory=set)


@dataclass(frozen=True)
class Wish:
    """What an issue asks for; `known` says that the very same claim was issued before."""

    fleet: str
    operator: str
    vehicles: frozenset[int]
    month: int
    valid_until: int
    operator_g: int
    drivers_g: int
    buffer_g: int
    buffer_bps: int
    payouts: Payouts
    label: str
    signed: bool = True


@dataclass
class Offer:
    """One signed order, of a batch or of any that is old enough in a class."""

    maker: str
    side: int
    wanted: int | Class
    amount_g: int
    price: int
    min_fill_g: int
    signed_at: int
    valid_until: int
    min_age_s: int = 0
    filled_g: int = 0
    paid: int = 0
    cancelled: bool = False


def month_of(now: int) -> int:
    """Return the UTC month of a Unix time: year * 12 + (month - 1)."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.year * 12 + moment.month - 1


def cost(price: int, grams: int) -> int:
    """Return what grams cost, rounded up."""
    return -(-price * grams // G_PER_T)


@dataclass
class Shadow:
    """Everything the contracts are said to know."""

    fleets: dict[str, str]
    homes: dict[int, list[tuple[int, str]]]
    now: int
    stopped: bool = False
    batches: dict[int, Books] = field(default_factory=dict)
    credited: set[tuple[int, int]] = field(default_factory=set)
    offers: dict[bytes, Offer] = field(default_factory=dict)
    money: Counter[str] = field(default_factory=Counter)
    cancelled_up_to: Counter[str] = field(default_factory=Counter)

    # --- issue and the registry -----------------------------------------------------------------

    def home(self, vehicle: int, month: int) -> str | None:
        """Return the fleet of a vehicle in a month."""
        past = [fleet for since, fleet in self.homes.get(vehicle, []) if since <= month]
        return past[-1] if past else None

    def move_vehicle(self, vehicle: int, fleet: str, month: int) -> str | None:
        """From a future month on it belongs to another fleet."""
        if month <= month_of(self.now):
            return "MoveNotInFuture"
        if month <= self.homes[vehicle][-1][0]:
            return "MoveNotAfterLast"
        self.homes[vehicle].append((month, fleet))
        return None

    def issue(self, number: int, wish: Wish) -> str | None:
        """Credit vehicles for a month, once."""
        total_g = wish.operator_g + wish.drivers_g + wish.buffer_g
        if number in self.batches:
            return "BatchAlreadyIssued"
        if not wish.signed:
            return "BadVerifierSignature"
        if self.fleets[wish.fleet] != wish.operator:
            return "OperatorMismatch"
        if self.stopped:
            return "IssueIsStopped"
        if self.now > wish.valid_until:
            return "ClaimExpired"
        if wish.month >= month_of(self.now):
            return "MonthStillRunning"
        if total_g == 0:
            return "NothingToIssue"
        if wish.buffer_g * BPS < total_g * wish.buffer_bps:
            return "BufferTooSmall"
        if not wish.vehicles:
            return "BadWordCount"
        if any(self.home(vehicle, wish.month) != wish.fleet for vehicle in wish.vehicles):
            return "VehicleNotInFleet"
        if self.is_credited(wish):
            return "VehicleMonthAlreadyCredited"
        self.credited |= {(vehicle, wish.month) for vehicle in wish.vehicles}
        held = Counter({wish.operator: wish.operator_g})
        self.batches[number] = Books(
            total_g,
            wish.drivers_g,
            wish.buffer_g,
            held,
            payouts=wish.payouts,
            kind=(wish.label, wish.month // 12),
        )
        return None

    def is_credited(self, wish: Wish) -> bool:
        """Say whether one of the vehicle-months was credited before."""
        return any((vehicle, wish.month) in self.credited for vehicle in wish.vehicles)

    # --- moving and retiring --------------------------------------------------------------------

    def claim(self, number: int, index: int, *, bent: bool) -> str | None:
        """Pay a payout to its account."""
        batch = self.batches[number]
        if batch.status != ACTIVE:
            return "BatchNotActive"
        if bent or index >= len(batch.payouts):
            return "BadPayoutProof"
        if index in batch.paid:
            return "PayoutAlreadyClaimed"
        _, account, _, amount_g = batch.payouts[index]
        if amount_g > batch.claimable_g:
            return "ClaimExceedsPayout"
        batch.paid.add(index)
        batch.claimable_g -= amount_g
        batch.held[account] += amount_g
        return None

    def transfer(self, number: int, giver: str, taker: str, amount_g: int) -> str | None:
        """Move grams."""
        batch = self.batches[number]
        if batch.status != ACTIVE:
            return "BatchNotActive"
        if amount_g > batch.held[giver]:
            return "ERC1155InsufficientBalance"
        batch.held[giver] -= amount_g
        batch.held[taker] += amount_g
        return None

    def retire(self, number: int, holder: str, amount_g: int) -> str | None:
        """Burn grams for ever."""
        batch = self.batches[number]
        if batch.status != ACTIVE:
            return "BatchNotActive"
        if amount_g == 0:
            return "ZeroAmount"
        if amount_g > batch.held[holder]:
            return "ERC1155InsufficientBalance"
        batch.held[holder] -= amount_g
        batch.retired_g += amount_g
        return None

    # --- the market -----------------------------------------------------------------------------

    def is_alive(self, offer: Offer) -> bool:
        """Say whether it can still fill."""
        gone = offer.cancelled or offer.signed_at <= self.cancelled_up_to[offer.maker]
        return not gone and self.now <= offer.valid_until

    def settle(self, sell: bytes, buy: bytes, number: int, amount_g: int) -> str | None:
        """Trade two offers at the price of the older one."""
        ask, bid = self.offers[sell], self.offers[buy]
        if ask.side != SELL:
            return "WrongSide"
        refusal = self.checked(ask, number, amount_g)
        if refusal is None and bid.side == SELL:
            return "WrongSide"
        refusal = refusal or self.checked(bid, number, amount_g)
        if refusal:
            return refusal
        if ask.price > bid.price:
            return "PricesDoNotCross"
        setter = ask if ask.signed_at <= bid.signed_at else bid
        paid = self.step(setter, amount_g)
        paid = min(paid, cost(bid.price, bid.filled_g + amount_g) - bid.paid)
        if ask.paid + paid + 1 < cost(ask.price, ask.filled_g + amount_g):
            return "PaidTooLittle"
        refusal = self._exchange(ask.maker, bid.maker, number, amount_g, paid)
        if refusal is None:
            for offer in (ask, bid):
                offer.filled_g += amount_g
                offer.paid += paid
        return refusal

    def fill(self, key: bytes, taker: str, number: int, amount_g: int) -> str | None:
        """Take one offer."""
        offer = self.offers[key]
        refusal = self.checked(offer, number, amount_g)
        if refusal:
            return refusal
        paid = self.step(offer, amount_g)
        if offer.side != SELL:
            paid = min(paid, cost(offer.price, offer.filled_g + amount_g) - offer.paid)
        sides = (offer.maker, taker) if offer.side == SELL else (taker, offer.maker)
        refusal = self._exchange(*sides, number, amount_g, paid)
        if refusal is None:
            offer.filled_g += amount_g
            offer.paid += paid
        return refusal

    def step(self, offer: Offer, amount_g: int) -> int:
        """Return what a fill adds to the price of all fills."""
        after = cost(offer.price, offer.filled_g + amount_g)
        return after - cost(offer.price, offer.filled_g)

    def checked(self, offer: Offer, number: int, amount_g: int) -> str | None:
        """Say what is wrong with an offer and a fill of it, whoever the other side is."""
        if offer.cancelled or offer.signed_at <= self.cancelled_up_to[offer.maker]:
            return "OrderIsCancelled"
        if self.now > offer.valid_until:
            return "OrderExpired"
        if isinstance(offer.wanted, tuple):
            if offer.wanted != self.batches[number].kind:
                return "WrongClass"
            if self.age_s(number) < offer.min_age_s:
                return "BatchTooYoung"
        elif offer.wanted != number:
            return "WrongBatch"
        if amount_g == 0:
            return "ZeroAmount"
        rest_g = offer.amount_g - offer.filled_g
        if amount_g > rest_g:
            return "FillTooLarge"
        if amount_g < offer.min_fill_g and amount_g != rest_g:
            return "FillTooSmall"
        return None

    def age_s(self, number: int) -> int:
        """Return how old a batch is; its hour of issue is rounded up."""
        return max(0, self.now - -(-self.batches[number].issued_at // HOUR) * HOUR)

    def _exchange(
        self, seller: str, buyer: str, number: int, amount_g: int, paid: int
    ) -> str | None:
        if seller == buyer:
            return "SelfTrade"
        refusal = self.transfer(number, seller, buyer, amount_g)
        if refusal is None:
            fee = paid * FEE_BPS // BPS
            self.money[buyer] -= paid
            self.money[seller] += paid - fee
            self.money["fee_box"] += fee
        return refusal

    # --- stopping and putting right -------------------------------------------------------------

    def freeze(self, *numbers: int, proof: Hashable = 0) -> str | None:
        """Stop batches, all or none; by proof only once for each proof."""
        for batch in (self.batches[number] for number in numbers):
            if proof in batch.settled:
                return "ProofSettled"
            if batch.status not in {ACTIVE, FROZEN}:
                return "BatchNotActive"
        for batch in (self.batches[number] for number in numbers):
            if proof:
                batch.settled.add(proof)
            if batch.status == ACTIVE:
                batch.status, batch.frozen_since = FROZEN, self.now
            batch.frozen_until = self.now + 30 * DAY
        return None

    def double_credit(self, one: int, other: int) -> str | None:
        """Let anyone show that one vehicle drove in two batches at a time."""
        if one == other:
            return "SameBatch"
        return self.freeze(one, other, proof=frozenset({one, other}))

    def unfreeze(self, number: int, *, guardian: bool) -> str | None:
        """Let it move again."""
        batch = self.batches[number]
        if self.now < batch.frozen_until and not guardian:
            return "AccessControlUnauthorizedAccount"
        if batch.status != FROZEN:
            return "BatchNotFrozen"
        batch.status, batch.frozen_since, batch.frozen_until = ACTIVE, 0, 0
        return None

    def disprove(self, number: int, proof: Hashable) -> str | None:
        """Stop it until it is corrected or cancelled."""
        batch = self.batches[number]
        if proof in batch.settled:
            return "ProofSettled"
        if batch.status not in {ACTIVE, FROZEN}:
            return "BatchNotDisprovable"
        batch.settled.add(proof)
        batch.status, batch.proof = DISPROVEN, proof
        batch.frozen_since = batch.frozen_until = 0
        return None

    def challenge(self, number: int, proof: Hashable, *, true: bool) -> str | None:
        """Let anyone disprove it; what is false changes nothing."""
        batch = self.batches[number]
        if not true and proof not in batch.settled and batch.status in {ACTIVE, FROZEN}:
            return "TotalHolds"
        return self.disprove(number, proof)

    def correct(self, number: int, excess_g: int, sources: list[int]) -> str | None:
        """Cancel the excess out of buffers, its own first."""
        batch = self.batches[number]
        if batch.status != DISPROVEN:
            return "BatchNotDisproven"
        taken = Counter({number: min(excess_g, batch.buffer_g)})
        for source in sources:
            if self.batches[source].status != ACTIVE:
                return "BatchNotActive"
            left_g = self.batches[source].buffer_g - taken[source]
            taken[source] += min(excess_g - taken.total(), left_g)
        if taken.total() != excess_g:
            return "ExcessNotCovered"
        for source, amount_g in taken.items():
            self.batches[source].buffer_g -= amount_g
            self.batches[source].cancelled_g += amount_g
        batch.settled.add(batch.proof)
        batch.status, batch.proof = ACTIVE, 0
        return None

    def cancel(self, number: int) -> str | None:
        """End a batch; what is retired waits for its replacement."""
        batch = self.batches[number]
        waited = batch.status == FROZEN and self.now - batch.frozen_since >= 7 * DAY
        if batch.status != DISPROVEN and not waited:
            return "BatchNotCancellable"
        batch.status = CANCELLED
        batch.cancelled_g = batch.issued_g - batch.retired_g
        batch.unreplaced_g = batch.retired_g
        batch.held.clear()
        batch.claimable_g = batch.buffer_g = batch.frozen_since = batch.frozen_until = 0
        return None

    def replace(self, number: int, sources: list[int]) -> str | None:
        """Retire buffers in place of what was retired from a cancelled batch."""
        batch = self.batches[number]
        if batch.status != CANCELLED:
            return "BatchNotCancelled"
        if batch.unreplaced_g == 0:
            return "NothingToReplace"
        if any(self.batches[source].status != ACTIVE for source in sources):
            return "BatchNotActive"
        for source in sources:
            other = self.batches[source]
            taken_g = min(batch.unreplaced_g, other.buffer_g)
            other.buffer_g -= taken_g
            other.retired_g += taken_g
            batch.unreplaced_g -= taken_g
        return None
