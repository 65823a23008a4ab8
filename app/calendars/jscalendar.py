"""A calendar of ours in JSON: a Group of Events (RFC 8984), out of the bytes of its iCalendar sibling, so that both say the same."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

_EVENT = re.compile(r"^BEGIN:VEVENT\r\n(.*?)^END:VEVENT\r$", re.DOTALL | re.MULTILINE)
_TRIGGER = re.compile(r"^TRIGGER:(\S+)\r$", re.MULTILINE)
_HEAD = re.compile(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^":;,]*))*):')
_PARAMETER = re.compile(r';([A-Z-]+)=("[^"]*"|[^":;,]*)')
_ESCAPED = re.compile(r"\\(.)")

Json = dict[str, Any]


class _Property(NamedTuple):
    """A line of a calendar, unfolded."""

    value: str
    parameters: dict[str, str]

    @property
    def text(self) -> str:
        return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], self.value)


_NOTHING = _Property("", {})


def group(calendar: bytes, *, uid: str, lang: str, updated: datetime, source: str = "") -> bytes:
    """All of a calendar that `feed` has made. `source` is where its next version is found; empty if the address is a secret.

    What RFC 8984 gives a default is left out where it is that, and nobody is a participant.
    """
    text = calendar.decode().replace("\r\n ", "")
    head = _properties(text.partition("\r\nBEGIN:V")[0])
    made: Json = {"@type": "Group", "uid": uid, "prodId": head["PRODID"].text, "updated": f"{updated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    made |= {"title": head["NAME"].text, "locale": lang}
    if source:
        made["source"] = source
    made["entries"] = [_event(found) for found in _EVENT.findall(text)]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _properties(text: str) -> dict[str, _Property]:
    """The properties of one component by their names; each of ours is there once."""
    found = {}
    for line in text.split("\r\n"):
        if head := _HEAD.match(line):
            parameters = {name: value.strip('"') for name, value in _PARAMETER.findall(head[2])}
            found[head[1]] = _Property(line[head.end() :], parameters)
    return found


def _event(text: str) -> Json:
    own, _begin, alarms = text.partition("\r\nBEGIN:VALARM\r\n")
    event = _properties(own)
    made: Json = {
        "@type": "Event",
        "uid": event["UID"].value,
        "created": _instant(event["CREATED"]),
        "updated": _instant(event["LAST-MODIFIED"]),
        "sequence": int(event["SEQUENCE"].value),
        "title": event["SUMMARY"].text,
        "locale": event["SUMMARY"].parameters["LANGUAGE"],
        **({"description": event["DESCRIPTION"].text} if "DESCRIPTION" in event else {}),
        **_times(event["DTSTART"], event["DTEND"]),
        "status": event["STATUS"].value.lower(),
    }
    if event["TRANSP"].value == "TRANSPARENT":
        made["freeBusyStatus"] = "free"
    if location := _location(event):
        made["locations"] = {"1": location}
    if "CONFERENCE" in event:
        made["virtualLocations"] = {"1": {"@type": "VirtualLocation", "uri": event["CONFERENCE"].value, "features": {"video": True}}}
    made["links"] = {"1": {"@type": "Link", "href": event["URL"].value, "contentType": "text/html", "rel": "describedby"}}
    if "CATEGORIES" in event:
        made["keywords"] = {_Property(word, {}).text: True for word in event["CATEGORIES"].value.split(",")}  # none has a comma in it
    if triggers := _TRIGGER.findall(alarms):
        made["alerts"] = {str(number): _alert(offset) for number, offset in enumerate(triggers, 1)}
    return made


def _times(start: _Property, end: _Property) -> Json:
    """Start on the wall of its zone, and how long it is (sections 5.1.1, 5.1.2, 4.2.3, 4.7.1)."""
    if start.parameters.get("VALUE") == "DATE":
        first, after = date.fromisoformat(start.value), date.fromisoformat(end.value)
        return {"start": f"{first}T00:00:00", "duration": f"P{(after - first).days}D", "showWithoutTime": True}
    zone = start.parameters.get("TZID", "Etc/UTC")
    first, after = (datetime.fromisoformat(wall.value.removesuffix("Z")).replace(tzinfo=ZoneInfo(zone)) for wall in (start, end))
    return {"start": f"{first:%Y-%m-%dT%H:%M:%S}", "timeZone": zone, "duration": _duration(after.astimezone(UTC) - first.astimezone(UTC))}


def _duration(length: timedelta) -> str:
    """The time that passes, in hours and less: a day may have 23 of them (section 1.4.6)."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    parts = ((minutes // 60, "H"), (minutes % 60, "M"), (seconds, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def _location(event: dict[str, _Property]) -> Json:
    """Name and point; nothing where neither is known (section 4.2.5, RFC 5870)."""
    made: Json = {}
    if name := event.get("LOCATION", _NOTHING).text:
        made["name"] = name
    if point := event.get("GEO", _NOTHING).value:
        made["coordinates"] = "geo:" + point.replace(";", ",")
    return {"@type": "Location", **made} if made else {}


def _alert(offset: str) -> Json:
    return {"@type": "Alert", "trigger": {"@type": "OffsetTrigger", "offset": offset}, "action": "display"}


def _instant(found: _Property) -> str:
    """UTCDateTime (section 1.4.4)."""
    return f"{datetime.fromisoformat(found.value):%Y-%m-%dT%H:%M:%SZ}"
