"""Staff take the table of commitments along, under one rule: as a workbook or a table. By a button, for it is written down."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from app.audit.service import person as actor
from app.audit.service import record
from app.clock import now
from app.database import transaction
from app.errors import Missing
from app.exchange.writing import table, workbook
from app.languages import current
from app.languages import gettext as _
from app.membership import queries
from app.membership.commitment.taking import lines
from app.membership.models import CommitmentRule
from app.web import Door, get_me, row_number

door = Door(__name__, "/staff/commitments")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door.post("/export.xlsx")
def export_xlsx() -> Response:
    """As a workbook."""
    rule, instant = _rule(), now()
    rows = lines.rows(lines.under([rule], rule.network, instant))
    return _file(workbook({_("Commitments"): (lines.heads(), rows)}, instant), XLSX, "xlsx", rule, instant)


@door.post("/export.csv")
def export_csv() -> Response:
    """As a table."""
    rule, instant = _rule(), now()
    rows = lines.rows(lines.under([rule], rule.network, instant))
    return _file(table([name for name, _width in lines.heads()], rows), CSV, "csv", rule, instant)


def _rule() -> CommitmentRule:
    number = row_number(request.form.get("period", ""))
    if number is None:
        raise Missing
    return queries.get_rule(number)


def _file(data: bytes, content_type: str, kind: str, rule: CommitmentRule, instant: datetime) -> Response:
    with transaction():
        record("commitment.exported", f"network:{rule.network_id}", by=actor(get_me()), now=instant, kind=kind)
    name = {"sv": "ataganden", "es": "compromisos"}.get(current(), "commitments")
    answer = Response(data, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{instant:%Y-%m-%d}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
