"""The rows of the workshop's form that staff add and take away: days, sessions, documents. Out of them come plain values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from wtforms import Form as PlainForm
from wtforms import HiddenField, SelectField, StringField

from app.languages import LANGUAGES, FormMeta, weekday_day
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import row_number, tidy
from app.workshops.form.fields import Checkboxes, complain, read_field, read_time, short, whole
from app.workshops.models import SESSION_KINDS
from app.workshops.showing.names import kind_name, language_name
from app.workshops.values import Day, Document, Hold, Session

Choices = list[tuple[str, str]]
Sent = list[tuple[str, str]]
DAY_ROW, SESSION_DAY = re.compile(r"days-([0-9]{1,3})-"), re.compile(r"sessions-[0-9]{1,3}-day")


class Row(PlainForm):
    """Part of a form."""

    class Meta(FormMeta):
        """Words from our own catalogues."""


class DayForm(Row):
    """One row of the days' table; `id` names the day that it was."""

    id = HiddenField()
    on = StringField(_l("Day"), filters=[tidy])
    starts = StringField(_l("Start"), filters=[tidy])
    ends = StringField(_l("End"), filters=[tidy])


class SessionForm(Row):
    """One session of the programme; `day` is the number of a row of the days' table."""

    id = HiddenField()
    day = SelectField(_l("Day"), validate_choice=False)
    starts = short(_l("Start"), 20)
    ends = short(_l("End"), 20)
    kind = SelectField(_l("Kind of session"), validate_choice=False)
    room = short(_l("Room"), 120)
    facilitators = short(_l("Led by"), 300)
    spoken = Checkboxes(_l("Held in"), validate_choice=False)
    interpreted = Checkboxes(_l("Interpreted into"), validate_choice=False)


for _lang in LANGUAGES:
    setattr(SessionForm, f"title_{_lang}", short(_l("Title"), 160))


class HoldForm(Row):
    """Seats for the people of one organisation."""

    organisation = SelectField(_l("Organisation"), validate_choice=False)
    seats = short(_l("Seats"), 20)
    until = short(_l("Held until, that day included"), 20)


class DocumentForm(Row):
    """A link to something to read."""

    title = short(_l("What it is called"), 160)
    url = short(_l("Link"), 500)
    lang = SelectField(_l("Language"), validate_choice=False)


def following(sent: Sent) -> Sent:
    """What was sent, the days' rows that are in it counted from 0, as WTForms will count them: each session follows its day,
    and has none if that was taken away."""
    numbers = sorted({int(found[1]) for name, _value in sent if (found := DAY_ROW.match(name))})
    places = {str(number): str(place) for place, number in enumerate(numbers)}
    return [(name, places.get(value, "") if SESSION_DAY.fullmatch(name) else value) for name, value in sent]


def day_choices(days: Iterable[Any]) -> Choices:
    """The rows of the days' table by number, called by their date where that can be read."""
    found = [("", _("Choose"))]
    for place, entry in enumerate(days, 1):
        name = _("Day %(number)s", number=place)
        with suppress(ValueError):
            name = weekday_day(date.fromisoformat(entry.form.on.data or ""))
        found.append((entry.id.rpartition("-")[2], name))
    return found


def language_choices(field: Any) -> Choices:
    """The languages, those that are chosen first and in their order: a browser sends them back in the order in which they stand."""
    return [(code, language_name(code)) for code in dict.fromkeys([*chosen_languages(field), *LANGUAGES])]


def chosen_languages(field: Any) -> tuple[str, ...]:
    """Those that are chosen, in their order."""
    return tuple(dict.fromkeys(code for code in field.data or () if code in LANGUAGES))


def offer_session(row: Any, days: Choices) -> None:
    """Fills the lists of a session."""
    row.day.choices = days
    row.kind.choices = [(code, kind_name(code)) for code in SESSION_KINDS]
    for field in (row.spoken, row.interpreted):
        field.choices = language_choices(field)


def offer_hold(row: Any, organisations: Choices) -> None:
    """Fills the list of organisations."""
    row.organisation.choices = [("", _("Choose")), *organisations]


def offer_document(row: Any) -> None:
    """Fills the list of languages."""
    row.lang.choices = [("", _("Several")), *((code, language_name(code)) for code in LANGUAGES)]


def day_counts(entry: Any, named: Collection[str]) -> bool:
    """Whether a row of the days' table is a day: something stands in it, or a session that says something is on it."""
    return entry.id.rpartition("-")[2] in named or any(entry.form[name].data for name in ("on", "starts", "ends"))


def read_day(number: int, row: Any) -> Day | None:
    """A day; None, and words beside its fields, if it cannot be read."""
    on = read_field(row.on, date.fromisoformat, _("Day %(number)s: enter a real date, such as 2026-06-03", number=number))
    starts = read_field(row.starts, read_time, _("Day %(number)s: the start is an hour such as 09:00", number=number))
    ends = read_field(row.ends, read_time, _("Day %(number)s: the end is an hour such as 16:30", number=number))
    for field, value, words in (
        (row.on, on, _("Day %(number)s: enter the date", number=number)),
        (row.starts, starts, _("Day %(number)s: enter when it starts", number=number)),
        (row.ends, ends, _("Day %(number)s: enter when it ends", number=number)),
    ):
        if value is None and not field.errors:
            complain(field, words)
    if on is None or starts is None or ends is None:
        return None
    return Day(on, starts, ends, row_number(row.id.data), number)


