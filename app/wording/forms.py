"""The page on which staff edit the texts of a mail: a field for each text in each language, such as `subject-sv`."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from babel.support import LazyProxy
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from app.errors import Refused
from app.languages import LANGUAGES, language
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form, one_line, row_number, tidy
from app.wording.catalogue import MAILS, Editable, Text


class WordingForm(Form):
    """What is common to all mails."""

    version = HiddenField()
    sample = SelectField(_l("What the sample shows"), validate_choice=False)

    def offer(self, mail: Editable) -> None:
        """Fills the list of samples."""
        self.sample.choices = [(str(number), str(one.what)) for number, one in enumerate(mail.samples)]

    def words(self, mail: Editable) -> dict[tuple[str, str], str]:
        """What was typed, by (text, language)."""
        return {(text.name, lang): self[name_of(text, lang)].data or "" for text in mail.texts for lang in LANGUAGES}

    @property
    def number(self) -> int:
        """Of the sample that is looked at."""
        return row_number(self.sample.data) or 0


class Act(Form):
    """A button, nothing to fill in but which version of the texts it is about."""

    version = HiddenField()


def name_of(text: Text, lang: str) -> str:
    """The name of a field."""
    return f"{text.name}-{lang}"


@cache
def form_of(kind: str) -> type[WordingForm]:
    """The form of one mail."""
    fields: dict[str, Any] = {name_of(text, lang): _field(text, lang) for text in MAILS[kind].texts for lang in LANGUAGES}
    return cast(type[WordingForm], type("WordingForm", (WordingForm,), fields))


def _field(text: Text, lang: str) -> StringField:
    label = cast(str, LazyProxy(_labelled, text, lang, enable_cache=False))
    most = Length(max=text.longest, message=_l("%(field)s must be %(max)s characters or fewer", field=label, max=text.longest))
    kind = StringField if text.name.startswith(("subject", "heading")) else TextAreaField
    return kind(label, filters=[tidy], validators=[most, one_line])


def _labelled(text: Text, lang: str) -> str:
    return f"{text.what} ({language(lang)})"


def changed_meanwhile() -> Refused:
    """What stands in the summary when somebody else was quicker."""
    return Refused(_("Somebody else has changed these texts meanwhile. Save once more to keep what you typed."))
