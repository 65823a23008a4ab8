"""What the demo's people thought of workshops that are over."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from app.attendance.queries import were_there
from app.database import db
from app.feedback.models import Feedback
from app.feedback.queries import key_of
from app.registrations import queries
from app.workshops.models import Workshop

CONTENT = Path(__file__).parent / "content" / "feedback.toml"


def load(workshops: Mapping[str, Workshop], now: datetime) -> None:
    """As if those who came first had answered at once. Joins the caller's transaction."""
    for slug, said in tomllib.loads(CONTENT.read_text(encoding="utf-8")).items():
        workshop = workshops[slug]
        if workshop.ends_at is None or workshop.ends_at > now:
            continue
        there = were_there([workshop.id])
        people = [one for one in queries.of_workshop(workshop.id, ("confirmed",)) if one.id in there]
        for registration, facts in zip(people, said, strict=False):
            db.session.add(Feedback(key=key_of(registration), workshop_id=workshop.id, **facts))
