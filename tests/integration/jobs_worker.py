"""A worker process for test_jobs: notes each start of a job in a file, then takes its time."""

import sys
import time
from pathlib import Path
from typing import Any

from carbonbank.errors import Conflict
from carbonbank.jobs.durable import Worker


def main(url: str, notes: str) -> None:
    def slow(content: dict[str, Any]) -> dict[str, Any]:
        with Path(notes).open("a") as file:
            file.write("started\n")
        time.sleep(content["seconds"])
        return {"slept_s": content["seconds"]}

    def refuse(content: dict[str, Any]) -> dict[str, Any]:
        raise Conflict(kind="trip", key=content["key"], difference="distance_m")

    worker = Worker(url, "test", {"slow": slow, "refuse": refuse})
    worker.start()
    print("ready", flush=True)
    sys.stdin.read()
    worker.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
