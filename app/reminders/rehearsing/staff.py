"""Staff look at all that a workshop will mail, before it is published and at any time; and at what another date would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, render_template, request

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import LANGUAGES, current
from app.outbox.shown import kinds
from app.reminders.rehearsing import moving, queries, samples, shown
from app.reminders.rehearsing.forms import MoveForm
from app.reminders.rehearsing.lineup import Line, lineup
from app.reminders.rehearsing.samples import Sample
from app.web import Door, framed, framing, get_me, reader_zone
from app.workshops import rules
from app.workshops.acts import outcome
from app.workshops.models import Workshop

door = Door(__name__, "/staff/workshops", name="reminders_rehearsing_staff")
Page = str | tuple[str, int]


@dataclass(frozen=True)
class Shown:
    """One mail of the page, and what it is called there."""

    what: str
    sample: Sample


@door.get("/<int:workshop_id>/rehearsal/")
def rehearsal(workshop_id: int) -> str:
    """The line of every mail; what follows from acts; the question of another date."""
    return _page(queries.workshop(workshop_id), MoveForm(formdata=None))


@door.post("/<int:workshop_id>/rehearsal/")
def what_if(workshop_id: int) -> Page:
    """What another date would do. Nothing is saved."""
    workshop, form, instant = queries.workshop(workshop_id), MoveForm(), now()
    form.validate()
    days = form.read(workshop.days[0].on) if workshop.days and not form.errors else None
    if days is None:
        return _page(workshop, form), 422
    try:
        effect = moving.what_if(workshop_id, days, by=person(get_me()), now=instant)
    except Refused as refusal:
        form.refuse(refusal)
        return _page(queries.workshop(workshop_id), form), 422
    tongues = {code: outcome.tongue(code) for code in LANGUAGES}
    workshop = queries.workshop(workshop_id)
    return render_template(
        "reminders/what_if.html", workshop=workshop, title=workshop.text.title, effect=effect, form=form, tongues=tongues
    )


@door.get("/<int:workshop_id>/rehearsal/mail")
def mail(workshop_id: int) -> Response:
    """One of them word for word, in each language."""
    workshop, instant = queries.workshop(workshop_id), now()
    key, lang = _asked(workshop, instant)
    found = _shown(workshop, key, lang, instant)
    return framing(
        render_template(
            "reminders/sample.html", workshop=workshop, title=workshop.text.title, mail=found, of=key, show=lang, tongues=LANGUAGES
        )
    )


@door.get("/<int:workshop_id>/rehearsal/mail/html")
def html(workshop_id: int) -> Response:
    """Its HTML alone, for the frame: no scripts, nothing from elsewhere."""
    workshop, instant = queries.workshop(workshop_id), now()
    key, lang = _asked(workshop, instant)
    return framed(_shown(workshop, key, lang, instant).sample.html)


def _page(workshop: Workshop, form: MoveForm) -> str:
    instant, zone = now(), reader_zone()
    over = rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, instant) == "done"
    found = lineup(workshop, instant)
    lines = shown.rows(workshop, found.lines, zone, instant)
    if workshop.state == "published" and not over:
        told = {one.key for one in found.others}
        coordinators = [one for one in queries.coordinators(workshop, instant) if one.key not in told]
        lines += shown.held(workshop, coordinators, zone, instant)
    lines += shown.waiting(workshop, found.others, zone, instant)
    return render_template(
        "reminders/rehearsal.html",
        workshop=workshop,
        title=workshop.text.title,
        over=over,
        rows=sorted(lines, key=lambda row: row.at or instant),
        acts=shown.acts(workshop, queries.told(workshop.id), over=over) if workshop.days else [],
        form=form,
        tongues=LANGUAGES,
    )


def _asked(workshop: Workshop, instant: datetime) -> tuple[str, str]:
    """Which mail in which language the address asks for. Raises Missing."""
    over = rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, instant) == "done"
    usual = next(iter(samples.acts_of(workshop, over=over)), "")
    lang = request.args.get("show", current())
    if lang not in LANGUAGES or not workshop.days:
        raise Missing
    return request.args.get("of", usual), lang


def _shown(workshop: Workshop, key: str, lang: str, instant: datetime) -> Shown:
    """Raises Missing for a mail that does not stand on the page."""
    sort, _colon, rest = key.partition(":")
    if sort == "rule":
        line = _line(lineup(workshop, instant).lines, rest)
        return Shown(shown.called(line.rule), samples.of_reminder(workshop, line, lang, instant))
    if sort == "held":
        return Shown(kinds()["hold_reminder"], samples.of_hold(workshop, int(rest) if rest.isdecimal() else 0, lang, instant))
    sample = samples.of_act(workshop, key, lang, instant)
    return Shown(kinds()[samples.ACTS[key].kind], sample)


def _line(lines: list[Line], rest: str) -> Line:
    for line in lines:
        if f"{line.key}:{line.generation}" == rest:
            return line
    raise Missing
