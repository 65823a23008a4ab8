"""A load generator and servers to point it at: wrk (https://github.com/wg/wrk), granian with two workers."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.serving import THREADS as OUR_THREADS
from tests import servers

ROUNDS, SECONDS, CONNECTIONS, THREADS = 3, 4, 16, 2
LACKING = "There is no wrk, which makes the load, and it cannot be installed here. Debian: apt-get install wrk; macOS: brew install wrk"


@dataclass(frozen=True)
class Target:
    """One address at one server, asked for with these headers; or one of many, in random order."""

    port: int
    path: str
    headers: tuple[str, ...] = ()
    many: Path | None = None  # a file: an address a line, perhaps with the validator to send after a blank


def find_wrk() -> str:
    """wrk, installed where this machine lets us. Raises SystemExit with what to do."""
    if (found := shutil.which("wrk")) is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing wrk …", flush=True)
        subprocess.run(["apt-get", "install", "-y", "-q", "wrk"], check=False, capture_output=True)
        found = shutil.which("wrk")
    if found is None:
        raise SystemExit(LACKING)
    return found


def rates(targets: Sequence[Target], *, rounds: int = ROUNDS) -> list[float]:
    """Requests a second of each: turn by turn, the median of the rounds."""
    seen: list[list[float]] = [[] for _target in targets]
    for _round in range(rounds):
        for target, found in zip(targets, seen, strict=True):
            found.append(_rate(target))
    return [statistics.median(found) for found in seen]


def _rate(target: Target) -> float:
    command = [find_wrk(), f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
    for header in target.headers:
        command += ["-H", header]
    if target.many is not None:
        command += ["-s", str(Path(__file__).with_name("many.lua"))]
    address = f"http://127.0.0.1:{target.port}{target.path}"
    many = ["--", str(target.many)] if target.many else []
    said = subprocess.run([*command, address, *many], check=True, capture_output=True, text=True).stdout
    if "Non-2xx or 3xx" in said or "Socket errors" in said:
        message = f"{address} was not answered as it should be:\n{said}"
        raise SystemExit(message)
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


OURS = "wsgi:app"


@dataclass(frozen=True)
class Served:
    """A server that runs: its port, and the number of its first process."""

    port: int
    pid: int

    @property
    def memory(self) -> float:
        """PSS of the master and its workers, in MiB (Linux: /proc/…/smaps_rollup); what they share is counted once."""
        pids = [self.pid, *map(int, Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split())]
        found = [re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE) for pid in pids]
        return sum(int(one[1]) for one in found if one) / 1024


@contextmanager
def served(what: str, settings: dict[str, str], *, workers: int = 2) -> Iterator[Served]:
    """An app behind granian, in processes of its own, once it answers; ours as the README says for an installation."""
    port = servers.free_port()
    ours = ["flask", "--app", "wsgi", "serve"]
    theirs = ["granian", "--interface", "wsgi", "--no-access-log", "--blocking-threads", str(OUR_THREADS), what]
    server = subprocess.Popen(
        [sys.executable, "-m", *(ours if what == OURS else theirs), "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)],
        env={**os.environ, **settings, "TRUSTED_HOSTS": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError):
                get(port, "/healthz")
                break
            time.sleep(0.1)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        server.wait(20)


def get(port: int, path: str) -> tuple[float, bytes, str]:
    """One request on a new connection: seconds, bytes, validator."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    spent = time.perf_counter() - start
    connection.close()
    return spent, body, answer.headers.get("ETag", "")
