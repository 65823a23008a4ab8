#!/usr/bin/env python3
"""Sets up and runs the service, its tests and its benchmarks; needs Python 3.11 and its standard library, nothing else."""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit


def lacking(version: "tuple[int, ...]", *, venv_works: bool) -> str:
    """What this Python lacks and what to do about it, empty if nothing. The file parses on 3.6, so that this can be said."""
    if tuple(version[:2]) < (3, 11):
        newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
        advice = f"This machine has a newer one: {newer[0]} run.py" if newer else "Get it from https://www.python.org/downloads/"
        return f"This needs Python 3.11 or newer; this is Python {'.'.join(map(str, version[:3]))}. {advice}"
    if not venv_works:
        return "This Python cannot make environments. Debian and Ubuntu: apt install python3-venv. Then start this again."
    return ""


if __name__ == "__main__":
    complaint = lacking(sys.version_info[:3], venv_works=bool(find_spec("venv") and find_spec("ensurepip")))
    if complaint:
        sys.exit(complaint)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = ("requirements.txt", "requirements-dev.txt")
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30  # the scheduler finishes the mail that it is sending
LINES_OF_LOG = 25


class Stop(Exception):
    """Ends the program; says why."""


def say(words: str = "") -> None:
    print(words, flush=True)


# Setting up ----------------------------------------------------------------------------------------------------------


def set_up(*locks: str) -> None:
    """The environment with these locks installed; does nothing when it is so already. Raises Stop."""
    if not is_ours():
        say("Making the environment in .venv …")
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False, capture_output=True, text=True)
        if made.returncode:
            raise Stop("Could not make .venv:\n" + tail(made.stdout + made.stderr))
    for lock in locks:
        stamp = VENV / f"installed-{lock}"
        if is_stamped(stamp, [ROOT / lock]):
            continue
        say(f"Installing {lock} (only when it has changed) …")
        install(ROOT / lock)
        put_stamp(stamp, [ROOT / lock])


def is_ours() -> bool:
    """Whether .venv stands, and was made by a Python like this one: after an upgrade it holds nothing that runs."""
    settings = VENV / "pyvenv.cfg"
    made_by = re.search(r"^version\w* *= *(\d+)\.(\d+)", settings.read_text(encoding="utf-8"), re.MULTILINE) if settings.exists() else None
    return PYTHON.exists() and made_by is not None and tuple(map(int, made_by.groups())) == sys.version_info[:2]


