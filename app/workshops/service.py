"""What is done to a workshop: saved, published, moved, postponed, cancelled, taken up again, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from uuid import uuid4

from flask import current_app
from slugify import slugify
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.organisations.models import Network, Organisation
from app.workshops import days, holds, kept, problems, programme, queries, rules
from app.workshops.advice import USUAL, Around
from app.workshops.models import Workshop, WorkshopInvitee, WorkshopText
from app.workshops.rules import Text, Values
from app.workshops.told import days_fact

COLUMNS = (
    "network_id", "organisation_id", "format", "original_lang", "theme", "venue", "street_address", "place", "country",
    "latitude", "longitude", "join_url", "zone", "capacity", "access", "approval", "contact", "in_series",
)  # fmt: skip
PLACE = frozenset({"format", "venue", "street_address", "place", "country", "latitude", "longitude"})
SHOWN = PLACE | {"network_id", "original_lang", "texts", "spoken", "closes", "zone"}  # what every calendar entry shows
RESERVED = frozenset({"month", "years", "map"})  # pages that stand where a workshop's would: app/workshops/public.py
# what staff are asked about before it is changed: people are told, calendars follow
ASKED = PLACE | {"days", "sessions", "zone", "join_url"}
Before = list[tuple[date, time, time]]


def save_draft(values: Values, *, by: Actor, now: datetime) -> Workshop:
    """A new workshop that nobody but staff sees. It may lack anything but a title. Raises Refused."""
    try:
        return make_draft(values, by=by, now=now)
    except IntegrityError:  # somebody took the same address in the same moment: the next one is free
        return make_draft(values, by=by, now=now)


def make_draft(values: Values, *, by: Actor, now: datetime) -> Workshop:
    """The same within a larger transaction, which must begin anew when another took the address. Raises IntegrityError, Refused."""
    with transaction():
        network = _network(values)
        _refuse(problems.find(values, network, now))
        slug = _slug(values.original.title, None)
        workshop = Workshop(slug=slug, uid=new_uid(), network=network, state="draft", created_at=now, created_by=_person_id(by))
        days.write(workshop, values, now, shown=True, raised=False, uid=new_uid)
        _write(workshop, values, now)
        programme.write(workshop, values, now, uid=new_uid)
        _invite(workshop, values)
        record("workshop.created", _topic(workshop), by=by, now=now, title=values.original.title)
        if values.reminders:
            _choose_reminders(workshop, values.reminders, by=by, now=now)
        return workshop


def save(workshop_id: int, values: Values, version: int, *, by: Actor, now: datetime, takes_back: bool = False) -> Workshop:
    """Writes what has changed; everybody concerned is told in the same transaction. Nothing changed is nothing done.

    `version` is the one that the form was filled from. `takes_back`: this undoes a change, and the audit says so.
    Raises Conflict when the version is not the newest, Refused, Missing.
    """
    return retrying(lambda: _save(workshop_id, values, version, by=by, now=now, takes_back=takes_back))


def asks_first(workshop: Workshop, values: Values) -> bool:
    """Whether saving these values changes the time or place of something public."""
    return workshop.state != "draft" and bool(differences(queries.values_of(workshop), values) & ASKED)


def _save(workshop_id: int, values: Values, version: int, *, by: Actor, now: datetime, takes_back: bool) -> Workshop:
    with transaction():
        workshop = _locked(workshop_id, version)
        network = _network(values)
        draft = workshop.state == "draft"
        before = queries.values_of(workshop)
        found = problems.find(values, network, now, taken=workshop.taken, kept_zone=before.zone, kept_holds=workshop.holds)
        _refuse(found | _held_days(workshop, values, now))
        changed = differences(before, values)
        if not draft:
            _refuse(problems.unready(values, ages_of(workshop, before, values, now), now))
        if values.reminders is not None and set(values.reminders) != set(reminders_of(workshop)) & set(rules.REMINDERS):
            _choose_reminders(workshop, values.reminders, by=by, now=now)
            if not changed:
                flag_modified(workshop, "changed_at")  # the version rises and nothing else: two who edit see each other's choice
                db.session.flush()
        if not changed:
            return workshop
        moved = rules.moved(before.days, values.days, before.zone, values.zone)
        slug = _slug(values.original.title, workshop.id) if draft else workshop.slug
        old, was = (workshop.moved_from, workshop.moved_to), (workshop.starts_at, workshop.ends_at)
        with db.session.no_autoflush:
            days.write(workshop, values, now, shown=bool(changed & SHOWN), raised=bool(changed & PLACE), uid=new_uid)
            workshop.slug = slug
            if not draft:
                workshop.sequence += bool(moved or changed & PLACE)
                workshop.moved_from, workshop.moved_to = _old_dates(old, before, values)
            _write(workshop, values, now)
            programme.write(workshop, values, now, uid=new_uid)
            _invite(workshop, values)
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
    record(action, _topic(workshop), by=by, now=now, fields=", ".join(sorted(changed)), zone=after.zone, **facts)


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


def publish(workshop_id: int, *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """A draft that lacks nothing becomes public. Raises Refused with all that it waits for, Conflict, Missing."""
    return retrying(lambda: _publish(workshop_id, version, by=by, now=now))


def _publish(workshop_id: int, version: int | None, *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        workshop = _enter(workshop_id, "publish", version)
        _ready(workshop, now)
        workshop.state = "published"
        workshop.published_at = now
        _touch(workshop, now)
        for row in workshop.days:
            row.changed_at = now
        db.session.flush()
        stage = rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now)
        record("workshop.published", _topic(workshop), by=by, now=now, stage=stage, days=days_fact(workshop.days, workshop.zone))
        announce("workshop_published", workshop=workshop, now=now, by=by)
        return workshop


def postpone(workshop_id: int, reasons: Mapping[str, str], *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """It does not take place on its days; a new date will come. `reasons` in all languages. Raises Refused, Conflict."""
    return retrying(lambda: _stop(workshop_id, "postpone", reasons, version, by=by, now=now))


def cancel(workshop_id: int, reasons: Mapping[str, str], *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """It does not take place. `reasons` in all languages. Raises Refused, Conflict."""
    return retrying(lambda: _stop(workshop_id, "cancel", reasons, version, by=by, now=now))


def _stop(workshop_id: int, verb: str, reasons: Mapping[str, str], version: int | None, *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        workshop = _enter(workshop_id, verb, version)
        if rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
            raise Refused(_("The workshop is over."))
        _refuse(problems.of_reasons(reasons))
        _change_state(workshop, verb, reasons, now)
        told = {"reasons": dict(reasons), "days": days_fact(workshop.days, workshop.zone)}
        record(f"workshop.{workshop.state}", _topic(workshop), by=by, now=now, **told)
        announce(f"workshop_{workshop.state}", workshop=workshop, now=now, by=by)
        return workshop


def restore(workshop_id: int, *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """A postponed or cancelled workshop takes place after all, on the days it has now. Raises Refused, Conflict."""
    return retrying(lambda: _restore(workshop_id, version, by=by, now=now))


def _restore(workshop_id: int, version: int | None, *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        workshop = _enter(workshop_id, "restore", version)
        if workshop.starts_at is None or workshop.starts_at <= now:
            raise Refused(_("Its days have passed. Enter the new days and save, then take it up again."))
        _ready(workshop, now)
        _change_state(workshop, "restore", {}, now)
        record("workshop.restored", _topic(workshop), by=by, now=now, days=days_fact(workshop.days, workshop.zone))
        announce("workshop_restored", workshop=workshop, now=now, by=by)
        return workshop


def delete_draft(workshop_id: int, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Throws a draft away; what was once public is cancelled instead. Raises Refused, Conflict, Missing."""
    with transaction():
        workshop = _locked(workshop_id, version)
        if workshop.state != "draft":
            raise Refused(_("Only a draft can be thrown away. Cancel the workshop instead."))
        record("workshop.deleted", _topic(workshop), by=by, now=now, title=workshop.text.title)
        db.session.delete(workshop)


