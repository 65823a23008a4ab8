"""A name for a device, and what its calendar shows."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.feeds.personal.service import Options
from app.feeds.rules import LEVELS
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form, one_line, tidy


class DeviceForm(Form):
    """What the address is for, so that it can be told from others later, and what it shows."""

    device = StringField(
        _l("What will you use it on?"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter a name for it, such as Outlook at work")),
            Length(max=80, message=_l("The name must be 80 characters or fewer")),
            one_line,
        ],
    )
    lang = SelectField(_l("Language of the calendar"), choices=LANGUAGES)
    level = RadioField(_l("What it shows of each workshop"), default="days")
    deadlines = BooleanField(_l("What is awaited of me, with an alarm a day before"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"days": _("Its days, with their hours"), "overview": _("One bar"), "sessions": _("The whole programme")}
        self.level.choices = [(level, words[level]) for level in LEVELS]

    def options(self) -> Options:
        """What was chosen."""
        return Options(self.lang.data, self.level.data, bool(self.deadlines.data))
