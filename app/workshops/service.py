"""A workshop is saved: as a first draft, and with all that has changed, which everybody concerned hears of."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy.orm.attributes import flag_modified

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.organisations.models import Network, Organisation
from app.workshops import above, queries, rules
from app.workshops.checking import problems
from app.workshops.models import Workshop
from app.workshops.past import kept
from app.workshops.past.told import dates_before, days_fact, hours_of, is_first
from app.workshops.values import Values
from app.workshops.writing import columns, days, programme
from app.workshops.writing.differences import PLACE, SHOWN, ages_of, differences

Before = list[tuple[date, time, time]]


def save_draft(values: Values, *, by: Actor, now: datetime) -> Workshop:
    """A new workshop that nobody but staff sees. It may lack anything but a title. Raises Refused."""
    return columns.named(lambda: make_draft(values, by=by, now=now))


def make_draft(values: Values, *, by: Actor, now: datetime, copy_of: Workshop | None = None) -> Workshop:
    """The same within a larger transaction, which must begin anew when another took the address. Raises IntegrityError, Refused."""
    with transaction():
        network = _network(values)
        problems.refuse(problems.find(values, network, now))
        slug = columns.slug(values.original.title, None)
        workshop = Workshop(slug=slug, uid=columns.new_uid(), network=network, state="draft", created_at=now, created_by=columns.author(by))
        days.write(workshop, values, now, shown=True, raised=False, uid=columns.new_uid)
        columns.write(workshop, values, now)
        programme.write(workshop, values, now, uid=columns.new_uid)
        columns.invite(workshop, values)
        if copy_of is None:
            record("workshop.created", columns.topic(workshop), by=by, now=now, title=values.original.title)
        else:
            record("workshop.copied", columns.topic(workshop), by=by, now=now, title=copy_of.text.title, workshop=copy_of.id)
        if values.reminders:
            _choose_reminders(workshop, values.reminders, by=by, now=now)
        return workshop


def save(workshop_id: int, values: Values, version: int, *, by: Actor, now: datetime, takes_back: bool = False) -> Workshop:
    """Writes what has changed; everybody concerned is told in the same transaction. Nothing changed is nothing done.

    `version` is the one that the form was filled from. `takes_back`: this undoes a change, and the audit says so.
    Raises Conflict when the version is not the newest, Refused, Missing.
    """
    return retrying(lambda: _save(workshop_id, values, version, by=by, now=now, takes_back=takes_back))


def _save(workshop_id: int, values: Values, version: int, *, by: Actor, now: datetime, takes_back: bool) -> Workshop:
    with transaction():
        network = _network(values)
        workshop = columns.locked(workshop_id, version)
        draft = workshop.state == "draft"
        before = queries.values_of(workshop)
        seated = above.seated_without_hold(workshop) if takes_back and _waited_for(values) - _waited_for(before) else {}
        found = problems.find(values, network, now, taken=workshop.taken, kept_zone=before.zone, kept_holds=workshop.holds, seated=seated)
        problems.refuse(found | _held_days(workshop, values, now))
        changed = differences(before, values)
        if not draft:
            problems.refuse(problems.unready(values, ages_of(workshop, before, values, now), now))
        if values.reminders is not None and set(values.reminders) != set(above.reminders_of(workshop)) & set(rules.REMINDERS):
            _choose_reminders(workshop, values.reminders, by=by, now=now)
            if not changed:
                flag_modified(workshop, "changed_at")  # the version rises and nothing else: two who edit see each other's choice
                db.session.flush()
                announce("version_raised", workshop=workshop, now=now)
        if not changed:
            return workshop
        moved = rules.moved(before.days, values.days, before.zone, values.zone)
        slug = columns.slug(values.original.title, workshop.id) if draft else workshop.slug
        was = (workshop.starts_at, workshop.ends_at)
        with db.session.no_autoflush:
            days.write(workshop, values, now, shown=bool(changed & SHOWN), raised=bool(changed & PLACE), uid=columns.new_uid)
            workshop.slug = slug
            if not draft:
                workshop.sequence += bool(moved or changed & PLACE)
                if moved:
                    workshop.moved_from, workshop.moved_to = _old_dates(workshop, before, values)
            columns.write(workshop, values, now, seated)
            programme.write(workshop, values, now, uid=columns.new_uid)
            columns.invite(workshop, values)
        if seated:
            announce("holds_came_back", workshop=workshop)
        action = "workshop.taken_back" if takes_back else "workshop.moved" if moved and before.days and values.days else "workshop.changed"
        over = all(end is not None and end <= now for end in (was[1], workshop.ends_at))
        _write_down(action, workshop, before, changed, stage="done" if over else workshop.state, moved=moved, by=by, now=now)
        _tell(workshop, before, values, changed, moved=moved, started_at=was[0], over=over, by=by, now=now)
        return workshop


def _write_down(
    action: str, workshop: Workshop, before: Values, changed: set[str], *, stage: str, moved: bool, by: Actor, now: datetime
) -> None:
    """One line of the audit for all that was saved at once, with what it was before, so that it can be taken back.

    `stage` and the days of a move are for the news of the feeds: only what moves while it is public and to come is news.
    """
    after = queries.values_of(workshop)
    facts = kept.facts(before, after)
    if moved and before.days and after.days:
        facts |= {"stage": stage, "days_before": days_fact(before.days, before.zone), "days": days_fact(after.days, after.zone)}
    record(action, columns.topic(workshop), by=by, now=now, fields=", ".join(sorted(changed)), zone=after.zone, **facts)


def _tell(
    workshop: Workshop,
    before: Values,
    values: Values,
    changed: set[str],
    *,
    moved: bool,
    started_at: datetime | None,
    over: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Announcements, once it is public. `started_at`: the old start, for the old walls may have been another zone's.
    `over`: it was and is over, so that this corrects what has been.
    """
    if workshop.state == "draft":
        return
    other = changed - {"days", "zone"} if moved else changed
    if moved and workshop.state == "published":
        old: Before = [(day.on, day.starts, day.ends) for day in before.days]
        announce("workshop_moved", workshop=workshop, before=old, started_at=started_at, over=over, now=now, by=by)
    if other or workshop.state != "published":
        announce("workshop_changed", workshop=workshop, changed=frozenset(other), moved=moved, over=over, now=now, by=by)
    if workshop.state == "published" and values.capacity > before.capacity:
        announce("capacity_raised", workshop=workshop, now=now, by=by)


