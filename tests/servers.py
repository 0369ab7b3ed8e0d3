"""A real server for the tests: gunicorn, by the same code as `passerelle serve`, on a free port of loopback."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

_TOP = Path(__file__).parents[1]
_START_SECONDS = 30.0


class Server:
    """One installation in `folder`. `stop` is graceful, `kill` is kill -9 of all its processes; `start` works again after both."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.command = [sys.executable, "-m", "api.cli", "serve"]
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def environment(self) -> Mapping[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
        return others | {
            "PASSERELLE_PORT": str(self.port),
            "PASSERELLE_VAR": str(self.folder),
            "PASSERELLE_DATABASE_URL": self.database_url,
            "PASSERELLE_TEST_CLOCK": "1",
            "PYTHONPATH": str(_TOP),
            **{f"PASSERELLE_{name.upper()}": value for name, value in self._settings.items()},
        }

    @property
    def pid(self) -> int:
        assert self._process is not None, "The server was not started."
        return self._process.pid

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=dict(self.environment()),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, so that `kill` reaches every process of it and no other
            )
        self._wait_until_ready()

    def tool(self, *arguments: str) -> str:
        """What `passerelle` prints for these words, on this installation."""
        command = [*self.command[:-1], *arguments]
        done = subprocess.run(command, env=dict(self.environment()), cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        """SIGTERM, as systemd does; raises TimeoutExpired when it takes longer than half a minute."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(30)
        self._process = None

    def kill(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def tail(self, characters: int = 4000) -> str:
        return self.log.read_text(errors="replace")[-characters:]

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The server did not become ready on {self.url}:\n{self.tail()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
