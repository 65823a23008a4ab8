"""Each of the 32 requirements of calendars has a test that bears its number."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_requirement_has_a_test_of_its_number() -> None:
    found: set[int] = set()
    for path in TESTS.rglob("test_*.py"):
        for names in re.findall(r"^def test_req((?:_\d\d)+)_", path.read_text(encoding="utf-8"), re.MULTILINE):
            found |= {int(number) for number in names.split("_")[1:]}
    assert found == set(range(1, 33))