def _network(values: Values) -> Network:
    """The workshop's network, whose period stays as it is until the commit; before the workshop, as whoever holds both takes them."""
    network = db.session.get(Network, values.network_id, with_for_update={"read": True})
    if network is None:
        raise Refused(problems={"network": _("Choose a network from the list")})
    if values.organisation_id is not None and db.session.get(Organisation, values.organisation_id) is None:
        raise Refused(problems={"organisation": _("Choose the host from the list")})
    return network


def _waited_for(values: Values) -> set[int]:
    """The organisations for which seats are held."""
    return {hold.organisation_id for hold in values.holds}


def _held_days(workshop: Workshop, values: Values, now: datetime) -> dict[str, str]:
    """Who was there is counted by the day: one that has begun, or at which somebody is checked in, keeps its date.

    The days of a postponed or cancelled workshop do not begin.
    """
    attended, sessions = set[int](), set[int]()
    announce("attended_days", workshop=workshop, into=attended)
    announce("attended_sessions", workshop=workshop, into=sessions)
    running = workshop.state == "published"
    held = [row for row in workshop.days if row.id in attended or (running and row.starts_at <= now)]
    found = problems.of_held_days(held, days.matched(workshop.days, values.days))
    return found | programme.of_held_sessions(workshop, values, sessions)


def _old_dates(workshop: Workshop, before: Values, values: Values) -> tuple[date | None, date | None]:
    """To strike the old dates through; when the workshop goes back to them, the ones before, if there were any.

    Other hours on the same dates are a move as well, whose old dates are the new ones.
    """
    known = workshop.moved_from, workshop.moved_to
    old, new = _first_last(before), _first_last(values)
    if old == new and known not in {(None, None), new}:
        return known
    if old == new:
        return (None, None) if is_first(reversed(queries.moves(workshop.id)), hours_of(workshop.days)) else new
    return dates_before(reversed(queries.moves(workshop.id)), new) or (None, None) if new == known else old


def _choose_reminders(workshop: Workshop, chosen: tuple[str, ...], *, by: Actor, now: datetime) -> None:
    db.session.flush()
    announce("workshop_reminders_chosen", workshop=workshop, chosen=list(chosen), now=now, by=by)


def _first_last(values: Values) -> tuple[date, date]:
    return min(values.days).on, max(values.days).on
