"""One table per record class, generated from the dataclasses in `domain/records.py`.

Both databases see the same values: text is compared by code point (collation C), integers fit
64 bits, times are UTC to the microsecond, NULL sorts before everything. A value that one database
would refuse is refused before either sees it.
"""

import re
from dataclasses import fields
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from carbonbank.domain.records import (
    PROJECTIONS,
    TRUTH,
    Account,
    ApiKey,
    ChainBatch,
    ChainHolding,
    ChainLog,
    ChainPayout,
    ChainRetirement,
    ChainTrade,
    ChargeSession,
    ChargeTelling,
    Intent,
    SealedBatch,
    StoredOrder,
    StoredTrip,
    Vehicle,
    VehicleMonth,
    VehiclePrint,
    WalletLink,
)
from carbonbank.errors import InvariantBroken, Unstorable

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

INDEXES: dict[type, tuple[tuple[str, ...], ...]] = {
    Account: (("address",), ("fleet",)),
    WalletLink: (("wallet",),),
    Vehicle: (("commitment",),),
    StoredTrip: (("fleet", "vehicle_id", "month"), ("fleet", "file_hash"), ("start_at",)),
    ChargeTelling: (("fleet", "file_hash"),),
    VehiclePrint: (("value",),),
    ChargeSession: (("fleet", "vehicle_id", "month"), ("fleet", "file_hash")),
    VehicleMonth: (("batch_id",), ("fleet", "month")),
    SealedBatch: (("fleet", "month"), ("state",)),
    StoredOrder: (("account",), ("batch_id",)),
    Intent: (("sender", "nonce"),),
    ApiKey: (("secret_hash",),),
    ChainLog: (("tx_hash",), ("name",)),
    ChainBatch: (("fleet_id", "month"),),
    ChainHolding: (("batch_id",),),
    ChainPayout: (("address",),),
    ChainRetirement: (("batch_id",), ("holder",)),
    ChainTrade: (("batch_id",), ("seller",), ("buyer",)),
}
"""The indexes besides the primary keys: one line per question that is asked often."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes, microseconds kept; SQLite has no zones, so it stores the UTC clock."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Send UTC, without a zone where the database has none."""
        if value is None:
            return None
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return aware UTC whatever zone the connection speaks in."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COLUMN_TYPES: dict[type, TypeEngine[Any]] = {
    str: TEXT,
    int: sa.BigInteger(),
    bool: sa.Boolean(),
    bytes: sa.LargeBinary(),
    datetime: UtcDateTime(),
}


class Shape:
    """A record class as a table: its field types, its key and its values."""

    def __init__(self, kind: type, metadata: sa.MetaData) -> None:
        """Build the table of a record class.

        Raises:
            InvariantBroken: a field's type has no column type, or a key or index names no field.
        """
        self.kind = kind
        self.key: tuple[str, ...] = kind.KEY  # type: ignore[attr-defined]
        hints = get_type_hints(kind)
        self.types = {f.name: _plain(kind, f.name, hints[f.name]) for f in fields(kind)}
        indexes = INDEXES.get(kind, ())
        for name in (*self.key, *(n for index in indexes for n in index)):
            self.check_name(name)
        table_name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()
        self.table = sa.Table(
            table_name,
            metadata,
            *(
                sa.Column(
                    name,
                    COLUMN_TYPES[plain],
                    primary_key=name in self.key,
                    nullable=optional,
                    autoincrement=False,
                )
                for name, (plain, optional) in self.types.items()
            ),
            *(sa.Index(f"ix_{table_name}_{'_'.join(names)}", *names) for names in indexes),
        )

    def row(self, record: Any) -> dict[str, Any]:
        """Return a record's fields, each checked to be storable, times in UTC."""
        row = {name: getattr(record, name) for name in self.types}
        for name, value in row.items():
            self.check_value(name, value)
            if isinstance(value, datetime):
                row[name] = value.astimezone(UTC)
        return row

    def key_of(self, record: Any) -> tuple[Any, ...]:
        """Return a record's key."""
        return tuple(getattr(record, name) for name in self.key)

    def check_key(self, key: tuple[Any, ...]) -> dict[str, Any]:
        """Return key values by name, each checked."""
        if len(key) != len(self.key):
            raise InvariantBroken(f"{self.kind.__name__} has the key {self.key}, not {len(key)}")
        named = dict(zip(self.key, key, strict=True))
        self.check_filter(named)
        return named

    def check_filter(self, equal: dict[str, Any]) -> None:
        """Check the names and values of a question; a list stands for any of its values."""
        for name, value in equal.items():
            self.check_name(name)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    self.check_value(name, one)

    def check_name(self, name: str) -> None:
        """Raise `InvariantBroken` unless the record has this field."""
        if name not in self.types:
            raise InvariantBroken(f"{self.kind.__name__} has no field {name}")

    def check_value(self, name: str, value: object) -> None:
        """Check that a value has the field's type and that both databases can keep it.

        Raises:
            InvariantBroken: the code passed a wrong type or a naive datetime.
            Unstorable: an integer above 64 bits, or text that no database keeps.
        """
        plain, optional = self.types[name]
        if value is None and optional:
            return
        # `is`: a bool is an int to isinstance, and a subclass would come back as its base.
        if type(value) is not plain:
            raise InvariantBroken(f"{self.kind.__name__}.{name} is {type(value)}, not {plain}")
        if isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
            self._refuse(name, value, "does not fit 64 bits")
        if isinstance(value, str):
            if "\0" in value:
                self._refuse(name, value, "has a NUL character")
            if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
                self._refuse(name, value, "is not valid Unicode")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise InvariantBroken(f"{self.kind.__name__}.{name} has no time zone")

    def _refuse(self, name: str, value: Any, reason: str) -> None:
        shown = ascii(value)[:80]
        raise Unstorable(kind=self.kind.__name__, field=name, value=shown, reason=reason)


def _plain(kind: type, name: str, hint: Any) -> tuple[type, bool]:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    plain = [option for option in options if option is not NoneType]
    if len(plain) != 1 or plain[0] not in COLUMN_TYPES:
        raise InvariantBroken(f"{kind.__name__}.{name}: no column type for {hint}")
    return plain[0], NoneType in options


METADATA = sa.MetaData()
SHAPES: dict[type, Shape] = {kind: Shape(kind, METADATA) for kind in (*TRUTH, *PROJECTIONS)}


def shape_of(kind: type) -> Shape:
    """Return the shape of a record class."""
    if kind not in SHAPES:
        raise InvariantBroken(f"{kind.__name__} is in neither list of domain/records.py")
    return SHAPES[kind]
