"""The bank as its use cases see it: ports, and nothing behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carbonbank.domain.factor import Factor
from carbonbank.ports import Chain, Clock, Press, Reader, Signer, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Ports handed to every use case by `bootstrap`.

    `registry_key` is the registrars' secret K of the VIN commitments; `factors` is the library;
    `new_secret` returns 32 fresh random bytes (bootstrap hands in the system's randomness).
    """

    store: Store
    chain: Chain
    signer: Signer
    clock: Clock
    reader: Reader
    press: Press
    factors: Mapping[str, Factor]
    registry_key: bytes
    new_secret: Callable[[], bytes]
