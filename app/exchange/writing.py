"""The staff's list as bytes: CSV that can be imported again, and a workbook whose dates are dates and whose words stay words."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from app.exchange import rules
from app.exchange.cells import Cell, Whole, cells, session_heads, sessions
from app.languages import city, country, current, language
from app.languages import gettext as _
from app.workshops.showing.names import access_name, format_name, theme_name

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

WIDE = {"title": 36, "summary": 44, "description": 44, "practical": 44, "host": 28, "venue": 28, "place": 18, "page": 40, "theme": 26,
        "programme": 44, "documents": 44, "questions": 44, "holds": 28}  # fmt: skip
NARROW, SESSION = 13, 22
MOST_IN_CELL = 32_767  # characters: the file format has no room for more, and a cell that is too long would be left out


def as_csv(rows: Sequence[Whole], now: datetime) -> bytes:
    """With a byte order mark, because Excel takes a file without one for Windows-1252; every cell in quotation marks."""
    return table([column.name(current()) for column in rules.COLUMNS], [cells(row, now) for row in rows])


def template() -> bytes:
    """The table to fill in: headings in the language in force, and a row that shows how."""
    shown: Mapping[str, str] = {
        **{f"title_{lang}": title for lang, title in {"sv": "En trygg stad", "es": "Una ciudad segura", "en": "A safe city"}.items()},
        "first_day": "2026-06-03",
        "last_day": "2026-06-05",
        "starts": "09:00",
        "ends": "16:00",
        "place": "Bogotá",
        "country": country("CO"),
        "zone": city("America/Bogota"),
        "format": format_name("on_site"),
        "theme": theme_name("urban_planning"),
        "spoken": f"{language('es')}, {language('sv')}",
        "capacity": "36",
        "access": access_name("network"),
        "contact": "partnership@icld.se",
    }
    return table([column.name(current()) for column in rules.TEMPLATE], [[shown.get(column.key, "") for column in rules.TEMPLATE]])


def as_workbook(rows: Sequence[Whole], now: datetime) -> bytes:
    """The list, and the sessions of all programmes."""
    columns = [(column.name(current()), _width(column.key)) for column in rules.COLUMNS]
    programme = [line for row in rows for line in sessions(row.workshop)]
    sheets = {
        _("Workshops"): (columns, [cells(row, now) for row in rows]),
        _("Programme"): ([(head, SESSION) for head in session_heads()], programme),
    }
    return workbook(sheets, now)


Sheet = tuple[Sequence[tuple[str, int]], Sequence[Sequence[Cell]]]
"""(heading, width) of each column, and the rows."""


def workbook(sheets: Mapping[str, Sheet], now: datetime) -> bytes:
    """A workbook; its first sheet's name is its title. Nothing typed by anybody becomes a formula, a link or a number."""
    from xlsxwriter import Workbook  # noqa: PLC0415  two megabytes that few processes ever need

    buffer = io.BytesIO()
    plain_words = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, {"in_memory": True, "remove_timezone": False, **plain_words}) as book:
        book.set_properties({"title": next(iter(sheets)), "created": now.replace(tzinfo=None)})
        for name, (columns, rows) in sheets.items():
            _sheet(book, name[:31], dict(columns), rows)
    return buffer.getvalue()


def _sheet(book: Workbook, name: str, heads: Mapping[str, int], rows: Sequence[Sequence[Cell]]) -> None:
    """`heads`: the headings with the widths of their columns."""
    sheet = book.add_worksheet(name)
    formats = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
        date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        time: book.add_format({"num_format": "hh:mm", "valign": "top"}),
        str: book.add_format({"text_wrap": True, "valign": "top"}),
        int: book.add_format({"valign": "top"}),
        float: book.add_format({"valign": "top"}),
    }
    bold = book.add_format({"bold": True, "bottom": 2, "valign": "top", "text_wrap": True})
    for index, (head, width) in enumerate(heads.items()):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, head, bold)
    for number, row in enumerate(rows, 1):
        for index, cell in enumerate(row):
            _write(sheet, number, index, cell, formats)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)


def _width(key: str) -> int:
    return WIDE.get(key.removesuffix("_sv").removesuffix("_es").removesuffix("_en"), NARROW)


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, formats: Mapping[type, Format]) -> None:
    """By its kind, never by what the text looks like."""
    if cell is None or cell == "":
        return
    look = formats[type(cell)]
    if isinstance(cell, str):
        sheet.write_string(row, column, cell if len(cell) <= MOST_IN_CELL else f"{cell[: MOST_IN_CELL - 1]}…", look)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_datetime(row, column, cell, look)


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """A CSV file with a byte order mark, every cell in quotation marks, and none that a spreadsheet takes for a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=rules.separator(current()), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([rules.guarded(name) for name in head])
    writer.writerows([rules.guarded(_plain(cell)) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    return "" if cell is None else str(cell)
