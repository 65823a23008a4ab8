"""Plain values into iCalendar bytes: feeds, one-workshop files, invitations; feeds as JSON. The only importer of icalendar.

No queries, no clock, no language of its own: callers pass finished words. The same values always give the same bytes.
"""

from app.calendars.documents import MOST_ENTRIES, MOST_OCTETS, feed, file, invitation
from app.calendars.entries import Address, Days, Entry, Hours, Status, render_entry
from app.calendars.jscalendar import group
from app.calendars.lines import clean
from app.calendars.zones import Years, is_plain_zone

__all__ = [
    "MOST_ENTRIES",
    "MOST_OCTETS",
    "Address",
    "Days",
    "Entry",
    "Hours",
    "Status",
    "Years",
    "clean",
    "feed",
    "file",
    "group",
    "invitation",
    "is_plain_zone",
    "render_entry",
]
