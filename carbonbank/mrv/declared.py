"""Parts of a programme file: values declared with unit and evidence, and samples behind them.

Numbers are decimal strings and stay exact. Evidence that begins with `none` is no evidence.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from carbonbank.mrv.methods import confidence_v1, sampling_v1

Side = Literal["lower", "upper"]
CONFIDENCE_Z = Fraction("1.645")  # 90 %
PRECISION = Fraction("0.1")


class Part(BaseModel):
    """A JSON object of a programme file. Unknown fields are refused.

    Fields named in `LATER` are younger than the first packages: unset they are left out of the
    document, so that packages written before keep their bytes.
    """

    LATER: ClassVar[frozenset[str]] = frozenset()
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_serializer(mode="wrap")
    def _document(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        return {k: v for k, v in written.items() if v is not None or k not in self.LATER}


def parts_of(part: Part, place: str = "") -> Iterator[tuple[str, Part]]:
    """Yield every part inside a part with its place in the file: `project.transmission_loss`."""
    for name, value in part:
        inner = f"{place}.{name}" if place else name
        if isinstance(value, Part):
            yield inner, value
            yield from parts_of(value, inner)
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, Part):
                    yield f"{inner}.{number}", item
                    yield from parts_of(item, f"{inner}.{number}")


def decimal_text(text: str) -> str:
    """Refuse what is not a decimal of reasonable size."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or len(text) > 40 or abs(value.adjusted()) > 20:
        message = f"{text[:40]!r} is not a decimal of reasonable size"
        raise ValueError(message)
    return text


DecimalText = Annotated[str, AfterValidator(decimal_text)]


class Evidenced(Part):
    """Something that a verifier finds proven at `evidence`."""

    evidence: Annotated[str, Field(min_length=1)]

    @property
    def has_evidence(self) -> bool:
        """Whether a reference is given that a verifier can look up."""
        return not self.evidence.lower().startswith("none")


class Sample(Part):
    """The simple random sample a value was estimated from; numbers in the value's unit."""

    population: Annotated[int, Field(ge=2)]
    size: Annotated[int, Field(ge=2)]
    mean: DecimalText
    standard_deviation: DecimalText

    @model_validator(mode="after")
    def _is_large_enough(self) -> "Sample":
        mean, sd = Fraction(self.mean), Fraction(self.standard_deviation)
        if mean <= 0 or sd < 0:
            message = f"mean {self.mean} is not above 0 or deviation {sd} is below 0"
            raise ValueError(message)
        if self.size > self.population:
            message = f"{self.size} were sampled of {self.population}"
            raise ValueError(message)
        needed = min(
            self.population,
            ceil(
                sampling_v1.mean_size(Fraction(self.population), mean, sd, CONFIDENCE_Z, PRECISION)
            ),
        )
        if self.size < needed:
            message = f"{self.size} were sampled, 90/10 needs {needed} of {self.population}"
            raise ValueError(message)
        return self

    def holds(self, value: Fraction, side: Side) -> bool:
        """Whether a value stands at or beyond the conservative bound of the 95 % interval."""
        away = (1 if side == "upper" else -1) * (value - Fraction(self.mean))
        if self.size == self.population:  # a census has no error of sampling
            return away >= 0
        return confidence_v1.is_beyond_bound(away, Fraction(self.standard_deviation), self.size)


class Declared(Evidenced):
    """A value of the project, with its unit and where the verifier finds it proven.

    `factor` names a row of the library that holds the same number, when there is one; `sample`
    tells what it was estimated from.
    """

    LATER: ClassVar[frozenset[str]] = frozenset({"sample"})
    value: DecimalText
    unit: str
    factor: str | None = None
    sample: Sample | None = None

    @property
    def exact(self) -> Fraction:
        """The value as an exact fraction, in `unit`."""
        return Fraction(self.value)


def declared(
    unit: str, rule: str, holds: Callable[[Fraction], bool], side: Side | None = None
) -> AfterValidator:
    """Demand a unit and a range, and where sampling is allowed the side of the 95 % bound."""

    def check(value: Declared) -> Declared:
        if value.unit != unit:
            message = f"the unit is {unit}, not {value.unit}"
            raise ValueError(message)
        if not holds(value.exact):
            message = f"{value.value} is not {rule}"
            raise ValueError(message)
        if value.sample is not None:
            _check_sample(value, value.sample, side)
        return value

    return AfterValidator(check)


def _check_sample(value: Declared, sample: Sample, side: Side | None) -> None:
    if side is None:
        message = "this value is not estimated from a sample"
        raise ValueError(message)
    if not sample.holds(value.exact, side):
        message = (
            f"{value.value} {value.unit} does not reach the {side} 95 % bound of"
            f" {sample.size} samples with mean {sample.mean} and standard deviation"
            f" {sample.standard_deviation}"
        )
        raise ValueError(message)


def not_empty(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty list."""
    if not values:
        message = "the list is empty"
        raise ValueError(message)
    return values


def above_zero(unit: str, side: Side | None = None) -> AfterValidator:
    """Demand a positive value in a unit."""
    return declared(unit, "above 0", lambda v: v > 0, side)


def share(rule: str, holds: Callable[[Fraction], bool], side: Side | None = None) -> AfterValidator:
    """Demand a share of one."""
    return declared("1", rule, holds, side)


Efficiency = Annotated[Declared, share("above 0 and at most 1", lambda v: 0 < v <= 1)]
LossShare = Annotated[Declared, share("at least 0 and below 1", lambda v: 0 <= v < 1)]
Kwh = Annotated[Declared, above_zero("kWh")]
Handle = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
MonthLabel = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
