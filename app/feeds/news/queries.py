"""What has happened to public workshops, and which pages there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, cast, func, literal, or_, select
from sqlalchemy.orm import aliased, selectinload

from app.audit.models import AuditEntry
from app.database import db, quick
from app.feeds.queries import shown_under
from app.organisations.models import Network, Organisation
from app.workshops.models import Workshop

NEWS = ("workshop.published", "workshop.moved", "workshop.postponed", "workshop.cancelled", "workshop.restored")


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
        .where(*shown_under(name), or_(AuditEntry.action.in_(NEWS), taken_back), AuditEntry.id >= public_from)
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
