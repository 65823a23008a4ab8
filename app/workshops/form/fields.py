"""Fields that the workshop's form is made of, and how what was typed into one is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import time
from typing import Any, TypeVar

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.languages import lazy_gettext as _l
from app.web import one_line, tidy

T = TypeVar("T")
TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?|(\d{2})(\d{2})")


class Checkboxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def short(label: str, most: int) -> StringField:
    """One line of at most so many characters."""
    too_long = _l("%(field)s must be %(max)s characters or fewer", field=label, max=most)
    return StringField(label, filters=[tidy], validators=[Length(max=most, message=too_long), one_line])


def wrapped(label: str, most: int) -> TextAreaField:
    """One line too, in a box that shows all of it where the column is narrow."""
    too_long = _l("%(field)s must be %(max)s characters or fewer", field=label, max=most)
    return TextAreaField(label, filters=[tidy], validators=[Length(max=most, message=too_long), one_line])


def long(label: str, most: int) -> TextAreaField:
    """Several lines of at most so many characters."""
    too_long = _l("%(field)s must be %(max)s characters or fewer", field=label, max=most)
    return TextAreaField(label, filters=[tidy], validators=[Length(max=most, message=too_long)])


def read_time(text: str) -> time:
    """'9', '9:30', '09.30', '0930'. Raises ValueError."""
    found = TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour, minute, hour4, minute4 = found.groups()
    return time(int(hour or hour4), int(minute or minute4 or 0))


def read_field(field: Any, parse: Callable[[str], T], words: str) -> T | None:
    """The field's text as a value; empty is None, unreadable is None with an error."""
    if not field.data:
        return None
    with suppress(ValueError):
        return parse(field.data)
    complain(field, words)
    return None


def decimal(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-"))  # noqa: RUF001


def whole(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 6):
        raise ValueError(text)
    return int(text)


def complain(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]
