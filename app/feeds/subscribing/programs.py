"""How it is done in each program, and how long it really takes until a change is seen: the specification of feeds, section 3."""

from __future__ import annotations

from dataclasses import dataclass

from app.languages import gettext as _

LIKELY = (  # what a browser calls its system -> the program that most people have there; the first that fits
    ("iphone", "apple-phone"),
    ("ipad", "apple-phone"),
    ("android", "google-phone"),
    ("macintosh", "apple-mac"),
    ("windows", "outlook"),
    ("linux", "thunderbird"),
)


@dataclass(frozen=True)
class Program:
    """One program: how often it looks again, and what to press there, step by step."""

    code: str
    name: str
    waits: str
    steps: list[str]


def likely(agent: str) -> str:
    """The code of the program that whoever has this browser most likely uses; nothing if it says nothing we know."""
    return next((code for word, code in LIKELY if word in agent.lower()), "")


def programs() -> list[Program]:
    """All that we know, those of most municipalities first."""
    half_a_day, yours = _("looks again every 12 to 24 hours"), _("looks again as often as you set it")
    hours_or_days = _("looks again after 4 to 24 hours, now and then only after days")
    return [
        Program(
            "outlook",
            _("Outlook on the web and the new Outlook for Windows and Mac"),
            half_a_day,
            [
                _("Press Outlook.com or Outlook at work above. Or copy the address and choose Add calendar, then Subscribe from web."),
                _("Paste the address, give the calendar a name and press Import. Take the copied address, which begins with https."),
            ],
        ),
        Program(
            "outlook-classic",
            _("Classic Outlook for Windows"),
            _("looks again about once an hour while it runs"),
            [
                _("Copy the address. In the calendar choose Add calendar, then From Internet."),
                _("Paste the address, and answer Yes when Outlook asks whether to subscribe."),
            ],
        ),
        Program(
            "outlook-phone",
            _("Outlook on a telephone"),
            half_a_day,
            [_("The app cannot subscribe. Do it once in Outlook on the web, with the same account: the app then shows it too.")],
        ),
        Program(
            "google",
            _("Google Calendar on a computer"),
            hours_or_days,
            [
                _("Press Google Calendar above and confirm. Or press + beside Other calendars, choose From URL and paste the address."),
                _("Nobody can make Google look sooner."),
            ],
        ),
        Program(
            "google-phone",
            _("Google Calendar on a telephone"),
            hours_or_days,
            [
                _("The app cannot subscribe. Do it once on a computer, with the same account."),
                _("Then open the menu in the app and tick the calendar. If it is not there, turn Sync on for it in the settings."),
            ],
        ),
        Program(
            "apple-phone",
            _("iPhone and iPad"),
            yours,
            [
                _("Press Open in my calendar, or point the camera at the QR code of a computer, and confirm with Subscribe."),
                _("How often it looks is set in Settings, under the accounts of Calendar, at Fetch New Data."),
            ],
        ),
        Program(
            "apple-mac",
            _("Calendar on a Mac"),
            yours,
            [
                _("Press Open in my calendar. Or choose File, New Calendar Subscription, and paste the address."),
                _("Choose at Auto-refresh how often it looks: from every five minutes to once a week. Every hour is enough."),
            ],
        ),
        Program(
            "thunderbird",
            "Thunderbird",
            yours,
            [
                _("Choose New Calendar, then On the Network, and paste the address. No user name is needed."),
                _("How often it looks is set in the properties of the calendar."),
            ],
        ),
        Program(
            "others",
            _("Other programs"),
            _("most look again at least once a day"),
            [_("Paste the address where the program speaks of a subscription, of iCalendar or of an Internet calendar.")],
        ),
    ]
