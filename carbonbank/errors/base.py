"""The trunk: four branches, each answering who must act."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(kw_only_default=True, eq_default=False)
class CarbonBankError(Exception):
    """Expected during normal operation. The message is made of the fields, values with units.

    A subclass declares its fields as annotations and `says` as the sentence that shows them:

        class MonthNotOver(RuleError):
            says = "month {month} is not over yet; it ends at {ends_at}"
            month: str
            ends_at: str
    """

    says: ClassVar[str] = "something expected went wrong"
    hint: ClassVar[str] = ""
    transient: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclass(eq=False, repr=False, kw_only=True)(cls)

    def __post_init__(self) -> None:
        super().__init__(str(self))

    def __str__(self) -> str:
        return self.says.format(**self.fields)

    def __repr__(self) -> str:
        return f"{self.code}({', '.join(f'{k}={v!r}' for k, v in self.fields.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.fields)

    @property
    def code(self) -> str:
        """The stable name of this error: the class name."""
        return type(self).__name__

    @property
    def fields(self) -> dict[str, Any]:
        """The values in the message, by name."""
        # The trunk itself is no dataclass; every subclass is.
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]


def _revive(cls: type[CarbonBankError], values: dict[str, Any]) -> CarbonBankError:
    return cls(**values)


class InputError(CarbonBankError):
    """The caller must send something else (HTTP 400/422, exit 2)."""


class RuleError(CarbonBankError):
    """Well formed, but the bank's rules say no (HTTP 409, exit 3)."""


class NotAllowed(RuleError):
    """The caller may not do this (HTTP 403, exit 4)."""


class NotFound(RuleError):
    """What was named does not exist (HTTP 404, exit 3)."""

    says = "there is no {kind} {key}"
    kind: str
    key: str


class Conflict(RuleError):
    """The same id exists with other content."""

    says = "{kind} {key} exists with other content: {difference}"
    kind: str
    key: str
    difference: str


class EdgeError(CarbonBankError):
    """The operator must act or wait (HTTP 502/503, exit 5)."""


class InvariantBroken(Exception):
    """A law of the house does not hold; a developer must act. Never caught."""
