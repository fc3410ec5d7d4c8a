"""The world outside failed: chain, database, disk, network, keys."""

from typing import ClassVar

from carbonbank.errors.base import EdgeError, InputError, RuleError


class NonceSpent(RuleError):
    """The sequence number was used: the act of this intent has happened (or was overtaken)."""

    says: ClassVar = "{sender} has already used sequence number {nonce}; the next is {next_nonce}"
    sender: str
    nonce: int
    next_nonce: int


class ChainUnreachable(EdgeError):
    """No answer from the chain."""

    says: ClassVar = "the chain at {url} does not answer: {reason}"
    hint: ClassVar = "check the URL and that the node is running"
    transient: ClassVar = True
    url: str
    reason: str


class UnknownRevert(EdgeError):
    """A revert whose data is none of our errors."""

    says: ClassVar = "the chain refused {command} with data {data}"
    command: str
    data: str


class TransactionFailed(EdgeError):
    """Mined, but with status 0."""

    says: ClassVar = "transaction {tx_hash} for {command} was mined and failed"
    command: str
    tx_hash: str


class DataDirectoryBusy(EdgeError):
    """Another process has the data directory."""

    says: ClassVar = "{directory} is in use by process {pid}"
    hint: ClassVar = "stop that process, or talk to it through its API"
    transient: ClassVar = True
    directory: str
    pid: str


class KeystoreLocked(EdgeError):
    """The passphrase does not open the keystore."""

    says: ClassVar = "the passphrase does not open the keystore {path}"
    hint: ClassVar = "set CARBONBANK_PASSPHRASE to its passphrase; without it the keys are lost"
    path: str


class KeyMissing(EdgeError):
    """No such key in this keystore."""

    says: ClassVar = "the keystore {path} has no key {key}"
    path: str
    key: str


class StoreUnreachable(EdgeError):
    """The database does not answer."""

    says: ClassVar = "the database {url} does not answer: {reason}"
    hint: ClassVar = "check the URL and that the server is running"
    transient: ClassVar = True
    url: str
    reason: str


class StoreBusy(EdgeError):
    """Another transaction holds the database for longer than we wait."""

    says: ClassVar = "the database {url} is busy; waited {waited_s} s"
    hint: ClassVar = "try again; if it stays, look for a process that keeps a transaction open"
    transient: ClassVar = True
    url: str
    waited_s: int


class StoreFailed(EdgeError):
    """The database answered, and could not do it."""

    says: ClassVar = "the database {url} failed: {reason}"
    hint: ClassVar = "check free space and permissions; restore a backup if it is damaged"
    url: str
    reason: str


class StoreVersionUnknown(EdgeError):
    """The database was written by a newer bank than this one."""

    says: ClassVar = "the database {url} has schema {found}; this bank knows up to {known}"
    hint: ClassVar = "run the version of the bank that wrote it, or a newer one"
    url: str
    found: str
    known: str


class StoreUrlRefused(InputError):
    """Not a database the bank speaks."""

    says: ClassVar = "{url} is not a database URL of the bank"
    hint: ClassVar = "use sqlite:///path/to/file.db or postgresql://user@host/database"
    url: str


class Unstorable(InputError):
    """A value that a database cannot keep."""

    says: ClassVar = "{kind}.{field} cannot be stored: {value} {reason}"
    kind: str
    field: str
    value: str
    reason: str


class StoreNotEmpty(RuleError):
    """A backup is restored into an empty database alone."""

    says: ClassVar = "the store already holds {records} records"
    hint: ClassVar = "restore into a new data directory"
    records: int


class BackupUnreadable(InputError):
    """Not a backup of the bank, or not all of it."""

    says: ClassVar = "{path} is not a complete backup: line {line}: {reason}"
    path: str
    line: int
    reason: str


class ChainFileBusy(EdgeError):
    """Another process has the embedded chain's file."""

    says: ClassVar = "the chain file {path} is in use by process {pid}"
    hint: ClassVar = "stop that process, or talk to it through its API"
    transient: ClassVar = True
    path: str
    pid: str


class ChainFileUnreadable(EdgeError):
    """The embedded chain's file is no chain, or is damaged."""

    says: ClassVar = "the chain file {path} can not be read: {reason}"
    hint: ClassVar = "restore it from a backup with `carbonbank restore`"
    path: str
    reason: str


class KeystoreExists(EdgeError):
    """A keystore is already there, and its keys must not be lost."""

    says: ClassVar = "there is a keystore at {path} already"
    hint: ClassVar = "use it, or move it away after making sure that nobody needs its keys"
    path: str


class KeystoreMissing(EdgeError):
    """No keystore at this path."""

    says: ClassVar = "there is no keystore at {path}"
    hint: ClassVar = "make one with `carbonbank keys init`, or restore it from a backup"
    path: str


class KeystoreUnreadable(EdgeError):
    """The keystore file is truncated, damaged or something else."""

    says: ClassVar = "the keystore {path} can not be read: {reason}"
    hint: ClassVar = "restore the file from a backup; the passphrase alone brings no key back"
    path: str
    reason: str


class NonceAhead(RuleError):
    """The sequence number leaves a gap: an earlier act is missing."""

    says: ClassVar = "{sender} can not use sequence number {nonce} before {next_nonce}"
    hint: ClassVar = "do the earlier act first"
    sender: str
    nonce: int
    next_nonce: int


class TransactionNotMined(EdgeError):
    """Sent, and not in a block yet."""

    says: ClassVar = "transaction {tx_hash} is not mined after {waited_s} s"
    hint: ClassVar = "look for it with `carbonbank sync` before anything is sent again"
    transient: ClassVar = True
    tx_hash: str
    waited_s: int


class EventMissing(EdgeError):
    """Mined, but the event that proves the act is not there."""

    says: ClassVar = "transaction {tx_hash} for {command} was mined without {event}"
    hint: ClassVar = "check that the contracts at the configured addresses are this bank's"
    command: str
    event: str
    tx_hash: str


class WrongChain(EdgeError):
    """The node is on another chain than the bank's contracts."""

    says: ClassVar = (
        "the contracts are on chain {expected_chain_id}, the node is on {found_chain_id}"
    )
    hint: ClassVar = "check the URL"
    expected_chain_id: int
    found_chain_id: int


class ContractsMissing(EdgeError):
    """The chain does not know the bank's contracts."""

    says: ClassVar = "chain {chain_id} has no contract at {bank}"
    hint: ClassVar = "check the URL; a development chain that was restarted has forgotten them"
    chain_id: int
    bank: str


class DeployerUsed(EdgeError):
    """The deploying key must be new on its chain: the contracts' addresses follow from it."""

    says: ClassVar = "{deployer} has sent {sent} transactions where {expected} were expected"
    hint: ClassVar = "deploy with a key that has sent nothing else on this chain"
    deployer: str
    sent: int
    expected: int


class DeployerBusy(EdgeError):
    """An earlier transaction of the deploying key waits to be mined."""

    says: ClassVar = "transactions of {deployer} are still not mined after {waited_s} s"
    hint: ClassVar = "run the deployment again later"
    transient: ClassVar = True
    deployer: str
    waited_s: int
