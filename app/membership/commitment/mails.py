"""The mail to whoever can still close a half that is at risk: what lacks, what can be chosen, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person
from app.languages import city, ngettext, using
from app.languages import gettext as _
from app.mailer import link, render
from app.membership.queries import Progress
from app.membership.rules import Half
from app.membership.shown import asked, side_name, wall, when, where
from app.outbox.service import Item, Mail
from app.registrations.coming.rules import by_day
from app.workshops.models import Workshop

MOST_CHOICES = 3  # of a half in one mail


@dataclass(frozen=True)
class Concerned:
    """Somebody who can do something about halves that are at risk: a coordinator, or whoever is asked in person."""

    person: Person
    progress: Progress
    halves: Mapping[str, Half]  # those at risk alone
    own: Mapping[str, Half] | None  # all halves of who is asked in person

    def dedupe(self, side: str, ask: str = "") -> str:
        """What such a mail is written under, once ever for a half; `ask` tells staff's own presses apart."""
        return f"commitment:{self.progress.rule.id}:{side}:{self.progress.organisation.id}:{self.person.id}{ask}"

    def dedupes(self, ask: str = "") -> list[str]:
        """The same for all halves that the mail is about."""
        return [self.dedupe(side, ask) for side in self.halves]


@dataclass(frozen=True)
class Choice:
    """A workshop that would close the half, in the reader's words."""

    title: str
    title_lang: str
    when: str
    place: str
    closes: str
    url: str


@dataclass(frozen=True)
class Lacking:
    """A half that is at risk."""

    side: str
    words: str
    choices: Sequence[Choice]


def at_risk(one: Concerned, keys: Sequence[str], now: datetime) -> Mail:
    """To one person about all that is at risk there; it leaves by day on the own clock. Its keys are the caller's."""
    person, progress = one.person, one.progress
    with using(person.lang):
        halves = [_lacking(one, side, half) for side, half in one.halves.items()]
        closing = min(half.closes_at for half in one.halves.values() if half.closes_at is not None)
        first = progress.workshops[next(iter(one.halves.values())).choices[0]]
        organisation = progress.organisation.name
        states = {side: half.state for side, half in (one.own or progress.halves).items()}
        content = render(
            "commitment",
            person.lang,
            name=person.name,
            own=one.own is not None,
            organisation=organisation,
            asked=asked(progress.rule),
            halves=halves,
            states=states,
            button_url=link(f"/{person.lang}/workshops/{first.slug}/register"),
            button_words=_("Register for “%(title)s”", title=first.text.title),
            home_url=link(f"/{person.lang}/me/"),
        )
    return Mail(
        kind="commitment",
        person_id=person.id,
        lang=person.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[Item(key, f"organisation:{progress.organisation.id}", f"network:{progress.rule.network_id}") for key in keys],
        due_at=by_day(now, person.zone),
        expires_at=closing,
        rank_at=closing,
        zone=person.zone,
    )


def _lacking(one: Concerned, side: str, half: Half) -> Lacking:
    choices = [one.progress.workshops[key] for key in half.choices]
    number = len(choices)
    words = ngettext("%(side)s: one workshop is left", "%(side)s: %(num)s workshops are left", number, side=side_name(side))
    return Lacking(side, words, [_choice(workshop, one.person) for workshop in choices[:MOST_CHOICES]])


def _choice(workshop: Workshop, person: Person) -> Choice:
    closes = workshop.closes_at or workshop.starts_at
    there = wall(closes, workshop.zone, where(workshop)) if closes else ""
    here = wall(closes, person.zone, city(person.zone), only_time=True) if closes and person.zone != workshop.zone else ""
    return Choice(
        title=workshop.text.title,
        title_lang="" if workshop.text.lang == person.lang else workshop.text.lang,
        when=when(workshop),
        place=where(workshop),
        closes=f"{there} ({here})" if here else there,
        url=link(f"/{person.lang}/workshops/{workshop.slug}/"),
    )
