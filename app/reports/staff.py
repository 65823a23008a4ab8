"""Staff: the numbers of a network, for the funder; on a page, as a drawing, and as a workbook or a table to take along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Response, render_template, request

from app.audit.service import person, record
from app.clock import now
from app.database import transaction
from app.errors import Missing
from app.exchange.cells import Cell
from app.exchange.writing import Sheet, table, workbook
from app.languages import current
from app.languages import gettext as _
from app.membership.commitment.taking import lines
from app.organisations import queries as organisations
from app.organisations.models import Network
from app.reports import commitments, queries, rules, shown
from app.reports.queries import Facts
from app.reports.rules import Tables
from app.reports.shown import Line
from app.web import Door, get_me, row_number

door = Door(__name__, "/staff/reports")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door.get("/")
def report() -> str:
    """Who took part, by country, organisation, year and role; all years, or one."""
    instant, year = now(), _year()
    network, networks = _networks()
    facts, tables = _read(network, year, instant)
    countries = shown.countries(tables)
    workshops = shown.held(facts)
    kept = commitments.kept(commitments.read(network, instant, year))
    return render_template(
        "reports/report.html",
        network=network,
        year=year,
        years=queries.years(network.id, instant.date()),
        lede=shown.lede(shown.whole(tables), len(workshops)),
        tables=_tables(facts, tables),
        bars=shown.bars(countries),
        size=(shown.WIDTH, max(1, len(countries)) * shown.STEP, shown.LABEL),
        workshops=workshops,
        networks=networks,
        kept=kept,
        kept_bars=commitments.bars(kept),
        kept_size=(shown.WIDTH, max(1, len(kept)) * shown.STEP, commitments.LABEL),
        genders=not year,
    )


@door.post("/export.xlsx")
def export_xlsx() -> Response:
    """All tables of the page as the sheets of a workbook. By a button, because it is written down who took it along."""
    network, year, instant = _networks()[0], _year(), now()
    facts, tables = _read(network, year, instant)
    sheets: dict[str, Sheet] = {name: (_columns(name), [_cells(line) for line in lines]) for name, lines in _tables(facts, tables)}
    held = [(_("Workshop"), 44), (_("Days"), 26), (_("Place"), 20), (_("People"), 13), (_("Hours"), 13)]
    rows: list[list[Cell]] = [[one.title, one.when, one.place, one.people, one.hours] for one in shown.held(facts)]
    sheets[_("Workshops")] = (held, rows)
    sheets[_("Commitments")] = (lines.heads(), lines.rows(commitments.read(network, instant, year)))
    data = workbook(sheets, instant)
    return _file(data, XLSX, "xlsx", network, year, instant)


@door.post("/export.csv")
def export_csv() -> Response:
    """One table for a funder's form: a line for each year, country and role."""
    network, year, instant = _networks()[0], _year(), now()
    facts, _tables_of_all = _read(network, year, instant)
    head = [_("Year"), _("Country"), _("Came as"), _("People"), _("Times"), _("Hours")]
    data = table(head, shown.for_funder(facts))
    return _file(data, CSV, "csv", network, year, instant)


@door.post("/commitments.csv")
def export_commitments() -> Response:
    """The sheet of commitments as a table: organisation, rule, half, state."""
    network, year, instant = _networks()[0], _year(), now()
    rows = lines.rows(commitments.read(network, instant, year))
    return _file(table([name for name, _width in lines.heads()], rows), CSV, "csv", network, year, instant)


def _read(network: Network, year: int | None, instant: datetime) -> tuple[Facts, Tables]:
    facts = queries.facts(network.id, instant, year)
    return facts, rules.tables(facts.took, with_genders=year is None)


def _tables(facts: Facts, tables: Tables) -> list[tuple[str, list[Line]]]:
    total = shown.whole(tables)
    return [
        (_("Country"), [*shown.countries(tables), total]),
        (_("Municipality or region"), shown.organisations(tables, facts)),
        (_("Year"), shown.years(tables)),
        (_("Came as"), shown.roles(tables)),
        (_("Where"), shown.regions(tables)),
    ]


def _columns(name: str) -> list[tuple[str, int]]:
    heads = [_("People"), _("Times"), _("Hours"), _("Women"), _("Men"), _("Other or not said"), _("Under")]
    return [(name, 34), *[(head, 13) for head in heads]]


def _cells(line: Line) -> list[Cell]:
    return [line.name, line.people, line.times, line.hours, line.women, line.men, line.other, line.under]


def _networks() -> tuple[Network, Sequence[Network]]:
    """The network that is reported on, and all to choose from. Raises Missing without any."""
    network, networks = organisations.choice(request.values.get("network", ""), now().date())
    if network is None:
        raise Missing
    return network, networks


def _year() -> int | None:
    asked = request.values.get("year", "")
    found = row_number(asked) if asked else None
    if asked and (found is None or not 1900 < found < 3000):
        raise Missing
    return found


def _file(data: bytes, content_type: str, kind: str, network: Network, year: int | None, instant: datetime) -> Response:
    with transaction():
        record("report.exported", f"network:{network.id}", by=person(get_me()), now=instant, kind=kind)
    name = {"sv": "rapport", "es": "informe"}.get(current(), "report")
    answer = Response(data, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{year or "all"}-{instant:%Y-%m-%d}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
