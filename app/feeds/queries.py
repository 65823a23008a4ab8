"""What a calendar shows, and the one cheap read that says whether it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.crypto import hash_token
from app.database import db, quick
from app.errors import Missing
from app.feeds.models import CalendarRevision, FeedToken
from app.feeds.rules import COUNTRIES, NEVER, PLACES
from app.organisations.models import Network, Organisation
from app.registrations.models import Registration
from app.workshops.models import Workshop
from app.workshops.queries import programme
from app.workshops.rules import LATIN_AMERICA


def revisions(*scopes: str) -> tuple[list[int], datetime]:
    """The revision of each of these scopes, 0 if it has none yet, and their last change; one statement, no session."""
    wanted = select(CalendarRevision.scope, CalendarRevision.revision, CalendarRevision.changed_at)
    found = {scope: (number, at) for scope, number, at in quick(wanted.where(CalendarRevision.scope.in_(scopes)))}
    pairs = [found.get(scope, (0, NEVER)) for scope in scopes]
    return [number for number, _at in pairs], max(at for _number, at in pairs)


def token_owner(token: str) -> tuple[int, int, str] | None:
    """(token's id, person's id, language) of a live address; no session."""
    wanted = select(FeedToken.id, FeedToken.person_id, FeedToken.lang).join(FeedToken.person).where(Person.disabled_at.is_(None))
    rows = quick(wanted.where(FeedToken.token_hash == hash_token(token), FeedToken.revoked_at.is_(None)))
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def public_workshops(name: str, level: str) -> Sequence[Workshop]:
    """What a public calendar shows, oldest first. Raises Missing for a name that is no calendar."""
    wanted = _shown().where(Workshop.state != "draft")
    if level == "sessions":
        wanted = wanted.options(programme())
    if name.startswith("network/"):
        wanted = wanted.join(Workshop.network).where(Network.slug == name.removeprefix("network/"))
    elif name == "online":
        wanted = wanted.where(Workshop.format.in_(("online", "both")))
    elif name == "latin-america":
        wanted = wanted.where(Workshop.country.in_(LATIN_AMERICA), Workshop.format != "online")
    elif name in COUNTRIES:
        wanted = wanted.where(Workshop.country == COUNTRIES[name], Workshop.format != "online")
    elif name != "all":
        raise Missing
    return db.session.scalars(wanted).all()


def exists(name: str) -> bool:
    """Whether there is a calendar of that name."""
    if name.startswith("network/"):
        slug = name.removeprefix("network/")
        return bool(quick(select(Network.id).where(Network.slug == slug)))
    return name in PLACES


def own(person_id: int) -> Sequence[Registration]:
    """What a personal calendar shows: a seat or a place in the line."""
    wanted = (
        select(Registration)
        .join(Registration.workshop)
        .where(Registration.person_id == person_id, Registration.state.in_(("confirmed", "waitlisted")), Workshop.state != "draft")
        .options(
            joinedload(Registration.workshop).options(
                selectinload(Workshop.texts), selectinload(Workshop.days), joinedload(Workshop.network)
            )
        )
        .order_by(Workshop.starts_at, Workshop.id)
    )
    return db.session.scalars(wanted).all()


def tokens(person_id: int) -> Sequence[FeedToken]:
    """Somebody's live addresses, newest first."""
    wanted = select(FeedToken).where(FeedToken.person_id == person_id, FeedToken.revoked_at.is_(None))
    return db.session.scalars(wanted.order_by(FeedToken.created_at.desc())).all()


def _shown() -> Select[Workshop]:
    eager = (
        selectinload(Workshop.texts),
        selectinload(Workshop.days),
        joinedload(Workshop.network),
        joinedload(Workshop.organisation).selectinload(Organisation.names),
    )
    return select(Workshop).options(*eager).order_by(Workshop.starts_at, Workshop.id)
