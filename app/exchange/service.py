"""A file is looked at, then imported as drafts, all or nothing; the staff's list is written out, and that is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.audit.service import Actor, record
from app.calendars import reading
from app.calendars.reading import Unreadable
from app.database import db, transaction
from app.errors import Refused
from app.exchange import queries, rules
from app.exchange.cells import Whole
from app.exchange.models import ImportedWorkshop
from app.exchange.reading import events, files, rows
from app.exchange.reading.drafts import Choices, Draft, Place, World
from app.exchange.reading.files import Upload
from app.languages import gettext as _
from app.organisations.models import Organisation
from app.workshops.models import Workshop
from app.workshops.values import Values
from app.workshops.writing import columns, many

TOPIC = "workshops"


@dataclass(frozen=True)
class Step:
    """What will happen to one row. `what`: new, again (imported before), there (somebody made it), cancelled (in the file),
    wrong; `workshop_id` is the one that is there."""

    draft: Draft
    what: str
    workshop_id: int | None = None


@dataclass(frozen=True)
class Plan:
    """What will happen to each row of a file, and what is to be said of the file as a whole."""

    upload: Upload
    steps: Sequence[Step]
    unknown: Sequence[str] = ()
    unused: Sequence[str] = ()
    american: bool = False
    others: int = 0

    def of(self, *what: str) -> list[Step]:
        """The rows to which this will happen."""
        return [step for step in self.steps if step.what in what]

    @property
    def wrong_lines(self) -> list[int]:
        return [step.draft.line for step in self.of("wrong")]


def look(upload: Upload, choices: Choices, *, now: datetime) -> Plan:
    """What an import of this file would do, row by row; nothing is written. Raises Refused if it cannot be read at all."""
    world = _world(choices, now)
    if reading.looks_like_calendar(upload.text):
        calendar = _calendar(upload.text)
        return Plan(upload, _steps(events.drafts(calendar, world)), others=calendar.others)
    table = files.read_table(upload.text)
    if not table.lines:
        raise Refused(_("The file has the names of the columns and nothing under them."))
    american = rows.is_american(table)
    return Plan(upload, _steps(rows.drafts(table, world)), table.unknown, table.unused, american)


def bring_in(upload: Upload, choices: Choices, *, leave_out: Sequence[int], by: Actor, now: datetime) -> tuple[Plan, int]:
    """Makes drafts of all rows that are new; (what was done, how many). Everything or nothing.

    Rows with something wrong stop it, unless they are exactly those that the person chose to leave out. The file is read
    before anybody has to wait for it. Raises Refused.
    """
    return columns.named(lambda: _bring_in(look(upload, choices, now=now), leave_out, by=by, now=now))


def _bring_in(seen: Plan, leave_out: Sequence[int], *, by: Actor, now: datetime) -> tuple[Plan, int]:
    _refuse_wrong(seen, leave_out)
    built = {step.draft.line: _built(step.draft, by=by, now=now) for step in seen.of("new")}
    with transaction():
        plan = replace(seen, steps=_steps([step.draft for step in seen.steps]))  # what is there may have changed meanwhile
        _refuse_wrong(plan, leave_out)
        new = [(step.draft, built.get(step.draft.line) or _built(step.draft, by=by, now=now)) for step in plan.of("new")]
        many.add([made for _draft, made in new], by=by, now=now)
        db.session.add_all(ImportedWorkshop(key=draft.key, workshop_id=workshop.id, at=now) for draft, (workshop, _values) in new)
        if new:
            facts = {"number": len(new), "left_out": len(plan.wrong_lines), "file": plan.upload.name or "–"}  # noqa: RUF001
            record("workshops.imported", TOPIC, by=by, now=now, **facts)
        return plan, len(new)


def _refuse_wrong(plan: Plan, leave_out: Sequence[int]) -> None:
    if not set(plan.wrong_lines) <= set(leave_out):
        raise Refused(_("Nothing was imported: some rows have something wrong. Correct the file, or choose to leave them out."))


def _built(draft: Draft, *, by: Actor, now: datetime) -> tuple[Workshop, Values]:
    if draft.values is None:
        raise Refused
    return many.build(draft.values, by=by, now=now), draft.values


def written_out(kind: str, tab: str, words: str, write: Callable[[Sequence[Whole]], bytes], *, by: Actor, now: datetime) -> bytes:
    """The staff's list as a file, and a line about who took it along. `kind`: csv or xlsx; `tab`, `words`: what the list was
    narrowed to."""
    with transaction():
        found = queries.listed(now, tab, words)
        data = write(found)
        record("workshops.exported", TOPIC, by=by, now=now, kind=kind.upper(), number=len(found), tab=tab, words=words)
    return data


# The look ----------------------------------------------------------------------------------------------------------


def _calendar(text: str) -> reading.Calendar:
    try:
        calendar = reading.read(text, rules.MOST_ROWS)
    except Unreadable as error:
        table = {
            "none": _("This is not a calendar."),
            "cut": _("The calendar ends in the middle, in line %(line)s. Save it once more and choose the new file.", line=error.line),
            "crossed": _("The calendar is broken in line %(line)s: a part ends that has not begun.", line=error.line),
            "deep": _("The calendar is broken in line %(line)s: too many parts inside each other.", line=error.line),
            "many": files.too_many(error.line),
        }
        raise Refused(table[error.why]) from None
    if not calendar.events:
        raise Refused(_("There is no entry in this calendar."))
    return calendar


def _world(choices: Choices, now: datetime) -> World:
    return World(queries.networks(), [_place(row) for row in queries.organisations()], choices, now)


def _place(row: Organisation) -> Place:
    names = (rules.fold(row.slug), *(rules.fold(name.name) for name in row.names.values()))
    return Place(row.id, names, row.name, row.place, row.country, row.zone, row.latitude, row.longitude)


def _steps(drafts: Sequence[Draft]) -> list[Step]:
    """What becomes of each draft. What is there is left alone even if its row has something wrong."""
    before = queries.imported(draft.key for draft in drafts)
    own = queries.by_uid(draft.uid for draft in drafts)
    same = queries.by_title(draft.first_day for draft in drafts)
    seen: dict[str, int] = {}
    steps = []
    for draft in drafts:
        undated = draft.first_day is None and draft.wrong  # its day cannot be read: another one without a day is no sign
        titles = [text.title for text in draft.values.texts.values() if text.title] if draft.values and not undated else []
        there = next((same[key] for title in titles if (key := (rules.fold(title), draft.first_day)) in same), None)
        if draft.cancelled:
            steps.append(Step(draft, "cancelled"))
            continue
        if (first := seen.setdefault(draft.key, draft.line)) != draft.line:
            draft.complain("", _("It is the same workshop as in line %(line)s.", line=first))
        if draft.key in before:
            steps.append(Step(draft, "again", before[draft.key]))
        elif (known := own.get(draft.uid, there)) is not None:
            steps.append(Step(draft, "there", known))
        else:
            steps.append(Step(draft, "wrong" if draft.wrong else "new"))
    return steps
