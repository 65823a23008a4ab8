"""What a guest types to come to an open workshop, and the buttons of everybody else."""

from __future__ import annotations

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.accounts.forms import address_ok
from app.languages import LANGUAGES
from app.languages import lazy_gettext as _l
from app.needs.asking.forms import NeedsForm
from app.questions.forms import AnswersForm
from app.web import Form, one_line, tidy
from app.workshops.form.fields import long


class GuestForm(AnswersForm, NeedsForm):
    """Four fields and a consent; `website` is a trap that people do not see."""

    name = StringField(
        _l("Your name"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter your name")),
            Length(max=200, message=_l("Your name must be 200 characters or fewer")),
            one_line,
        ],
    )
    address = StringField(
        _l("Your e-mail address"), filters=[tidy], validators=[DataRequired(_l("Enter your e-mail address")), one_line, address_ok]
    )
    organisation = SelectField(
        _l("Your municipality or region"),
        validators=[DataRequired(_l("Choose your municipality or region, or that it is another one"))],
    )
    organisation_name = StringField(
        _l("If it is not in the list: where do you work?"),
        filters=[tidy],
        validators=[Length(max=200, message=_l("The name must be 200 characters or fewer")), one_line],
    )
    consent = BooleanField(
        _l("ICLD may keep my name and address to let me take part, and write to me about this workshop"),
        validators=[InputRequired(_l("Tick the box, or we may not keep your registration"))],
    )
    website = StringField(_l("Leave this empty"))


class Act(AnswersForm, NeedsForm):
    """A button, and what is asked where anything is: the workshop's questions, what somebody needs."""


class DecideForm(Form):
    """Why requests are declined, for readers of each language."""


for _lang in LANGUAGES:
    setattr(DecideForm, f"reason_{_lang}", long(_l("Reason"), 600))