def install(lock: Path) -> None:
    """Installs a hashed lock: by uv, by uv with the system's certificates, by pip. Raises Stop with what the last one said."""
    arguments = ["pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
    by_uv = ["uv", *arguments, "--python", str(PYTHON), "--compile-bytecode"]
    ways = [(by_uv, {}), (by_uv, {"UV_SYSTEM_CERTS": "1"})] if has_uv() else []
    for command, extra in [*ways, (arguments, {})]:
        done = subprocess.run([str(PYTHON), "-m", *command], check=False, capture_output=True, text=True, env={**quiet_pip(), **extra})
        if done.returncode == 0:
            return
    said = tail(done.stdout + done.stderr)
    raise Stop(f"{said}\n\nCould not install {lock.name}; what pip said stands above. Is there a way to PyPI, or a mirror that pip knows?")


def has_uv() -> bool:
    """Whether uv is there, after trying to get it; version and hashes stand in requirements-dev.txt."""
    pinned = re.search(r"^uv==(\S+) (?:\\\n.*)+", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)
    if pinned is None:
        return False
    asked = subprocess.run([str(PYTHON), "-m", "uv", "--version"], check=False, capture_output=True, text=True)
    if asked.stdout.split()[1:2] == [pinned.group(1)]:
        return True
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "uv.txt"
        lock.write_text(pinned.group(), encoding="utf-8")
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
        return subprocess.run(command, check=False, capture_output=True, env=quiet_pip()).returncode == 0


def quiet_pip() -> dict[str, str]:
    return {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def digest(files: list[Path]) -> str:
    """The SHA-256 of these files, and of the Python that they are for."""
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def is_stamped(stamp: Path, files: list[Path], *more: str) -> bool:
    """Whether the stamp was put when the files looked like this."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == " ".join([digest(files), *more])


def put_stamp(stamp: Path, files: list[Path], *more: str) -> None:
    stamp.write_text(" ".join([digest(files), *more]), encoding="utf-8")


def tail(text: str) -> str:
    """The last lines, where the reason stands."""
    return "\n".join(text.rstrip().splitlines()[-LINES_OF_LOG:])


# Running -------------------------------------------------------------------------------------------------------------


def serve(arguments: list[str]) -> int:
    """Runs web and scheduler until Ctrl-C or SIGTERM; 1 if one of them died."""
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Sets up and runs web and scheduler on what is in this folder, with demo data.",
        epilog="run.py test [pytest arguments] runs every test; run.py bench [name] runs the benchmarks.",
    )
    parser.add_argument("--port", type=int, help="port of the web pages; else 5000, or a free one if that is taken")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; else this machine only")
    parser.add_argument("--no-demo", action="store_true", help="no demo data, no /dev/mail")
    asked = parser.parse_args(arguments)
    port = pick_port(asked.port, asked.host)
    set_up("requirements.txt")
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "DEMO": "0" if asked.no_demo else "1"}
    address = env.setdefault("BASE_URL", f"http://{as_reached(asked.host)}:{port}")
    names = own_names(asked.host, names_here() if asked.host in ("0.0.0.0", "::") else [])  # noqa: S104  compared, not opened
    if names:
        env.setdefault("TRUSTED_HOSTS", ",".join([*names, str(urlsplit(address).hostname)]))
    instance = Path(env.get("INSTANCE") or ROOT / "instance")
    instance.mkdir(parents=True, exist_ok=True)
    web = [
        "granian",
        "--interface",
        "wsgi",
        "--host",
        asked.host,
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "4",
        "wsgi:app",
    ]
    prepare = ["flask", "--app", "wsgi", "prepare", *([] if asked.no_demo else ["--demo"])]
    schema = [*sorted((ROOT / "app" / "migrations").rglob("*.py")), ROOT / "requirements.txt"]
    programs: list[Program] = []
    try:
        known = is_stamped(instance / "prepared", schema, revision(instance))
        preparing = Program("prepare", prepare, env, instance, programs)
        if not known:
            preparing.finish()
        served = Program("web", web, env, instance, programs)
        if known:  # the tables are as this code expects them: no need to wait
            preparing.finish()
        put_stamp(instance / "prepared", schema, revision(instance))
        kept = [served, Program("scheduler", ["scheduler"], env, instance, programs)]
        wait_for(f"http://{as_reached(asked.host)}:{port}/readyz", kept, urlsplit(address).netloc)
        greet(address, preparing, kept, demo=not asked.no_demo)
        for line in warning(names, port, demo=not asked.no_demo):
            say(line)
        while True:
            check_alive(kept)
            time.sleep(0.5)
    finally:
        end(programs)


class Program:
    """A Python module that runs beside us, its words going to a log."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], instance: Path, programs: "list[Program]") -> None:
        self.name = name
        self.log = instance / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(PYTHON), "-m", *command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=os.name != "nt",  # Ctrl-C reaches us alone, and we end them in order
            )
        programs.append(self)

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def finish(self) -> None:
        """Until it has done its work. Raises Stop when it could not."""
        if self.process.wait():
            raise Stop(f"{tail(self.words())}\n\nCould not {self.name} the database; the end of {self.log} stands above.")


def end(programs: list[Program]) -> None:
    """Asks all to stop, insists after a while, with whatever they started."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for program in programs:
        if program.process.poll() is None:
            program.process.terminate()
    for program in programs:
        with suppress(subprocess.TimeoutExpired):
            program.process.wait(SECONDS_TO_STOP)
        if os.name != "nt":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(program.process.pid, signal.SIGKILL)
        elif program.process.poll() is None:
            program.process.kill()
        program.process.wait()


def wait_for(address: str, programs: list[Program], host: str) -> None:
    """Until that address answers 200, asked for by the name that is trusted. Raises Stop when a program dies or time is up."""
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach this machine's own address
    question = urllib.request.Request(address, headers={"Host": host})  # noqa: S310  http, made here
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        check_alive(programs)
        with suppress(urllib.error.URLError, OSError), directly.open(question, timeout=5):
            return
        time.sleep(0.1)
    said = tail(programs[0].words())
    raise Stop(f"{said}\n\n{address} was not ready within {SECONDS_TO_START} s; the end of {programs[0].log} stands above.")


def check_alive(programs: list[Program]) -> None:
    """Raises Stop with the end of its log when one has died."""
    for program in programs:
        if program.process.poll() is not None:
            raise Stop(
                f"{tail(program.words())}\n\nThe {program.name} process ended, so both are stopped; the end of {program.log} stands above."
            )


def revision(instance: Path) -> str:
    """The schema's revision that the embedded database says it has; empty when there is another database, or none."""
    file = instance / "workshops.sqlite"
    if os.environ.get("DATABASE_URL") or (ROOT / ".env").exists() or not file.exists():
        return f"unknown at {time.time_ns()}"  # never equal to an earlier one
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone())
    return f"unknown at {time.time_ns()}"


