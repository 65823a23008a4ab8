"""What we install is pinned, hashed, has a reason, and names no address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==(\S+)", re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_what_we_chose_by_hash_and_without_addresses(root: Path, name: str) -> None:
    chosen = dict(PIN.findall((root / f"{name}.in").read_text(encoding="utf-8")))
    lock = (root / f"{name}.txt").read_text(encoding="utf-8")
    locked = {package.lower(): version for package, version in PIN.findall(lock)}
    assert {package: locked.get(package.lower()) for package in chosen} == chosen
    assert [entry for entry in re.split(r"\n(?=\S)", lock) if PIN.match(entry) and "--hash=sha256:" not in entry] == []
    assert re.search(r"https?://|^-|--(extra-)?index", lock, re.MULTILINE) is None


def test_both_locks_agree(root: Path) -> None:
    run, test = (dict(PIN.findall((root / name).read_text(encoding="utf-8"))) for name in ("requirements.txt", "requirements-dev.txt"))
    assert {package: (run[package], test[package]) for package in run.keys() & test.keys() if run[package] != test[package]} == {}


def test_every_package_we_run_on_has_its_reason(root: Path) -> None:
    lines = (root / "requirements.in").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "==" in line and not re.search(r"\S\s+# \S", line)] == []
