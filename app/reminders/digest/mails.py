"""The digest as a finished mail: what needs its reader first, one button, then the lists. Rows in, a message out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import mailer
from app.accounts.models import Person
from app.accounts.stopping import stop_path
from app.languages import day_short, listed, moment, ngettext, span, using
from app.languages import gettext as _
from app.mailer import Content
from app.membership.shown import Missing, side_name
from app.outbox.service import Item, Mail
from app.registrations.letters import problem_of
from app.registrations.models import Registration
from app.reminders.digest.choosing import Choice, choose
from app.reminders.digest.queries import Facts
from app.reminders.digest.rules import Week
from app.reminders.rules import known_zone
from app.workshops.models import Workshop
from app.workshops.showing import entries

MOST = 6  # lines in one list; the pages have the rest


@dataclass(frozen=True)
class Line:
    """One workshop in a list: what, where it leads, and a few words."""

    title: str
    title_lang: str
    url: str
    words: str


@dataclass(frozen=True)
class Part:
    """A list under its heading; `more` says how many are left out."""

    heading: str
    lines: Sequence[Line]
    more: str


def digest(person: Person, facts: Facts, week: Week, now: datetime) -> Mail | None:
    """One person's week; None if there is nothing to say."""
    zone = known_zone(person.zone, "UTC")
    with using(person.lang):
        choice = choose(person, facts, now, zone)
        if not choice.says_something(now):
            return None
        content = _content(person, choice, week, zone)
    return _mail(person, week, content)


def unwritten(person: Person, week: Week, error: Exception) -> Mail:
    """In the place of one that could not be written: staff see to whom it was to go, and why it does not."""
    return _mail(person, week, Content("", "", ""), problem_of(error))


def key_of(person_id: int, week: Week) -> str:
    """What somebody's digest of a week is written under, once ever."""
    return f"digest:{person_id}:{week.code}"


def _mail(person: Person, week: Week, content: Content, problem: str = "") -> Mail:
    return Mail(
        kind="digest",
        person_id=person.id,
        lang=person.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[Item(key_of(person.id, week), f"person:{person.id}")],
        expires_at=week.expires_at,
        zone=known_zone(person.zone, "UTC"),
        unsubscribe=mailer.link(stop_path(person.id, "digest")),
        problem=problem,
    )


def _content(person: Person, choice: Choice, week: Week, zone: str) -> Content:
    urgent = [_asked(kind, one, zone) for kind, one in choice.awaited] + [_needed(one) for one in choice.needed]
    button_url, label = _button(person, choice)
    return mailer.render(
        "digest",
        person.lang,
        name=person.name,
        headline=_("Your week from %(day)s", day=day_short(week.monday)),
        what=listed(_summary(choice)),
        urgent=urgent,
        asks=bool(choice.awaited) or any(one.urgent for one in choice.needed),
        label=label,
        button_url=button_url,
        parts=[part for part in _parts(person, choice, zone) if part.lines],
        stop_url=mailer.link(stop_path(person.id, "digest")),
        choose_url=mailer.link(f"/{person.lang}/me/mails/"),
    )


def _summary(choice: Choice) -> list[str]:
    """The two weightiest things, for the subject."""
    counted = [
        (len(choice.awaited), ngettext("one answer awaited", "%(num)s answers awaited", len(choice.awaited))),
        (len(choice.needed), ngettext("one thing missing", "%(num)s things missing", len(choice.needed))),
        (len(choice.new), ngettext("one new workshop", "%(num)s new workshops", len(choice.new))),
        (len(choice.closing), ngettext("registration for one closes soon", "registration for %(num)s closes soon", len(choice.closing))),
        (len(choice.coming), ngettext("one workshop ahead", "%(num)s workshops ahead", len(choice.coming))),
    ]
    return [words for number, words in counted if number][:2]


def _asked(kind: str, one: Registration, zone: str) -> str:
    title = one.workshop.text.title
    if kind == "offer" and one.held_until is not None:
        return _("%(title)s: a seat is offered to you until %(when)s.", title=title, when=moment(one.held_until, zone))
    if kind == "date":
        return _("%(title)s: there is a new date. Can you still come?", title=title)
    return _("%(title)s: your answers to its questions are awaited.", title=title)


def _needed(one: Missing) -> str:
    what = _("%(side)s: register at least one person for “%(workshop)s”.", side=side_name(one.side), workshop=one.workshop.text.title)
    until = f"{one.closes_on} ({one.closes_here})" if one.closes_here else one.closes_on
    closes = _("Registration closes: %(when)s.", when=until)
    return f"{what} {closes}"


def _button(person: Person, choice: Choice) -> tuple[str, str]:
    """What is awaited first, then what is needed, else one's own page."""
    home = f"/{person.lang}"
    if choice.awaited:
        return mailer.link(f"{home}/me/registrations/{choice.awaited[0][1].id}"), _("Answer")
    if choice.needed:
        return mailer.link(f"{home}/workshops/{choice.needed[0].workshop.slug}/register"), _("Register")
    if choice.new or choice.closing:
        return mailer.link(f"{home}/workshops/"), _("See the workshops")
    return mailer.link(f"{home}/me/"), _("See my page")


def _parts(person: Person, choice: Choice, zone: str) -> list[Part]:
    mine = [
        _line(one.workshop, person, _state(one), mailer.link(f"/{person.lang}/me/registrations/{one.id}")) for one in choice.coming[:MOST]
    ]
    new, closing = ([_line(one, person, _until(one, zone)) for one in those[:MOST]] for those in (choice.new, choice.closing))
    return [
        Part(_("Your next workshops"), mine, _more(len(choice.coming))),
        Part(_("New in the network"), new, _more(len(choice.new))),
        Part(_("Registration closes within two weeks"), closing, _more(len(choice.closing))),
    ]


def _more(number: int) -> str:
    return ngettext("And one more.", "And %(num)s more.", number - MOST) if number > MOST else ""


def _line(workshop: Workshop, person: Person, words: str, url: str = "") -> Line:
    text = workshop.text
    where = workshop.place or entries.where(workshop)
    facts = [span(workshop.days[0].on, workshop.days[-1].on), where, words]
    lang = "" if text.lang == person.lang else text.lang
    return Line(text.title, lang, url or entries.page_url(workshop, person.lang), " · ".join(fact for fact in facts if fact))


def _state(one: Registration) -> str:
    names = {"waitlisted": _("On the waiting list"), "requested": _("Request sent"), "offered": _("Seat offered")}
    return names.get(one.state, _("Registered"))


def _until(workshop: Workshop, zone: str) -> str:
    closes = workshop.closes_at or workshop.starts_at
    return _("registration closes %(when)s", when=moment(closes, zone)) if closes else ""
