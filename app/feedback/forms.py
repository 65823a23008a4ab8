"""The five questions, in words that stand alone: who answers on a telephone reads no introduction."""

from __future__ import annotations

from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired, Optional

from app.feedback import shown
from app.feedback.models import Feedback
from app.feedback.rules import LONGEST, Given
from app.languages import current
from app.languages import lazy_gettext as _l
from app.web import Form
from app.workshops.form.fields import long


class FeedbackForm(Form):
    """Only the first must be answered: a form that insists is left empty."""

    overall = RadioField(
        _l("How was the workshop as a whole?"),
        choices=lambda: list(shown.overall().items()),
        coerce=int,
        validators=[InputRequired(_l("Choose how the workshop was as a whole"))],
    )
    useful = RadioField(
        _l("Was it of use for your work?"), choices=lambda: list(shown.useful().items()), coerce=int, validators=[Optional()]
    )
    spoken = RadioField(_l("Could you follow in your language?"), choices=lambda: list(shown.spoken().items()), validators=[Optional()])
    words = long(_l("What should we keep, and what should we change?"), LONGEST)
    quotable = BooleanField(_l("You may quote what I have written, without my name"))

    def given(self) -> Given:
        """What was answered."""
        words = self.words.data or ""
        quotable = bool(self.quotable.data and words)
        return Given(int(self.overall.data), self.useful.data or None, self.spoken.data or "", words, quotable, current())


def saved(row: Feedback | None) -> dict[str, object]:
    """What somebody has answered before, for the fields."""
    if row is None:
        return {}
    return {name: getattr(row, name) for name in ("overall", "useful", "spoken", "words", "quotable")}
