"""Forms with CSRF and our own words; nothing that people type breaks a page, a header or a query."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from flask import url_for
from flask_wtf import FlaskForm
from wtforms import HiddenField, ValidationError
from wtforms.csrf.core import CSRFTokenField

from app import errors
from app.languages import FormMeta
from app.languages import gettext as _

# NUL, other controls but tab and line ends, bidirectional overrides: they hide words from readers and break mail headers.
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u061c]")
MOST_MARKS = 30  # on one letter
LINE_ENDS = re.compile(r"[\t\r\n\u2028\u2029]")  # a tab breaks a mail header as well


class _Token(CSRFTokenField):
    """Made when the form is shown: one that was only sent and accepted shows none."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        HiddenField.process(self, *args, **kwargs)

    def _value(self) -> str:
        return str(self.csrf_impl.generate_csrf_token(self))


class _Csrf(FlaskForm.Meta.csrf_class):
    field_class = _Token


class Form(FlaskForm):
    """A form with CSRF, our own words, and no control characters anywhere. What was typed is kept when it is refused."""

    class Meta(FormMeta, FlaskForm.Meta):
        """Words from our own catalogues."""

        csrf_class = _Csrf

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        for field in self._fields.values():
            for text in getattr(field, "raw_data", None) or ():
                if isinstance(text, str) and (UNWANTED.search(text) or is_piled(text)):
                    field.errors = [
                        *field.errors,
                        _("%(field)s has characters that cannot be shown. Type it again.", field=field.label.text),
                    ]
                    valid = False
                    break
        return valid

    def refuse(self, refusal: errors.Refused) -> None:
        """Puts a service's refusal beside the fields it names; what names no field stands in the summary alone."""
        for name, words in refusal.problems.items():
            field = self._fields.get(name)
            if field is not None:
                field.errors = [*field.errors, words]
            else:
                self.form_errors.append(words)

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, words) for the summary, in the order of the page."""
        found: list[tuple[str, str]] = [("", words) for words in self.form_errors]
        for field in self._fields.values():
            found.extend(_problems(field))
        return found


def _problems(field: Any) -> list[tuple[str, str]]:
    if hasattr(field, "entries"):
        return [pair for entry in field.entries for pair in _problems(entry)] + [
            (field.id, words) for words in field.errors if isinstance(words, str)
        ]
    if hasattr(field, "form"):
        return [pair for inner in field.form for pair in _problems(inner)]
    return [(field.id, str(words)) for words in field.errors]


def one_line(_form: object, field: Any) -> None:
    """Validator: what may reach a mail header has no line ends (CR, LF)."""
    if field.data and LINE_ENDS.search(field.data):
        raise ValidationError(_("%(field)s must stand on one line.", field=field.label.text))


def tidy(text: str | None) -> str:
    """Filter: NFC, no white space around, line ends as LF."""
    plain = (text or "").replace("\r\n", "\n").strip()
    return plain if is_piled(plain) else unicodedata.normalize("NFC", plain)


def is_piled(text: str) -> bool:
    """Whether more marks are piled on one letter than any language has: to sort a hundred thousand takes minutes (UAX 15, section 13)."""
    height = 0
    for sign in "" if text.isascii() else text:
        height = height + 1 if unicodedata.combining(sign) else 0
        if height > MOST_MARKS:
            return True
    return False


def safe_next(target: str | None) -> str:
    """A path inside this service to go on to, else the home page: never somebody else's address."""
    home = url_for("membership_public.home")
    if not target or not target.startswith("/") or target.startswith("//") or re.search(r"[\\\s]", target) or UNWANTED.search(target):
        return home
    try:
        return home if urlsplit(target).netloc else target
    except ValueError:
        return home


def row_number(text: object) -> int | None:
    """A row's number as a form's list sends it; None for anything else."""
    words = str(text)
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 10 else None
