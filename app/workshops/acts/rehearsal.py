"""What will this do? An act is done in full, looked at, and taken back: nothing that it says is guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app import mailer
from app.announcements import announce
from app.audit import queries as audit
from app.database import db, rehearsal, retrying
from app.languages import LANGUAGES, city, current, hours, weekday_day
from app.languages import gettext as _
from app.outbox import queries as outbox
from app.workshops import above, queries
from app.workshops.acts import outcome
from app.workshops.acts.outcome import MOST_ENTRIES, Line, OnClock, Outcome, Picture
from app.workshops.models import Workshop
from app.workshops.past import history
from app.workshops.past.changes import NO_NAMES, Names
from app.workshops.showing import entries


def rehearse(workshop_id: int, act: Callable[[], object], *, now: datetime, names: Names = NO_NAMES) -> Outcome:
    """What `act` would do to this workshop and around it, in the reader's language. Nothing of it stays.

    The act's own errors pass through. As many statements for three hundred people as for three.
    """
    return retrying(lambda: _rehearse(workshop_id, act, now, names))


def _rehearse(workshop_id: int, act: Callable[[], object], now: datetime, names: Names) -> Outcome:
    topic = f"workshop:{workshop_id}"
    with rehearsal():
        db.session.get(Workshop, workshop_id, with_for_update=True)  # from here on nobody else writes mails about it
        before = _picture(workshop_id)
        mark, known = outbox.mark(), audit.newest(topic)
        act()
        db.session.flush()
        said = [words for entry in audit.since(topic, known, "workshop.") for words in history.sentences(entry, names)]
        return _compare(before, _picture(workshop_id), said, mark, topic, now)


def _compare(before: Picture, after: Picture, said: list[str], mark: int, topic: str, now: datetime) -> Outcome:
    written = outbox.written_since(mark, topic)
    mails = [mail for mail in written if mail.state not in outbox.WITHDRAWN]  # one act may take back what it wrote itself
    stand: dict[str, str] = {}
    if mails:
        announce("who_reads", subjects=sorted({mail.about for mail in mails}), into=stand)
    groups = outcome.kinds_of(mails, stand)
    texts = {number: mailer.text_of(body) for number, body in outbox.bodies([group[0].id for group in groups.values()]).items()}
    reminders, kept = outcome.reminders(before.reminders, after.reminders, now)
    shown = outcome.entries(before, after)
    return Outcome(
        changes=said,
        days=(before.days, after.days) if before.days != after.days else None,
        readers=outcome.readers(mails, stand),
        people=len({mail.about for mail in mails}),
        moving_up=len({mail.about for mail in mails if mail.kind == "promotion"}),
        withdrawn=after.withdrawn - before.withdrawn - len({mail.id for mail in written} - {mail.id for mail in mails}),
        leaves=outcome.leaves(mails, now) if mails else "",
        samples=outcome.samples(groups, texts),
        reminders=reminders,
        reminders_kept=kept,
        entries=shown[:MOST_ENTRIES],
        more_entries=max(0, len(shown) - MOST_ENTRIES),
        titles=outcome.titles(before, after),
        warnings=outcome.warnings(before, after, mails, now, paused=outbox.switched("mail") == "paused"),
    )


def _picture(workshop_id: int) -> Picture:
    workshop = queries.get(workshop_id)
    reminders: list[OnClock] = []
    announce("reminders_on_clock", workshop=workshop, into=reminders)
    counts = outbox.counts(f"workshop:{workshop_id}")
    public = workshop.state != "draft"
    return Picture(
        state=workshop.state,
        starts_at=workshop.starts_at,
        ends_at=workshop.ends_at,
        days=[(weekday_day(day.on), entries.clocks(workshop, day)) for day in workshop.days],
        lines=_lines(workshop) if public else {},
        titles={lang: entries.overview(workshop, lang).summary for lang in LANGUAGES} if public else {},
        reminders={one.key: one for one in reminders},
        told=above.beside(workshop, workshop.network_id).told,
        withdrawn=sum(counts.get(state, 0) for state in outbox.WITHDRAWN),
        holds=[hold.until for hold in workshop.holds],
    )


def _lines(workshop: Workshop) -> dict[str, Line]:
    """Its entries as the reader's calendar would show them, by UID."""
    found = {}
    place = workshop.place or city(workshop.zone)
    for day, entry in zip(workshop.days, entries.daily(workshop, current()), strict=True):
        when = _("%(day)s, %(time)s in %(city)s", day=weekday_day(day.on), time=hours(day.starts, day.ends), city=place)
        found[entry.uid] = Line(entry.summary, when, entry.location, entry.sequence, entry.transparent)
    by_uid = {session.uid: (day, session) for day in workshop.days for session in day.sessions}
    for entry in entries.sessions(workshop, current()):
        if entry.uid in by_uid:  # whoever follows the programme has each session; a day without any is there already
            day, session = by_uid[entry.uid]
            when = _("%(day)s, %(time)s in %(city)s", day=weekday_day(day.on), time=hours(session.starts, session.ends), city=place)
            found[entry.uid] = Line(entry.summary, when, entry.location, entry.sequence, entry.transparent)
    return found
