"""What each command asks of which contract: one table, one row a command."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Literal, cast

from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple

from carbonbank.chain.artefacts import load
from carbonbank.domain import admin_acts as admin
from carbonbank.domain import commands as do
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.claim import batch_id, claim_words
from carbonbank.domain.commands import Command
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.order import Order, order_struct_hash
from carbonbank.errors import TimelockMissing

Contract = Literal["bank", "challenge", "market", "money", "forwarder", "timelock"]
SOURCE: Mapping[Contract, str] = {
    "bank": "CarbonBank",
    "challenge": "CarbonChallenge",
    "market": "CarbonMarket",
    "money": "SettlementToken",
    "forwarder": "ERC2771Forwarder",
    "timelock": "TimelockController",
}
NO_PREDECESSOR = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: its target, ABI data, gas limit and the event that proves it.

    `account` is whose act it is where an account must sign it for the relayer, else None.
    """

    contract: Contract
    data: bytes
    gas: int
    event: str
    account: str | None = None


def abi_data(contract: Contract, function: str, *arguments: Any) -> bytes:
    """Return selector and arguments of a function that is not overloaded."""
    inputs = _function(contract, function)["inputs"]
    types = [collapse_if_tuple(one) for one in inputs]
    return keccak256(f"{function}({','.join(types)})".encode())[:4] + encode(types, arguments)


def result_types(contract: Contract, function: str) -> list[str]:
    """Return the ABI types a function answers with."""
    return [collapse_if_tuple(one) for one in _function(contract, function)["outputs"]]


def _function(contract: Contract, function: str) -> Any:
    return next(
        entry
        for entry in load(SOURCE[contract])["abi"]
        if entry["type"] == "function" and entry["name"] == function
    )


def order_words(order: Order) -> tuple[Any, ...]:
    """Return the fields in the contract's order."""
    return astuple(order)


def call_of(command: Command, at: ChainIdentity) -> Call:
    """Return the call a command makes of the contracts at `at`."""
    return _CALLS[type(command)](command, at)


def _certify(c: do.CertifyMethodology, _: ChainIdentity) -> Call:
    data = abi_data(
        "bank", "certifyMethodology", c.methodology_id, c.class_label, c.buffer_bps, c.demo
    )
    return Call(contract="bank", data=data, gas=400_000, event="MethodologyCertified")


def _enrol_fleet(c: do.EnrolFleet, _: ChainIdentity) -> Call:
    data = abi_data("bank", "enrolFleet", c.fleet_id, c.operator)
    return Call(contract="bank", data=data, gas=300_000, event="FleetEnrolled")


def _enrol_vehicle(c: do.EnrolVehicle, _: ChainIdentity) -> Call:
    data = abi_data("bank", "enrolVehicles", c.fleet_id, [c.commitment], c.from_month)
    return Call(contract="bank", data=data, gas=400_000, event="VehicleEnrolled")


def _move_vehicle(c: do.MoveVehicle, _: ChainIdentity) -> Call:
    data = abi_data("bank", "moveVehicle", c.vehicle_index, c.to_fleet_id, c.from_month)
    return Call(contract="bank", data=data, gas=300_000, event="VehicleMoved")


def _issue(c: do.IssueBatch, _: ChainIdentity) -> Call:
    data = abi_data("bank", "issue", claim_words(c.claim), c.word_index, c.bits, c.signature)
    # A known bitmap word costs some 25,000; vehicles that moved are looked up one by one.
    gas = 500_000 + 2_000_000 * len(c.bits)
    return Call(contract="bank", data=data, gas=min(gas, 16_000_000), event="BatchIssued")


def _claim(c: do.ClaimPayout, _: ChainIdentity) -> Call:
    payout = (c.index, c.account, c.from_g, c.amount_g)
    data = abi_data("bank", "claim", batch_id(c.claim), payout, c.proof)
    return Call(contract="bank", data=data, gas=300_000, event="TransferSingle")


def _transfer(c: do.Transfer, _: ChainIdentity) -> Call:
    data = abi_data("bank", "safeTransferFrom", c.sender, c.recipient, c.batch_id, c.amount_g, b"")
    return Call(contract="bank", data=data, gas=300_000, event="TransferSingle", account=c.sender)


def _approve_market(c: do.ApproveMarket, at: ChainIdentity) -> Call:
    data = abi_data("bank", "setApprovalForAll", at.market, True)
    return Call(contract="bank", data=data, gas=150_000, event="ApprovalForAll", account=c.owner)


def _retire(c: do.Retire, _: ChainIdentity) -> Call:
    data = abi_data("bank", "retire", c.batch_id, c.amount_g, c.beneficiary, c.purpose)
    return Call(contract="bank", data=data, gas=300_000, event="CreditsRetired", account=c.holder)


