"""What tests of edited texts start from."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from app.audit.service import Actor
from app.database import db, transaction
from app.wording import service
from app.wording.models import MailText, MailWording
from tests.factories import NOW

KARIN = Actor("person:0", "Karin")
LATER = NOW + timedelta(minutes=1)


def saved(kind: str, version: int = 0, **words: str) -> int:
    """Texts as `subject_sv="…"`; how many were changed."""
    texts = {(name[:-3], name[-2:]): said for name, said in words.items()}
    return service.save(kind, texts, version, by=KARIN, now=NOW)


def bad_row(kind: str, name: str, lang: str, words: str) -> None:
    """A row that no form would let in, as a restored or hand-edited database may have it."""
    with transaction():
        if db.session.get(MailWording, kind) is None:
            db.session.add(MailWording(kind=kind, version=7, changed_at=NOW, texts=[]))
            db.session.flush()
        db.session.execute(insert(MailText).values(kind=kind, name=name, lang=lang, words=words, changed_by="Nobody", changed_at=NOW))
