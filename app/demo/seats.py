"""The demo's requests, held and offered seats, answers to a new date, and questions with a few answers."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.audit.service import DEMO
from app.database import db
from app.languages import LANGUAGES, using
from app.organisations.models import Organisation
from app.questions import service as asking
from app.questions.models import Question
from app.questions.rules import Option, Values
from app.registrations import queries
from app.registrations.waiting import terms
from app.workshops.models import SeatHold, Workshop
from app.workshops.writing.holds import lapses_at

CONTENT = Path(__file__).parent / "content" / "seats.toml"
CHASED = timedelta(days=4)


def load(workshops: Mapping[str, Workshop], organisations: Mapping[str, Organisation], now: datetime) -> None:
    """Joins the caller's transaction."""
    for slug, facts in tomllib.loads(CONTENT.read_text(encoding="utf-8")).items():
        workshop = workshops[slug]
        workshop.approval, workshop.waitlist = facts.get("approval", False), facts.get("waitlist", "at_once")
        _offer(workshop, now)
        if "silent" in facts:
            _ask_anew(workshop, facts["silent"])
        for hold in facts.get("holds", ()):
            _hold(workshop, organisations[hold["organisation"]], hold["seats"], hold["days_before"])
        db.session.flush()
        asked: list[Question] = []
        for question in facts.get("questions", ()):
            asked.append(_ask(workshop, question, asked, now))
        if not asked:
            continue
        for number, registration in enumerate(queries.of_workshop(workshop.id, ("confirmed", "requested"))):
            if number % 2 == 0 or registration.state == "requested":
                with using(registration.lang):
                    asking.write(registration.id, asked, _answers(asked, number, workshop), now)


def _offer(workshop: Workshop, now: datetime) -> None:
    """Offered seats wait for an answer until then, as if they had become free now."""
    for registration in queries.of_workshop(workshop.id, ("offered",)):
        registration.held_until = terms.of(workshop).deadline(now)


def _ask_anew(workshop: Workshop, silent: Collection[str]) -> None:
    """A new date asked everybody; these have not answered, not even when they were asked once more."""
    for number, registration in enumerate(queries.of_workshop(workshop.id, ("confirmed",))):
        registration.asked_at = workshop.changed_at
        if registration.person.address in silent:
            registration.chased_at = workshop.changed_at + CHASED
        else:
            registration.answered_at = workshop.changed_at + timedelta(hours=number + 2)


def _hold(workshop: Workshop, organisation: Organisation, seats: int, days_before: int) -> None:
    until = workshop.days[0].on - timedelta(days=days_before)
    lapses = lapses_at(until, workshop.zone)
    workshop.holds.append(SeatHold(organisation_id=organisation.id, seats=seats, unused=seats, until=until, lapses_at=lapses))
    workshop.taken += seats


def _ask(workshop: Workshop, facts: Mapping[str, Any], asked: list[Question], now: datetime) -> Question:
    place, answer = facts.get("only_if", (None, ""))
    values = Values(
        kind=facts["kind"],
        labels={lang: facts[lang]["label"] for lang in LANGUAGES},
        required=facts.get("required", False),
        hints={lang: facts[lang].get("hint", "") for lang in LANGUAGES},
        options=tuple(Option("", words) for words in facts.get("options", ())),
        condition=None if place is None else (asked[place].id, answer),
    )
    return asking.add(workshop.id, values, by=DEMO, now=now)


def _answers(asked: list[Question], number: int, workshop: Workshop) -> dict[int, str]:
    """The first question, and by turns one or another of the rest."""
    stay, arrival, shares, _home = (question.id for question in asked)
    if number % 3 == 2:
        return {stay: "2", shares: "2"}
    return {stay: "1", arrival: (workshop.days[0].on - timedelta(days=1)).isoformat(), shares: "1 3"}
