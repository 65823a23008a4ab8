"""What a device sends that has checked people in, perhaps without network: read, and answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.attendance.models import SOURCES
from app.attendance.service import Outcome, Wish
from app.errors import Refused
from app.languages import gettext as _

MOST = 500  # at once; a device sends the rest with the next
OLDEST = timedelta(days=14)


@dataclass(frozen=True)
class Unread:
    """A press of which nothing can be written, by the device's own name for it, and why, in the reader's words."""

    key: str
    words: str


def read(sent: object, *, now: datetime) -> tuple[list[Wish], list[Unread]]:
    """The wishes in what was sent, and the presses that are none: one of those does not keep the others from being written.

    A device says how many seconds ago each button was pressed, because its clock may be wrong and its memory is not.
    Raises Refused for what is no list of presses; the device keeps all of it then.
    """
    taps = sent.get("taps") if isinstance(sent, dict) else None
    if not isinstance(taps, list) or len(taps) > MOST:
        raise Refused(_("What this device sent could not be read. Load the page again."))
    found = [_press(tap, now) for tap in taps]
    return [one for one in found if isinstance(one, Wish)], [one for one in found if isinstance(one, Unread)]


def _press(tap: Any, now: datetime) -> Wish | Unread:
    try:
        key, slot, number, age = str(tap["key"]), str(tap["slot"]), int(tap["registration"]), float(tap["age"])
        present, source, way = bool(tap["present"]), str(tap.get("source", "list")), str(tap.get("way", "on_site"))
        ago = timedelta(seconds=max(0.0, age))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return _unreadable(tap)
    if not 8 <= len(key) <= 40 or not key.isascii() or not key.isprintable() or not 0 < number < 2**31:
        return _unreadable(tap)
    if ago > OLDEST:
        words = _("This was pressed more than %(days)s days ago. Staff can type it into the attendance.", days=OLDEST.days)
        return Unread(key, words)
    return Wish(number, slot[:24], present, now - ago, key, way, source if source in SOURCES else "list")


def _unreadable(tap: Any) -> Unread:
    """Under the name that was sent, whatever it is, so that the device finds its press again."""
    key = tap.get("key") if isinstance(tap, dict) else None
    return Unread(key if isinstance(key, str) else "", _("This press could not be read. Press once more, or tell staff."))


def answer(outcomes: Iterable[Outcome], unread: Sequence[Unread], marks: dict[int, dict[str, str]], token: str) -> dict[str, Any]:
    """What the device needs to know: what became of each press, who is where now, and a token for the next time."""
    here: dict[str, list[int]] = {}
    for number, slots in marks.items():
        for slot in slots:
            here.setdefault(slot, []).append(number)
    done = [{"key": one.wish.key, "what": one.what, "name": one.name, "words": _said(one)} for one in outcomes]
    done += [{"key": one.key, "what": "refused", "name": "", "words": one.words} for one in unread]
    return {"done": done, "here": here, "token": token}


def _said(outcome: Outcome) -> str:
    """What the helper must hear of: a press that did not count."""
    if outcome.what != "later":
        return outcome.words
    if outcome.wish.present:
        return _("%(name)s: somebody took the check-in back later than you pressed. It stays taken back.", name=outcome.name)
    return _("%(name)s: somebody checked the person in later than you took it back. The check-in stays.", name=outcome.name)
