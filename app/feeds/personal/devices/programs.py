"""Which program has fetched a calendar, in the words by which people know it; plain values only."""

from __future__ import annotations

import re

# a word of the agent, and the program: the first that fits, for many call themselves by several names
KNOWN = (
    ("google-calendar", "Google Calendar"),
    ("thunderbird", "Thunderbird"),
    ("dataaccessd", "Apple Calendar"),
    ("calendaragent", "Apple Calendar"),
    ("remotecalendar", "Apple Calendar"),
    ("icsx", "ICSx⁵"),
    ("davx", "DAVx⁵"),
    ("outlook", "Outlook"),
    ("microsoft exchange", "Outlook"),
    ("microsoft.exchange", "Outlook"),
    ("microsoft office", "Outlook"),
    ("nextcloud", "Nextcloud"),
    ("evolution", "GNOME"),
    ("gnome", "GNOME"),
    ("akonadi", "KDE"),
    ("vdirsyncer", "vdirsyncer"),
    ("ios/", "Apple Calendar"),
    ("macos/", "Apple Calendar"),
    ("mac os x/", "Apple Calendar"),
)
BROWSER = re.compile(r"mozilla/5\.0.*(firefox|chrome|safari|edg)", re.IGNORECASE)


def name(agent: str) -> str:
    """'Thunderbird' of 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Thunderbird/153.0'; else the agent's own first word.

    Nothing for an agent that says nothing, 'browser' for one.
    """
    small = agent.casefold()
    for word, program in KNOWN:
        if word in small:
            return program
    if BROWSER.search(agent):
        return "browser"
    return re.split(r"[\s/;(]", agent.strip(), maxsplit=1)[0][:40]