def _cancel(c: do.CancelOrders, _: ChainIdentity) -> Call:
    data = abi_data("market", "cancel", [order_struct_hash(order) for order in c.orders])
    gas = 100_000 + 60_000 * len(c.orders)
    return Call(contract="market", data=data, gas=gas, event="OrderCancelled", account=c.maker)


def _mint(c: do.MintMoney, _: ChainIdentity) -> Call:
    data = abi_data("money", "mint", c.account, c.amount_units)
    return Call(contract="money", data=data, gas=150_000, event="Transfer")


def _allow(c: do.AllowMoney, at: ChainIdentity) -> Call:
    data = abi_data("money", "approve", at.market, c.amount_units)
    return Call(contract="money", data=data, gas=150_000, event="Approval", account=c.owner)


def _cancel_all(c: do.CancelAllOrders, _: ChainIdentity) -> Call:
    data = abi_data("market", "cancelAll")
    gas = 100_000
    return Call(contract="market", data=data, gas=gas, event="AllOrdersCancelled", account=c.maker)


def _trade_words(c: do.SettleOrders) -> tuple[Any, ...]:
    return (
        order_words(c.sell),
        c.sell_signature,
        order_words(c.buy),
        c.buy_signature,
        c.batch_id,
        c.amount_g,
    )


def _settle(c: do.SettleOrders, _: ChainIdentity) -> Call:
    data = abi_data("market", "settle", *_trade_words(c))
    return Call(contract="market", data=data, gas=600_000, event="CreditsTraded")


def _settle_many(c: do.SettleMany, _: ChainIdentity) -> Call:
    data = abi_data("market", "settleMany", [_trade_words(trade) for trade in c.trades])
    # The market wants its 500,000 for every trade before it tries it, whatever the last one left.
    gas = 700_000 + 300_000 * len(c.trades)
    return Call(contract="market", data=data, gas=gas, event="ManySettled")


def _fill(c: do.FillOrder, _: ChainIdentity) -> Call:
    data = abi_data("market", "fill", order_words(c.order), c.signature, c.batch_id, c.amount_g)
    return Call(contract="market", data=data, gas=500_000, event="CreditsTraded", account=c.taker)


def _fill_and_retire(c: do.FillAndRetire, _: ChainIdentity) -> Call:
    data = abi_data(
        "market",
        "fillAndRetire",
        order_words(c.order),
        c.signature,
        c.batch_id,
        c.amount_g,
        c.beneficiary,
        c.purpose,
    )
    return Call(contract="market", data=data, gas=700_000, event="CreditsTraded", account=c.taker)


def _freeze(c: do.FreezeBatch, _: ChainIdentity) -> Call:
    data = abi_data("bank", "freeze", c.batch_id, c.reason)
    return Call(contract="bank", data=data, gas=200_000, event="BatchFrozen")


def _unfreeze(c: do.UnfreezeBatch, _: ChainIdentity) -> Call:
    data = abi_data("bank", "unfreeze", c.batch_id)
    return Call(contract="bank", data=data, gas=200_000, event="BatchUnfrozen")


def _correct(c: do.CorrectBatch, _: ChainIdentity) -> Call:
    data = abi_data("bank", "correct", c.batch_id, c.excess_g, c.sources, c.reason)
    gas = 300_000 + 50_000 * len(c.sources)
    return Call(contract="bank", data=data, gas=gas, event="BatchCorrected")


def _cancel_batch(c: do.CancelBatch, _: ChainIdentity) -> Call:
    data = abi_data("bank", "cancel", c.batch_id, c.reason)
    return Call(contract="bank", data=data, gas=300_000, event="BatchCancelled")


def _replace(c: do.ReplaceFromBuffer, _: ChainIdentity) -> Call:
    data = abi_data("bank", "replaceFromBuffer", c.batch_id, c.sources)
    gas = 200_000 + 80_000 * len(c.sources)
    return Call(contract="bank", data=data, gas=gas, event="RetirementReplaced")


def _stop_issue(c: do.StopIssue, _: ChainIdentity) -> Call:
    data = abi_data("bank", "stopIssue", c.reason)
    return Call(contract="bank", data=data, gas=150_000, event="IssueStopped")


def _dismiss(c: do.DismissRole, _: ChainIdentity) -> Call:
    data = abi_data("bank", "dismiss", c.role, c.account, c.reason)
    return Call(contract="bank", data=data, gas=200_000, event="RoleDismissed")


def _challenge(c: do.ChallengeBatch, _: ChainIdentity) -> Call:
    data = abi_data("challenge", c.function, *c.arguments)
    return Call(contract="challenge", data=data, gas=2_000_000, event="BatchChallenged")