def new_uid() -> str:
    """A name for a calendar entry that no other has, for ever (RFC 7986 section 5.3)."""
    return f"{uuid4()}@{rules.uid_host(current_app.config['CONFIG'].base_url)}"


def reminders_of(workshop: Workshop | None) -> list[str]:
    """The codes of the reminders chosen for this workshop alone; none if it follows its network."""
    into: list[str] = []
    announce("reminders_of", workshop=workshop, into=into)
    return into


def as_typed(workshop: Workshop) -> Values:
    """All that the form holds, the reminders too."""
    chosen = reminders_of(workshop)
    return replace(queries.values_of(workshop), reminders=tuple(code for code in rules.REMINDERS if code in chosen))


def around(network_id: int) -> Around:
    """What the days of a network's workshops are held against; the usual clocks while it has no members."""
    reminds: set[str] = set()
    announce("network_reminds", network_id=network_id, into=reminds)
    members = {*organisations.clocks_of_members(network_id)}
    return Around(tuple(sorted(members, key=_place_in_line)) or USUAL, frozenset(reminds))


def _place_in_line(member: tuple[str, str]) -> tuple[int, tuple[str, str]]:
    """The network's own countries in the order in which the form shows their clocks."""
    return (USUAL.index(member) if member in USUAL else len(USUAL)), member


