"""Files as people send them."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage

from tests import factories
from tests.conftest import Visitor

ADDRESS = "/en/staff/workshops/import"
HEAD = "title_sv,title_es,title_en,first_day,last_day,starts,ends,place,seats"
ROW = "Trygga torg,Plazas seguras,Safe squares,2025-06-03,2025-06-05,09:00,16:00,Umeå,36"
CARRIED = {"packed", "name", "seen", "network", "zone", "lang", "starts", "ends"}


def table(*rows: str, head: str = HEAD) -> str:
    """A CSV file of these rows; of ROW if there are none."""
    return "\r\n".join([head, *(rows or (ROW,)), ""])


def calendar(*events: str, more: str = "") -> str:
    """An iCalendar file; each entry is its lines."""
    entries = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{more}{entries}END:VCALENDAR\n".replace("\n", "\r\n")


def event(
    *more: str,
    uid: str = "a@x",
    start: str = "DTSTART;TZID=America/Bogota:20250603T090000",
    end: str = "DTEND;TZID=America/Bogota:20250603T160000",
) -> str:
    """An entry of seven hours in Bogotá."""
    return "\n".join(line for line in (f"UID:{uid}", "SUMMARY:Plazas seguras", start, end, *more) if line)


def staff(app: Flask) -> Visitor:
    """A programme officer's browser."""
    visitor = app.test_client()
    assert isinstance(visitor, Visitor)
    return visitor.signed_in(factories.person(staff="officer"))


def sent(data: str | bytes, name: str = "workshops.csv", **more: Any) -> dict[str, Any]:
    """The form with a file."""
    raw = data.encode() if isinstance(data, str) else data
    return {"file": FileStorage(BytesIO(raw), name), "zone": "America/Bogota", "lang": "es", "starts": "09:00", "ends": "16:00", **more}


def hidden(page: str) -> dict[str, str]:
    """What the page of the look sends back with its button."""
    fields = [dict(re.findall(r'(name|value)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*hidden[^>]*>", page)]
    return {field["name"]: unescape(field.get("value", "")) for field in fields if field.get("name") in CARRIED}
