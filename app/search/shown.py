"""What was found, a line each: finished words from rows, in the language in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from app.accounts.models import Person
from app.languages import country, span
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.workshops.finding.table import staff_row
from app.workshops.models import Workshop
from app.workshops.rules import registration_state
from app.workshops.showing.shown import Tag, other_lang, tag, where_short


@dataclass(frozen=True)
class Line:
    """Its title leads to its page; `about` and `mail` tell it from its namesakes."""

    url: str
    title: str
    lang: str | None = None
    about: str = ""
    mail: str = ""
    tag: Tag | None = None


def workshop(found: Workshop, now: datetime) -> Line:
    """A public workshop, for anybody."""
    about = _joined(span(found.days[0].on, found.days[-1].on), where_short(found))
    state = registration_state(found, now)
    url = url_for("workshops_public.workshop", slug=found.slug)
    return Line(url, found.text.title, other_lang(found.text.lang), about, tag=tag(found, state) or Tag("outline", "", _("Held")))


def staff_workshop(found: Workshop, now: datetime) -> Line:
    """Any workshop, for staff; it leads to where they change it."""
    row = staff_row(found, now)
    return Line(url_for("workshops_staff.edit", workshop_id=row.id), row.title, row.title_lang, _joined(row.when, row.where), tag=row.stage)


def organisation(found: Organisation) -> Line:
    """A municipality or another body, with where it lies."""
    place = found.place if found.place != found.name else ""
    return Line(url_for("membership_public.organisation", slug=found.slug), found.name, about=_place(place, found.country))


def person(found: Person, place: str) -> Line:
    """Somebody, for staff: two of one name are told apart by address and place."""
    closed = Tag("cancelled", "x", _("Closed")) if found.disabled_at else None
    url = url_for("accounts_staff.person", person_id=found.id)
    return Line(url, found.name, about=place, mail=found.address, tag=closed)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _place(place: str, code: str) -> str:
    return ", ".join(part for part in (place, country(code)) if part)
