"""An unforgiving reader of JSCalendar Groups, written from RFC 8984's types: what may stand where, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unicodedata import is_normalized
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Check = Callable[[Any], bool]
Type = dict[str, Check]


def text(value: Any) -> bool:
    """String: I-JSON, and as our other calendars have it: NFC and no controls but tab and line end."""
    return isinstance(value, str) and is_normalized("NFC", value) and not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", value)


def matching(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*words: str) -> Check:
    return lambda value: value in words


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def unsigned(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def uri(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and not re.search(r'[\s<>"\\^`{}|]', value) and bool(urlsplit(value).scheme)


def zone(value: Any) -> bool:
    return isinstance(value, str) and bool(ZoneInfo(value).key)


def marks(value: Any) -> bool:
    """String[Boolean]: a set."""
    return isinstance(value, dict) and bool(value) and all(text(key) and one is True for key, one in value.items())


def numbered(of: Callable[[Any], bool]) -> Check:
    """Id[…]: a map."""
    return lambda value: (
        isinstance(value, dict)
        and bool(value)
        and all(re.fullmatch(r"[A-Za-z0-9_-]{1,255}", key) and of(one) for key, one in value.items())
    )


def of_type(name: str, must: Type, may: Type) -> Check:
    """An object with its @type, all of `must`, and of `may` what is there."""

    def check(value: Any) -> bool:
        assert isinstance(value, dict)
        assert value.get("@type") == name, value
        assert must.keys() <= value.keys(), (name, must.keys() - value.keys())
        assert value.keys() <= {"@type"} | must.keys() | may.keys(), (name, value.keys() - must.keys() - may.keys())
        wrong = {key: one for key, one in value.items() if key != "@type" and not {**must, **may}[key](one)}
        assert wrong == {}, (name, wrong)
        return True

    return check


INSTANT = matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z")  # section 1.4.4
LOCAL = matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?")  # 1.4.5
DURATION = matching(r"P(?=.)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)")  # 1.4.6
SIGNED = matching(r"[+-]?P(?=.)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)")  # 1.4.7
LANGUAGE = one_of("sv", "es", "en")  # RFC 5646
MEDIA = matching(r"[a-z]+/[a-z0-9.+-]+")

LINK = of_type("Link", {"href": uri}, {"contentType": MEDIA, "rel": one_of("describedby", "alternate", "icon"), "title": text})
LOCATION = of_type("Location", {}, {"name": text, "coordinates": matching(r"geo:-?\d+\.\d+,-?\d+\.\d+"), "timeZone": zone})
VIRTUAL = of_type("VirtualLocation", {"uri": uri}, {"name": text, "features": marks})
TRIGGER = of_type("OffsetTrigger", {"offset": SIGNED}, {"relativeTo": one_of("start", "end")})
ALERT = of_type("Alert", {"trigger": TRIGGER}, {"action": one_of("display", "email")})
EVENT = of_type(
    "Event",
    {
        "uid": matching(r"[a-z0-9.@-]+"),
        "created": INSTANT,
        "updated": INSTANT,
        "sequence": unsigned,
        "title": text,
        "locale": LANGUAGE,
        "start": LOCAL,
        "duration": DURATION,
        "status": one_of("confirmed", "cancelled", "tentative"),
        "links": numbered(LINK),
    },
    {
        "description": text,
        "timeZone": zone,
        "showWithoutTime": boolean,
        "freeBusyStatus": one_of("free", "busy"),
        "locations": numbered(LOCATION),
        "virtualLocations": numbered(VIRTUAL),
        "keywords": marks,
        "alerts": numbered(ALERT),
    },
)
GROUP = of_type(
    "Group",
    {"uid": matching(r"[a-z0-9.@-]+"), "updated": INSTANT, "entries": lambda found: isinstance(found, list) and all(map(EVENT, found))},
    {"prodId": text, "title": text, "locale": LANGUAGE, "source": uri},
)


def read(data: bytes) -> dict[str, Any]:
    """The Group in `data`; fails on a name that is there twice, and on whatever the RFC's types or our choice of them forbid."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    found = json.loads(data.decode("utf-8"), object_pairs_hook=once)
    assert GROUP(found)
    assert isinstance(found, dict)
    return found


def instants(event: dict[str, Any]) -> tuple[float | str, float | str]:
    """Start and end of an event in seconds since 1970, or as days, the last one not included."""
    start = datetime.fromisoformat(event["start"])
    parts = {unit: int(number) for number, unit in re.findall(r"(\d+)([DHMS])", event["duration"])}
    length = timedelta(days=parts.get("D", 0), hours=parts.get("H", 0), minutes=parts.get("M", 0), seconds=parts.get("S", 0))
    if event.get("showWithoutTime"):
        assert start.time().isoformat() == "00:00:00"
        return start.date().isoformat(), (start + length).date().isoformat()
    at = start.replace(tzinfo=ZoneInfo(event["timeZone"])).timestamp()
    return at, at + length.total_seconds()
