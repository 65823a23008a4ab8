"""One entry as links that open it, filled in, in a calendar on the web; whoever follows one still presses Save there.

Google's own form is documented by Google alone in parts, Outlook's by nobody; both as observed in
github.com/InteractionDesignFoundation/add-event-to-calendar-docs (services/google.md, services/outlook-web.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from html import escape
from unicodedata import combining
from urllib.parse import quote

from app.calendars.entries import Days, Entry, Status

MOST = 2000  # characters of a link: Outlook's servers and old mail programs cut longer ones
MOST_TITLE, MOST_PLACE = 500, 400  # of these, once percent-encoded, so that there is room for the text
GOOGLE = "https://calendar.google.com/calendar/render?action=TEMPLATE"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent"
OFFICE = "https://outlook.office.com/calendar/0/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent"


@dataclass(frozen=True, slots=True)
class Links:
    """The entry in Google Calendar, in Outlook.com (one's own account) and in Office 365 (the one of a workplace)."""

    google: str
    outlook: str
    office: str


def links(entry: Entry) -> Links | None:
    """The three links; None for what does not take place. Hours are in UTC, whole days end the day after the last one."""
    if entry.status is Status.CANCELLED:
        return None
    if isinstance(entry.when, Days):
        first, after = entry.when.first_day, entry.when.last_day + timedelta(days=1)
        dates, span = f"{first:%Y%m%d}/{after:%Y%m%d}", f"&startdt={first}&enddt={after}&allday=true"
    else:
        starts, ends = entry.when.starts.astimezone(UTC), entry.when.ends.astimezone(UTC)
        dates = f"{starts:%Y%m%dT%H%M%SZ}/{ends:%Y%m%dT%H%M%SZ}"
        span = "".join(f"&{name}={_encoded(f'{at:%Y-%m-%dT%H:%M:%SZ}')}" for name, at in (("startdt", starts), ("enddt", ends)))
    return Links(
        _link(f"{GOOGLE}&dates={_encoded(dates)}", entry, ("text", "details"), str),
        _link(OUTLOOK + span, entry, ("subject", "body"), _as_html),
        _link(OFFICE + span, entry, ("subject", "body"), _as_html),
    )


def _link(start: str, entry: Entry, names: tuple[str, str], written: Callable[[str], str]) -> str:
    """`start` with the title, the place and the text, of which as much as fits and then the page's address."""
    title, text = names
    start += f"&{title}={_bounded(entry.summary, MOST_TITLE, str, '…')}"
    if entry.location:
        start += f"&location={_bounded(entry.location, MOST_PLACE, str, '…')}"
    start += f"&{text}="
    return start + _bounded(entry.description or entry.url, MOST - len(start), written, f"…\n{entry.url}")


def _bounded(text: str, room: int, written: Callable[[str], str], ending: str) -> str:
    """The text percent-encoded, or as much of its beginning as `room` characters hold together with `ending`."""
    if len(_encoded(written(text))) <= room:
        return _encoded(written(text))
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_encoded(written(text[:middle] + ending))) <= room:
            low = middle
        else:
            high = middle - 1
    while low and combining(text[low]):  # an accent stays with its letter
        low -= 1
    return _encoded(written(text[:low].rstrip() + ending))


def _as_html(text: str) -> str:
    """Outlook reads the text as HTML: signs are signs, and lines break."""
    return escape(text, quote=False).replace("\n", "<br>")


def _encoded(text: str) -> str:
    """RFC 3986: a space is %20, because Outlook shows a + as it stands."""
    return quote(text, safe="")
