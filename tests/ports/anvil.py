"""A real anvil on a free loopback port, stopped by whoever started it."""

import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
REMEDY = "run `npm ci --ignore-scripts` in the project's root"


class Anvil:
    """One running anvil; a new one forgets everything."""

    def __init__(self) -> None:
        kind = f"anvil-{platform.system().lower()}-{MACHINES[platform.machine()]}"
        binary = ROOT / "node_modules" / "@foundry-rs" / kind / "bin" / "anvil"
        if not binary.is_file():
            raise AssertionError(f"there is no {binary.relative_to(ROOT)}: {REMEDY}")
        # A file, not a pipe: anvil logs every request and would stop when nobody reads.
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [binary, "--host", "127.0.0.1", "--port", "0", "--accounts", "0"],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.url = self._listening_at()

    def _listening_at(self) -> str:
        while self._process.poll() is None:
            self._log.seek(0)
            if found := re.search(r"Listening on (127\.0\.0\.1:\d+)\n", self._log.read()):
                return f"http://{found[1]}"
            time.sleep(0.02)
        self._log.seek(0)
        raise AssertionError(f"anvil did not start: {self._log.read()}")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()
