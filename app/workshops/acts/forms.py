"""The small forms: a button, the reasons for which a workshop stops, the first day of a copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from wtforms import HiddenField

from app.errors import Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form
from app.workshops.acts.copying import PARTS
from app.workshops.form.fields import Checkboxes, complain, long, read_field, short


class ReasonForm(Form):
    """Why a workshop is postponed or cancelled, for readers of each language."""

    version = HiddenField()


for _lang in LANGUAGES:
    setattr(ReasonForm, f"reason_{_lang}", long(_l("Reason"), 600))


class CopyForm(Form):
    """From which day on the copy takes place, and what comes along."""

    first = short(_l("First day of the copy"), 20)
    parts = Checkboxes(_l("What comes along"))

    def offer(self) -> None:
        """Fills the list of parts."""
        names = (
            _("Summary, description and practical information"),
            _("Programme"),
            _("Host, venue and link to join"),
            _("Seats and registration"),
            _("Documents"),
            _("Reminders"),
        )
        self.parts.choices = list(zip(PARTS, names, strict=True))

    def read(self, *, needed: bool) -> date | None:
        """The first day; None, and words beside the field if it is `needed`, if there is none."""
        first = read_field(self.first, date.fromisoformat, _("Enter a real date, such as 2026-06-03"))
        if needed and first is None and not self.first.errors:
            complain(self.first, _("Enter the first day of the copy"))
        return first

    def refuse(self, refusal: Refused) -> None:
        """Whatever is wrong with the days of the copy is put right by another first day."""
        problems = refusal.problems or {"": str(refusal)}
        for words in dict.fromkeys(problems.values()):
            complain(self.first, words)


class Act(Form):
    """A button, nothing to fill in but which version of the workshop it is about."""

    version = HiddenField()


def reasons_of(form: ReasonForm) -> Mapping[str, str]:
    """{language: reason}."""
    return {lang: form[f"reason_{lang}"].data for lang in LANGUAGES}
