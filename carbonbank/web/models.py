"""Shapes of the API. Answers are drawn from the records themselves, so they can not drift apart."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from carbonbank.domain import records
from carbonbank.domain.job import Job
from carbonbank.domain.mapping import Proposal
from carbonbank.errors import RequestInvalid
from carbonbank.service.account_balance import Balance
from carbonbank.service.batch_status import BatchStanding
from carbonbank.service.batch_view import BatchView
from carbonbank.service.find_contradictions import Contradiction
from carbonbank.service.import_charges import ChargesImported
from carbonbank.service.import_trips import Imported
from carbonbank.service.order_book import BookEntry
from carbonbank.service.preview_month import MonthPreview
from carbonbank.service.retirement_view import RetirementView
from carbonbank.service.trace import Trace
from carbonbank.service.wallets import WalletView


def model_of(record: type, *, without: tuple[str, ...] = ()) -> type[BaseModel]:
    """Return a pydantic model with the fields of a frozen dataclass."""
    hints = get_type_hints(record)
    shape: dict[str, Any] = {
        f.name: (hints[f.name], ...) for f in fields(record) if f.name not in without
    }
    return create_model(record.__name__, __doc__=record.__doc__, **shape)


FleetOut = model_of(records.Fleet)
AccountOut = model_of(records.Account, without=("person", "key"))
VehicleOut = model_of(records.Vehicle)
UploadOut = model_of(records.Upload)
IssueOut = model_of(records.StoredIssue, without=("fleet", "file_hash", "number"))
MonthOut = model_of(records.VehicleMonth)
MonthPreviewOut = model_of(MonthPreview)
ImportedOut = model_of(Imported)
ProgrammeOut = model_of(records.Programme, without=("package",))
OrderOut = model_of(BookEntry)
RetirementOut = model_of(records.ChainRetirement)
RetirementDetailOut = model_of(RetirementView)
StandingOut = model_of(BatchStanding)
ContradictionOut = model_of(Contradiction)
TradeOut = model_of(records.ChainTrade)
MappingOut = model_of(records.TableMapping)
TokenOut = model_of(records.ChargeToken)
ChargeOut = model_of(records.ChargeSession)
ProposalOut = model_of(Proposal)
ChargesImportedOut = model_of(ChargesImported)
BatchRow = model_of(
    records.SealedBatch,
    without=("claim", "report", "leaves", "trips", "charges", "payouts", "vehicles"),
)
BatchOut = model_of(BatchView)
TraceOut = model_of(Trace)
BalanceOut = model_of(Balance)
WalletOut = model_of(WalletView)


class JobProblem(BaseModel):
    """Why a job was refused or failed: what problem+json has, but for the request."""

    type: str
    title: str
    detail: str
    hint: str
    fields: dict[str, Any]


class JobOut(model_of(Job, without=("error",))):  # type: ignore[misc]
    """A piece of long work: what was asked, how far it is, what came of it."""

    error: JobProblem | None = None


def as_model(model: type[BaseModel], record: Any) -> BaseModel:
    """Return one record in its API shape."""
    return model.model_validate({name: getattr(record, name) for name in model.model_fields})


class ProgrammeDetailOut(ProgrammeOut):  # type: ignore[misc, valid-type]
    """A programme with its methodology package: method, factors, declared values, shares."""

    package: dict[str, Any]


class Page(BaseModel):
    """Query of a list: at most `limit` entries after the entry `after`."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(100, ge=1, le=1000)
    after: str | None = None


class DisclosureQuery(BaseModel):
    """Query of a package for outsiders: which rows an auditor chose, as leaf numbers from 0."""

    model_config = ConfigDict(extra="forbid")
    leaves: str = Field(
        "", max_length=7000, pattern=r"^([0-9]{1,9}(,[0-9]{1,9})*)?$", examples=["0,17"]
    )

    @property
    def numbers(self) -> set[int]:
        """The chosen leaves."""
        return {int(one) for one in self.leaves.split(",") if one}


