"""The texts of mails as staff's pages show them: finished words, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.languages import LANGUAGES, language, listed, moment, ngettext, weekdayless
from app.languages import gettext as _
from app.web.differences import Difference
from app.wording import catalogue
from app.wording.catalogue import Editable, Text
from app.wording.models import MailText, MailWording
from app.wording.rules import Unfit, left_out, parse
from app.wording.service import why

ICONS = {"": "", "tick": "check", "cross": "x", "warn": "alert"}
Typed = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Mark:
    """A sign and words."""

    verdict: str
    words: str

    @property
    def icon(self) -> str:
        return ICONS[self.verdict]


@dataclass(frozen=True)
class Row:
    """A mail in the list; `marks` by language."""

    kind: str
    name: str
    goes: str
    marks: dict[str, Mark]


@dataclass(frozen=True)
class Field:
    """One text in one language: how it stands, and the original where that is not what stands there."""

    marks: list[Mark]
    original: str


@dataclass(frozen=True)
class Block:
    """One text, with its fields by language."""

    text: Text
    known: str
    fields: dict[str, Field]


@dataclass(frozen=True)
class Happened:
    """One line of what has happened, and what was said before and after."""

    words: str
    who: str
    when: str
    changes: list[Difference]


def rows(saved: Sequence[MailWording]) -> list[Row]:
    """All mails, in the order of the catalogue."""
    texts = {row.kind: row.texts for row in saved}
    return [
        Row(mail.kind, str(mail.name), str(mail.goes), {lang: _summary(mail, texts.get(mail.kind, []), lang) for lang in LANGUAGES})
        for mail in catalogue.MAILS.values()
    ]


def _summary(mail: Editable, texts: Sequence[MailText], lang: str) -> Mark:
    mine = {text.name for text in texts if text.lang == lang}
    lonely = {text.name for text in texts} - mine
    if any(problem_of(mail, text) for text in texts if text.lang == lang):
        return Mark("cross", _("A text cannot be used"))
    if lonely:
        names = listed([str(mail.text(name).what) for name in sorted(lonely) if name in {one.name for one in mail.texts}])
        return Mark("warn", _("The original, where others are changed: %(texts)s", texts=names))
    if mine:
        return Mark("tick", ngettext("%(num)s text changed", "%(num)s texts changed", len(mine)))
    return Mark("", _("The original"))


def problem_of(mail: Editable, text: MailText) -> str:
    """Why a saved text cannot be said; nothing if it can."""
    try:
        known = mail.text(text.name)
    except KeyError:
        return _("This mail has no such text any more: %(name)s", name=text.name)
    try:
        parse(text.words, known.known)
    except Unfit as unfit:
        return why(unfit, known, text.lang)
    return ""


def unusable(saved: Sequence[MailWording]) -> list[tuple[str, str]]:
    """(mail, what is wrong with a text of it) for all that mails cannot say."""
    found = []
    for row in saved:
        mail = catalogue.MAILS.get(row.kind)
        if mail is not None:
            found += [(str(mail.name), problem) for text in row.texts if (problem := problem_of(mail, text))]
    return found


def blocks(mail: Editable, row: MailWording | None, own: Typed) -> list[Block]:
    """The texts of a mail: as they stand in the form (`own`: those that differ from the original) and as they are saved."""
    saved = {(text.name, text.lang): text for text in row.texts} if row else {}
    return [
        Block(
            text,
            ", ".join(f"{{{name}}}" for name in text.known),
            {lang: _field(text, lang, own, saved.get((text.name, lang))) for lang in LANGUAGES},
        )
        for text in mail.texts
    ]


def _field(text: Text, lang: str, own: Typed, saved: MailText | None) -> Field:
    words = own.get((text.name, lang))
    others = [other for other in LANGUAGES if other != lang and (text.name, other) in own]
    if words is None:
        named = listed([language(other) for other in others])
        return Field([Mark("warn", _("The original, while it is changed in %(languages)s", languages=named))] if others else [], "")
    marks = []
    if saved is not None and saved.words == words:
        changed = weekdayless(saved.changed_at.date())
        marks.append(Mark("tick", _("Changed %(day)s by %(name)s", day=changed, name=saved.changed_by)))
    try:
        missing = left_out(words, text.known)
    except Unfit as unfit:
        marks.append(Mark("cross", _("Mails say the original: %(why)s", why=why(unfit, text, lang))))
    else:
        marks += [Mark("warn", _("{%(name)s} is left out", name=name)) for name in missing]
    return Field(marks, text.typed(lang))


def lopsided(mail: Editable, own: Typed) -> str:
    """What to think of when a text was changed in some languages only; nothing if there is no such text."""
    lonely = [str(text.what) for text in mail.texts if 0 < sum((text.name, lang) in own for lang in LANGUAGES) < len(LANGUAGES)]
    return _("Not changed in all languages: %(texts)s. See whether the others should say the same.", texts=listed(lonely)) if lonely else ""


def compare(mail: Editable, theirs: Typed, mine: Typed) -> list[Difference]:
    """What somebody else saved beside what was typed here."""
    return [
        Difference(f"{text.what} ({language(lang)})", _said(text, lang, one), _said(text, lang, other))
        for text in mail.texts
        for lang in LANGUAGES
        if (one := theirs.get((text.name, lang))) != (other := mine.get((text.name, lang)))
    ]


def history(mail: Editable, entries: Sequence[AuditEntry], zone: str) -> list[Happened]:
    """The audit of a mail's texts, on the reader's clock."""
    return [Happened(sentence(entry), entry.actor_name, moment(entry.at, zone), _changes(mail, entry)) for entry in entries]


def _changes(mail: Editable, entry: AuditEntry) -> list[Difference]:
    texts = {text.name: text for text in mail.texts}
    return [
        Difference(
            f"{text.what} ({language(one['lang'])})", _said(text, one["lang"], one["before"]), _said(text, one["lang"], one["after"])
        )
        for one in (entry.facts or {}).get("changes", [])
        if (text := texts.get(one["text"])) is not None
    ]


def _said(text: Text, lang: str, words: str | None) -> str:
    return text.typed(lang) if words is None else words
