"""Mails in words, for the staff: what it was, what became of it, when, on both clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.languages import gettext as _
from app.languages import language, moment, ngettext
from app.mailer import is_kept
from app.mailer import transport as line
from app.outbox import rules
from app.outbox.bounces.models import Bounce
from app.outbox.bounces.queries import about
from app.outbox.models import Message
from app.outbox.queries import NEED_STAFF, Planned

FILTERS = {
    "all": (),
    "waiting": ("pending", "sending"),
    "sent": ("sent",),
    "needs": NEED_STAFF,
    "back": ("cancelled", "superseded"),
}
TABS = (*FILTERS, "returned")  # the last are those that came back, whatever their state
SIGNS = {"quiet": "check", "asks": "alert", "outline": "clock", "cancelled": "x"}


@dataclass(frozen=True)
class Tag:
    """A state, as parts/tags.html draws it."""

    kind: str
    text: str
    sign: str


@dataclass(frozen=True)
class Row:
    """One mail of a list."""

    id: UUID
    what: str
    who: str
    address: str
    language: str
    tag: Tag
    when: Sequence[str]  # on the clock of the place, and on the reader's
    words: str  # what that means, in the reader's language
    said: str  # what the server or the program said, in English
    needs_staff: bool
    can_resend: bool
    back: Sequence[str] = ()  # what servers said when it came back, as they said it


def row(message: Message, zone: str, reader_zone: str, now: datetime, came_back: Sequence[Bounce] = ()) -> Row:
    """A mail as its line in a log; `came_back`: the reports of its non-delivery."""
    ours, theirs = told(message.error)
    return Row(
        id=message.id,
        what=kinds().get(message.kind, message.kind),
        who=message.recipient_name or message.recipient,
        address=message.recipient if message.recipient_name else "",
        language=language(message.lang),
        tag=_tag(message, now, lost=any(one.kind == "hard" and one.source == "report" for one in came_back)),
        when=clocks(message.sent_at or (message.next_at if message.state == "pending" else message.due_at), zone, reader_zone),
        words=" ".join(filter(None, (_words(message), ours))),
        said=theirs or ("" if message.error or is_kept(message.smtp_reply) else message.smtp_reply),
        needs_staff=message.state in NEED_STAFF,
        can_resend=message.state in NEED_STAFF
        and message.created_at > now - timedelta(days=90)
        and (message.expires_at > now or not message.is_dated),
        back=list(dict.fromkeys(one.said for one in came_back if one.source == "report")),
    )


def rows(messages: Sequence[Message], zone: str, reader_zone: str, now: datetime) -> list[Row]:
    """Many of them, with what came back of each."""
    found = about([message.id for message in messages])
    return [row(message, zone, reader_zone, now, found.get(message.id, ())) for message in messages]


def told(error: str) -> tuple[str, str]:
    """Why a mail did not leave: our own words in the reader's language, and what the other side said, in English."""
    code, _colon, rest = error.partition(": ")
    ours = reasons().get(code)
    return ("", error) if ours is None else (ours, rest)


def reasons() -> dict[str, str]:
    """The codes that the outbox and the transport write down, in words."""
    return {
        line.SILENT: _("The mail server did not answer in time."),
        line.BROKEN: _("There was no connection to the mail server, or it broke."),
        line.LOGIN: _("The mail server refused the log-in."),
        line.SENDER: _("The mail server does not take our sender."),
        line.CERTIFICATE: _("The certificate of the mail server cannot be trusted."),
        line.FULL: _("The local mailbox of this machine cannot be written to."),
        rules.DIED: _("The program that sent it ended before the server had answered."),
        rules.NOT_ALLOWED: _("MAIL_ALLOWLIST does not name this address."),
        rules.NO_BODY: _("Its text is no longer kept."),
        rules.UNSENDABLE: _("It can never be sent as it is."),
        rules.UNWRITTEN: _("It could not be written."),
        rules.TOO_LATE: _("It could not leave while it was of use."),
        rules.SET_ASIDE: _("Set aside by the staff."),
        rules.STOPPED: _("Taken back by the staff before it had left."),
        rules.MARKED: _("Mail to this address has come back again and again, and nobody asked for this one."),
    }


def planned_tag(row: Planned) -> Tag:
    """The state of mails that are still to be written."""
    known = {"missed": Tag("cancelled", _("Missed"), "x"), "held": Tag("asks", _("Waits for a second look"), "alert")}
    return known.get(row.state) or Tag("outline", _("Planned"), "clock")


