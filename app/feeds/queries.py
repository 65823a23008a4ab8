"""What a calendar shows, and the one cheap read that says whether it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import Person
from app.audit.models import AuditEntry
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

NEWS = ("workshop.published", "workshop.moved", "workshop.postponed", "workshop.cancelled", "workshop.restored")


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
    wanted = _shown().where(*_public(name))
    if level == "sessions":
        wanted = wanted.options(programme())
    return db.session.scalars(wanted).all()


def news(name: str, *, limit: int) -> Sequence[tuple[AuditEntry, Workshop]]:
    """What has happened to a public calendar's workshops since they were published, the newest first. Raises Missing.

    What was done to the draft is nobody's business, nor is what moved while it stood still or was over.
    """
    first = aliased(AuditEntry)
    taken_back = (AuditEntry.action == "workshop.taken_back") & AuditEntry.facts["days_before"]["zone"].as_string().is_not(None)
    public_from = select(func.min(first.id)).where(first.topic == AuditEntry.topic, first.action == NEWS[0]).scalar_subquery()
    wanted = (
        select(AuditEntry, Workshop)
        .join(Workshop, AuditEntry.topic == literal("workshop:").concat(cast(Workshop.id, String)))
        .where(*_public(name), or_(AuditEntry.action.in_(NEWS), taken_back), AuditEntry.id >= public_from)
        .where(func.coalesce(AuditEntry.facts["stage"].as_string(), "published") == "published")
        .options(selectinload(Workshop.texts))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return [(line, workshop) for line, workshop in db.session.execute(wanted.limit(limit))]


def pages() -> tuple[list[tuple[str, int, datetime]], list[tuple[str, int]], Sequence[str]]:
    """What a site map names: (slug, network's id, last change) of public workshops, the newest first; (slug, id) of networks;
    the slugs of organisations."""
    shown = select(Workshop.slug, Workshop.network_id, Workshop.changed_at).where(Workshop.state != "draft")
    workshops = db.session.execute(shown.order_by(Workshop.starts_at.desc(), Workshop.id.desc()))
    networks = db.session.execute(select(Network.slug, Network.id).order_by(Network.id))
    organisations = db.session.scalars(select(Organisation.slug).order_by(Organisation.id)).all()
    return [(slug, network, at) for slug, network, at in workshops], [(slug, key) for slug, key in networks], organisations


def newest_places() -> list[int]:
    """What moves when a network or an organisation is added or taken away, which no calendar shows; no session."""
    counts = [select(func.count(), func.coalesce(func.max(model.id), 0)) for model in (Network, Organisation)]
    return [number for wanted in counts for row in quick(wanted) for number in row]


def exists(name: str) -> bool:
    """Whether there is a calendar of that name."""
    if name.startswith("network/"):
        slug = name.removeprefix("network/")
        return bool(quick(select(Network.id).where(Network.slug == slug)))
    return name in PLACES


def own(person_id: int) -> Sequence[Registration]:
    """What a personal calendar shows: a seat, the offer of one, or a place in the line."""
    wanted = (
        select(Registration)
        .join(Registration.workshop)
        .where(
            Registration.person_id == person_id, Registration.state.in_(("confirmed", "offered", "waitlisted")), Workshop.state != "draft"
        )
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


def _public(name: str) -> list[ColumnElement[bool]]:
    """What is shown under a name. Raises Missing for a name that is no calendar."""
    shown: list[ColumnElement[bool]] = [Workshop.state != "draft"]
    if name.startswith("network/"):
        return [*shown, Workshop.network.has(Network.slug == name.removeprefix("network/"))]
    if name == "online":
        return [*shown, Workshop.format.in_(("online", "both"))]
    if name == "latin-america":
        return [*shown, Workshop.country.in_(LATIN_AMERICA), Workshop.format != "online"]
    if name in COUNTRIES:
        return [*shown, Workshop.country == COUNTRIES[name], Workshop.format != "online"]
    if name != "all":
        raise Missing
    return shown


def _shown() -> Select[Workshop]:
    eager = (
        selectinload(Workshop.texts),
        selectinload(Workshop.days),
        joinedload(Workshop.network),
        joinedload(Workshop.organisation).selectinload(Organisation.names),
    )
    return select(Workshop).options(*eager).order_by(Workshop.starts_at, Workshop.id)
