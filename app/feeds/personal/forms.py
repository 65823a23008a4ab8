"""A name for a device."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.languages import lazy_gettext as _l
from app.web import Form, one_line, tidy


class DeviceForm(Form):
    """What the address is for, so that it can be told from others later."""

    device = StringField(
        _l("What will you use it on?"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter a name for it, such as Outlook at work")),
            Length(max=80, message=_l("The name must be 80 characters or fewer")),
            one_line,
        ],
    )
