"""What the demo's people need who come to something: every third of them, by turns."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from app.languages import using
from app.needs import service
from app.needs.rules import KINDS, Given, Said
from app.registrations import queries
from app.registrations.answers import whose
from app.workshops.models import Workshop

CONTENT = Path(__file__).parent / "content" / "needs.toml"


def load(workshops: Iterable[Workshop], now: datetime) -> None:
    """Joins the caller's transaction."""
    turns = tomllib.loads(CONTENT.read_text(encoding="utf-8"))["needs"]
    turn = 0
    for workshop in workshops:
        if workshop.state not in {"published", "postponed"} or workshop.ends_at is None or workshop.ends_at <= now:
            continue
        for registration in queries.of_workshop(workshop.id, ("confirmed", "waitlisted"))[::3]:
            facts = turns[turn % len(turns)]
            turn += 1
            words = facts.get(registration.lang, {})
            needs = {kind: Said(tuple(facts.get(kind, ())), words.get(kind, "")) for kind in KINDS}
            with using(registration.lang):
                service.write(whose(registration), Given(needs, agreed=True), now)