def people_told(workshop: Workshop) -> int:
    """How many people a change of this workshop reaches by mail."""
    return people(workshop)[0]


def people(workshop: Workshop) -> tuple[int, int]:
    """How many people a change of this workshop reaches by mail, and how many of them wait for the staff to decide."""
    into: list[int] = []
    asking: list[int] = []
    announce("who_is_told", workshop=workshop, into=into, asking=asking)
    return sum(into) if into else workshop.taken, sum(asking)


def questions_asked(workshop: Workshop) -> int:
    """How many questions whoever registers answers."""
    into: list[int] = []
    announce("questions_asked", workshop=workshop, into=into)
    return sum(into)


def differences(before: Values, after: Values) -> set[str]:
    """The names of what has changed, but for the reminders."""
    found = {name for name in (*COLUMNS, "opens", "closes") if getattr(before, name) != getattr(after, name)}
    if _invited(before) != _invited(after):
        found.add("invitees")
    if set(before.spoken) != set(after.spoken):
        found.add("spoken")
    if _said(before) != _said(after):
        found.add("texts")
    if set(before.holds) != set(after.holds):
        found.add("holds")
    if _on_rows(before, before) != _on_rows(before, after):
        found.add("sessions")
    if before.documents != after.documents:
        found.add("documents")
    if [(*_wall(day), day.id) for day in before.days] != [(*_wall(day), day.id or _id_of(before, day)) for day in sorted(after.days)]:
        found.add("days")
    return found


def _on_rows(before: Values, values: Values) -> list[rules.Session]:
    """The sessions by the rows of their days, so that a day put before others does not change what is on those."""
    numbers = [day.id or _id_of(before, day) or -place for place, day in enumerate(sorted(values.days), 1)]
    return sorted(replace(session, day=numbers[session.day]) for session in values.sessions)


def ages_of(workshop: Workshop, before: Values, after: Values, now: datetime) -> dict[str, datetime]:
    """When each language was last changed, counting what is about to be saved."""
    ages = {lang: text.changed_at for lang, text in workshop.texts.items()}
    return ages | {lang: now for lang, text in after.texts.items() if text != before.texts.get(lang, Text())}


def _write(workshop: Workshop, values: Values, now: datetime) -> None:
    """All other values into the rows, in one UPDATE of the workshop."""
    for name in COLUMNS:
        setattr(workshop, name, getattr(values, name))
    workshop.spoken = " ".join(values.spoken)
    for name, wall in (("opens_at", values.opens), ("closes_at", values.closes)):
        setattr(workshop, name, rules.instant(wall.date(), wall.time(), values.zone) if wall else None)
    holds.write(workshop, values)
    for lang in LANGUAGES:
        _write_text(workshop, lang, values.texts.get(lang, Text()), now)
    _touch(workshop, now)
    db.session.add(workshop)
    db.session.flush()
    db.session.refresh(workshop, ["days"])


def _invite(workshop: Workshop, values: Values) -> None:
    """Which organisations a workshop by invitation is for."""
    wanted = _invited(values)
    there = queries.invitees(workshop.id)
    if gone := there - wanted:
        mine = delete(WorkshopInvitee).where(WorkshopInvitee.workshop_id == workshop.id)
        db.session.execute(mine.where(WorkshopInvitee.organisation_id.in_(gone)))
    db.session.add_all(WorkshopInvitee(workshop_id=workshop.id, organisation_id=row) for row in sorted(wanted - there))
    db.session.flush()


