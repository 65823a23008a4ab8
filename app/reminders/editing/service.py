"""A rule is made, changed, switched on or off; a workshop goes without one of its network's. Each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm.attributes import flag_modified

from app.audit.service import Actor, record
from app.database import changed, db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, using
from app.organisations.models import Network
from app.registrations.waiting import terms
from app.reminders import planning, service
from app.reminders import queries as reads
from app.reminders.editing import queries, words
from app.reminders.editing.queries import Place
from app.reminders.editing.replanning import replan
from app.reminders.editing.rules import OF_ANCHOR, Meeting, Values, problems
from app.reminders.models import ReminderRule, Skipped
from app.workshops.models import Workshop


def add(place: Place, values: Values, *, by: Actor, now: datetime) -> ReminderRule:
    """A new rule. What would have been due before now never goes. Raises Refused."""
    return retrying(lambda: _add(place, values, by=by, now=now))


def _add(place: Place, values: Values, *, by: Actor, now: datetime) -> ReminderRule:
    with transaction():
        workshops = _hold(place, now)
        refuse(place, values, now)
        rule = ReminderRule(**place.columns, **columns(values), beside=place.workshop is not None, armed_at=now)
        db.session.add(rule)
        db.session.flush()
        _note("reminder_rule.added", place, rule, by=by, now=now)
        replan(rule, workshops, now)
        return rule


def save(place: Place, rule_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> ReminderRule:
    """Writes what has changed; nothing changed is nothing done. Raises Conflict if `version` is not the newest, Refused, Missing."""
    return retrying(lambda: _save(place, rule_id, values, version, by=by, now=now))


def _save(place: Place, rule_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> ReminderRule:
    with transaction():
        workshops = _hold(place, now)
        rule = db.session.get(ReminderRule, queries.get(place, rule_id).id, with_for_update=True, populate_existing=True)
        if rule is None or reads.is_ticked(rule):
            raise Missing
        if rule.version != version:
            raise Conflict
        was, hours = values_of(rule), planning.plain(rule)
        if was == values:
            return rule
        refuse(place, values, now, but=rule.id)
        for name, value in columns(values).items():
            setattr(rule, name, value)
        rule.armed_at = now
        flag_modified(rule, "armed_at")  # the version rises, though the clock may stand still
        db.session.flush()
        switched = was.enabled != values.enabled
        _note(f"reminder_rule.{_switched(values)}" if switched else "reminder_rule.changed", place, rule, by=by, now=now)
        replan(rule, workshops, now, same_hours=was.enabled and hours == planning.plain(rule))
        return rule


def _switched(values: Values) -> str:
    return "on" if values.enabled else "off"


def skip(workshop: Workshop, rule_id: int, *, off: bool, by: Actor, now: datetime) -> None:
    """A workshop goes without a rule of its network, or has it again; what fell due meanwhile does not go. Twice is once.
    Raises Missing."""
    place = Place(workshop.network, workshop)
    with transaction():
        workshops = _hold(place, now)
        rule = queries.get(Place(workshop.network), rule_id)
        there = db.session.get(Skipped, (rule_id, workshop.id)) is not None
        if there == off:
            return
        if off:
            db.session.add(Skipped(rule_id=rule_id, workshop_id=workshop.id))
        else:
            changed(delete(Skipped).where(Skipped.rule_id == rule_id, Skipped.workshop_id == workshop.id))
            _let_pass(rule, workshop, now)
        _note("reminder_rule.skipped" if off else "reminder_rule.taken_up", place, rule, by=by, now=now)
        replan(rule, workshops, now)


def _let_pass(rule: ReminderRule, workshop: Workshop, now: datetime) -> None:
    readers = {audience: zones for (_of, audience), zones in reads.readers([workshop.id]).items()}
    service.insert(planning.passed(workshop, [rule], readers, now))


def bring_along(source: Workshop, workshop: Workshop, now: datetime) -> None:
    """A copy has its original's own rules and goes without the same of the network; a fixed moment belongs to the original alone.
    Inside the transaction that copies."""
    for rule in queries.own(Place(source.network, source)):
        if rule.beside and rule.enabled and rule.instant is None:
            db.session.add(ReminderRule(workshop_id=workshop.id, **columns(values_of(rule)), beside=True, armed_at=now))
    db.session.add_all(Skipped(rule_id=rule_id, workshop_id=workshop.id) for rule_id, _number in reads.skipped([source.id]))


def refuse(place: Place, values: Values, now: datetime, *, but: int | None = None) -> None:
    """Raises Refused for what could never be, and for a rule that is there already; `but` is the one that is written."""
    found = {field: words.problem(code, values.unit) for field, code in problems(values, _meeting(place.workshop), now).items()}
    if not found and (twin := _twin(place, values, but)) is not None:
        found["amount" if values.anchor != "instant" else "instant_on"] = words.twin(twin, place)
    if found:
        raise Refused(problems=found)


def _meeting(workshop: Workshop | None) -> Meeting | None:
    times = planning.times_of(workshop) if workshop is not None else None
    if workshop is None or times is None:
        return None
    line = terms.of(workshop)
    return Meeting(times, workshop.format, int(line.offer.total_seconds() // 3600) if line.offers else None)


def _twin(place: Place, values: Values, but: int | None) -> ReminderRule | None:
    """A rule of the same moment and the same people: whoever has both would be written to twice."""
    there = [rule for rule in queries.own(place) if rule.id != but and (rule.enabled or not reads.is_ticked(rule))]
    if place.workshop is not None:
        holding = reads.rules_of([place.workshop])[place.workshop.id]
        there += [rule for rule in holding if rule.network_id is not None]
    wanted = (values.timing, values.whom)
    same = [rule for rule in there if (values_of(rule).timing, rule.whom) == wanted]
    return next((rule for rule in same if rule.applies_to in {"all", values.applies_to} or values.applies_to == "all"), None)


def columns(values: Values) -> dict[str, Any]:
    """What a row keeps of it."""
    whom = values.whom
    return {
        "anchor": values.anchor, "offset": values.offset, "unit": values.unit, "at_local": values.at_local, "instant": values.instant,
        "zone_of": values.zone_of, "audience": whom.audience, "absent": whom.absent, "comes_as": whom.comes_as,
        "organisation_id": whom.organisation_id, "applies_to": values.applies_to, "enabled": values.enabled,
    }  # fmt: skip


def values_of(rule: ReminderRule) -> Values:
    """A row as staff write it."""
    audience = "absent" if rule.absent else OF_ANCHOR.get(rule.anchor, rule.audience)
    return Values(
        rule.anchor, rule.offset, rule.unit, rule.at_local, rule.instant, rule.zone_of, audience, rule.comes_as, rule.organisation_id,
        rule.applies_to, rule.enabled,
    )  # fmt: skip


def _hold(place: Place, now: datetime) -> Sequence[Workshop]:
    """The place, so that nobody makes the same rule meanwhile, and its workshops, so that nobody writes by the old one."""
    db.session.execute(select(Network.id).where(Network.id == place.network.id).with_for_update()).all()
    numbers = [workshop.id for workshop in queries.workshops(place, now)]
    reads.hold(numbers or ([place.workshop.id] if place.workshop else []))
    return queries.workshops(place, now)


def _note(action: str, place: Place, rule: ReminderRule, *, by: Actor, now: datetime) -> None:
    """The line of the audit has the rule's words in each language."""
    said = {}
    for lang in LANGUAGES:
        with using(lang):
            said[lang] = words.rule(rule)
    record(action, place.topic, by=by, now=now, rules=said)
