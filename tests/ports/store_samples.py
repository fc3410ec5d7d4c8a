"""Records for tests, with the odd values that databases are known to bend."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, get_type_hints

from carbonbank.domain.records import ChainMoney, Vehicle
from carbonbank.ports import Store
from carbonbank.store.tables import shape_of

ODD_TEXTS = ["", " end ", "O'Brien; --", "naïve 北京 🚗", "%s {x} \\ \n\t", "é", "e\u0301"]
INT64 = [-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1]
MICROSECOND_AT = datetime(2021, 7, 1, 23, 59, 59, 999_999, tzinfo=UTC)
SAMPLES: dict[Any, list[Any]] = {
    str: ODD_TEXTS,
    int: INT64,
    bool: [False, True],
    bytes: [b"", bytes(range(256))],
    datetime: [MICROSECOND_AT, datetime(1970, 1, 1, tzinfo=UTC)],
}


def samples_of(kind: type) -> list[Any]:
    """Records of a kind that together hold every odd value, each with a key of its own."""
    hints = get_type_hints(kind)
    choices: dict[str, list[Any]] = {}
    for field in fields(kind):
        options = getattr(hints[field.name], "__args__", (hints[field.name],))
        plain = next(option for option in options if option is not type(None))
        choices[field.name] = SAMPLES[plain] + ([None] if len(options) > 1 else [])
    rounds = max(len(some) for some in choices.values())
    made = [
        kind(**{name: some[i % len(some)] for name, some in choices.items()}) for i in range(rounds)
    ]
    return list({shape_of(kind).key_of(one): one for one in made}.values())


def money(address: str = "0xA", held_units: int = 5) -> ChainMoney:
    return ChainMoney(address=address, held_units=held_units)


def vehicle(vehicle_id: str, **changes: Any) -> Vehicle:
    plain = Vehicle(
        fleet="atlas",
        vehicle_id=vehicle_id,
        commitment="00",
        vehicle_index=None,
        category="L7e",
        powertrain="bev",
        from_month=24254,
    )
    return replace(plain, **changes)


def fill(store: Store, *records: Any) -> None:
    with store.begin() as session:
        for record in records:
            assert session.add(record)
