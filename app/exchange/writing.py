"""The staff's list as bytes: CSV that can be imported again, and a workbook whose dates are dates and whose words stay words."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.exchange import rules
from app.languages import LANGUAGES, city, country, current, language
from app.languages import gettext as _
from app.workshops.finding.table import stage_tag
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.showing.entries import page_url
from app.workshops.showing.names import access_name, format_name, theme_name

Cell = str | int | float | date | time | datetime | None
WIDE = {"title": 36, "summary": 44, "description": 44, "practical": 44, "host": 28, "venue": 28, "place": 18, "page": 40, "theme": 26}
NARROW = 13


def as_csv(rows: Sequence[Workshop], now: datetime) -> bytes:
    """With a byte order mark, because Excel takes a file without one for Windows-1252; every cell in quotation marks."""
    return _csv([column.name(current()) for column in rules.COLUMNS], [[_plain(cell) for cell in _cells(row, now)] for row in rows])


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
    return _csv([column.name(current()) for column in rules.TEMPLATE], [[shown.get(column.key, "") for column in rules.TEMPLATE]])


def as_workbook(rows: Sequence[Workshop], now: datetime) -> bytes:
    """A workbook of one sheet. Nothing typed by anybody becomes a formula, a link or a number."""
    buffer = io.BytesIO()
    plain_words = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, {"in_memory": True, "remove_timezone": False, **plain_words}) as book:
        book.set_properties({"title": _("Workshops"), "created": now.replace(tzinfo=None)})
        sheet = book.add_worksheet(_("Workshops"))
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
            date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            time: book.add_format({"num_format": "hh:mm", "valign": "top"}),
            str: book.add_format({"text_wrap": True, "valign": "top"}),
            int: book.add_format({"valign": "top"}),
            float: book.add_format({"valign": "top"}),
        }
        head = book.add_format({"bold": True, "bottom": 2, "valign": "top", "text_wrap": True})
        for index, column in enumerate(rules.COLUMNS):
            kind = column.key.removesuffix("_sv").removesuffix("_es").removesuffix("_en")
            sheet.set_column(index, index, WIDE.get(kind, NARROW))
            sheet.write_string(0, index, column.name(current()), head)
        for number, row in enumerate(rows, 1):
            for index, cell in enumerate(_cells(row, now)):
                _write(sheet, number, index, cell, formats)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(rules.COLUMNS) - 1)
    return buffer.getvalue()


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, formats: Mapping[type, Format]) -> None:
    """By its kind, never by what the text looks like."""
    if cell is None or cell == "":
        return
    look = formats[type(cell)]
    if isinstance(cell, str):
        sheet.write_string(row, column, cell, look)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_datetime(row, column, cell, look)


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=rules.separator(current()), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([rules.guarded(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    return "" if cell is None else str(cell)


def _cells(workshop: Workshop, now: datetime) -> list[Cell]:
    """One row. Days and hours are those on the workshop's own wall; its clock stands in a column of its own."""
    days, zone = workshop.days, ZoneInfo(workshop.zone)
    facts: dict[str, Cell] = {
        "first_day": days[0].on if days else None,
        "last_day": days[-1].on if days else None,
        "starts": days[0].starts if days else None,
        "ends": days[0].ends if days else None,
        "days": "" if _is_plain(days) else "; ".join(f"{day.on} {day.starts:%H:%M}-{day.ends:%H:%M}" for day in days),
        "country": country(workshop.country) if workshop.country else "",
        "format": format_name(workshop.format),
        "host": workshop.organisation.name if workshop.organisation else "",
        "theme": theme_name(workshop.theme) if workshop.theme else "",
        "spoken": ", ".join(language(code) for code in workshop.spoken.split()),
        "capacity": workshop.capacity or None,
        "access": access_name(workshop.access),
        "opens": workshop.opens_at.astimezone(zone).replace(tzinfo=None) if workshop.opens_at else None,
        "closes": workshop.closes_at.astimezone(zone).replace(tzinfo=None) if workshop.closes_at else None,
        "original_lang": language(workshop.original_lang),
        "network": workshop.network.name,
        "state": stage_tag(workshop, now).text,
        "taken": workshop.taken,
        "page": page_url(workshop, current()) if workshop.state != "draft" else "",
    }
    for lang in LANGUAGES:
        text = workshop.texts.get(lang)
        facts |= {f"{kind}_{lang}": getattr(text, kind) if text else "" for kind in rules.TEXTS}
    return [facts[column.key] if column.key in facts else getattr(workshop, column.key) for column in rules.COLUMNS]


def _is_plain(days: Sequence[WorkshopDay]) -> bool:
    """Whether first and last day and one pair of hours say it all."""
    if not days:
        return True
    in_a_row = (days[-1].on - days[0].on).days == len(days) - 1
    return in_a_row and len({(day.starts, day.ends) for day in days}) == 1
