"""Hand an act of an owner's own wallet out for signing; the bank's relayer will pay for it."""

from dataclasses import dataclass
from typing import Any

from carbonbank.domain.commands import FillAndRetire, FillOrder
from carbonbank.domain.order import Side, order_struct_hash
from carbonbank.domain.records import Account, StoredOrder
from carbonbank.service.bank import Bank
from carbonbank.service.market_leave import let_deliver, let_pay
from carbonbank.service.wallet_acts import wallet_command
from carbonbank.units import price_ceil

VALID_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """An ERC-2771 request without its signature, and what it does, in words and as a call.

    `deadline` is in Unix seconds; number, deadline and the act's own fields come back with the
    signature.
    """

    does: str
    call: str
    wallet: str
    nonce: int
    deadline: int
    typed_data: dict[str, Any]


def prepare_wallet_act(bank: Bank, account: str, act: str, **fields: Any) -> PreparedRequest:
    """Return an act as the account's wallet signs it, valid for ten minutes.

    Of an order that is to be taken, a maker whose key the bank keeps gives leave first.

    Raises:
        NotFound, WalletNotLinked, FieldInvalid, AmountNotPositive: as for `wallet_command`.
        RuleError: the contract would refuse it now.
    """
    command, does = wallet_command(bank, account, act, fields)
    deadline = int(bank.clock.now_at().timestamp()) + VALID_S
    if isinstance(command, FillOrder | FillAndRetire):
        _let_maker(bank, command, deadline)
    asked = bank.chain.request(command, deadline)
    return PreparedRequest(
        does=does,
        call=bank.chain.call_in_words(asked.to, asked.data),
        wallet=asked.account,
        nonce=asked.nonce,
        deadline=deadline,
        typed_data=asked.typed_data,
    )


def _let_maker(bank: Bank, command: FillOrder | FillAndRetire, deadline: int) -> None:
    """The order's signature is the maker's word; the market asks for its leave besides."""
    order = command.order
    order_hash = order_struct_hash(order).hex()
    with bank.store.read() as session:
        maker = session.need(Account, session.need(StoredOrder, order_hash).account)
    if order.side is Side.SELL:
        let_deliver(bank, maker, order.maker)
    else:
        # Cumulative rounding may add one unit (MARKET_C).
        most_units = price_ceil(command.amount_g, order.price_units_per_t) + 1
        name = f"{order_hash}:{command.taker}:{command.amount_g}:{deadline}"
        let_pay(bank, maker, order.maker, most_units, name)
