"""Content lines of RFC 5545: what a text, an address, a point may contain, and how it is escaped, quoted and folded."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol
from unicodedata import normalize
from urllib.parse import quote, urlsplit, urlunsplit

from icalendar import vCalAddress, vDate, vUri
from icalendar.parser import Parameters

from app.errors import Refused

CRLF = b"\r\n"
WIDTH = 75  # octets of a line

_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LONG_BLANK = re.compile(r"[^\S\n]{20,}")
_LOOSE_MARK = re.compile("\n(?=[\u0300-\u036f])")
_BLANKS = re.compile(r"\s+")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_ADDRESS = re.compile(r"[^\s@\"<>,;:\\()\[\]]+@[^\s@\"<>,;:\\()\[\]/?#%]+")
_OUR_LINK = re.compile(r"https?://[a-z0-9.-]+(:[1-9][0-9]{0,3})?/[A-Za-z0-9._~/-]*")  # nothing in it that would be written otherwise
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_PLAIN_IN_LINK = "%/:?@!$&'()*+,;=~"
_PLAIN_IN_MAILTO = "!$'*+-._~"


class Value(Protocol):
    """A value of the icalendar library, where one of ours is bytes already."""

    def to_ical(self) -> bytes | str: ...


class _Quoted(Parameters):
    """Parameters whose CN always stands in quotes."""

    always_quoted = (*Parameters.always_quoted, "CN")  # type: ignore[assignment]  # typed there by its length


def line(name: str, value: bytes | Value, parameters: dict[str, str] | None = None) -> bytes:
    """One property, folded, with its CRLF."""
    data = value if isinstance(value, bytes) else _as_bytes(value)
    head = name.encode() + (_parameters(tuple(parameters.items())) if parameters else b"")
    content = head + b":" + data
    return (content if len(content) <= WIDTH else _folded(content)) + CRLF


@lru_cache(maxsize=256)
def _parameters(items: tuple[tuple[str, str], ...]) -> bytes:
    """`;NAME=value` for each, in order of the names."""
    data: bytes = _Quoted(items).to_ical()
    return b";" + data


def begin(component: str) -> bytes:
    """The first line of a component."""
    return b"BEGIN:" + component.encode() + CRLF


def end(component: str) -> bytes:
    """The last line of a component."""
    return b"END:" + component.encode() + CRLF


def _folded(content: bytes) -> bytes:
    """At most 75 octets a line, cut neither inside a UTF-8 sequence nor inside an escape.

    The library's folding walks through each character in Python, which was half the time of a whole feed.
    """
    parts, start, room = [], 0, WIDTH
    while len(content) - start > room:
        cut = start + room
        while content[cut] & 0b1100_0000 == 0b1000_0000:
            cut -= 1
        part = content[start:cut]
        if (len(part) - len(part.rstrip(b"\\"))) % 2:
            part = part[:-1]
        parts.append(part)
        start += len(part)
        room = WIDTH - 1
    return b"\r\n ".join([*parts, content[start:]])


def clean(text: str, field: str) -> str:
    r"""`text` as it goes into a calendar: NFC, `\n` for every kind of line break, no blanks at its ends.

    Twenty blanks or more become one, so that no folded line is blank. A mark that begins a line stands on a no-break space
    (Unicode 16.0 section 2.11): with the `n` of the line break before it, it would be one letter to whoever composes the file.
    Raises Refused, naming `field`, when control characters other than tab and line break, or halves of characters, are in it.
    """
    text = normalize("NFC", _BREAK.sub("\n", text))
    if _CONTROL.search(text):
        raise Refused(problems={field: f"Remove the control characters from this text ({field})"})
    return _LOOSE_MARK.sub("\n\u00a0", _LONG_BLANK.sub(" ", text.strip()))


def text_value(text: str, field: str) -> bytes:
    """A text of one or more lines."""
    return _escaped(clean(text, field))


def title_value(text: str, field: str) -> bytes:
    """A text of one line that must not be empty."""
    title = _BLANKS.sub(" ", clean(text, field))
    if not title:
        raise Refused(problems={field: f"Enter a text ({field})"})
    return _escaped(title)


def _escaped(text: str) -> bytes:
    r"""A TEXT value (RFC 5545 section 3.3.11). The library's vText takes the `\N` in `C:\New` for a line break."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").encode()


