"""A text of a mail in the language in force: as staff have edited it, else its original.

What staff have saved is kept in memory as long as the sum of its versions is the same, which is asked once a second at most, and at
once after this process has saved some: a mail costs no statement, and no process is older than a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVarTuple

from flask import current_app
from sqlalchemy import Row, Select, event, func, select

from app import mailer
from app.database import connection, db, is_writing, quick
from app.languages import current, using
from app.mailer import Content
from app.wording import catalogue
from app.wording.catalogue import Text
from app.wording.models import MailText, MailWording
from app.wording.rules import ROOM, Parts, Unfit, fill, parse

KEY = "app.wording"
FRESH = 1.0  # seconds that the database's last word is good for
CHANGED = "app.wording.changed"
FALLBACK = ("sv", "en", "es")  # F34
Columns = TypeVarTuple("Columns")
_REVISION = select(func.coalesce(func.sum(MailWording.version), 0))
_WORDS = select(MailText.kind, MailText.name, MailText.lang, MailText.words)
_tried: ContextVar[Mapping[tuple[str, str], Parts | None] | None] = ContextVar("tried", default=None)


@dataclass(frozen=True)
class Kept:
    """What staff had saved at `asked_at`, by (key, language), when this process had committed so many changes."""

    words: Mapping[tuple[str, str], Parts] = field(default_factory=dict)
    revision: int = -1
    asked_at: float = -FRESH
    commits: int = -1


def say(key: str, /, **values: object) -> str:
    """The text of that key, such as 'confirmation.subject', with its {name}s filled in. Raises KeyError if there is no such text.

    One that cannot be said as staff have saved it is said as the original is, and logged: the mail still leaves (F34).
    """
    text, lang = catalogue.text(key), current()
    tried = _tried.get()
    parts = tried[key, lang] if tried and (key, lang) in tried else _kept().get((key, lang))
    if parts is not None:
        try:
            words = fill(parts, values)
            if not text.is_subject or len(words) <= ROOM:
                return words
            current_app.logger.warning("the text %s in %s was said as the original: it is too long for a subject", key, lang)
        except KeyError as error:
            current_app.logger.warning("the text %s in %s was said as the original: nothing for %s", key, lang, error)
    return _original(key, text, values)


def render(name: str, lang: str, /, **context: object) -> Content:
    """mailer.render, for templates that `say` texts."""
    return mailer.render(name, lang, say=say, **context)


@contextmanager
def trying(words: Mapping[tuple[str, str], Parts | None]) -> Iterator[None]:
    """For a block these texts are said like this (None: as the original), whatever is saved: to look at them before."""
    token = _tried.set(words)
    try:
        yield
    finally:
        _tried.reset(token)


def note_change() -> None:
    """Has this process read anew what it keeps, once the open transaction is committed."""
    db.session.info[CHANGED] = True


def _original(key: str, text: Text, values: Mapping[str, object]) -> str:
    """The original; where a translation cannot be filled in, that of the next language."""
    for lang in dict.fromkeys((current(), *FALLBACK)):
        with using(lang):
            try:
                template = text.template()
                return template % values if values else template
            except (KeyError, ValueError, TypeError):
                current_app.logger.warning("the original of the text %s in %s cannot be filled in", key, lang)
    return ""


def _kept() -> Mapping[tuple[str, str], Parts]:
    """No lock: who reads twice keeps what is right twice, and a thread that waits for a connection makes no other wait."""
    kept: Kept = current_app.extensions.get(KEY, _NOTHING)
    if kept.commits == _commits.number and time.monotonic() < kept.asked_at + FRESH:
        return kept.words
    commits, asked_at = _commits.number, time.monotonic()
    revision = int(_read(_REVISION)[0][0])
    words = kept.words if revision == kept.revision else _parsed(_read(_WORDS))
    current_app.extensions[KEY] = Kept(words, revision, asked_at, commits)
    return words


def _read(statement: Select[*Columns]) -> list[Row[*Columns]]:
    """Inside a transaction over its own connection: whoever holds one must not wait for a second."""
    return list(connection().execute(statement)) if is_writing() else quick(statement)


def _parsed(rows: list[Row[str, str, str, str]]) -> dict[tuple[str, str], Parts]:
    """Without what cannot be said, which the page of that mail shows to staff."""
    found = {}
    for kind, name, lang, words in rows:
        key = f"{kind}.{name}"
        try:
            found[key, lang] = parse(words, catalogue.text(key).known)
        except (KeyError, Unfit) as error:
            current_app.logger.warning("the text %s in %s is said as the original: %s", key, lang, error)
    return found


class _Commits:
    """How often this process has committed a change of texts."""

    number = 0

    def after_commit(self, session: Any) -> None:
        if session.info.pop(CHANGED, False):
            self.number += 1


_commits = _Commits()
_NOTHING = Kept()
event.listen(db.session, "after_commit", _commits.after_commit)
