"""What is kept of people's own calendars: the very bytes, packed, and no more of them than there is room for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.feeds.personal import packed
from app.feeds.personal.packed import Own
from app.feeds.shelf import Kept
from tests.factories import NOW

BODY = b"BEGIN:VCALENDAR\r\nTZID:Europe/Stockholm\r\nSUMMARY:%d\r\nEND:VCALENDAR\r\n"


def _kept(number: int, body: bytes = b"", tag: str = "tag") -> Kept:
    return Kept(tag, NOW + timedelta(microseconds=number), NOW, body or BODY % number)


@pytest.mark.parametrize("body", [b"", BODY % 7, bytes(range(256)) * 200], ids=["empty", "small", "larger than a pattern"])
def test_what_comes_back_is_what_was_kept(body: bytes) -> None:
    own = Own()
    for number in range(3):
        own.put(f"person:{number}?sv&days", Kept("tag", NOW, NOW, body))
    later = NOW + timedelta(hours=1)
    found = own.current("person:2?sv&days", "tag", later)
    assert found is not None
    assert (found.body, found.etag, found.changed_at, found.checked_at) == (body, "tag", NOW, later)


def test_of_another_revision_or_another_address_there_is_nothing() -> None:
    own = Own()
    own.put("person:1?sv&days", _kept(1))
    assert own.current("person:1?sv&days", "tag2", NOW) is None
    assert own.current("person:1?sv&overview", "tag", NOW) is None
    own.put("person:1?sv&days", _kept(2, tag="tag2"))
    found = own.current("person:1?sv&days", "tag2", NOW)
    assert found is not None
    assert found.body == BODY % 2


def test_calendars_that_are_alike_take_little_room() -> None:
    own, words = Own(), b" ".join(b"%x" % (number * 7919) for number in range(500))
    for number in range(100):
        own.put(f"person:{number}?sv&days", _kept(number, BODY % number + words))
    assert own.octets < 100 * (packed.OVERHEAD + 200)


def test_who_has_not_asked_in_a_long_time_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_OCTETS", 20 * (packed.OVERHEAD + 100))  # a bound, so that a test need not write megabytes
    own = Own()
    for number in range(200):
        own.put(f"person:{number}?sv&days", _kept(number))
        assert own.current("person:0?sv&days", "tag", NOW) is not None
    assert own.octets < packed.MOST_OCTETS
    assert [number for number in range(100) if own.current(f"person:{number}?sv&days", "tag", NOW)] == [0]


def test_there_are_only_so_many_patterns() -> None:
    own = Own()
    for number in range(packed.MOST_PATTERNS + 5):
        own.put(f"person:1?{number}", _kept(number))
        found = own.current(f"person:1?{number}", "tag", NOW)
        assert found is not None
        assert found.body == BODY % number
