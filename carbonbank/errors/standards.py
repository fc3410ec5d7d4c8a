"""Python twins of the custom errors of the token standards and of OpenZeppelin, as in the ABIs.

A field whose name is a Python keyword has an underscore behind it.
"""

# ruff: noqa: D101 - `says` is a twin's sentence; the NatSpec of its contract has the rest

from carbonbank.errors.ledger import Refused, RefusedTo


class AccessControlUnauthorizedAccount(RefusedTo):
    says = "{account} does not hold role {needed_role}"
    account: str
    needed_role: bytes


class AccessControlBadConfirmation(Refused):
    says = "a role is renounced by its holder only"


class AccessControlEnforcedDefaultAdminDelay(Refused):
    says = "the admin can change from {schedule} (Unix time) on"
    schedule: int


class AccessControlEnforcedDefaultAdminRules(RefusedTo):
    says = "the admin's role changes hands in two steps only"


class AccessControlInvalidDefaultAdmin(RefusedTo):
    says = "{default_admin} can not be the admin"
    default_admin: str


class CheckpointUnorderedInsertion(Refused):
    says = "a vehicle's months must ascend"


class ECDSAInvalidSignature(Refused):
    says = "the signature is none"


class ECDSAInvalidSignatureLength(Refused):
    says = "a signature has 65 bytes, this one has {length}"
    length: int


class ECDSAInvalidSignatureS(Refused):
    says = "the signature's s value {s} is not the lower one"
    s: bytes


class ERC1155InsufficientBalance(Refused):
    says = "{sender} holds {balance} g of batch {token_id}, {needed} g are needed"
    sender: str
    balance: int
    needed: int
    token_id: int


class ERC1155InvalidApprover(Refused):
    says = "{approver} can not approve"
    approver: str


class ERC1155InvalidArrayLength(Refused):
    says = "{ids_length} ids came with {values_length} values"
    ids_length: int
    values_length: int


class ERC1155InvalidOperator(Refused):
    says = "{operator} can not be approved"
    operator: str


class ERC1155InvalidReceiver(Refused):
    says = "{receiver} does not take credits"
    receiver: str


class ERC1155InvalidSender(Refused):
    says = "{sender} can not send credits"
    sender: str


class ERC1155MissingApprovalForAll(RefusedTo):
    says = "{owner} did not approve {operator} to move credits"
    operator: str
    owner: str


class ERC20InsufficientAllowance(Refused):
    says = "{spender} may spend {allowance} units of money, {needed} are needed"
    spender: str
    allowance: int
    needed: int


class ERC20InsufficientBalance(Refused):
    says = "{sender} has {balance} units of money, {needed} are needed"
    sender: str
    balance: int
    needed: int


class ERC20InvalidApprover(Refused):
    says = "{approver} can not allow money"
    approver: str


class ERC20InvalidReceiver(Refused):
    says = "{receiver} can not receive money"
    receiver: str


class ERC20InvalidSender(Refused):
    says = "{sender} can not send money"
    sender: str


class ERC20InvalidSpender(Refused):
    says = "{spender} can not be allowed money"
    spender: str


class ERC2612ExpiredSignature(Refused):
    says = "the permit ended at {deadline} (Unix time)"
    deadline: int


class ERC2612InvalidSigner(RefusedTo):
    says = "the permit of {owner} was signed by {signer}"
    signer: str
    owner: str


class ERC2771ForwarderExpiredRequest(Refused):
    says = "the request ended at {deadline} (Unix time)"
    deadline: int


class ERC2771ForwarderInvalidSigner(RefusedTo):
    says = "the request of {from_} was signed by {signer}"
    signer: str
    from_: str


class ERC2771ForwarderMismatchedValue(Refused):
    says = "the request carries {requested_value} wei, sent were {msg_value}"
    requested_value: int
    msg_value: int


class ERC2771ForwarderNoRefundReceiver(Refused):
    says = "a batch of requests that may fail names no one for the refund"


class ERC2771UntrustfulTarget(Refused):
    says = "{target} does not trust forwarder {forwarder}"
    target: str
    forwarder: str


class FailedCall(Refused):
    says = "the relayed call failed"


class InsufficientBalance(Refused):
    says = "{balance} wei are there, {needed} are needed"
    balance: int
    needed: int


class InvalidAccountNonce(Refused):
    says = "the next number of {account} is {current_nonce}"
    account: str
    current_nonce: int


class InvalidShortString(Refused):
    says = "a short text is stored wrongly"


class OwnableInvalidOwner(RefusedTo):
    says = "{owner} can not be the owner"
    owner: str


class OwnableUnauthorizedAccount(RefusedTo):
    says = "{account} is not the owner"
    account: str


class ReentrancyGuardReentrantCall(Refused):
    says = "a call came back into the market before it was done"


class SafeCastOverflowedUintDowncast(Refused):
    says = "{value} does not fit {bits} bits"
    bits: int
    value: int


class SafeERC20FailedOperation(Refused):
    says = "money {token} refused to move"
    token: str


class StringTooLong(Refused):
    says = 'the text "{str}" has more than 31 bytes'
    str: str


class TimelockInsufficientDelay(Refused):
    says = "an act of the admin waits {min_delay} s at least, not {delay} s"
    delay: int
    min_delay: int


class TimelockInvalidOperationLength(Refused):
    says = "{targets} targets came with {payloads} calls and {values} values"
    targets: int
    payloads: int
    values: int


class TimelockUnauthorizedCaller(RefusedTo):
    says = "{caller} can not change the delay; the timelock alone does"
    caller: str


class TimelockUnexecutedPredecessor(Refused):
    says = "operation {predecessor_id} has to be done first"
    predecessor_id: bytes


class TimelockUnexpectedOperationState(Refused):
    says = "operation {operation_id} is in none of the states {expected_states}"
    hint = "it waits still, is done already or was cancelled; `carbonbank admin list` tells"
    operation_id: bytes
    expected_states: bytes
