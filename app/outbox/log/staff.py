"""Staff: all mails, one person's, one mail with its past, and what can be done about one that waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Response as Bytes
from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.queries import about as lines_about
from app.audit.sentences import sentence
from app.audit.service import person
from app.clock import now
from app.errors import Missing
from app.languages import gettext as _
from app.outbox import shown
from app.outbox.bounces import queries as bounces
from app.outbox.bounces import service as marks
from app.outbox.bounces.models import Bounce
from app.outbox.log import queries, service, veil
from app.outbox.log.pages import HOME, log_facts, names_of, told_about
from app.outbox.models import Message
from app.outbox.queries import switched
from app.outbox.rules import ASKED_FOR
from app.outbox.service import topics_of
from app.web import Door, framed, framing, get_me, reader_zone, safe_next

door = Door(__name__, "/staff")
MOST_NAMED = 2  # things that a mail is about whose names its page gives: each is asked of whoever owns it
Page = str | Response


@door.get("/mails/log")
def mails() -> str:
    """All mails, the newest first; narrowed by kind, day, name and address."""
    return render_template("outbox/log.html", kinds=sorted(shown.kinds().items(), key=lambda one: one[1]), **log_facts([], HOME))


@door.get("/people/<int:person_id>/mails")
def person_mails(person_id: int) -> str:
    """What went to one person, what waits, and what is still to be written to them."""
    about, planned = told_about(f"person:{person_id}")
    return render_template("outbox/person_mails.html", about=about, planned=planned, **log_facts(queries.of_person(person_id), about.zone))


@door.get("/mails/<uuid:message_id>")
def mail(message_id: UUID) -> Bytes:
    """One mail: what became of it, in order, and its words as long as they are kept."""
    return _mail(queries.get(message_id))


@door.get("/mails/<uuid:message_id>/html")
def html(message_id: UUID) -> Bytes:
    """Its HTML alone, for the frame: no scripts, nothing from elsewhere, codes and personal links veiled. Raises Missing."""
    message = queries.get(message_id)
    if message.body is None:
        raise Missing
    return framed(veil.html(message.body, message.kind))


@door.get("/mails/<uuid:message_id>/stop")
def ask_stop(message_id: UUID) -> Page:
    """What taking it back means, before it is done."""
    return _ask(message_id, "stop")


@door.post("/mails/<uuid:message_id>/stop")
def stop(message_id: UUID) -> Response:
    """A mail that waits does not leave."""
    message = service.stop(message_id, by=person(get_me()), now=now())
    flash(_("The mail to %(name)s is taken back.", name=message.recipient_name or message.recipient))
    return redirect(url_for(".mail", message_id=message_id), 303)


@door.get("/mails/<uuid:message_id>/now")
def ask_now(message_id: UUID) -> Page:
    """To whom it goes, and what still keeps it, before it is let go."""
    return _ask(message_id, "now")


@door.post("/mails/<uuid:message_id>/now")
def send_now(message_id: UUID) -> Response:
    """A mail that waits leaves at the next tick."""
    message = service.send_now(message_id, by=person(get_me()), now=now())
    flash(_("The mail to %(name)s leaves within seconds.", name=message.recipient_name or message.recipient))
    return redirect(url_for(".mail", message_id=message_id), 303)


@door.post("/mails/marks/<int:mark_id>/clear")
def clear_mark(mark_id: int) -> Response:
    """Mail goes to this address again; what was kept back and is still of use leaves."""
    address = marks.clear(mark_id, by=person(get_me()), now=now())
    flash(_("The mark of %(address)s is gone. What was kept back and is still of use leaves now.", address=address))
    return redirect(safe_next(request.form.get("next") or url_for("outbox_staff.mails")), 303)


def _ask(message_id: UUID, act: str) -> Page:
    message = queries.get(message_id)
    if message.state != "pending":  # its page says what became of it
        return redirect(url_for(".mail", message_id=message_id), 303)
    asked_for = message.kind in ASKED_FOR
    paused = current_app.config["CONFIG"].settings.mail_mode == "paused" or (not asked_for and switched("mail") == "paused")
    return render_template(
        "outbox/sure.html",
        act=act,
        message=message,
        row=shown.row(message, HOME, reader_zone(), now()),
        paused=paused,
        broken=switched("circuit") == "open",
    )


def _mail(message: Message) -> Bytes:
    found = bounces.about([message.id]).get(message.id, [])
    topics = [topic for topic in topics_of(message) if ":" in topic]
    named = names_of(topics[:MOST_NAMED])
    page = render_template(
        "outbox/mail.html",
        message=message,
        row=shown.row(message, named[0].zone if named else HOME, reader_zone(), now(), found),
        subject=veil.words(message.subject, message.kind),
        about=named,
        more=max(0, len(topics) - MOST_NAMED),
        past=_past(message, found),
        text=veil.text(message.body, message.kind) if message.body is not None else "",
        mark=bounces.find_mark(message.recipient),
    )
    return framing(page)


def _past(message: Message, came_back: Sequence[Bounce]) -> list[tuple[datetime, str, str]]:
    """When, what, and who or what was said: written, what staff did, handed over, come back."""
    lines = [(entry.at, sentence(entry), entry.actor_name) for entry in lines_about(topics_of(message), f"mail:{message.id.hex}")]
    found = [(message.created_at, _("Written"), ""), *lines]
    if message.sent_at:
        found.append((message.sent_at, _("Handed over"), message.smtp_reply))
    for one in came_back:
        words = _("Came back") if one.kind == "hard" else _("The server reports a delay, or refuses it for another reason than the address")
        found.append((one.at, _("Refused") if one.source == "sending" else words, one.said))
    return sorted(found, key=lambda line: line[0])
