"""Needs that tests give."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.database import db
from app.needs import queries
from app.needs.models import Consent, Need
from app.needs.rules import Given, Said
from app.registrations import queries as registrations
from app.registrations.answers import whose

FIELDS = {
    "needs_food": ["vegan", "other"],
    "needs_food_words": "no cashew whatever happens",
    "needs_access": "",
    "needs_interpretation": "",
    "needs_interpretation_words": "",
    "needs_visa_words": "",
    "needs_consent": "y",
}
PEANUTS = Given({"food": Said(("vegan", "other"), "no cashew whatever happens")}, agreed=True)


def given(**needs: Said) -> Given:
    """Needs with leave to keep them."""
    return Given(needs, agreed=True)


def of(registration_id: int) -> dict[str, Said]:
    """What is kept of a registration's person."""
    return queries.of_person(whose(registrations.get(registration_id)))


def rows() -> list[tuple[int, str]]:
    """(registration, kind) of all that is kept."""
    return [(row.registration_id, row.kind) for row in db.session.scalars(select(Need).order_by(Need.id))]


def consents() -> list[tuple[int, bool]]:
    """(registration, whether it is in force) of all that was agreed to."""
    return [(row.registration_id, row.ended_at is None) for row in db.session.scalars(select(Consent).order_by(Consent.id))]


def main(page: str) -> str:
    """The words of a page between its head and its foot, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]).split())