def pick_port(asked: "int | None", host: str) -> int:
    """The port asked for, else 5000, else a free one. Raises Stop when the one asked for is taken."""
    if asked is not None:
        if not is_free(asked, host):
            raise Stop(
                f"Port {asked} at {host} cannot be used: it is taken, not allowed, or not of this machine. Leave --port out for a free one."
            )
        return asked
    if is_free(5000, host):
        return 5000
    with socket.create_server((host, 0), family=family(host)) as probe:
        return int(probe.getsockname()[1])


def is_free(port: int, host: str) -> bool:
    """Whether nobody answers there (macOS lets two listen) and we may listen."""
    if not 0 < port < 65536:
        return False
    with socket.socket(family(host)) as probe:
        probe.settimeout(1)
        with suppress(OSError):
            probe.connect((as_reached(host).strip("[]"), port))
            return False
    try:
        socket.create_server((host, port), family=family(host)).close()
    except OSError:
        return False
    return True


def family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def as_reached(host: str) -> str:
    """The address to visit for an address to listen at."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not opened
    return f"[{host}]" if ":" in host else host


def own_names(host: str, here: "list[str]") -> "list[str]":
    """What others may call this machine when it listens at `host`, addresses first; empty when it listens to itself only.

    `here` is what the machine itself says it is called.
    """
    if host in ("localhost", "::1") or host.startswith("127."):
        return []
    found = here if host in ("0.0.0.0", "::") else [host]  # noqa: S104  compared, not opened
    names = [name.split("%", 1)[0] for name in found]  # an address of this link says on which card after a %
    others = [name for name in dict.fromkeys(names) if name and name != "::1" and not name.startswith("127.")]
    return [*others, "127.0.0.1", "::1", "localhost"]


def names_here() -> "list[str]":
    """The addresses of this machine and its name, as far as it knows them."""
    found = [outward_address()]
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)]
    return [*found, socket.gethostname()]


def outward_address() -> str:
    """The address of this machine on its network, empty if it has none. Nothing is sent: a datagram socket only looks up its route."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
        return str(probe.getsockname()[0])
    return ""


def warning(names: "list[str]", port: int, *, demo: bool) -> "list[str]":
    """What to say where others on the network can reach it."""
    if not names:
        return []
    reached = f"\nOthers on this network reach it at  http://{as_reached(names[0])}:{port}/"
    open_to_all = (
        "WARNING: this is the demo. Its passwords stand above, and anybody on this network can come in as staff. "
        "Nothing real belongs in it."
    )
    return [reached, open_to_all] if demo else [reached]


def greet(address: str, preparing: Program, kept: list[Program], *, demo: bool) -> None:
    """Where it runs, as whom to try it, where its mails and logs are."""
    say(f"\nIt runs at  {address}/\n")
    if demo:
        rows: list[dict[str, str]] = json.loads(next(line for line in reversed(preparing.words().splitlines()) if line.startswith("[")))
        width = max((len(row["is"]) for row in rows), default=0)
        for row in rows:
            say(f"  {row['is']:<{width}}  {row['address']:<36}  {row['password']}")
        say("\nMails that it sends are shown at /dev/mail." if not os.environ.get("MAIL_SERVER") else "\nMails go to MAIL_SERVER.")
    else:
        flask = PYTHON.with_name("flask").relative_to(ROOT)
        places = [f"BASE_URL={address}", *([f"INSTANCE={os.environ['INSTANCE']}"] if os.environ.get("INSTANCE") else [])]
        say(f"ICLD's network:          {' '.join(places)} {flask} --app wsgi network load")
        say(f"The first administrator: {' '.join(places)} {flask} --app wsgi staff invite ADDRESS --role administrator")
    say("Logs: " + " and ".join(str(program.log) for program in kept))
    say("Ctrl-C stops both.")


# The commands --------------------------------------------------------------------------------------------------------


def test(arguments: list[str]) -> int:
    """Runs the checks and every test, or what the arguments say to pytest."""
    set_up(*LOCKS)
    return subprocess.run([str(PYTHON), "-m", "tests", *arguments], cwd=ROOT, check=False).returncode


def bench(arguments: list[str]) -> int:
    """Runs the benchmarks, or the one that is named."""
    set_up(*LOCKS)
    return subprocess.run([str(PYTHON), "-m", "tests.benchmarks", *arguments], cwd=ROOT, check=False).returncode


def interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    commands = {"test": test, "bench": bench}
    try:
        if arguments[:1] and arguments[0] in commands:
            return commands[arguments[0]](arguments[1:])
        return serve(arguments)
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0 if arguments[:1] not in (["test"], ["bench"]) else 130
    except Stop as why:
        say(f"\n{why}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
