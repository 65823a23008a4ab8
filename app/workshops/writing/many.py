"""Many new drafts at once: built before anybody has to wait, then written in a few statements.

On SQLite nobody else can write as long as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.audit.service import Actor, record
from app.database import transaction
from app.workshops import queries
from app.workshops.models import Workshop
from app.workshops.values import Values
from app.workshops.writing import columns, days


def build(values: Values, *, by: Actor, now: datetime) -> Workshop:
    """A draft as the form would make it of the same values, which nothing may be wrong with any more; it has no address yet.

    No sessions, documents, held seats, invitations and reminders of its own: no file brings those.
    """
    workshop = Workshop(uid=columns.new_uid(), state="draft", created_at=now, created_by=columns.author(by))
    days.write(workshop, values, now, shown=True, raised=False, uid=columns.new_uid)
    columns.fill(workshop, values, now)
    return workshop


def add(drafts: Iterable[tuple[Workshop, Values]], *, by: Actor, now: datetime) -> None:
    """Gives each an address of its own and writes all of them. Raises IntegrityError when somebody took one in the same moment."""
    with transaction() as session:
        taken = queries.slugs()
        named = []
        for workshop, values in drafts:
            title = values.original.title
            workshop.slug = columns.free_slug(title, lambda wanted: wanted not in taken)
            taken.add(workshop.slug)
            named.append((workshop, title))
        session.add_all(workshop for workshop, _title in named)
        session.flush()
        for workshop, title in named:
            record("workshop.created", columns.topic(workshop), by=by, now=now, title=title)
