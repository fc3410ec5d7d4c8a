"""Settings and the clock: the only place that reads the environment and the time."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is `CARBONBANK_<NAME>` in the environment (docs/reference/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="CARBONBANK_", extra="ignore")

    data: Path = Field(Path(".carbonbank"), description="data directory")
    database_url: str | None = Field(None, description="PostgreSQL URL; absent: SQLite in data")
    rpc_url: str | None = Field(None, description="JSON-RPC URL; absent: the embedded chain")
    confirmations: int = Field(0, description="blocks on top before a block counts")
    passphrase: SecretStr | None = Field(None, description="opens the bank's keystore")
    host: str = Field("127.0.0.1", description="address `serve` listens on")
    port: int = Field(8000, description="port `serve` listens on")
    upload_bytes_max: int = Field(2**30, description="largest upload in bytes")


class SystemClock:
    """The machine's clock, in UTC."""

    def now_at(self) -> datetime:
        """Return the current time."""
        return datetime.now(UTC)
