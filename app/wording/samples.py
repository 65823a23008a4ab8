"""A mail as it would look, made of sample facts and of the template that makes the real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace as Facts
from typing import Any
from zoneinfo import ZoneInfo

from app import mailer
from app.languages import city, current, day, hours, language, listed, moment, span, using
from app.languages import gettext as _
from app.mailer import Content
from app.wording import catalogue
from app.wording.catalogue import Editable, Sample, Text
from app.wording.catalogue.parts import REGISTRATION
from app.wording.saying import render, say

VENUE, READER = "America/Guatemala", {"sv": "Europe/Stockholm", "es": "America/Guatemala", "en": "Europe/Stockholm"}
STARTS, ENDS = time(9), time(16)
AHEAD = timedelta(days=28)  # so far is the sample's first day, or the Tuesday after
TUESDAY = 1
CODE, SEATS, DAYS = "K7M2PX", 2, 14


def look(mail: Editable, number: int, lang: str, *, today: date) -> Content:
    """The sample of that number in a language, as the texts are saved or tried."""
    with using(lang):
        sample = mail.samples[number] if number < len(mail.samples) else mail.samples[0]
        return _PAGES[mail.page](_Speech(mail, today), sample)


class _Speech:
    """Says the texts of one mail about the same facts."""

    def __init__(self, mail: Editable, today: date) -> None:
        self.mail = mail
        ahead = today + AHEAD
        self.first = ahead + timedelta(days=(TUESDAY - ahead.weekday()) % 7)
        self.last = self.first + timedelta(days=1)
        self.title = _("Clean water for everybody")
        self.organisation, self.network = Facts(name="Panajachel"), _("Network for Gender Equality")
        self.person = Facts(name="Elena Sicay", address="elena.sicay@panajachel.example")

    def words(self, name: str) -> str:
        """The text of that name with the sample's facts in it."""
        key = name if "." in name else f"{self.mail.kind}.{name}"
        text = catalogue.text(key)
        facts: dict[str, Any] = {
            "title": self.title,
            "when": self._when(text),
            "old": f"{day(self.first - timedelta(days=7))}, {hours(STARTS, ENDS)}",
            "name": self.person.name,
            "address": self.person.address,
            "by": "Lucía Chavajay",
            "organisation": self.organisation.name,
            "network": self.network,
            "pair": _("%(one)s and %(other)s", one="Umeå", other="Bogotá"),
            "code": CODE,
            "num": SEATS,
            "days": DAYS,
        }
        return say(key, **{known: facts[known] for known in text.known})

    def _when(self, text: Text) -> str:
        """Days in a subject (one of them where there are several workshops on it), a deadline elsewhere."""
        if text.name == "subject_several":
            return day(self.first)
        return self.dates if text.is_subject else moment(self._at(timedelta(days=-14)), READER[current()])

    @property
    def dates(self) -> str:
        return span(self.first, self.last)

    @property
    def clocks(self) -> list[tuple[str | None, str]]:
        """The venue's and the reader's, as real mails have them."""
        zone = READER[current()]
        if zone == VENUE:
            return [(hours(STARTS, ENDS), "Panajachel"), (None, _("The same hour in %(city)s", city=city(zone)))]
        own = [self._at(at=at).astimezone(ZoneInfo(zone)) for at in (STARTS, ENDS)]
        return [(hours(STARTS, ENDS), "Panajachel"), (hours(*own), city(zone))]

    def _at(self, off: timedelta = timedelta(0), at: time = STARTS) -> datetime:
        return datetime.combine(self.first + off, at, ZoneInfo(VENUE))


def _home() -> str:
    return mailer.link(f"/{current()}/")


def _registration(speech: _Speech, sample: Sample) -> Content:
    letter = Facts(
        begins="",
        kind=speech.mail.kind,
        subject=speech.words(sample.subject),
        heading=speech.words(sample.heading),
        reason="",
        words=[speech.words(name) for name in sample.words],
        button=str(sample.button or REGISTRATION),
        method=sample.method,
    )
    links = dict.fromkeys(("button_url", "manage_url", "calendar_url", "page_url"), _home())
    return mailer.render(
        "registration",
        current(),
        letter=letter,
        title=speech.title,
        title_lang=current(),
        off={"workshop_cancelled": "all", "workshop_postponed": "days"}.get(speech.mail.kind, ""),
        first=speech.first,
        last=speech.last,
        dates=speech.dates,
        clocks=speech.clocks,
        rows=[],
        place="Centro cultural, Panajachel, Guatemala",
        join_url="",
        spoken="",
        calendar_ways=[],
        short_ways=[],
        **links,
    )


