"""The mail to whoever can still close a half that is at risk: what lacks, what can be chosen, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person
from app.accounts.stopping import stop_path
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

    def about(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """Which of these keys speak of which of the halves, whoever has asked for the mail."""
        found = {side: [key for key in keys if f"{key}:".startswith(f"{self.dedupe(side)}:")] for side in self.halves}
        return {side: mine for side, mine in found.items() if mine}


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


@dataclass(frozen=True)
class Part:
    """One commitment of which something is at risk: whose, what it asks, how its halves stand. `own`: of the reader in person."""

    own: bool
    organisation: str
    asked: str
    states: Mapping[str, str]
    halves: Sequence[Lacking]


def at_risk(those: Sequence[tuple[Concerned, Sequence[str]]], now: datetime) -> Mail:
    """To one person about all that is at risk, of however many commitments; it leaves by day on the own clock. The keys are the
    caller's."""
    person, first = those[0][0].person, those[0][0]
    closing = min(half.closes_at for one, _keys in those for half in one.halves.values() if half.closes_at is not None)
    stop_url = link(stop_path(person.id, "commitment"))
    with using(person.lang):
        workshop = first.progress.workshops[next(iter(first.halves.values())).choices[0]]
        parts = [_part(one) for one, _keys in those]
        content = render(
            "commitment",
            person.lang,
            name=person.name,
            parts=parts,
            why=list(dict.fromkeys(_why(part) for part in parts)),
            button_url=link(f"/{person.lang}/workshops/{workshop.slug}/register"),
            button_words=_("Register for “%(title)s”", title=workshop.text.title),
            home_url=link(f"/{person.lang}/me/"),
            stop_url=stop_url,
            choose_url=link(f"/{person.lang}/me/mails/"),
        )
    return Mail(
        kind="commitment",
        person_id=person.id,
        lang=person.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[
            Item(key, f"organisation:{one.progress.organisation.id}", f"network:{one.progress.rule.network_id}")
            for one, keys in those
            for key in keys
        ],
        due_at=by_day(now, person.zone),
        expires_at=closing,
        rank_at=closing,
        zone=person.zone,
        unsubscribe=stop_url,
    )


def _part(one: Concerned) -> Part:
    progress = one.progress
    states = {side: half.state for side, half in (one.own or progress.halves).items()}
    halves = [_lacking(one, side, half) for side, half in one.halves.items()]
    return Part(one.own is not None, progress.organisation.name, asked(progress.rule), states, halves)


def _why(part: Part) -> str:
    if part.own:
        return _("You get this mail because you belong to a member of the network.")
    return _("You get this mail because you coordinate %(organisation)s.", organisation=part.organisation)


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
