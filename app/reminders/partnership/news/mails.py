"""The mail to whoever belongs to a partnership about dates that are new, moved or called off: when it was, when it is, on both clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from app.accounts.models import Person
from app.accounts.stopping import stop_path
from app.languages import current, span, using
from app.languages import gettext as _
from app.mailer import Content, link
from app.membership.partnership import entries
from app.membership.partnership.entries import Dated
from app.membership.partnership.rules import Stand, instants
from app.membership.partnership.shown import kind_name, title_in
from app.membership.told import pair_name
from app.outbox.service import USEFUL, Item, Mail
from app.reminders.partnership.news.queries import KIND, topic
from app.reminders.partnership.news.rules import What, leaves_at, pack, useful_until
from app.reminders.partnership.queries import subject
from app.reminders.rules import known_zone
from app.wording import render, say


@dataclass(frozen=True)
class Change:
    """What has become of a date that `stood` so for its reader; None if they have not heard of it."""

    what: What
    row: Dated
    stood: Stand | None

    @property
    def known(self) -> Dated:
        """The date when its reader believes it to be."""
        if self.stood is None:
            return self.row
        starts_at, ends_at = instants(self.stood)
        return self.row._replace(**{**self.stood._asdict(), "place": self.row.place, "starts_at": starts_at, "ends_at": ends_at})

    @property
    def shown(self) -> Dated:
        """When it is; one that is called off, when it was to be."""
        return self.known if self.what == "called_off" else self.row


@dataclass(frozen=True)
class Told:
    """The same in the reader's words; `was`, when it has moved."""

    title: str
    title_lang: str
    what: str
    kind: str
    off: bool
    first: date
    last: date
    when: str
    lines: Sequence[str]
    words: str
    was: str


def news(changes: Sequence[Change], person: Person, *, now: datetime) -> Mail:
    """All that has changed, to one person."""
    stop, zone = link(stop_path(person.id, "partnerships")), known_zone(person.zone, "UTC")
    rows = [row for one in changes for row in (one.shown, one.known)]
    starts = [row.starts_at for row in rows]
    due_at = leaves_at(now, zone, starts)
    partnership_id = changes[0].row.partnership_id
    with using(person.lang):
        content = _content(changes, person, zone, stop)
    return Mail(
        kind=KIND,
        person_id=person.id,
        lang=person.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[Item(key_of(one, person.id), subject(one.row.id), topic(partnership_id)) for one in changes],
        due_at=due_at,
        expires_at=useful_until(due_at, [row.ends_at for row in rows], USEFUL),
        rank_at=min(starts),
        zone=zone,
        unsubscribe=stop,
    )


def key_of(change: Change, person_id: int) -> str:
    """What it is written under: a name of its own, and how the date stood for its reader."""
    return f"date_news:{change.row.id}:{person_id}:{uuid4().hex[:8]}:{pack(change.stood)}"


def _content(changes: Sequence[Change], person: Person, zone: str, stop_url: str) -> Content:
    lang, row = current(), changes[0].row
    pair = pair_name(row.right, row.left)
    told = [_told(one, zone) for one in changes]
    several = len(told) > 1
    return render(
        KIND,
        lang,
        headline=say("partnership_news.subject_several", pair=pair) if several else _headline(changes[0], told[0]),
        name=person.name,
        pair=pair,
        told=told,
        words=say("partnership_news.several") if several else told[0].words,
        button_url=link(f"/{lang}/me/partnerships/{row.slug}/"),
        stop_url=stop_url,
        choose_url=link(f"/{lang}/me/mails/"),
    )


def _told(one: Change, zone: str) -> Told:
    row = one.shown
    title, title_lang = title_in(row.titles)
    return Told(
        title=title,
        title_lang="" if title_lang == current() else title_lang,
        what={"added": _("New date"), "moved": _("Another time"), "place": _("Another place"), "called_off": _("Called off")}[one.what],
        kind=kind_name(row.kind),
        off=one.what == "called_off",
        first=row.starts_on,
        last=row.ends_on,
        when=span(row.starts_on, row.ends_on),
        lines=[*entries.clocks(row, zone), *([row.place] if row.place else [])],
        words=_words(one),
        was=say("partnership_news.before", old=_when(one.known, zone)) if one.what == "moved" else "",
    )


def _when(row: Dated, zone: str) -> str:
    """'1–3 September 2025 · 09:00–16:00 in Bogotá · 16:00–23:00 in Stockholm'."""
    return " · ".join([span(row.starts_on, row.ends_on), *entries.clocks(row, zone)])


def _headline(one: Change, told: Told) -> str:
    if one.what == "added":
        return say("partnership_news.subject_added", title=told.title, when=told.when)
    if one.what == "called_off":
        return say("partnership_news.subject_called_off", title=told.title, when=told.when)
    if one.what == "place":
        return say("partnership_news.subject_place", title=told.title, when=told.when)
    return say("partnership_news.subject_moved", title=told.title, when=told.when)


def _words(one: Change) -> str:
    if one.what == "added":
        return say("partnership_news.added")
    if one.what == "called_off":
        return say("partnership_news.called_off")
    return say("partnership_news.place") if one.what == "place" else say("partnership_news.moved")
