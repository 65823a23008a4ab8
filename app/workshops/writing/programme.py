"""A workshop's programme: what a session may not be, and how sessions and documents become rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time

from app.database import db
from app.folding import fold
from app.languages import LANGUAGES, current, day_short, in_language
from app.languages import gettext as _
from app.workshops import rules, walltime
from app.workshops.checking.walls import of_wall
from app.workshops.models import SESSION_KINDS, Workshop, WorkshopDay, WorkshopDocument, WorkshopSession, WorkshopSessionTitle
from app.workshops.values import Day, Document, Session, Values
from app.workshops.walltime import instant

FIRST = next(iter(LANGUAGES))
MINUTES_A_DAY = 24 * 60
Facts = tuple[str, str, str, str, str]


def find(values: Values) -> dict[str, str]:
    """What is wrong with sessions and documents: {field: words}."""
    found: dict[str, str] = {}
    days = sorted(values.days)
    for place, session in enumerate(values.sessions):
        if problem := _problem(session, days, values.zone):
            field, words = problem
            found[f"sessions-{place}-{field}"] = words
    for place, other in _clashes(values.sessions):
        if not any(name.startswith(f"sessions-{place}-") for name in found):
            words = _(
                "“%(title)s”: %(room)s is taken by “%(other)s” at that time. Choose another room or other hours",
                title=_name(values.sessions[place]),
                room=other.room,
                other=_name(other),
            )
            found[f"sessions-{place}-room"] = words
    if len(values.sessions) > rules.MOST_SESSIONS:
        found["sessions-0-starts"] = _("A programme has at most %(number)s sessions", number=rules.MOST_SESSIONS)
    return found | _of_documents(values.documents)


def carried(values: Values, before: Values) -> Values:
    """The sessions of a day whose start and end move by the same length move along, unless they were edited themselves.

    Never past midnight: such a day is left as it was typed, and its sessions are refused.
    """
    known = {session.id: session for session in before.sessions if session.id is not None}
    old, new = sorted(before.days), sorted(values.days)
    sessions = list(values.sessions)
    for place, session in enumerate(sessions):
        was = known.get(session.id or 0)
        if was is None or not 0 <= session.day < len(new) or (was.starts, was.ends) != (session.starts, session.ends):
            continue
        from_day, to_day = old[was.day], new[session.day]
        length = _minutes(to_day.starts) - _minutes(from_day.starts)
        if from_day.id != to_day.id or not length or _minutes(to_day.ends) - _minutes(from_day.ends) != length:
            continue
        starts, ends = _minutes(was.starts) + length, _minutes(was.ends) + length
        if 0 <= starts < ends < MINUTES_A_DAY:
            sessions[place] = replace(session, starts=_at(starts), ends=_at(ends))
    return replace(values, sessions=tuple(sessions))


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _at(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def of_held_sessions(workshop: Workshop, values: Values, held: Collection[int]) -> dict[str, str]:
    """Where somebody is marked present, the session stays in the programme: {field: words}."""
    kept = {session.id for session in values.sessions}
    gone = [row for day in workshop.days for row in day.sessions if row.id in held and row.id not in kept]
    titles = [in_language(row.titles, workshop.original_lang).title for row in gone]
    return {"days-0-on": _("“%(title)s”: people are marked present there. It stays in the programme", title=titles[0])} if titles else {}


def _problem(session: Session, days: Sequence[Day], zone: str) -> tuple[str, str] | None:  # noqa: PLR0911  one line a rule
    """The first thing that is wrong with a session: the field, and words."""
    title = _name(session)
    if not session.titles:
        return f"title_{FIRST}", _("Enter what the session is called, in at least one language")
    if not 0 <= session.day < len(days):
        return "day", _("“%(title)s”: choose its day", title=title)
    day = days[session.day]
    if session.kind not in SESSION_KINDS:
        return "kind", _("“%(title)s”: choose the kind from the list", title=title)
    if session.ends <= session.starts:
        return "ends", _("“%(title)s”: the end must be later than the start", title=title)
    hours = {"title": title, "day": day_short(day.on), "starts": f"{day.starts:%H:%M}", "ends": f"{day.ends:%H:%M}"}
    what_to_do = _("Change its hours, or move the start and the end of the day by the same length: its sessions then move along")
    outside = _("“%(title)s” lies outside the hours of %(day)s, which are %(starts)s to %(ends)s. %(what)s", what=what_to_do, **hours)
    if session.starts < day.starts:
        return "starts", outside
    if session.ends > day.ends:
        return "ends", outside
    return _no_such_wall(session, day, zone)


def _no_such_wall(session: Session, day: Day, zone: str) -> tuple[str, str] | None:
    """A start or an end that the clocks of the place skip, or show twice, on that day."""
    for field, wall in (("starts", session.starts), ("ends", session.ends)):
        try:
            instant(day.on, wall, zone)
        except walltime.WallProblem as problem:
            return field, _("“%(title)s”: %(problem)s", title=_name(session), problem=of_wall(problem))
        except OverflowError:
            return None  # the day itself is refused
    return None


def _clashes(sessions: Sequence[Session]) -> Iterator[tuple[int, Session]]:
    """(place of a session, the one that has its room): of two at the same time in one room the later one is named."""
    places = sorted(range(len(sessions)), key=lambda place: (sessions[place].day, sessions[place].starts, place))
    rooms = [fold(session.room) for session in sessions]  # "Salón  1" and "salon 1" have one door
    for number, place in enumerate(places):
        one = sessions[place]
        for other in places[:number]:
            earlier = sessions[other]
            meet = earlier.day == one.day and earlier.starts < one.ends and one.starts < earlier.ends
            if meet and rooms[place] and rooms[place] == rooms[other]:
                yield place, earlier
                break


def _of_documents(documents: Sequence[Document]) -> dict[str, str]:
    found = {}
    for place, document in enumerate(documents):
        if not document.title:
            found[f"documents-{place}-title"] = _("Document %(number)s: enter what it is called", number=place + 1)
        if not (document.url.startswith("https://") and rules.is_https(document.url)):
            words = _("Document %(number)s: the link must be a whole address that begins with https://", number=place + 1)
            found[f"documents-{place}-url"] = words
        if document.lang is not None and document.lang not in LANGUAGES:
            found[f"documents-{place}-lang"] = _("Document %(number)s: choose the language from the list", number=place + 1)
    if len(documents) > rules.MOST_DOCUMENTS:
        found["documents-0-title"] = _("A workshop has at most %(number)s documents", number=rules.MOST_DOCUMENTS)
    return found


def write(workshop: Workshop, values: Values, now: datetime, *, uid: Callable[[], str]) -> None:
    """Makes the rows what `values` say; the days are written before. A session that changes stays the same row."""
    with db.session.no_autoflush:
        left = {row.id: row for day in workshop.days for row in day.sessions}
        for session in values.sessions:
            row = left.pop(session.id, None) if session.id is not None else None
            day = workshop.days[session.day]
            if row is None:
                row = WorkshopSession(uid=uid(), sequence=0, created_at=now, changed_at=now)
                _fill(row, session, day, values.zone)
                day.sessions.append(row)
                continue
            _change(row, session, day, now, public=workshop.state != "draft")
            _fill(row, session, day, values.zone)
        for gone in left.values():
            gone.day.sessions.remove(gone)
        _write_documents(workshop, values.documents)
    db.session.flush()


def _change(row: WorkshopSession, session: Session, day: WorkshopDay, now: datetime, *, public: bool) -> None:
    """Before it is filled anew: to its day, with a higher sequence if it moves and a new stamp if it says anything else."""
    if row.day is not day:
        carry(row, day, now, public=public)
    moved = (row.starts, row.ends, row.room) != (session.starts, session.ends, session.room)
    if moved or _facts(row) != _wanted(session) or {lang: title.title for lang, title in row.titles.items()} != dict(session.titles):
        row.changed_at = now
    row.sequence += public and moved


def _fill(row: WorkshopSession, session: Session, day: WorkshopDay, zone: str) -> None:
    row.starts, row.ends = session.starts, session.ends
    row.starts_at, row.ends_at = (instant(day.on, wall, zone) for wall in (session.starts, session.ends))
    row.kind, row.room, row.facilitators, row.spoken, row.interpreted = _wanted(session)
    _name_it(row, session)


def carry(row: WorkshopSession, day: WorkshopDay, now: datetime, *, public: bool) -> None:
    """To another day. A calendar's entry adds the sequence of the day to that of the session, and the sum must never fall."""
    row.sequence += max(0, row.day.sequence - day.sequence) + public
    row.day, row.changed_at = day, now


def _name_it(row: WorkshopSession, session: Session) -> None:
    titles = dict(session.titles)
    for lang in [lang for lang in row.titles if lang not in titles]:
        del row.titles[lang]
    for lang, title in titles.items():
        if lang in row.titles:
            row.titles[lang].title = title
        else:
            row.titles[lang] = WorkshopSessionTitle(lang=lang, title=title)


def _wanted(session: Session) -> Facts:
    return session.kind, session.room, session.facilitators, " ".join(session.spoken), " ".join(session.interpreted)


def _facts(row: WorkshopSession) -> Facts:
    return row.kind, row.room, row.facilitators, row.spoken, row.interpreted


def _write_documents(workshop: Workshop, documents: Sequence[Document]) -> None:
    if [(row.title, row.url, row.lang) for row in workshop.documents] == [(one.title, one.url, one.lang) for one in documents]:
        return
    workshop.documents[:] = [
        WorkshopDocument(position=place, title=one.title, url=one.url, lang=one.lang) for place, one in enumerate(documents)
    ]


def _name(session: Session) -> str:
    """In the reader's language if it has a title there, else in the first that it has one in."""
    return session.title(current()) or next((title for _lang, title in session.titles), f"{session.starts:%H:%M}")
