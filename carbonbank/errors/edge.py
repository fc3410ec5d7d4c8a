"""The world outside failed: chain, database, disk, network, keys."""

from typing import ClassVar

from carbonbank.errors.base import EdgeError, RuleError


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