def page_of(model: type[BaseModel]) -> type[BaseModel]:
    """Return the shape of a list of records: the items, and what to pass as `after` for more."""
    shape: dict[str, Any] = {"items": (list[model], ...), "next": (str | None, None)}  # type: ignore[valid-type]
    return create_model(f"{model.__name__}Page", **shape)


def page(
    model: type[BaseModel], found: Sequence[Any], query: Page, *, key: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the part of a list that a query asks for; an entry's cursor is its key.

    Raises:
        RequestInvalid: the cursor names nothing in the list.
    """
    cursors = ["/".join(str(getattr(one, name)) for name in key or one.KEY) for one in found]
    if query.after is not None and query.after not in cursors:
        raise RequestInvalid(errors={"/query/after": [f"{query.after!r} is not in this list"]})
    first = 0 if query.after is None else cursors.index(query.after) + 1
    last = first + query.limit
    return {
        "items": [as_model(model, one) for one in found[first:last]],
        "next": cursors[last - 1] if last < len(found) else None,
    }


class Strict(BaseModel):
    """A request body: unknown fields are refused, so a misspelt one is never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)


FleetPage = page_of(FleetOut)
VehiclePage = page_of(VehicleOut)
UploadPage = page_of(UploadOut)
MappingPage = page_of(MappingOut)
ChargePage = page_of(ChargeOut)
MonthPage = page_of(MonthOut)
OrderPage = page_of(OrderOut)
TradePage = page_of(TradeOut)
RetirementPage = page_of(RetirementOut)
JobPage = page_of(JobOut)
BatchPage = page_of(BatchRow)
AccountPage = page_of(AccountOut)
ProgrammePage = page_of(ProgrammeOut)


class UploadDetailOut(BaseModel):
    """An upload and every finding on its rows."""

    upload: UploadOut  # type: ignore[valid-type]
    issues: list[IssueOut]  # type: ignore[valid-type]


class ContradictionsOut(BaseModel):
    """What a batch's evidence says against it; empty if nothing does."""

    contradictions: list[ContradictionOut]  # type: ignore[valid-type]


class FleetIn(Strict):
    """A new fleet."""

    handle: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    title: str = Field(min_length=1, max_length=200)
    operator: str = Field(description="handle of the operator's account")


class VehicleIn(Strict):
    """A vehicle to enrol; the VIN is turned into a keyed commitment and not kept."""

    vehicle_id: str = Field(min_length=1, max_length=64)
    vin: str
    category: str
    powertrain: str
    from_month: str = Field(pattern=r"^\d{4}-\d{2}$")


class MoveIn(Strict):
    """Where a vehicle goes, the name it has there (the same if empty), and from when on."""

    to_fleet: str
    to_vehicle_id: str = Field("", max_length=64)
    from_month: str = Field(pattern=r"^\d{4}-\d{2}$")


class AccountIn(Strict):
    """A new account."""

    handle: str = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$")
    kind: Literal["driver", "operator", "trader"]
    person: str
    fleet: str | None = None


class WalletMessageOut(BaseModel):
    """What a wallet signs to be linked: its digest, and as eth_signTypedData_v4 takes it."""

    nonce: int
    expiry: int = Field(description="last second (Unix time) in which it counts")
    digest: str
    typed_data: dict[str, Any]


class WalletIn(Strict):
    """A wallet with its signature over the message it was offered."""

    wallet: str = Field(description="EIP-55 address")
    nonce: int = Field(ge=0)
    expiry: int = Field(gt=0)
    signature: str = Field(max_length=2 + 2 * 4096, description="hex: 65 bytes, or a contract's")


class FundsIn(Strict):
    """Settlement money to pay in."""

    amount_units: int = Field(gt=0, description="micro-units of money")


class TransferIn(Strict):
    """Grams to hand to somebody else."""

    recipient: str = Field(description="handle of an account, or an address")
    batch: str
    amount_g: int = Field(gt=0, description="grams of CO2e")


