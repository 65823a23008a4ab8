"""The list of people as a table: what everybody has, and what each question of the workshop was answered with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.exchange import writing
from app.exchange.cells import Cell
from app.languages import country, current, language
from app.languages import gettext as _
from app.questions import queries as questions
from app.questions.models import Question
from app.questions.shown import lines
from app.registrations.listing import shown
from app.registrations.models import Registration

WIDTHS = (28, 34, 28, 14, 14, 20, 17, 14)


def as_csv(rows: Sequence[Registration], zone: str) -> bytes:
    """The rows as CSV; instants on the clock of `zone`."""
    head, cells = _table(rows, zone)
    return writing.table(head, cells)


def as_workbook(rows: Sequence[Registration], zone: str, now: datetime) -> bytes:
    """The same as a workbook of one sheet."""
    head, cells = _table(rows, zone)
    widths = [*WIDTHS, *[30] * (len(head) - len(WIDTHS))]
    return writing.workbook({_("Participants"): (list(zip(head, widths, strict=True)), cells)}, now)


def _table(rows: Sequence[Registration], zone: str) -> tuple[list[str], list[list[Cell]]]:
    given = questions.answers([row.id for row in rows])
    asked: dict[int, Question] = {answer.question_id: answer.question for mine in given.values() for answer in mine}
    order = sorted(asked.values(), key=lambda one: (one.retired_at is not None, one.position, one.id))
    head = [_("Name"), _("E-mail"), _("Organisation"), _("Country"), _("Role"), _("State"), _("Since"), _("Language")]
    states, kinds, clock = shown.states(), shown.kinds(), ZoneInfo(zone)
    table: list[list[Cell]] = []
    for row in rows:
        since = row.cancelled_at or row.confirmed_at or row.queued_at
        said = {answer.question_id: line.said for answer, line in zip(given.get(row.id, ()), lines(given.get(row.id, ())), strict=True)}
        table.append(
            [
                row.person.name,
                row.person.address,
                row.organisation.name if row.organisation else row.organisation_name,
                country(row.organisation.country) if row.organisation else "",
                kinds[row.person.kind] if row.person.kind else "",
                states[row.state],
                since.astimezone(clock).replace(tzinfo=None, second=0, microsecond=0),
                language(row.lang),
                *(said.get(question.id, "") for question in order),
            ]
        )
    return [*head, *(question.texts[current()].label if current() in question.texts else question.text.label for question in order)], table
