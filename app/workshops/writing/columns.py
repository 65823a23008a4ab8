"""A workshop's own row, its texts and whom it invites: locked, written, touched, given an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from flask import current_app
from slugify import slugify
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.orm.attributes import flag_modified

from app.audit.service import Actor
from app.database import db, retrying
from app.errors import Conflict, Missing
from app.languages import LANGUAGES
from app.workshops import queries, rules, walltime
from app.workshops.models import Workshop, WorkshopInvitee, WorkshopText
from app.workshops.values import Text, Values
from app.workshops.writing import holds
from app.workshops.writing.differences import COLUMNS, invited

T = TypeVar("T")

MOST_RIVALS = 10  # who want one address at once; each round one of them gets it
RESERVED = frozenset({"month", "years", "map"})  # pages that stand where a workshop's would: app/workshops/public.py


def locked(workshop_id: int, version: int | None) -> Workshop:
    """The workshop, held until the commit and read anew: seats are counted on the same row. Raises Missing, Conflict."""
    workshop = db.session.get(Workshop, workshop_id, with_for_update=True, populate_existing=True)
    if workshop is None:
        raise Missing
    if version is not None and workshop.version != version:
        raise Conflict
    return workshop


def write(workshop: Workshop, values: Values, now: datetime, seated: Mapping[int, int] = holds.NOBODY) -> None:
    """All other values into the rows, in one UPDATE of the workshop. `seated`: holds.write() says of whom."""
    fill(workshop, values, now, seated)
    db.session.add(workshop)
    db.session.flush()
    db.session.refresh(workshop, ["days"])


def fill(workshop: Workshop, values: Values, now: datetime, seated: Mapping[int, int] = holds.NOBODY) -> None:
    """The same without a statement for a workshop that is new; it must be locked if it is not."""
    for name in COLUMNS:
        setattr(workshop, name, getattr(values, name))
    workshop.spoken = " ".join(values.spoken)
    for name, wall in (("opens_at", values.opens), ("closes_at", values.closes), ("letters_until", values.letters)):
        setattr(workshop, name, walltime.instant(wall.date(), wall.time(), values.zone) if wall else None)
    holds.write(workshop, values, seated)
    for lang in LANGUAGES:
        _write_text(workshop, lang, values.texts.get(lang, Text()), now)
    touch(workshop, now)


def _write_text(workshop: Workshop, lang: str, text: Text, now: datetime) -> None:
    row = workshop.texts.get(lang)
    if row is None and text:
        row = workshop.texts[lang] = WorkshopText(lang=lang, title="", summary="", description="", practical="", reason="", changed_at=now)
    if row is None or Text(row.title, row.summary, row.description, row.practical) == text:
        return
    row.title, row.summary, row.description, row.practical = text.title, text.summary, text.description, text.practical
    row.changed_at = now


def invite(workshop: Workshop, values: Values) -> None:
    """Which organisations a workshop by invitation is for."""
    wanted = invited(values)
    there = queries.invitees(workshop.id)
    if gone := there - wanted:
        mine = delete(WorkshopInvitee).where(WorkshopInvitee.workshop_id == workshop.id)
        db.session.execute(mine.where(WorkshopInvitee.organisation_id.in_(gone)))
    db.session.add_all(WorkshopInvitee(workshop_id=workshop.id, organisation_id=row) for row in sorted(wanted - there))
    db.session.flush()


def touch(workshop: Workshop, now: datetime) -> None:
    """The version rises even if the clock stood still."""
    workshop.changed_at = now
    flag_modified(workshop, "changed_at")


def new_uid() -> str:
    """A name for a calendar entry that no other has, for ever (RFC 7986 section 5.3)."""
    return f"{uuid4()}@{rules.uid_host(current_app.config['CONFIG'].base_url)}"


def slug(title: str, workshop_id: int | None) -> str:
    """The title in plain letters; with a number behind it if another workshop has it already, or a page of its own stands there."""
    return free_slug(title, lambda wanted: queries.slug_is_free(wanted, workshop_id))


def free_slug(title: str, is_free: Callable[[str], bool]) -> str:
    """The same by any other account of what is free."""
    base = slugify(title, max_length=80, word_boundary=True) or "workshop"
    number, slug = 1, base
    while slug in RESERVED or not is_free(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug


def named(work: Callable[[], T]) -> T:
    """Runs `work`, which opens a transaction and gives an address in it, anew as long as others take the same one in the same moment."""
    for _try in range(MOST_RIVALS):
        with suppress(IntegrityError, PendingRollbackError):
            return retrying(work)
    return retrying(work)


def topic(workshop: Workshop) -> str:
    return f"workshop:{workshop.id}"


def author(by: Actor) -> int | None:
    """The person who acts, if it is one."""
    kind, _colon, number = by.code.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None