def list_value(texts: tuple[str, ...], field: str) -> bytes:
    """Texts separated by commas. A comma inside one is refused: KDE and Home Assistant split there, escaped or not."""
    if any("," in text for text in texts):
        raise Refused(problems={field: f"Write this without commas ({field})"})
    return b",".join(title_value(text, field) for text in texts)


def point_value(point: tuple[float, float], field: str) -> bytes:
    """Latitude and longitude in degrees (WGS 84), in plain decimals (the library's vGeo would write 1e-05)."""
    latitude, longitude = point
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(problems={field: "Latitude goes from -90 to 90, longitude from -180 to 180"})
    return f"{latitude:.6f};{longitude:.6f}".encode()


def link_value(url: str, field: str) -> bytes | Value:
    """An absolute web address, percent-encoded (RFC 3986), without user name and password."""
    if _OUR_LINK.fullmatch(url):
        return url.encode()
    problem = Refused(problems={field: f"Enter a full web address that begins with https:// ({field})"})
    if _CONTROL.search(url) or _BLANKS.search(url):
        raise problem
    try:
        parts = urlsplit(url)
        host = _ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise problem from None
    host = f"[{host}]" if ":" in host else host
    secrets = parts.username is not None or parts.password is not None
    if parts.scheme not in {"https", "http"} or not _HOST.fullmatch(host) or secrets:
        raise problem
    path, query, fragment = (
        quote(_STRAY_PERCENT.sub("%25", normalize("NFC", part)), safe=_PLAIN_IN_LINK) for part in (parts.path, parts.query, parts.fragment)
    )
    return vUri(urlunsplit((parts.scheme, host + port, path, query, fragment)))


def mail_value(address: str, field: str) -> Value:
    """A mailto: address (RFC 6068)."""
    if _CONTROL.search(address) or not _ADDRESS.fullmatch(address):
        raise Refused(problems={field: f"Enter an e-mail address such as name@example.org ({field})"})
    local, domain = address.split("@")
    try:
        host = _ascii_host(domain)
    except ValueError:
        raise Refused(problems={field: f"Enter an e-mail address such as name@example.org ({field})"}) from None
    return vCalAddress(f"mailto:{quote(normalize('NFC', local), safe=_PLAIN_IN_MAILTO)}@{host}")


def _ascii_host(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def common_name(name: str, field: str) -> str:
    """A person's name as a CN parameter, on one line, in quotes.

    A double quote cannot stand there and becomes a single one; a backslash, which some programs take for an escape
    before the closing quote, becomes a slash.
    """
    return _BLANKS.sub(" ", clean(name, field)).replace('"', "'").replace("\\", "/")


def instant_value(instant: datetime) -> bytes:
    """An aware instant in UTC, to the second."""
    if instant.tzinfo is None:
        message = f"{instant} has no time zone"
        raise ValueError(message)
    return _digits(instant.astimezone(UTC)) + b"Z"


def wall_value(wall: datetime) -> bytes:
    """A clock time as a clock on the wall shows it; the line must carry its TZID."""
    return _digits(wall)


def _digits(wall: datetime) -> bytes:
    """As the library's vDatetime writes them, which first looks for the name of the zone, in a seventh of a whole feed's time."""
    return f"{wall.year:04}{wall.month:02}{wall.day:02}T{wall.hour:02}{wall.minute:02}{wall.second:02}".encode()


def day_value(day: date) -> Value:
    """A calendar day."""
    return vDate(day)


def word_value(word: str) -> bytes:
    """One of our own ASCII constants, as it stands."""
    return word.encode("ascii")


def _as_bytes(value: Value) -> bytes:
    data = value.to_ical()
    return data if isinstance(data, bytes) else data.encode()