def clocks(instant: datetime, *zones: str) -> list[str]:
    """The instant on the clock of the place and, where they show another hour, on the clocks of those who read it."""
    walls: dict[datetime, str] = {}
    for zone in zones:
        walls.setdefault(instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None), moment(instant, zone))
    return list(walls.values())


def ago(instant: datetime | None, now: datetime) -> str:
    """'12 seconds ago', roughly."""
    if instant is None:
        return _("never")
    seconds = max(0, int((now - instant).total_seconds()))
    if seconds < 5:
        return _("just now")
    if seconds < 120:
        return ngettext("%(num)s second ago", "%(num)s seconds ago", seconds)
    if seconds < 2 * 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", seconds // 60)
    if seconds < 48 * 3600:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", seconds // 3600)
    return ngettext("%(num)s day ago", "%(num)s days ago", seconds // 86400)


def filters() -> dict[str, str]:
    """The tabs of a log."""
    found = {"all": _("All"), "waiting": _("Waiting"), "sent": _("Sent"), "needs": _("Needs you"), "returned": _("Came back")}
    return found | {"back": _("Taken back")}


def kinds() -> dict[str, str]:
    """What each kind of mail is called."""
    return {
        "confirmation": _("Confirmation"),
        "promotion": _("Seat from the waiting list"),
        "waiting": _("Place on the waiting list"),
        "offer": _("Offer of a seat"),
        "offer_reminder": _("Reminder of an offer"),
        "offer_lapsed": _("End of an offer"),
        "reconfirm": _("Question: can you still come?"),
        "certificate": _("Certificate is ready"),
        "bulletin": _("Mail to participants"),
        "notice": _("Necessary mail to participants"),
        "digest": _("Weekly digest"),
        "request": _("Request received"),
        "declined": _("Request declined"),
        "hold": _("Question to confirm the address"),
        "hold_reminder": _("Reminder of held seats"),
        "commitment": _("Commitment at risk"),
        "partnership": _("Reminder of a partnership's date"),
        "partnership_news": _("Change of a partnership's dates"),
        "link": _("Link to the registration"),
        "cancelled_seat": _("Registration cancelled"),
        "change": _("Workshop moved"),
        "workshop_cancelled": _("Workshop cancelled"),
        "workshop_postponed": _("Workshop postponed"),
        "workshop_restored": _("Workshop takes place after all"),
        "reminder": _("Reminder"),
        "sign_in_code": _("Code to sign in"),
        "change_address": _("Code for a new address"),
        "invitation": _("Invitation"),
        "place_asked": _("Question: one of you?"),
        "place_confirmed": _("Place in an organisation confirmed"),
        "interest": _("Expression of interest"),
        "address_changed": _("Notice: address changed"),
        "password_changed": _("Notice: password changed"),
        "staff_factor": _("Notice: second factor of a colleague"),
        "second_factor_changed": _("Notice: second factor changed"),
        "second_factor_removed": _("Notice: second factor removed"),
    }


def _tag(message: Message, now: datetime, *, lost: bool = False) -> Tag:
    if lost and message.state in {"sent", "uncertain"}:
        return Tag("cancelled", _("Came back"), "x")
    kind, text = {
        "pending": ("outline", _("Waits") if message.next_at <= now else _("Waits for its time")),
        "sending": ("outline", _("On its way")),
        "sent": ("quiet", _("Sent")),
        "failed": ("cancelled", _("Not delivered")),
        "uncertain": ("asks", _("May have arrived")),
        "held": ("asks", _("Held back")),
        "expired": ("cancelled", _("Too late, not sent")),
        "cancelled": ("outline", _("Taken back")),
        "superseded": ("outline", _("Replaced by a newer mail")),
    }[message.state]
    if message.state == "pending" and message.attempts:
        text = _("Will be tried again")
    if message.error == rules.TOO_LATE:
        text = _("Too late, not sent")
    if message.state in {"cancelled", "superseded"} and message.sent_at:
        text = _("Had left before it was taken back")
    return Tag(kind, text, "minus" if message.state in {"cancelled", "superseded"} else SIGNS[kind])


def _words(message: Message) -> str:
    """What a state means, where its name alone does not say it, and how often it was tried."""
    if message.state == "uncertain":
        return ngettext("Handed over once without an answer.", "Handed over %(num)s times without an answer.", message.uncertain)
    if message.state == "expired":
        return _("It could not leave while it was of use.")
    if is_kept(message.smtp_reply):
        return _("In the local mailbox of this machine.")
    if message.attempts > 1 or (message.attempts and message.state != "sent"):
        return ngettext("Tried once.", "Tried %(num)s times.", message.attempts)
    return ""
