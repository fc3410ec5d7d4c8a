"""Rules of the bank itself."""

from typing import ClassVar

from carbonbank.errors.base import EdgeError, InputError, NotAllowed, RuleError

# --- acts on the chain --------------------------------------------------------------------------


class ActOvertaken(RuleError):
    """The sequence number of an act was used by something else: the act did not happen."""

    says: ClassVar = "{kind} of {sender} did not happen: sequence number {nonce} was used otherwise"
    hint: ClassVar = "look at the account; asking again is a new act"
    kind: str
    sender: str
    nonce: int


class ActNotConfirmed(EdgeError):
    """An act was sent and is not visible on the chain yet."""

    says: ClassVar = "{kind} of {sender} (sequence number {nonce}) waits for its block"
    hint: ClassVar = "ask again in a moment; it happens once however often you ask"
    transient: ClassVar = True
    kind: str
    sender: str
    nonce: int


# --- issuing ------------------------------------------------------------------------------------


class BatchNotVerified(RuleError):
    """A batch without a verifier's signature."""

    says: ClassVar = "batch {batch_id} is not verified yet"
    hint: ClassVar = "give its package to the verifier and record the signature first"
    batch_id: str


class BatchNotIssued(RuleError):
    """Nothing can be done with the grams of a batch that is not on the chain."""

    says: ClassVar = "batch {batch_id} is not issued yet"
    hint: ClassVar = "issue it first"
    batch_id: str


class OperatorChanged(RuleError):
    """A claim names an operator who is not the fleet's operator any more."""

    says: ClassVar = "fleet {fleet_id} is operated by {operator}; the claim pays {claimed_operator}"
    hint: ClassVar = "seal the batch again under the fleet's present operator"
    fleet_id: str
    operator: str
    claimed_operator: str


class MethodologyNotCertified(RuleError):
    """The programme's methodology is not certified on the chain, or was withdrawn."""

    says: ClassVar = "methodology {methodology_id} is {state} on this chain"
    hint: ClassVar = "the certifier certifies it first"
    methodology_id: str
    state: str


class MethodologyDiffers(RuleError):
    """A methodology is certified with other terms than asked for."""

    says: ClassVar = "methodology {methodology_id} is certified as {found}, asked for {asked}"
    hint: ClassVar = "a package with other terms has another id; check the programme"
    methodology_id: str
    found: str
    asked: str


class ClaimDiffers(RuleError):
    """A sealed batch and its claim or verification do not belong together."""

    says: ClassVar = "batch {batch_id}: {what} is {found}, expected {expected}"
    hint: ClassVar = "the stored batch was altered; restore a backup or seal it again"
    batch_id: str
    what: str
    found: str
    expected: str


# --- accounts and orders ------------------------------------------------------------------------


class TextTooLong(InputError):
    """A text that goes onto the chain has 32 bytes there."""

    says: ClassVar = "{field} has {size_bytes} bytes in UTF-8; at most {size_bytes_max} fit"
    hint: ClassVar = "shorten it"
    field: str
    size_bytes: int
    size_bytes_max: int


class AmountNotPositive(InputError):
    """Nothing, or less than nothing, was asked for."""

    says: ClassVar = "{field} is {value}; it must be above zero"
    field: str
    value: int


class NotEnoughHeld(RuleError):
    """An account holds fewer grams of a batch than an act needs."""

    says: ClassVar = "{account} holds {held_g} g of batch {batch_id}; {needed_g} g are needed"
    hint: ClassVar = "claim first if grams are claimable, or ask for less"
    account: str
    batch_id: str
    held_g: int
    needed_g: int


class NotEnoughMoney(RuleError):
    """An account holds less settlement money than an order may cost."""

    says: ClassVar = "{account} holds {held_units} units of money; {needed_units} are needed"
    hint: ClassVar = "fund the account, or lower the price or the amount"
    account: str
    held_units: int
    needed_units: int


class OrdersDoNotMeet(RuleError):
    """Two orders that can not be settled with each other."""

    says: ClassVar = "sell order {sell} and buy order {buy} do not meet: {reason}"
    sell: str
    buy: str
    reason: str


class OrderAmbiguous(InputError):
    """An order names one batch, or one class with its year."""

    says: ClassVar = "the order names batch {batch} and class {class_label}; it takes one of them"
    hint: ClassVar = "name a batch, or a class label with its vintage year"
    batch: str
    class_label: str


class PrefixAmbiguous(InputError):
    """Some leading digits that more than one batch has."""

    says: ClassVar = "{found} batches begin with {prefix}"
    hint: ClassVar = "give more digits"
    prefix: str
    found: int


class NotYourOrder(NotAllowed):
    """An order is cancelled by its maker alone."""

    says: ClassVar = "order {order_hash} was made by {maker}, not by {account}"
    order_hash: str
    maker: str
    account: str


class OrderOfWallet(NotAllowed):
    """The bank has no key to act for an account's own wallet."""

    says: ClassVar = "order {order_hash} was signed by the account's own wallet {wallet}"
    hint: ClassVar = "cancel it on the market with the wallet that signed it"
    order_hash: str
    wallet: str


class OrderNotSigned(InputError):
    """The signature is not the maker's over this order, market and chain."""

    says: ClassVar = "{maker} did not sign order {order_hash} for this market and chain"
    hint: ClassVar = "sign the order as it was offered, with the wallet that is to make it"
    maker: str
    order_hash: str