def read_sessions(entries: Iterable[Any], places: Mapping[str, int | None]) -> tuple[list[Any], tuple[Session, ...]]:
    """The rows that say something, and their sessions; one that cannot be read has words beside its fields, and is left out.

    `places`: of each row of the days' table, the place of its day; None while that day itself cannot be read.
    """
    rows, sessions = [], []
    for entry in entries:
        row = entry.form
        if says_something(row):
            session = _read_session(row, places)
            if session is not None:
                rows.append(row)
                sessions.append(session)
    return rows, tuple(sessions)


def says_something(row: Any) -> bool:
    """Whether anything stands in a session."""
    return any(row[name].data for name in ("starts", "ends", "room", "facilitators", *(f"title_{lang}" for lang in LANGUAGES)))


def _read_session(row: Any, places: Mapping[str, int | None]) -> Session | None:
    titles = tuple((lang, row[f"title_{lang}"].data) for lang in LANGUAGES if row[f"title_{lang}"].data)
    name = titles[0][1] if titles else row.starts.data or _("Session")
    starts = read_field(row.starts, read_time, _("“%(title)s”: enter the start as an hour such as 09:00", title=name))
    ends = read_field(row.ends, read_time, _("“%(title)s”: enter the end as an hour such as 10:30", title=name))
    for field, value, words in (
        (row.starts, starts, _("“%(title)s”: enter when it starts", title=name)),
        (row.ends, ends, _("“%(title)s”: enter when it ends", title=name)),
    ):
        if value is None and not field.errors:
            complain(field, words)
    if row.day.data not in places:
        complain(row.day, _("“%(title)s”: choose its day", title=name))
    day = places.get(row.day.data)
    if starts is None or ends is None or day is None:
        return None
    spoken, interpreted = (
        tuple(dict.fromkeys(code for code in field.data or () if code in LANGUAGES)) for field in (row.spoken, row.interpreted)
    )
    kind, room, facilitators = row.kind.data or SESSION_KINDS[0], row.room.data or "", row.facilitators.data or ""
    return Session(day, starts, ends, titles, kind, room, facilitators, spoken, interpreted, row_number(row.id.data))


def read_documents(entries: Iterable[Any]) -> tuple[list[Any], tuple[Document, ...]]:
    """The rows that say something, and their documents."""
    rows = [entry.form for entry in entries if entry.form.title.data or entry.form.url.data]
    for row in rows:
        scheme, colon, rest = (row.url.data or "").partition("://")
        row.url.data = f"{scheme.lower()}{colon}{rest}"
    return rows, tuple(Document(row.title.data or "", row.url.data or "", row.lang.data or None) for row in rows)


def read_holds(entries: Iterable[Any]) -> tuple[list[Any], tuple[Hold, ...]]:
    """The rows that say something, and the seats they hold; one that cannot be read has words beside its fields, and is left out."""
    rows, holds = [], []
    filled = [entry.form for entry in entries if entry.form.organisation.data or entry.form.seats.data or entry.form.until.data]
    for number, row in enumerate(filled, 1):
        seats = read_field(row.seats, whole, _("Held seats %(number)s: enter how many, as a number such as 3", number=number))
        until = read_field(row.until, date.fromisoformat, _("Held seats %(number)s: enter a real date, such as 2026-06-03", number=number))
        organisation = row_number(row.organisation.data) if row.organisation.data in dict(row.organisation.choices) else None
        for field, value, words in (
            (row.organisation, organisation, _("Held seats %(number)s: choose the organisation", number=number)),
            (row.seats, seats, _("Held seats %(number)s: enter how many, as a number such as 3", number=number)),
            (row.until, until, _("Held seats %(number)s: enter the last day", number=number)),
        ):
            if value is None and not field.errors:
                complain(field, words)
        if organisation is not None and seats is not None and until is not None:
            rows.append(row)
            holds.append(Hold(organisation, seats, until))
    return rows, tuple(holds)


def data_of_day(day: Day) -> dict[str, str]:
    """A day as a row's data."""
    return {"id": str(day.id or ""), "on": day.on.isoformat(), "starts": f"{day.starts:%H:%M}", "ends": f"{day.ends:%H:%M}"}


def data_of_session(session: Session) -> dict[str, Any]:
    """A session as a row's data; the rows of the days' table stand in the days' order."""
    return {
        "id": str(session.id or ""),
        "day": str(session.day),
        "starts": f"{session.starts:%H:%M}",
        "ends": f"{session.ends:%H:%M}",
        "kind": session.kind,
        "room": session.room,
        "facilitators": session.facilitators,
        "spoken": list(session.spoken),
        "interpreted": list(session.interpreted),
        **{f"title_{lang}": session.title(lang) for lang in LANGUAGES},
    }


def next_session(entries: Iterable[Any], day: Any, spoken: list[str]) -> dict[str, Any]:
    """What a session just added to a day begins with: where the last one there ends, in the workshop's languages."""
    number = day.id.rpartition("-")[2]
    ends = [_as_time(entry.form.ends.data) for entry in entries if entry.form.day.data == number and entry.form.ends.data]
    return {"day": number, "starts": max(ends, default=_as_time(day.form.starts.data or "")), "kind": SESSION_KINDS[0], "spoken": spoken}


def _as_time(text: str) -> str:
    """'9' and '0900' as '09:00'; what is no hour as it was typed."""
    with suppress(ValueError):
        return f"{read_time(text):%H:%M}"
    return text
