"""Commits one record, writes many more in a second transaction and waits there to be killed."""

import sys
import time

from carbonbank.domain.records import ErasableKey
from carbonbank.store.store import SqlStore

store = SqlStore(sys.argv[1])
with store.begin() as session:
    session.add(ErasableKey(subject="committed", secret="s"))
with store.begin() as session:
    session.put(ErasableKey(subject="committed", secret="overwritten"))
    # More than the page cache of SQLite, so that half of it is in the files already.
    for number in range(3000):
        session.add(ErasableKey(subject=f"half {number}", secret="s" * 2000))
    sys.stdout.write("inside\n")
    sys.stdout.flush()
    time.sleep(600)