def _reminder(speech: _Speech, sample: Sample) -> Content:
    after, several = sample.subject in {"subject_after", "subject_absent"}, sample.subject == "subject_several"
    gathering = Facts(
        title=speech.title,
        title_lang="",
        eyebrow=_("It is over") if after else _("In one week"),
        first=speech.first,
        last=speech.last,
        when=speech.dates,
        clocks=speech.clocks,
        lines=["Centro cultural, Panajachel, Guatemala"],
        quiet=[listed([language("es"), language("sv")])],
        words=[speech.words(name) for name in sample.words],
        join_url="",
        manage_url=_home(),
        calendar_url=_home(),
        letter_url=_home() if sample.subject == "subject_letter" else "",
        over=after,
        feedback_url="",
    )
    return render(
        "reminder",
        current(),
        gatherings=[gathering] * (2 if several else 1),
        name=speech.person.name,
        seated="seat" in sample.words,
        headline=speech.words(sample.subject),
        stop_url=_home(),
    )


def _held_seats(speech: _Speech, sample: Sample) -> Content:
    workshop = Facts(text=Facts(title=speech.title), days=[Facts(on=speech.first), Facts(on=speech.last)])
    return render(
        "held_seats",
        current(),
        subject=speech.words(sample.subject),
        heading=speech.words(sample.heading),
        until=speech.words("until"),
        workshop=workshop,
        title_lang="",
        dates=speech.dates,
        organisation=speech.organisation,
        button_url=_home(),
    )


def _partnership(speech: _Speech, sample: Sample) -> Content:
    (words,) = sample.words
    names = {"visit": _("Visit"), "meeting": _("Meeting"), "milestone": _("Milestone")}
    told = Facts(
        title=speech.title,
        title_lang="",
        eyebrow=f"{names.get(words, _('Report due'))} · {_('%(one)s and %(other)s', one='Umeå', other='Bogotá')}",
        when=speech.dates,
        clocks=[],
        words=speech.words(words),
        ways=[],
        short_ways=[],
    )
    return render(
        "partnership",
        current(),
        headline=speech.words(sample.subject),
        name=speech.person.name,
        told=told,
        first=speech.first,
        last=speech.last,
        place="Bogotá",
        pair=_("%(one)s and %(other)s", one="Umeå", other="Bogotá"),
        asks=words == "late",
        **dict.fromkeys(("button_url", "calendar_url", "stop_url", "choose_url"), _home()),
    )


def _partnership_news(speech: _Speech, sample: Sample) -> Content:
    several = sample.subject == "subject_several"
    told = Facts(
        title=speech.title,
        title_lang="",
        what=_("Another time"),
        kind=_("Visit"),
        off="called_off" in sample.words,
        first=speech.first,
        last=speech.last,
        when=speech.dates,
        lines=["Bogotá"],
        was=speech.words("before") if "before" in sample.words or several else "",
    )
    return render(
        "partnership_news",
        current(),
        headline=speech.words(sample.subject),
        name=speech.person.name,
        pair=_("%(one)s and %(other)s", one="Umeå", other="Bogotá"),
        told=[told] * (2 if several else 1),
        words=speech.words(sample.words[0]),
        **dict.fromkeys(("button_url", "stop_url", "choose_url"), _home()),
    )


def _place(speech: _Speech, sample: Sample) -> Content:
    named_by = "Lucía Chavajay" if sample.heading == "heading_named" else ""
    facts = {"organisation": speech.organisation, "person": speech.person, "home": _home(), "named_by": named_by}
    return render(speech.mail.page, current(), **facts)


def _invitation(speech: _Speech, sample: Sample) -> Content:
    role = "officer" if sample.subject == "subject_staff" else None
    invitation = Facts(role=role, organisation=speech.organisation, organisation_role="member", invited_by="Karin Ahlqvist")
    return render("invitation", current(), invitation=invitation, accept=_home(), days=DAYS)


def _interest(speech: _Speech, sample: Sample) -> Content:
    letter = Facts(subject=speech.words(sample.subject), words=speech.words(sample.words[0]))
    facts = {"organisation": speech.organisation.name, "network": speech.network, "quoted": "", "quoted_lang": ""}
    staff = sample.subject in {"subject_new", "subject_news", "subject_gone"}
    return render("interest", current(), letter=letter, step=sample.words[0], url=_home(), staff=staff, **facts)


_PAGES: dict[str, Callable[[_Speech, Sample], Content]] = {
    "registration": _registration,
    "reminder": _reminder,
    "held_seats": _held_seats,
    "partnership": _partnership,
    "partnership_news": _partnership_news,
    "place_asked": _place,
    "place_confirmed": _place,
    "invitation": _invitation,
    "interest": _interest,
}