class UploadQuery(BaseModel):
    """How to read an upload. With `dry_run` nothing is kept and the answer comes at once."""

    model_config = ConfigDict(extra="forbid")
    programme: str
    filename: str = Field(min_length=1, max_length=255)
    format: str | None = None
    vehicle_id: str | None = Field(None, description="the vehicle of a log that names none")
    zone: str | None = Field(None, description="IANA time zone of local clocks")
    day: str | None = Field(None, description="day (YYYY-MM-DD) of a log whose clock has no date")
    sheet: str | None = Field(None, description="the sheet of a workbook with several")
    dry_run: bool = False


class ProposalQuery(BaseModel):
    """The file to propose a mapping for (the body), and what the mapping is to be called."""

    model_config = ConfigDict(extra="forbid")
    filename: str = Field(min_length=1, max_length=255)
    name: str = Field(min_length=1, max_length=60)
    sheet: str | None = Field(None, description="the sheet of a workbook with several")


class MappingIn(Strict):
    """A mapping as it was proposed, with its gaps filled in."""

    mapping: dict[str, Any]


class TokenIn(Strict):
    """Whose a charging token or contract is; an empty vehicle says that it is nobody's."""

    token: str = Field(min_length=1, max_length=200)
    vehicle_id: str = Field("", max_length=64)


class ChargesQuery(BaseModel):
    """How to read a file of charges. With `dry_run` nothing is kept; the answer comes at once."""

    model_config = ConfigDict(extra="forbid")
    filename: str = Field(min_length=1, max_length=255)
    sheet: str | None = Field(None, description="the sheet of a workbook with several")
    dry_run: bool = False


class MonthIn(Strict):
    """Which vehicle-months; without a vehicle, all of the fleet."""

    vehicle_id: str | None = None


class PreviewQuery(BaseModel):
    """Under which programme."""

    model_config = ConfigDict(extra="forbid")
    programme: str


class SealIn(Strict):
    """Which batch to seal."""

    fleet: str
    programme: str
    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    verifier: str = Field(description="address of the verifier who shall sign")


class VerificationIn(Strict):
    """A verification document, whole."""

    document: str = Field(description="text of verification.json", max_length=2**19)


class OrderIn(Strict):
    """A sell or buy order for one batch, or for a class and year; the account's key signs it."""

    account: str
    side: Literal["sell", "buy"]
    batch: str | None = Field(None, description="id of one batch")
    class_label: str | None = Field(None, description="in place of a batch: any of this class")
    vintage_year: int | None = Field(None, description="and of this year")
    amount_g: int = Field(gt=0, description="grams of CO2e")
    price_units_per_t: int = Field(gt=0, description="micro-units of money per tonne")
    max_fee_bp: int = Field(10000, ge=0, le=10000, description="largest fee, basis points")
    min_fill_g: int = Field(1, gt=0)
    min_age_s: int | None = Field(None, ge=0, description="of a class: seconds since the issue")
    valid_s: int = Field(86400, gt=0, le=31536000)


class FillIn(Strict):
    """Grams of an order to take; a class order needs the batch."""

    account: str
    batch: str | None = None
    amount_g: int = Field(gt=0)


class FillAndRetireIn(FillIn):
    """Grams of a sell order to buy and retire at once."""

    beneficiary: str = Field(max_length=32)
    purpose: str = Field(max_length=32)


class BookQuery(Page):
    """Which part of the order book: of one batch, or of one class and year."""

    batch: str | None = None
    class_id: str | None = None
    class_label: str | None = None
    vintage_year: int | None = None


class CancelIn(Strict):
    """Who cancels."""

    account: str


class TradeIn(Strict):
    """Two orders to settle with each other."""

    sell_hash: str
    buy_hash: str
    batch: str
    amount_g: int = Field(gt=0)


class RetirementIn(Strict):
    """Grams to retire for ever."""

    account: str
    batch: str
    amount_g: int = Field(gt=0)
    beneficiary: str = Field(max_length=32)
    purpose: str = Field(max_length=32)


class JobRef(BaseModel):
    """Long work was taken on; look at `url` until it has ended."""

    job_id: str
    url: str
