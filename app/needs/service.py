"""Needs are given with leave, changed, taken back at any time, and gone soon after the workshop."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import current_app
from sqlalchemy import ColumnElement, delete, select, update

from app.audit.service import SCHEDULER, Actor, record
from app.database import changed, db, retrying, transaction
from app.errors import Refused
from app.languages import current
from app.needs import queries, rules
from app.needs.asking import consent, problems
from app.needs.models import Consent, Need
from app.needs.rules import Given, Said, Whose
from app.needs.sealing import seal


def check(given: Given | None) -> None:
    """Raises Refused with words for every field in which something is wrong."""
    if given is not None:
        _judged(given)


def write(whose: Whose, given: Given | None, now: datetime, *, standing: bool = False) -> bool:
    """What was typed becomes what is kept, in the transaction that is open; whether that changed any. None: nobody was asked.

    `standing`: leave that was given before, and not taken back, is leave for this too. Raises Refused.
    """
    if given is None:
        return False
    leave = next((one for one in queries.consents(whose) if one.ended_at is None), None) if standing else None
    if leave is not None and leave.version != consent.NEWEST.name:
        leave = None
    needs = _judged(given, standing=leave is not None)
    if needs == queries.of_person(whose) and (leave is not None or not needs):
        return False
    if leave is None or not needs:
        erase(whose.registration_id, now)
    if needs and leave is None:
        _agree(whose, now)
    _keep(whose, needs, now)
    return True


def _judged(given: Given, *, standing: bool = False) -> dict[str, Said]:
    needs, wrong = rules.judge(given, standing=standing)
    if wrong:
        raise Refused(problems=problems.found(wrong))
    return needs


def _agree(whose: Whose, now: datetime) -> None:
    row = Consent(registration_id=whose.registration_id, person_id=whose.person_id, version=consent.NEWEST.name, lang=current())
    row.days, row.agreed_at = kept_days(), now
    db.session.add(row)


def _keep(whose: Whose, needs: dict[str, Said], now: datetime) -> None:
    there = {row.kind: row for row in queries.rows(whose)}
    for kind, row in there.items():
        if kind not in needs:
            db.session.delete(row)
    for kind, said in needs.items():
        found = there.get(kind) or Need(
            registration_id=whose.registration_id, person_id=whose.person_id, workshop_id=whose.workshop_id, kind=kind
        )
        found.sealed, found.changed_at = seal(said), now
        db.session.add(found)
    db.session.flush()


def kept_days() -> int:
    """For how many days after the end needs are kept."""
    found: int = current_app.config["CONFIG"].number("needs_days_kept")
    return found


def erase(registration_id: int, now: datetime) -> int:
    """Nobody needs to know any more what was needed; in the transaction that is open. How many needs went."""
    return _erase(Need.registration_id == registration_id, Consent.registration_id == registration_id, now)


def erase_of_person(person_id: int, now: datetime) -> int:
    """The same for all that somebody has ever said; in the transaction that is open."""
    return _erase(Need.person_id == person_id, Consent.person_id == person_id, now)


def erase_of_others(registration_id: int, person_id: int, now: datetime) -> int:
    """Somebody else comes now: what those before needed is theirs, and goes; in the transaction that is open."""
    needs = (Need.registration_id == registration_id) & (Need.person_id != person_id)
    return _erase(needs, (Consent.registration_id == registration_id) & (Consent.person_id != person_id), now)


def _erase(needs: ColumnElement[bool], consents: ColumnElement[bool], now: datetime) -> int:
    changed(update(Consent).where(consents, Consent.ended_at.is_(None)).values(ended_at=now))
    return changed(delete(Need).where(needs))


def move(before: int, after: int) -> None:
    """A guest turns out to be somebody we know: what was said is theirs; in the transaction that is open."""
    for table in (Need, Consent):
        changed(update(table).where(table.person_id == before).values(person_id=after))


def pass_on(before: int, after: int, person_id: int) -> None:
    """The same person comes by another registration, whose own needs and leave, if it has any, stay; in the transaction that is open."""
    rows = (select(Need.id).where(Need.registration_id == after), select(Consent.id).where(Consent.registration_id == after))
    if any(db.session.scalar(one.limit(1)) is not None for one in rows):
        return
    for table in (Need, Consent):
        mine = update(table).where(table.registration_id == before, table.person_id == person_id)
        changed(mine.values(registration_id=after))


def purge(*, now: datetime) -> int:
    """Erases what was kept as long as was promised; how many needs went.

    Destroys: `now` must never lie ahead of the real clock.
    """
    with transaction():
        due = [one for one in queries.ended(now) if rules.erased_from(one.ends_at, kept_days(), one.agreed) <= now]
        gone = Counter[int]()
        for one in due:
            gone[one.workshop_id] += erase(one.registration_id, now)
        for workshop_id, number in gone.items():
            record("needs.erased", f"workshop:{workshop_id}", by=SCHEDULER, now=now, number=number)
    return gone.total()


def note_opening(workshop_id: int, *, by: Actor, now: datetime) -> None:
    """Writes down that somebody reads what people need, with their names; before they are shown."""
    retrying(lambda: _note_opening(workshop_id, by, now))


def _note_opening(workshop_id: int, by: Actor, now: datetime) -> None:
    with transaction():
        record("needs.opened", f"workshop:{workshop_id}", by=by, now=now)


def newest_words() -> str:
    """What somebody agrees to who agrees now, in the language in force."""
    return consent.words(consent.NEWEST.name, current(), kept_days())
