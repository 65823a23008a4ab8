"""What is done to a recurring text: written, changed, thrown away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, using
from app.languages import gettext as _
from app.texts import queries
from app.texts.models import RecurringText, RecurringWords
from app.texts.rules import Values, lacks


def create(values: Values, *, by: Actor, now: datetime) -> RecurringText:
    """A new text. Raises Refused."""
    _check(values)
    with transaction():
        text = RecurringText(created_at=now)
        _write(text, values, now)
        db.session.add(text)
        db.session.flush()
        record("text.created", _topic(text), by=by, now=now, name=_name(text))
        return text


def save(text_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> RecurringText:
    """Writes what has changed; nothing changed is nothing done. Raises Conflict if `version` is not the newest, Refused, Missing."""
    _check(values)
    return retrying(lambda: _save(text_id, values, version, by=by, now=now))


def _save(text_id: int, values: Values, version: int, *, by: Actor, now: datetime) -> RecurringText:
    with transaction():
        text = _locked(text_id, version)
        if queries.values_of(text) != Values(values.original_lang, {lang: words for lang, words in values.words.items() if words}):
            _write(text, values, now)
            db.session.flush()
            record("text.changed", _topic(text), by=by, now=now, name=_name(text))
        return text


def delete(text_id: int, *, version: int, by: Actor, now: datetime) -> None:
    """Throws a text away; workshops keep their copies of it. Raises Conflict, Missing."""
    with transaction():
        text = _locked(text_id, version)
        record("text.deleted", _topic(text), by=by, now=now, name=_name(text))
        db.session.delete(text)


def _check(values: Values) -> None:
    words = {"name": _("Enter a name in at least one language"), "body": _("Enter the text in at least one language")}
    problems = {f"{name}_{values.original_lang}": words[name] for name in lacks(values)}
    if values.original_lang not in LANGUAGES:
        problems["original_lang"] = _("Choose the language of the original")
    if problems:
        raise Refused(problems=problems)


def _write(text: RecurringText, values: Values, now: datetime) -> None:
    """The version rises even if only the words have changed, or the clock stood still."""
    text.original_lang = values.original_lang
    text.changed_at = now
    if text.id is not None:
        flag_modified(text, "changed_at")
    for lang in LANGUAGES:
        words, row = values.of(lang), text.words.get(lang)
        if row is None and words:
            text.words[lang] = RecurringWords(lang=lang, name=words.name, body=words.body, changed_at=now)
        elif row is not None and not words:
            del text.words[lang]
        elif row is not None and (row.name, row.body) != (words.name, words.body):
            row.name, row.body, row.changed_at = words.name, words.body, now


def _locked(text_id: int, version: int) -> RecurringText:
    """The text, held until the commit and read anew. Raises Missing, Conflict."""
    text = db.session.get(RecurringText, text_id, with_for_update=True, populate_existing=True)
    if text is None:
        raise Missing
    if text.version != version:
        raise Conflict
    return text


def _name(text: RecurringText) -> str:
    """In the original language, whoever acts: so the lines of one text speak of one name."""
    with using(text.original_lang):
        return text.named.name


def _topic(text: RecurringText) -> str:
    return f"text:{text.id}"
