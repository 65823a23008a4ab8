"""The mails about an expression of interest: to the people behind it, and to whoever of the staff looks after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person
from app.languages import using
from app.mailer import Content, link
from app.membership.interest.models import Interest
from app.outbox.service import Item, Mail
from app.registrations.coming.rules import by_day
from app.wording import render, say

AT_ONCE = ("received", "withdrawn")  # somebody has just pressed a button; all else arrives by day
STAFF_LANG = "sv"  # of an address without a person


@dataclass(frozen=True)
class Facts:
    """What the sentences may name."""

    organisation: str
    network: str
    name: str = ""


@dataclass(frozen=True)
class Letter:
    """The words of one step."""

    subject: str
    words: str


def _received(f: Facts) -> Letter:
    return Letter(
        say("interest.subject_received", organisation=f.organisation, network=f.network),
        say("interest.received", organisation=f.organisation, network=f.network),
    )


def _asked(f: Facts) -> Letter:
    return Letter(say("interest.subject_asked", organisation=f.organisation), say("interest.asked", network=f.network))


def _message(f: Facts) -> Letter:
    return Letter(say("interest.subject_message", organisation=f.organisation), say("interest.message", name=f.name))


def _accepted(f: Facts) -> Letter:
    return Letter(
        say("interest.subject_accepted", organisation=f.organisation, network=f.network),
        say("interest.accepted", organisation=f.organisation, network=f.network),
    )


def _declined(f: Facts) -> Letter:
    return Letter(say("interest.subject_declined", organisation=f.organisation), say("interest.declined", network=f.network))


def _withdrawn(f: Facts) -> Letter:
    return Letter(say("interest.subject_withdrawn", organisation=f.organisation), say("interest.withdrawn", network=f.network))


def _again(f: Facts) -> Letter:
    return Letter(say("interest.subject_again", organisation=f.organisation), say("interest.again", network=f.network))


def _joining(f: Facts) -> Letter:
    return Letter(say("interest.subject_joining", organisation=f.organisation), say("interest.joining", name=f.name))


def _joined(f: Facts) -> Letter:
    return Letter(say("interest.subject_joined", organisation=f.organisation), say("interest.joined", network=f.network))


def _new(f: Facts) -> Letter:
    return Letter(
        say("interest.subject_new", organisation=f.organisation),
        say("interest.new", name=f.name, organisation=f.organisation, network=f.network),
    )


def _news(f: Facts) -> Letter:
    return Letter(say("interest.subject_news", organisation=f.organisation), say("interest.news", name=f.name))


def _gone(f: Facts) -> Letter:
    return Letter(say("interest.subject_gone", organisation=f.organisation), say("interest.gone", name=f.name, network=f.network))


STEPS: dict[str, Callable[[Facts], Letter]] = {
    "received": _received,
    "asked": _asked,
    "message": _message,
    "accepted": _accepted,
    "declined": _declined,
    "withdrawn": _withdrawn,
    "again": _again,
    "joining": _joining,
    "joined": _joined,
    "new": _new,  # from here on to staff
    "news": _news,
    "gone": _gone,
}


@dataclass(frozen=True)
class News:
    """A step, who has taken it, what was said with it and in which language, and what tells it from the same step of another time."""

    step: str
    mark: str
    name: str = ""
    words: str = ""
    words_lang: str = ""


def about(row: Interest) -> str:
    """What all of its mails are about."""
    return f"interest:{row.id}"


def about_asked(row: Interest) -> str:
    """What a question of staff is taken back by, if it waits for the morning and is answered or decided before."""
    return f"interest:{row.id}:asked"


def about_joining(row: Interest, person_id: int) -> str:
    """What the question of somebody who asks to join is taken back by."""
    return f"interest:{row.id}:joining:{person_id}"


def to_person(news: News, row: Interest, to: Person, now: datetime, *, subject: str = "") -> Mail:
    """To somebody behind it, or who may let somebody join."""
    content = _content(news, row, to.lang, link(f"/{to.lang}/network/{row.network.slug}/interest"))
    at_once, usual = news.step in AT_ONCE, about_asked(row) if news.step == "asked" else about(row)
    return Mail(
        kind="interest",
        person_id=to.id,
        lang=to.lang,
        recipient=to.address,
        recipient_name=to.name,
        content=content,
        items=[Item(f"{about(row)}:{news.step}:{news.mark}:{to.id}", subject or usual)],
        due_at=now if at_once else by_day(now, to.zone),
        zone=None if at_once else to.zone,
    )


def to_staff(news: News, row: Interest, now: datetime) -> Mail | None:
    """To whom it is given, else to the network's own address; None where there is neither."""
    to = row.assigned if row.assigned is not None and row.assigned.is_staff and row.assigned.disabled_at is None else None
    address = to.address if to else row.network.contact
    if not address:
        return None
    lang = to.lang if to else STAFF_LANG
    return Mail(
        kind="interest",
        person_id=to.id if to else None,
        lang=lang,
        recipient=address,
        recipient_name=to.name if to else "",
        content=_content(news, row, lang, link(f"/{lang}/staff/interests/{row.id}/"), staff=True),
        items=[Item(f"{about(row)}:{news.step}:{news.mark}:staff", about(row))],
        due_at=by_day(now, to.zone) if to else now,
        zone=to.zone if to else None,
    )


def _content(news: News, row: Interest, lang: str, url: str, *, staff: bool = False) -> Content:
    with using(lang):
        facts = Facts(row.called, row.network.name, news.name)
        letter = STEPS[news.step](facts)
    return render(
        "interest",
        lang,
        letter=letter,
        step=news.step,
        organisation=facts.organisation,
        network=facts.network,
        quoted=news.words,
        quoted_lang=news.words_lang if news.words_lang != lang else "",
        url=url,
        staff=staff,
    )
