"""What is done to a mail's texts: changed, and put back to the original."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Refused
from app.languages import LANGUAGES, language, using
from app.languages import gettext as _
from app.wording import queries
from app.wording.catalogue import Editable, Text
from app.wording.models import MailText, MailWording
from app.wording.rules import Unfit, repeated
from app.wording.saying import note_change

Words = Mapping[tuple[str, str], str]  # by (name of the text, language); none: the original


def save(kind: str, words: Words, version: int, *, by: Actor, now: datetime) -> int:
    """Writes what differs, and says how many texts that were. Mails that wait in the outbox keep theirs.

    What is empty or says what the original says is the original. Raises Refused, Conflict if `version` is not the newest, Missing.
    """
    mail = queries.editable(kind)
    wanted = {key: said for key, said in words.items() if is_own(mail.text(key[0]), key[1], said)}
    check(mail, wanted)
    return retrying(lambda: _save(mail, wanted, version, by=by, now=now))


def put_back(kind: str, version: int, *, by: Actor, now: datetime) -> int:
    """All texts of a mail are the original's again. Raises Conflict, Missing."""
    mail = queries.editable(kind)
    return retrying(lambda: _save(mail, {}, version, by=by, now=now))


def is_own(text: Text, lang: str, words: str) -> bool:
    """Whether these words are others than the original's."""
    return bool(words) and words != text.typed(lang)


def check(mail: Editable, words: Words) -> None:
    """Raises Refused, with what is wrong beside the field that it is wrong in."""
    problems = {}
    for (name, lang), said in words.items():
        text = mail.text(name)
        try:
            twice = repeated(said, text.known)
        except Unfit as unfit:
            problems[f"{name}-{lang}"] = why(unfit, text, lang)
        else:
            if twice and text.is_subject:  # two long titles have no room
                problems[f"{name}-{lang}"] = _(
                    "%(field)s: {%(name)s} may stand only once.", field=f"{text.what} ({language(lang)})", name=twice[0]
                )
    if problems:
        raise Refused(problems=problems)


def why(unfit: Unfit, text: Text, lang: str) -> str:
    """What is wrong with a text, and what would be right."""
    field = f"{text.what} ({language(lang)})"
    if unfit.is_brace:
        return _("%(field)s: a brace stands alone. Write {{ or }} where a brace is meant.", field=field)
    if not text.known:
        return _("%(field)s: {%(name)s} is not known here. Nothing is filled into this text.", field=field, name=unfit.what)
    known = ", ".join(f"{{{name}}}" for name in text.known)
    return _("%(field)s: {%(name)s} is not known here. What may stand here: %(known)s", field=field, name=unfit.what, known=known)


def _save(mail: Editable, wanted: Words, version: int, *, by: Actor, now: datetime) -> int:
    with transaction():
        row = db.session.get(MailWording, mail.kind, with_for_update=True, populate_existing=True)
        if queries.version_of(row) != version:
            raise Conflict
        before = queries.words_of(row)
        differ = sorted(key for key in {*before, *wanted} if before.get(key) != wanted.get(key))
        if not differ:
            return 0
        row = row or _made(mail.kind, now)
        _write(row, wanted, by.name, now)
        db.session.flush()
        changes = [
            {"text": name, "lang": lang, "before": before.get((name, lang)), "after": wanted.get((name, lang))} for name, lang in differ
        ]
        record("wording.changed" if wanted else "wording.put_back", topic(mail.kind), by=by, now=now, names=_names(mail), changes=changes)
        note_change()
        return len(differ)


def _made(kind: str, now: datetime) -> MailWording:
    """The row of a mail that nobody has edited before. Raises Conflict if somebody just has."""
    row = MailWording(kind=kind, changed_at=now, texts=[])
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict from error
    return row


def _write(row: MailWording, wanted: Words, by: str, now: datetime) -> None:
    """The version rises even if only the words have changed, or the clock stood still."""
    row.changed_at = now
    flag_modified(row, "changed_at")
    there = {(text.name, text.lang): text for text in row.texts}
    for key in there.keys() - wanted.keys():
        row.texts.remove(there[key])
    for (name, lang), words in wanted.items():
        text = there.get((name, lang))
        if text is None:
            row.texts.append(MailText(kind=row.kind, name=name, lang=lang, words=words, changed_by=by, changed_at=now))
        elif text.words != words:
            text.words, text.changed_by, text.changed_at = words, by, now


def topic(kind: str) -> str:
    """What the audit calls it."""
    return f"wording:{kind}"


def _names(mail: Editable) -> dict[str, str]:
    """What the mail is called, in each language: who reads the audit later may read another."""
    names = {}
    for lang in LANGUAGES:
        with using(lang):
            names[lang] = str(mail.name)
    return names
