"""The demo's expressions of interest: who wants to join the network, in which state."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.accounts.models import Person
from app.audit.service import person as actor
from app.audit.service import record
from app.database import db
from app.membership.interest import queries
from app.membership.interest.models import Interest, InterestColleague, InterestMessage, InterestPerson, InterestWorkshop
from app.membership.interest.service import Body, whose
from app.organisations.models import Network, Organisation

CONTENT = Path(__file__).parent / "content" / "interests.toml"


def load(organisations: Mapping[str, Organisation], people: Mapping[str, Person], network: Network, now: datetime) -> None:
    """Joins the caller's transaction."""
    for facts in tomllib.loads(CONTENT.read_text(encoding="utf-8"))["interest"]:
        applicant = people[facts["applicant"]]
        row = _row(facts, organisations.get(facts.get("organisation", "")), network, now)
        row.people = [InterestPerson(person_id=applicant.id, role="applicant", asked_at=row.created_at, agreed_at=row.created_at)]
        row.colleagues = [InterestColleague(**one) for one in facts.get("colleague", ())]
        row.messages = [_message(one, now) for one in facts.get("message", ())]
        db.session.add(row)
        db.session.flush()
        offered = queries.offered(network.id, now)
        halves = {one.half: one.id for _workshop, one in reversed(offered)}
        row.workshops = [InterestWorkshop(workshop_id=number) for number in list(halves.values())[: facts.get("workshops", 0)]]
        topic, by = f"interest:{row.id}", actor(applicant)
        record("interest.begun", topic, by=by, now=row.created_at, name=applicant.name, organisation=row.called)
        if row.sent_at is not None:
            record("interest.sent", topic, by=by, now=row.sent_at, organisation=row.called)


def _row(facts: Mapping[str, Any], known: Organisation | None, network: Network, now: datetime) -> Interest:
    country, kind = (known.country, known.kind) if known else (facts["country"], facts["kind"])
    body = Body(known.id if known else None, facts.get("name", ""), kind, country, known.place if known else facts["place"])
    begun, sent, decided = (_ago(facts.get(f"{name}_days"), now) for name in ("begun", "sent", "decided"))
    return Interest(
        network=network,
        organisation=known,
        name=body.name,
        kind=kind,
        country=country,
        place=body.place,
        zone=known.zone if known else facts["zone"],
        whose=whose(body),
        state=facts["state"],
        challenge=facts["challenge"].strip(),
        themes=facts["themes"],
        politicians=facts.get("politicians"),
        officials=facts.get("officials"),
        support=facts.get("support", ""),
        languages=facts["languages"],
        why=facts.get("why", ""),
        partner=facts.get("partner", ""),
        lang=facts["lang"],
        created_at=begun or now,
        changed_at=decided or sent or begun or now,
        sent_at=sent,
        decided_at=decided,
        decided_by=facts.get("decided_by", ""),
        reason=facts.get("reason", ""),
    )


def _message(facts: Mapping[str, Any], now: datetime) -> InterestMessage:
    said = {name: facts[name] for name in ("side", "author", "lang", "words")}
    return InterestMessage(**said, at=now - timedelta(days=facts["days"]))


def _ago(days: int | None, now: datetime) -> datetime | None:
    return None if days is None else now - timedelta(days=days)
