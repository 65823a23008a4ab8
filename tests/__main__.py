"""Runs the checks and the tests: what `python3 run.py test` calls once everything is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests import servers

Running = tuple[str, "subprocess.Popen[str]"]
ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("ruff", "check", "--output-format=concise"),
    ("ruff", "format", "--check", "--output-format=concise"),
    ("lint-imports", "--no-cache"),  # its cache takes an edited file for the old one
    ("djlint", "--lint", "--quiet", "app/templates"),
    ("pytest", "--collect-only", "--quiet"),  # compiles the tests once, and not in each worker
)
SLOW = (("mypy",),)  # over a minute where it has not been before: it goes on beside the first tests
WORKERS = ("-n", "3", "--dist", "worksteal")  # for two cores: one more, because some tests wait for other programs
MEMORY = Path("/dev/shm")  # noqa: S108  Linux's own folder of files in memory, in which each run has folders of its own
ROOM = 2_000_000_000  # bytes; a run needs less than half


def main(arguments: list[str]) -> int:
    """Everything if there are no arguments but --full; else pytest with these. 0 when all that could run is well."""
    env = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")]), **found(), **in_memory()}
    env.setdefault("PYTHONUNBUFFERED", "1")
    with tempfile.TemporaryDirectory(prefix="compiled", dir=env.get("TMPDIR")) as folder:
        if env.pop("PYTHONDONTWRITEBYTECODE", ""):
            env["PYTHONPYCACHEPREFIX"] = folder  # many programs are started, and each would compile all of ours anew
        return run(arguments, env)


def run(arguments: list[str], env: dict[str, str]) -> int:
    """In that environment; 0 when all that could run is well."""
    everything = not [argument for argument in arguments if argument != "--full"]
    slow = start(SLOW, env) if everything else []
    wrong = ended(start(CHECKS, env)) if everything else []
    workers = WORKERS if everything else ()
    tested = subprocess.run([sys.executable, "-m", "pytest", *workers, *arguments], cwd=ROOT, env=env, check=False).returncode
    wrong += ended(slow)
    if wrong:
        print(f"\nNOT WELL: {', '.join(wrong)} (see above)", flush=True)
    return tested or len(wrong)


def found() -> dict[str, str]:
    """Where PostgreSQL and Chromium are, said aloud; tests name what is missing by themselves."""
    places = {}
    if os.environ.get("TEST_DATABASE_URL"):
        print("PostgreSQL: TEST_DATABASE_URL")
    else:
        if (config := shutil.which("pg_config")) is not None:
            asked = subprocess.run([config, "--bindir"], check=False, capture_output=True, text=True).stdout.strip()
            os.environ.setdefault("TEST_PG_BIN", asked)
        try:
            places["TEST_PG_BIN"] = str(servers.postgres_binaries())
        except servers.NotHere as error:
            print(f"PostgreSQL: {error}")
        else:
            print(f"PostgreSQL: {places['TEST_PG_BIN']}")
    try:
        places["CHROMIUM"] = servers.chromium()
    except servers.NotHere:
        install_chromium()
    try:
        places["CHROMIUM"] = servers.chromium()
        print(f"Chromium: {places['CHROMIUM']}", flush=True)
    except servers.NotHere as error:
        print(f"Chromium: {error}", flush=True)
    return places


def in_memory() -> dict[str, str]:
    """Files of tests in memory where this machine has room there: thousands of databases are closed, and each waits for the disk."""
    if os.environ.get("TMPDIR") or not MEMORY.is_dir():
        return {}
    there = os.statvfs(MEMORY)
    fits = there.f_bavail * there.f_frsize >= ROOM and not there.f_flag & os.ST_NOEXEC  # some tests write programs
    return {"TMPDIR": str(MEMORY)} if fits and os.access(MEMORY, os.W_OK) else {}


def install_chromium() -> None:
    """Debian's own, where we may; else nothing."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    print("Chromium: installing Debian's package (once, a minute or two) …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run([apt, *command], env=quiet, check=False, capture_output=True, text=True)
        if done.returncode:
            print("apt-get said:\n" + "\n".join((done.stdout + done.stderr).rstrip().splitlines()[-5:]))


def start(commands: Sequence[Sequence[str]], env: dict[str, str]) -> list[Running]:
    """Starts checks side by side."""
    return [
        (" ".join(command), subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        for command in commands
    ]


def ended(running: list[Running]) -> list[str]:
    """Waits for them; shows what they say when they are not content; the names of those."""
    wrong = []
    for name, process in running:
        words, _nothing = process.communicate()
        print(f"{name}: {'well' if process.returncode == 0 else 'NOT WELL'}", flush=True)
        if process.returncode:
            print(words, flush=True)
            wrong.append(name)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