def _write_text(workshop: Workshop, lang: str, text: Text, now: datetime) -> None:
    row = workshop.texts.get(lang)
    if row is None and text:
        row = workshop.texts[lang] = WorkshopText(lang=lang, title="", summary="", description="", practical="", reason="", changed_at=now)
    if row is None or Text(row.title, row.summary, row.description, row.practical) == text:
        return
    row.title, row.summary, row.description, row.practical = text.title, text.summary, text.description, text.practical
    row.changed_at = now


def _change_state(workshop: Workshop, verb: str, reasons: Mapping[str, str], now: datetime) -> None:
    workshop.state = rules.next_state(workshop.state, verb) or workshop.state
    workshop.sequence += 1
    for lang, row in workshop.texts.items():
        row.reason = reasons.get(lang, "")
    for day in workshop.days:
        day.sequence += 1
        day.changed_at = now
    _touch(workshop, now)
    db.session.flush()


def _touch(workshop: Workshop, now: datetime) -> None:
    """The version rises even if the clock stood still."""
    workshop.changed_at = now
    flag_modified(workshop, "changed_at")


def _enter(workshop_id: int, verb: str, version: int | None) -> Workshop:
    workshop = _locked(workshop_id, version)
    if rules.next_state(workshop.state, verb) is None:
        raise Refused(_("That cannot be done any more: somebody has changed the state of the workshop."))
    return workshop


def _locked(workshop_id: int, version: int | None) -> Workshop:
    """The workshop, held until the commit and read anew: seats are counted on the same row. Raises Missing, Conflict."""
    workshop = db.session.get(Workshop, workshop_id, with_for_update=True, populate_existing=True)
    if workshop is None:
        raise Missing
    if version is not None and workshop.version != version:
        raise Conflict
    return workshop


def _ready(workshop: Workshop, now: datetime) -> None:
    values = queries.values_of(workshop)
    zone = workshop.zone if workshop.published_at else ""
    found = problems.find(values, workshop.network, now, taken=workshop.taken, kept_zone=zone, kept_holds=workshop.holds)
    _refuse(found | problems.unready(values, {lang: text.changed_at for lang, text in workshop.texts.items()}, now))


def _refuse(found: dict[str, str]) -> None:
    if found:
        raise Refused(problems=found)


def _network(values: Values) -> Network:
    network = db.session.get(Network, values.network_id)
    if network is None:
        raise Refused(problems={"network": _("Choose a network from the list")})
    if values.organisation_id is not None and db.session.get(Organisation, values.organisation_id) is None:
        raise Refused(problems={"organisation": _("Choose the host from the list")})
    return network


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


def _old_dates(known: tuple[date | None, date | None], before: Values, values: Values) -> tuple[date | None, date | None]:
    """To strike the old date through; forgotten when the workshop goes back to it."""
    old, new = _first_last(before), _first_last(values)
    if old == new:
        return known
    return (None, None) if new == known else old


def _choose_reminders(workshop: Workshop, chosen: tuple[str, ...], *, by: Actor, now: datetime) -> None:
    db.session.flush()
    announce("workshop_reminders_chosen", workshop=workshop, chosen=list(chosen), now=now, by=by)


def _slug(title: str, workshop_id: int | None) -> str:
    """The title in plain letters; with a number behind it if another workshop has it already, or a page of its own stands there."""
    base = slugify(title, max_length=80, word_boundary=True) or "workshop"
    number, slug = 1, base
    while slug in RESERVED or not queries.slug_is_free(slug, workshop_id):
        number += 1
        slug = f"{base}-{number}"
    return slug


def _person_id(by: Actor) -> int | None:
    kind, _colon, number = by.code.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None


def _topic(workshop: Workshop) -> str:
    return f"workshop:{workshop.id}"


def _first_last(values: Values) -> tuple[date, date]:
    return min(values.days).on, max(values.days).on


def _invited(values: Values) -> frozenset[int]:
    return values.invitees if values.access == "invited" else frozenset()


def _said(values: Values) -> dict[str, Text]:
    return {lang: text for lang, text in values.texts.items() if text}


def _wall(day: rules.Day) -> tuple[date, time, time]:
    return day.on, day.starts, day.ends


def _id_of(values: Values, day: rules.Day) -> int | None:
    return next((other.id for other in values.days if other.on == day.on), None)
