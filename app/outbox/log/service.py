"""What staff do about a mail that waits: take it back, or let it go at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.audit.service import Actor
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.outbox.models import Message
from app.outbox.rules import STOPPED
from app.outbox.service import LEAVING, USEFUL, write_down


def stop(message_id: UUID, *, by: Actor, now: datetime) -> Message:
    """Takes a waiting mail back. Raises Missing, Conflict when it is on its way or has been decided about."""
    with transaction():
        message = _waiting(message_id, begun=False)
        message.state, message.body, message.error, message.token, message.lease_until = "cancelled", None, STOPPED, None, None
        write_down("mail.stopped", message, by, now)
        return message


def send_now(message_id: UUID, *, by: Actor, now: datetime) -> Message:
    """Lets a waiting mail go at the next tick, whatever pause or hour it waits for. Raises Missing, Conflict, Refused."""
    with transaction():
        message = _waiting(message_id)
        if message.is_dated and message.expires_at <= now:
            name = message.recipient_name or message.recipient
            raise Refused(_("It is too late for this mail. If something is still to be said, write to %(name)s yourself.", name=name))
        message.next_at = message.due_at = now  # staff say so: it is not late, so it does not wait for a morning either
        if not message.is_dated:
            message.expires_at = max(message.expires_at, now + USEFUL)
        write_down("mail.hurried", message, by, now)
        return message


def _waiting(message_id: UUID, *, begun: bool = True) -> Message:
    """The row, held: a worker takes it before us or after us. One that is only taken, and surely not `begun`, waits too if asked for."""
    message = db.session.get(Message, message_id, with_for_update=True, populate_existing=True)
    if message is None:
        raise Missing
    if message.state == "sending" and (begun or message.uncertain):
        raise Conflict(_("This mail is being sent at this very moment. Look again in a minute: then its page says what became of it."))
    if message.state == "sent":
        raise Conflict(_("This mail has left meanwhile. Nothing was changed."))
    if message.state not in LEAVING:
        raise Conflict(_("This mail does not wait any more: it was taken back or stopped by something else. Nothing was changed."))
    return message
