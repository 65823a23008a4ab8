"""Words into finished messages, and a finished message into one SMTP send. Knows nothing of the outbox."""

from app.mailer.content import Content, Unsendable, build, link, new_message_id, render, text_of
from app.mailer.transport import Lost, Refused, Transport, Unreachable, is_allowed, is_kept, send

__all__ = [
    "Content",
    "Lost",
    "Refused",
    "Transport",
    "Unreachable",
    "Unsendable",
    "build",
    "is_allowed",
    "is_kept",
    "link",
    "new_message_id",
    "render",
    "send",
    "text_of",
]
