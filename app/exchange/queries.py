"""Reads of what rows may name, of what is there already, and of what is written out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.database import db
from app.exchange import rules
from app.exchange.cells import Whole
from app.exchange.models import ImportedWorkshop
from app.organisations.models import Network, Organisation
from app.questions import queries as questions
from app.workshops import queries as workshops
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession, WorkshopText


def networks() -> Sequence[Network]:
    """All networks, the newest period first."""
    return db.session.scalars(select(Network).order_by(Network.ends_on.desc(), Network.id)).all()


def organisations() -> Sequence[Organisation]:
    """All organisations with their names."""
    return db.session.scalars(select(Organisation).order_by(Organisation.id)).all()


def imported(keys: Iterable[str]) -> dict[str, int]:
    """{key: workshop} of what was imported before."""
    wanted = select(ImportedWorkshop.key, ImportedWorkshop.workshop_id).where(ImportedWorkshop.key.in_(list(keys)))
    return {key: workshop for key, workshop in db.session.execute(wanted)}


def by_uid(uids: Iterable[str]) -> dict[str, int]:
    """{UID: workshop} of our own entries: a file that we wrote ourselves comes back."""
    names = [uid for uid in uids if uid]
    own = db.session.execute(select(Workshop.uid, Workshop.id).where(Workshop.uid.in_(names)))
    of_day = select(WorkshopDay.uid, WorkshopDay.workshop_id).where(WorkshopDay.uid.in_(names))
    of_session = select(WorkshopSession.uid, WorkshopDay.workshop_id).join(WorkshopSession.day).where(WorkshopSession.uid.in_(names))
    parts = db.session.execute(of_day.union_all(of_session))
    return {uid: workshop for rows in (parts, own) for uid, workshop in rows}


def by_title(days: Iterable[date | None]) -> dict[tuple[str, date | None], int]:
    """{(folded title, first day): workshop} of those that begin on one of these days, or have none."""
    wanted = set(days)
    first = func.min(WorkshopDay.on)
    begins = select(Workshop.id, first).outerjoin(WorkshopDay, WorkshopDay.workshop_id == Workshop.id).group_by(Workshop.id)
    dated = [day for day in wanted if day is not None]
    begins = begins.having(first.in_(dated) | first.is_(None) if None in wanted else first.in_(dated))
    when = {workshop: on for workshop, on in db.session.execute(begins)}
    texts = select(WorkshopText.workshop_id, WorkshopText.title).where(WorkshopText.workshop_id.in_(list(when)), WorkshopText.title != "")
    return {(rules.fold(title), when[workshop]): workshop for workshop, title in db.session.execute(texts)}


def listed(now: datetime, tab: str, words: str) -> list[Whole]:
    """The staff's list as it stands on the page, all of its pages, with all that belongs to a row loaded in one go a kind."""
    hosts = {row.id: row for row in organisations()}
    known = {row.id: row for row in networks()}
    more = (workshops.programme(), selectinload(Workshop.documents), selectinload(Workshop.holds))
    rows = workshops.all_for_staff(now, tab, words, *more)
    asked = questions.of_workshops(row.id for row in rows)
    for row in rows:
        set_committed_value(row, "organisation", hosts.get(row.organisation_id or 0))
        set_committed_value(row, "network", known[row.network_id])
        for hold in row.holds:
            set_committed_value(hold, "organisation", hosts[hold.organisation_id])
    return [Whole(row, asked.get(row.id, ())) for row in rows]
