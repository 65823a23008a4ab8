"""Three readers of calendars by others, none of them built on the library that writes ours: two from PyPI, ical.js from npm."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests import servers

VOBJECT = import_module("vobject")  # by name, because these two are typed only in part
ICAL = import_module("ical.calendar_stream").IcsCalendarStream
SCRIPT = Path(__file__).with_name("read.cjs")
ICAL_JS = Path(__file__).parents[1] / "vendor" / "ical.min.cjs"


class Seen(NamedTuple):
    """An entry as a program shows it. `starts` and `ends` are seconds since 1970, or days."""

    uid: str
    title: str
    description: str
    location: str
    starts: float | str
    ends: float | str
    status: str
    sequence: int
    category: str
    url: str


Reader = Callable[[Sequence[bytes]], list[list[Seen]]]


def vobject(bodies: Sequence[bytes]) -> list[list[Seen]]:
    """As vobject 0.9 reads them, which Radicale and others use; it makes its clocks out of the VTIMEZONEs."""
    return [[_vobject(event) for event in VOBJECT.readOne(body.decode()).contents.get("vevent", [])] for body in bodies]


def _vobject(event: Any) -> Seen:
    def text(name: str) -> Any:
        found = getattr(event, name, None)
        return found.value if found is not None else ""

    return Seen(
        text("uid"),
        text("summary"),
        text("description"),
        text("location"),
        _instant(text("dtstart")),
        _instant(text("dtend")),
        text("status"),
        int(text("sequence")),
        ",".join(text("categories")),
        text("url"),
    )


def ical(bodies: Sequence[bytes]) -> list[list[Seen]]:
    """As ical reads them, which is Home Assistant's calendar."""
    return [[_ical(event) for event in ICAL.calendar_from_ics(body.decode()).events] for body in bodies]


def _ical(event: Any) -> Seen:
    return Seen(
        event.uid,
        event.summary,
        event.description or "",
        event.location or "",
        _instant(event.dtstart),
        _instant(event.dtend),
        str(event.status.value),
        event.sequence,
        ",".join(event.categories),
        str(event.url),
    )


def ical_js(bodies: Sequence[bytes]) -> list[list[Seen]]:
    """As ical.js reads them, which is Thunderbird's calendar. Raises servers.NotHere."""
    command = [servers.node(), str(SCRIPT), str(ICAL_JS)]
    done = subprocess.run(
        command, input=json.dumps([body.decode() for body in bodies]).encode(), capture_output=True, check=True, timeout=120
    )
    calendars: list[list[list[Any]]] = json.loads(done.stdout)
    return [[Seen._make("" if value is None else value for value in entry) for entry in calendar] for calendar in calendars]


READERS: dict[str, Reader] = {"vobject": vobject, "ical": ical, "ical.js": ical_js}


def _instant(at: date) -> float | str:
    return at.timestamp() if isinstance(at, datetime) else at.isoformat()
