"""The composition root: the only place where ports meet their adapters."""

from carbonbank.bootstrap.backup import backup, restore
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import init_keys, rotate_keys
from carbonbank.bootstrap.open_bank import open_bank, open_view

__all__ = [
    "DataDirectory",
    "backup",
    "init_keys",
    "open_bank",
    "open_view",
    "restore",
    "rotate_keys",
]
