"""The page on which staff write a recurring text."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from app.errors import Refused
from app.languages import LANGUAGES, language
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.texts.rules import BODY_LENGTH, NAME_LENGTH, Values, Words
from app.web import Form, one_line, tidy


def _longest(label: str, most: int) -> Length:
    return Length(max=most, message=_l("%(field)s must be %(max)s characters or fewer", field=label, max=most))


class TextForm(Form):
    """Name and text, a field each in every language, such as `name_sv`."""

    version = HiddenField()
    original_lang = RadioField(_l("Written first in"), validate_choice=False)

    def offer(self) -> None:
        """Fills the list of languages."""
        names = {code: language(code) for code in LANGUAGES}
        self.original_lang.choices = [(code, name[:1].upper() + name[1:]) for code, name in names.items()]

    def values(self) -> Values:
        """What was typed."""
        original = self.original_lang.data if self.original_lang.data in LANGUAGES else "sv"
        return Values(original, {lang: Words(self[f"name_{lang}"].data or "", self[f"body_{lang}"].data or "") for lang in LANGUAGES})


for _lang in LANGUAGES:
    setattr(TextForm, f"name_{_lang}", StringField(_l("Name"), filters=[tidy], validators=[_longest(_l("Name"), NAME_LENGTH), one_line]))
    setattr(TextForm, f"body_{_lang}", TextAreaField(_l("Text"), filters=[tidy], validators=[_longest(_l("Text"), BODY_LENGTH)]))


class Act(Form):
    """A button, nothing to fill in but which version of the text it is about."""

    version = HiddenField()


def data_of(values: Values, version: int) -> dict[str, Any]:
    """A text as the form's data."""
    flat: dict[str, Any] = {"version": str(version), "original_lang": values.original_lang}
    for lang in LANGUAGES:
        flat |= {f"name_{lang}": values.of(lang).name, f"body_{lang}": values.of(lang).body}
    return flat


def changed_meanwhile() -> Refused:
    """What stands in the summary when somebody else was quicker."""
    return Refused(_("Somebody else has changed this text meanwhile. Save once more to keep what you typed."))
