"""Settings and the clock: the only place that reads the environment and the time."""

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is `CARBONBANK_<NAME>` in the environment (docs/reference/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="CARBONBANK_", extra="ignore")

    data: Path = Field(default=Path(".carbonbank"), description="data directory")
    database_url: str | None = Field(
        default=None, description="PostgreSQL URL; absent: SQLite in data"
    )
    rpc_url: str | None = Field(
        default=None, description="JSON-RPC URL; absent: the embedded chain"
    )
    confirmations: int = Field(default=0, description="blocks on top before a block counts")
    certifier: str | None = Field(
        default=None, description="certifier's address, for the first opening"
    )
    verifier: str | None = Field(
        default=None, description="verifier's address, for the first opening"
    )
    guardian: str | None = Field(
        default=None, description="guardian's address, for the first opening"
    )
    first_month: str = Field(
        default="2000-01", description="first creditable month, fixed at deployment"
    )
    fee_bps: int = Field(default=0, description="market's fee in basis points, fixed at deployment")
    proposers: str | None = Field(
        default=None,
        description="addresses, with commas, that schedule and cancel the admin's acts",
    )
    executors: str | None = Field(
        default=None, description="addresses that execute them; absent: the proposers"
    )
    admin_delay_s: int = Field(
        default=172800, description="seconds an act of the admin waits, set at deployment; demo: 0"
    )
    passphrase: SecretStr | None = Field(default=None, description="opens the bank's keystore")
    new_passphrase: SecretStr | None = Field(
        default=None, description="what `keys rotate` changes it to"
    )
    certifier_passphrase: SecretStr | None = Field(
        default=None, description="opens the certifier's own keystore for `programme certify`"
    )
    guardian_passphrase: SecretStr | None = Field(
        default=None, description="opens the guardian's own keystore for `guardian`"
    )
    admin_passphrase: SecretStr | None = Field(
        default=None, description="opens an administrator's own keystore for `admin`"
    )
    host: str = Field(default="127.0.0.1", description="address `serve` listens on")
    port: int = Field(default=8000, description="port `serve` listens on")
    upload_bytes_max: int = Field(default=2**30, description="largest upload in bytes")


def environment_without_settings() -> dict[str, str]:
    """Return the environment for another party's process: nothing in it is this bank's."""
    prefix = str(Settings.model_config["env_prefix"])
    return {name: value for name, value in os.environ.items() if not name.startswith(prefix)}


class SystemClock:
    """The machine's clock, in UTC."""

    def now_at(self) -> datetime:
        """Return the current time."""
        return datetime.now(UTC)
