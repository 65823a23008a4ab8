"""What a look at a file shows: each row's fate, its days and place in words, and what is said of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.exchange import rules
from app.exchange.reading.drafts import Draft, Wrong
from app.exchange.service import Plan, Step
from app.languages import LANGUAGES, city, country, hours, listed, ngettext, span
from app.languages import gettext as _
from app.workshops.models import THEMES
from app.workshops.showing.names import theme_name
from app.workshops.showing.shown import Tag, other_lang


@dataclass(frozen=True)
class Row:
    """One row of the look."""

    line: int
    title: str
    title_lang: str | None
    when: str
    clock: str
    where: str
    tag: Tag
    wrong: Sequence[Wrong]
    notes: Sequence[str]
    workshop_id: int | None


def row(step: Step) -> Row:
    """A row of the file as the page shows it."""
    draft = step.draft
    return Row(
        line=draft.line,
        title=draft.title or _("No title"),
        title_lang=other_lang(draft.title_lang) if draft.title else None,
        when=_when(draft),
        clock=_clock(draft),
        where=_where(draft),
        tag=_tag(step.what),
        wrong=draft.wrong if step.what == "wrong" else [],
        notes=draft.notes if step.what == "new" else [],
        workshop_id=step.workshop_id,
    )


def _when(draft: Draft) -> str:
    days = draft.values.days if draft.values else ()
    return span(days[0].on, max(days).on) if days else _("No day yet")


def _clock(draft: Draft) -> str:
    if draft.values is None or not draft.values.days:
        return ""
    walls = {(day.starts, day.ends) for day in draft.values.days}
    words = hours(*walls.pop()) if len(walls) == 1 else _("different hours each day")
    return _("%(hours)s in %(city)s", hours=words, city=city(draft.values.zone))


def _where(draft: Draft) -> str:
    if draft.values is None:
        return ""
    nation = country(draft.values.country) if draft.values.country else ""
    parts = [draft.values.venue, draft.values.street_address, draft.values.place, nation]
    if draft.values.format == "online":
        parts.insert(0, _("Online"))
    return ", ".join(part for part in parts if part)


def _tag(what: str) -> Tag:
    return {
        "new": Tag("quiet", "check", _("New draft")),
        "again": Tag("outline", "minus", _("Imported before")),
        "there": Tag("outline", "minus", _("There already")),
        "cancelled": Tag("outline", "minus", _("Cancelled there")),
        "wrong": Tag("cancelled", "x", _("Something is wrong")),
    }[what]


def sums(plan: Plan) -> list[str]:
    """What will happen, counted: one sentence a kind, the rest is left alone."""
    counts = {what: len(plan.of(what)) for what in ("new", "wrong", "again", "there", "cancelled")}
    kinds = {
        "new": ngettext("One row becomes a draft.", "%(num)s rows become drafts.", counts["new"]),
        "wrong": ngettext("One row has something wrong.", "%(num)s rows have something wrong.", counts["wrong"]),
        "again": ngettext(
            "One was imported before and is left alone.", "%(num)s were imported before and are left alone.", counts["again"]
        ),
        "there": ngettext("One is there already and is left alone.", "%(num)s are there already and are left alone.", counts["there"]),
        "cancelled": ngettext(
            "One is cancelled in the file and is left out.", "%(num)s are cancelled in the file and are left out.", counts["cancelled"]
        ),
    }
    return [words for what, words in kinds.items() if counts[what]]


def said_of_file(plan: Plan) -> list[str]:
    """What the person should know of the file as a whole."""
    found = []
    if plan.upload.old_letters:
        found.append(_("The file is not in Unicode; it was read as Windows-1252 (Latin-1). Check that å, ñ and é are right."))
    if plan.american:
        found.append(_("Dates were read with the month first, because one of them has no other meaning."))
    if plan.unknown:
        found.append(_("Columns that mean nothing here, and are left out: %(columns)s.", columns=listed(plan.unknown)))
    if plan.unused:
        found.append(_("Columns that are only exported, and not read: %(columns)s.", columns=listed(plan.unused)))
    if plan.others:
        found.append(
            ngettext(
                "One other thing in the calendar, such as a task, is left out.",
                "%(num)s other things in the calendar, such as tasks, are left out.",
                plan.others,
            )
        )
    return found


def lines(numbers: Sequence[int]) -> str:
    """'4, 17 and 120'."""
    return listed([str(number) for number in numbers])


def columns(lang: str) -> list[tuple[str, str]]:
    """(heading, what may stand there) for the page, in the order of the table; one line for a text's three languages."""
    about = {
        "title": _("At least one of the three. A column called only Title is in the language chosen above."),
        "summary": _("One or two sentences, at most 300 characters."),
        "first_day": _("2026-06-03 or 3/6/2026."),
        "last_day": _("Left empty: one day."),
        "starts": _("09:00, on the clock of the place."),
        "ends": _("16:00. All days have the same hours."),
        "days": _("Only for days that differ: 2026-06-03 09:00-16:00; 2026-06-05 10:00-12:00."),
        "place": _("A town of the network brings its country, its time zone and its point on the map."),
        "country": _("Its name in any of the three languages, or two letters such as CO."),
        "zone": _("Left empty: that of the town or the country. Otherwise its city, or a name such as America/Bogota."),
        "format": _("Left empty: on site."),
        "host": _("The organisation's name in any of the three languages."),
        "spoken": _("One or several: Swedish, Spanish."),
        "capacity": _("A number."),
        "access": _("Left empty: members of the network."),
        "contact": _("An e-mail address. Left empty: the address that mails come from."),
        "uid": _("Identifies the row for good. Left empty: the title and the first day do so."),
    }
    about["theme"] = listed([theme_name(code) for code in THEMES]) + "."
    found, rest = [], []
    for column in rules.COLUMNS:
        kind, _hyphen, tongue = column.key.rpartition("_")
        name = column.name(lang)
        if column.only_out or (tongue in LANGUAGES and tongue != next(iter(LANGUAGES))):
            continue
        if tongue in LANGUAGES:
            name = name.replace(f"({tongue})", ", ".join(f"({code})" for code in LANGUAGES))
        words = about.get(kind if tongue in LANGUAGES else column.key, "")
        if words:
            found.append((name, words))
        else:
            rest.append(name)
    return [*found, (_("Others"), listed(rest) + ".")]
