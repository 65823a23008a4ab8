"""Reads of what staff have saved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.database import db
from app.errors import Missing
from app.wording.catalogue import MAILS, Editable
from app.wording.models import MailWording


def editable(kind: str) -> Editable:
    """The mail of that kind. Raises Missing."""
    if kind not in MAILS:
        raise Missing
    return MAILS[kind]


def find(kind: str) -> MailWording | None:
    """What staff have saved of one mail; nothing if it was never edited."""
    return db.session.get(MailWording, kind)


def every() -> Sequence[MailWording]:
    """What staff have saved, of all mails."""
    return db.session.scalars(select(MailWording)).all()


def version_of(row: MailWording | None) -> int:
    """0 before anybody has edited."""
    return row.version if row else 0


def words_of(row: MailWording | None) -> dict[tuple[str, str], str]:
    """The edited texts by (name, language)."""
    return {(text.name, text.lang): text.words for text in row.texts} if row else {}
