"""The timelock's rules in plain Python: schedule, wait, execute, cancel, and what is executed."""

from carbonbank.chain.calls import NO_PREDECESSOR, operation_hash, operation_words
from carbonbank.domain import admin_acts as admin
from carbonbank.domain import commands as do
from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.hashing import keccak256
from tests.fakes.books import Ledger
from tests.fakes.market import MarketTurn
from tests.fakes.registry import ROLES, revert

PROPOSER, EXECUTOR, CANCELLER = (
    keccak256(f"{name}_ROLE".encode()) for name in ("PROPOSER", "EXECUTOR", "CANCELLER")
)
DONE_S = 1
FEE_BPS_MAX = 500
NAMES = {keccak256(name.encode()): name for name in ROLES}


def state_of(ledger: Ledger, operation_id: bytes, now_s: int) -> OperationState:
    ready_s = ledger.operations.get(operation_id, 0)
    if ready_s <= DONE_S:
        return OperationState.DONE if ready_s else OperationState.UNKNOWN
    return OperationState.WAITING if ready_s > now_s else OperationState.READY


def bitmap(*states: OperationState) -> bytes:
    return sum(1 << state for state in states).to_bytes(32, "big")


class AdminTurn(MarketTurn):
    """A turn that may also administer."""

    def schedule_act(self, c: do.ScheduleAct) -> None:
        self._power(PROPOSER)
        target, value, data, _, salt = operation_words(c.act, c.salt, self.ledger.at)
        operation_id = operation_hash(c.act, c.salt, self.ledger.at)
        self._expect(operation_id, OperationState.UNKNOWN)
        if c.delay_s < self.ledger.admin_delay_s:
            revert(
                "TimelockInsufficientDelay", delay=c.delay_s, min_delay=self.ledger.admin_delay_s
            )
        self.ledger.operations[operation_id] = self.now_s + c.delay_s
        call = {"id": operation_id, "index": 0, "target": target, "value": value, "data": data}
        delay = {"predecessor": NO_PREDECESSOR, "delay": c.delay_s}
        self.emit("timelock", "CallScheduled", **call, **delay)
        if any(salt):
            self.emit("timelock", "CallSalt", id=operation_id, salt=salt)

    def execute_act(self, c: do.ExecuteAct) -> None:
        self._power(EXECUTOR)
        target, value, data, _, _ = operation_words(c.act, c.salt, self.ledger.at)
        operation_id = operation_hash(c.act, c.salt, self.ledger.at)
        self._expect(operation_id, OperationState.READY)
        self._do(c.act)
        self.ledger.operations[operation_id] = DONE_S
        call = {"id": operation_id, "index": 0, "target": target, "value": value, "data": data}
        self.emit("timelock", "CallExecuted", **call)

    def cancel_act(self, c: do.CancelAct) -> None:
        self._power(CANCELLER)
        self._expect(c.operation_id, OperationState.WAITING, OperationState.READY)
        del self.ledger.operations[c.operation_id]
        self.emit("timelock", "Cancelled", id=c.operation_id)

    def _power(self, power: bytes) -> None:
        if (power, self.actor) not in self.ledger.administrators:
            revert("AccessControlUnauthorizedAccount", account=self.actor, needed_role=power)

    def _expect(self, operation_id: bytes, *states: OperationState) -> None:
        if state_of(self.ledger, operation_id, self.now_s) not in states:
            revert(
                "TimelockUnexpectedOperationState",
                operation_id=operation_id,
                expected_states=bitmap(*states),
            )

    def _do(self, act: admin.AdminAct) -> None:
        match act:
            case admin.GrantRole():
                self._grant(act)
            case admin.RevokeRole():
                self._revoke(act)
            case admin.SetFee():
                if act.fee_bps > FEE_BPS_MAX:
                    revert("FeeAboveCap", fee_bps=act.fee_bps, max_bps=FEE_BPS_MAX)
                self.ledger.fee_bps, self.ledger.fee_to = act.fee_bps, act.fee_to
                self.emit("market", "FeeSet", fee_bps=act.fee_bps, fee_to=act.fee_to)
            case admin.SetAdminDelay():
                durations = {"old_duration": self.ledger.admin_delay_s, "new_duration": act.delay_s}
                self.ledger.admin_delay_s = act.delay_s
                self.emit("timelock", "MinDelayChange", **durations)
            case _:
                raise NotImplementedError(f"{type(act).__name__} is played on real chains alone")

    def _grant(self, act: admin.GrantRole) -> None:
        if act.contract == "timelock":
            self.ledger.administrators.add((act.role, act.account))
        else:
            held = self.ledger.roles.get(act.account)
            if act.contract == "bank" and held not in {None, "MINTER", NAMES[act.role]}:
                held_role = keccak256((held or "").encode())
                revert("RoleConflict", account=act.account, held_role=held_role)
            self.ledger.roles[act.account] = NAMES[act.role]
        self._role_changed("RoleGranted", act)

    def _revoke(self, act: admin.RevokeRole) -> None:
        if act.contract == "timelock":
            self.ledger.administrators.discard((act.role, act.account))
        else:
            self.ledger.roles.pop(act.account, None)
        self._role_changed("RoleRevoked", act)

    def _role_changed(self, name: str, act: admin.GrantRole | admin.RevokeRole) -> None:
        sender = self.ledger.at.timelock
        self.emit(act.contract, name, role=act.role, account=act.account, sender=sender)