# --- the admin: what the timelock is asked to do, and to wait for ---------------------------------


def timelock_of(at: ChainIdentity) -> str:
    """Return the timelock's address.

    Raises:
        TimelockMissing: the contracts were deployed without one.
    """
    if at.timelock is None:
        raise TimelockMissing(bank=at.bank)
    return at.timelock


def operation_words(act: admin.AdminAct, salt: bytes, at: ChainIdentity) -> tuple[Any, ...]:
    """Return target, value, data, predecessor and salt of an admin's act."""
    timelock_of(at)
    call = _ADMIN_CALLS[type(act)](act)
    return getattr(at, call.contract), 0, call.data, NO_PREDECESSOR, salt


def operation_hash(act: admin.AdminAct, salt: bytes, at: ChainIdentity) -> bytes:
    """Return the timelock's id of an act: its content is its name."""
    types = ["address", "uint256", "bytes", "bytes32", "bytes32"]
    return keccak256(encode(types, operation_words(act, salt, at)))


def _schedule(c: do.ScheduleAct, at: ChainIdentity) -> Call:
    data = abi_data("timelock", "schedule", *operation_words(c.act, c.salt, at), c.delay_s)
    return Call(contract="timelock", data=data, gas=150_000, event="CallScheduled")


def _execute(c: do.ExecuteAct, at: ChainIdentity) -> Call:
    data = abi_data("timelock", "execute", *operation_words(c.act, c.salt, at))
    gas = 100_000 + _ADMIN_CALLS[type(c.act)](c.act).gas
    return Call(contract="timelock", data=data, gas=gas, event="CallExecuted")


def _cancel_act(c: do.CancelAct, at: ChainIdentity) -> Call:
    timelock_of(at)
    data = abi_data("timelock", "cancel", c.operation_id)
    return Call(contract="timelock", data=data, gas=100_000, event="Cancelled")


def _role_call(function: str, event: str) -> Callable[[Any], Call]:
    def call(c: admin.GrantRole | admin.RevokeRole) -> Call:
        contract = cast("Contract", c.contract)
        data = abi_data(contract, function, c.role, c.account)
        return Call(contract=contract, data=data, gas=200_000, event=event)

    return call


def _resume(_: admin.ResumeIssue) -> Call:
    data = abi_data("bank", "resumeIssue")
    return Call(contract="bank", data=data, gas=100_000, event="IssueResumed")


def _last_month(c: admin.SetLastMonth) -> Call:
    data = abi_data("bank", "setLastMonth", c.month)
    return Call(contract="bank", data=data, gas=150_000, event="LastMonthSet")


def _fee(c: admin.SetFee) -> Call:
    data = abi_data("market", "setFee", c.fee_bps, c.fee_to)
    return Call(contract="market", data=data, gas=150_000, event="FeeSet")


def _delay(c: admin.SetAdminDelay) -> Call:
    data = abi_data("timelock", "updateDelay", c.delay_s)
    return Call(contract="timelock", data=data, gas=100_000, event="MinDelayChange")


_ADMIN_CALLS: Mapping[type[admin.AdminAct], Callable[[Any], Call]] = {
    admin.GrantRole: _role_call("grantRole", "RoleGranted"),
    admin.RevokeRole: _role_call("revokeRole", "RoleRevoked"),
    admin.ResumeIssue: _resume,
    admin.SetLastMonth: _last_month,
    admin.SetFee: _fee,
    admin.SetAdminDelay: _delay,
}


_CALLS: Mapping[type[Command], Callable[[Any, ChainIdentity], Call]] = {
    do.CertifyMethodology: _certify,
    do.EnrolFleet: _enrol_fleet,
    do.EnrolVehicle: _enrol_vehicle,
    do.MoveVehicle: _move_vehicle,
    do.IssueBatch: _issue,
    do.ClaimPayout: _claim,
    do.Transfer: _transfer,
    do.ApproveMarket: _approve_market,
    do.Retire: _retire,
    do.CancelOrders: _cancel,
    do.MintMoney: _mint,
    do.AllowMoney: _allow,
    do.CancelAllOrders: _cancel_all,
    do.SettleOrders: _settle,
    do.SettleMany: _settle_many,
    do.FillOrder: _fill,
    do.FillAndRetire: _fill_and_retire,
    do.FreezeBatch: _freeze,
    do.UnfreezeBatch: _unfreeze,
    do.CorrectBatch: _correct,
    do.CancelBatch: _cancel_batch,
    do.ReplaceFromBuffer: _replace,
    do.StopIssue: _stop_issue,
    do.DismissRole: _dismiss,
    do.ChallengeBatch: _challenge,
    do.ScheduleAct: _schedule,
    do.ExecuteAct: _execute,
    do.CancelAct: _cancel_act,
}
