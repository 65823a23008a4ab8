"""A recurring text put behind the practical information that stands in the form; nothing is saved by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from app.languages import LANGUAGES, current, language, listed
from app.languages import gettext as _
from app.texts import queries, rules
from app.workshops.checking.advice import GAP, Piece, html
from app.workshops.form.forms import LIMITS

Choice = tuple[str, str, dict[str, str]]  # value, label, attributes of the option


def choices() -> list[Choice]:
    """The texts to choose from; a name in another language is marked."""
    rows = [(str(text.id), text.named) for text in queries.every()]
    marked = [(number, named.name, {"lang": named.lang} if named.lang != current() else {}) for number, named in rows]
    return [("", _("Choose"), {}), *marked] if marked else []


def put_into(form: Any, text_id: int | None) -> Markup | None:
    """Each language's text behind what was typed in that language, and in words what was done; None if no text was chosen."""
    text = queries.find(text_id)
    if text is None:
        return None
    done: dict[rules.Put, list[str]] = {}
    values = queries.values_of(text)
    for lang in LANGUAGES:
        field = form[f"practical_{lang}"]
        field.data, how = rules.put(field.data or "", values.of(lang).body, LIMITS["practical"])
        done.setdefault(how, []).append(lang)
    return html(_said(Piece(text.named.name, text.named.lang if text.named.lang != current() else None), done))


def _said(name: Piece, done: dict[rules.Put, list[str]]) -> list[Piece]:
    sentences = []
    if langs := done.get("put"):
        sentences.append(_("“%(name)s” was inserted in %(languages)s. Nothing is saved yet.", name=GAP, languages=_named(langs)))
    else:
        sentences.append(_("“%(name)s” was not inserted.", name=GAP))
    if langs := done.get("missing"):
        sentences.append(_("It is not written in %(languages)s yet: write it there yourself.", languages=_named(langs)))
    if langs := done.get("there"):
        sentences.append(_("It is there already in %(languages)s.", languages=_named(langs)))
    if langs := done.get("full"):
        sentences.append(_("There is no room for it in %(languages)s.", languages=_named(langs)))
    before, _gap, after = " ".join(sentences).partition(GAP)
    return [Piece(before), name, Piece(after)]


def _named(langs: Sequence[str]) -> str:
    return listed([language(lang) for lang in langs])