class OrderNotOfWallet(NotAllowed):
    """An order from outside is made by the account's wallet."""

    says: ClassVar = "{maker} is not the wallet of {account} that is in effect"
    hint: ClassVar = "link the wallet first; the bank signs orders of the account's own address"
    maker: str
    account: str


# --- wallets ------------------------------------------------------------------------------------


class WalletMessageExpired(InputError):
    """A wallet signed a message whose time is over, or lies too far ahead."""

    says: ClassVar = "the message is valid until {expiry}; it is {now} now, {valid_s_max} s at most"
    hint: ClassVar = "ask for a new message and sign that"
    expiry: int
    now: int
    valid_s_max: int


class WalletMessageUsed(RuleError):
    """A message is signed for one linking, by its number."""

    says: ClassVar = "message {nonce} of {account} does not count; the next is {expected}"
    hint: ClassVar = "ask for a new message and sign that"
    account: str
    nonce: int
    expected: int


class WalletDidNotSign(InputError):
    """The signature is not the wallet's over this account, chain, number and time."""

    says: ClassVar = "{wallet} did not sign the linking to {account} for this bank and chain"
    hint: ClassVar = "sign the message as it was offered, with the wallet that is to be linked"
    wallet: str
    account: str


class WalletTakesNoCredits(RuleError):
    """A contract that does not say it takes credits would leave its payouts unpaid for ever."""

    says: ClassVar = "{wallet} is a contract that takes no credits (ERC-1155)"
    hint: ClassVar = "link a wallet that takes ERC-1155 tokens, or a key's address"
    wallet: str


class WalletTaken(RuleError):
    """A wallet belongs to one account."""

    says: ClassVar = "{wallet} is the address of another account or of the bank"
    hint: ClassVar = "link a wallet that is yours alone"
    wallet: str


class WalletNotLinked(RuleError):
    """There is no wallet to act upon."""

    says: ClassVar = "{account} has no wallet that is in effect"
    hint: ClassVar = "link one; it takes effect after 48 hours"
    account: str


# --- vehicles -----------------------------------------------------------------------------------


class VehicleLeft(RuleError):
    """A vehicle moved to another fleet; it can not move again from the one it left."""

    says: ClassVar = "vehicle {vehicle_id} leaves fleet {fleet} with {until_month}"
    hint: ClassVar = "move it from the fleet it went to"
    vehicle_id: str
    fleet: str
    until_month: str


class VehicleOfOtherFleet(RuleError):
    """A vehicle-month belongs wholly to one fleet, and it is not this one."""

    says: ClassVar = "vehicle {vehicle_id} does not belong to fleet {fleet} in {month}"
    hint: ClassVar = "seal the vehicle's month for the fleet it belongs to"
    vehicle_id: str
    fleet: str
    month: str


class VehicleMonthInBatch(RuleError):
    """The same vehicle-month stands in a batch already, of this fleet or another."""

    says: ClassVar = "{month} of vehicle {vehicle_id} is in batch {batch_id} of fleet {fleet}"
    hint: ClassVar = "a vehicle-month is credited once; nothing is left to seal for it"
    vehicle_id: str
    month: str
    batch_id: str
    fleet: str


# --- the data directory -------------------------------------------------------------------------


class DirectoryNotEmpty(RuleError):
    """A backup is restored, and a file converted, into an empty directory alone."""

    says: ClassVar = "{directory} is not empty; it holds {found}"
    hint: ClassVar = "name a new directory; a backup goes into CARBONBANK_DATA=<directory>"
    directory: str
    found: str


class DirectoryUnusable(EdgeError):
    """The data directory can not be made or written."""

    says: ClassVar = "the data directory {directory} can not be used: {reason}"
    hint: ClassVar = "set CARBONBANK_DATA to a directory you may write"
    directory: str
    reason: str


class PassphraseDiffers(InputError):
    """A new passphrase was said twice, and not the same."""

    says: ClassVar = "the two passphrases for {path} differ"
    hint: ClassVar = "say the same one twice"
    path: str


class DeploymentMissing(EdgeError):
    """No bank was opened in this directory yet."""

    says: ClassVar = "there is no bank in {directory} yet"
    hint: ClassVar = "open it once: `carbonbank doctor` says what is missing"
    directory: str


class DeploymentUnreadable(EdgeError):
    """The file that names chain and contracts is damaged."""

    says: ClassVar = "{path} can not be read: {reason}"
    hint: ClassVar = "restore it from a backup"
    path: str
    reason: str


class RoleUnassigned(EdgeError):
    """A role whose key the bank must not hold, and nobody was named for it."""

    says: ClassVar = "nobody is named as {role} in {setting}"
    hint: ClassVar = (
        "set CARBONBANK_CERTIFIER, CARBONBANK_VERIFIER, CARBONBANK_GUARDIAN and "
        "CARBONBANK_PROPOSERS to their addresses"
    )
    role: str
    setting: str


class ChainElsewhere(EdgeError):
    """A process that only looks was asked to act."""

    says: ClassVar = "this process has neither chain nor keys, so it can not {act}"
    hint: ClassVar = "ask for a job: the worker acts"
    act: str


class PassphraseMissing(EdgeError):
    """The keystore is there and nobody said its passphrase."""

    says: ClassVar = "the keystore {path} needs its passphrase"
    hint: ClassVar = "set CARBONBANK_PASSPHRASE, or run at a terminal to be asked"
    path: str
