"""What staff type: a rule of the commitment, and why somebody is let off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar

from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.membership.commitment.service import LONGEST_REASON, MOST, Values
from app.membership.models import SCOPES, CommitmentRule
from app.membership.rules import HALVES
from app.membership.shown import side_name
from app.web import Form, tidy

T = TypeVar("T")


class RuleForm(Form):
    """A rule: of whom, in which period, how many workshops of each half."""

    version = HiddenField()
    scope = RadioField(_l("Who is asked"), validate_choice=False)
    starts_on = StringField(_l("First day"), filters=[tidy])
    ends_on = StringField(_l("Last day"), filters=[tidy])
    latin_america = StringField(_l("Workshops in Latin America"), filters=[tidy])
    sweden = StringField(_l("Workshops in Sweden"), filters=[tidy])
    people = StringField(_l("People"), filters=[tidy])
    online = BooleanField(_l("Taking part online counts too"))

    def offer(self) -> None:
        """Fills the choices."""
        self.scope.choices = [
            ("organisation", _("Each organisation: a workshop counts when enough of its people attend")),
            ("person", _("Each of its people: everybody attends so many workshops")),
        ]

    def read(self) -> Values | None:
        """What was typed; None, with the words beside the fields, when it is no rule."""
        valid = self.validate()
        first = _read(self.starts_on, date.fromisoformat, _("Enter a real date, such as 2026-06-03"))
        last = _read(self.ends_on, date.fromisoformat, _("Enter a real date, such as 2026-06-03"))
        numbers = {name: _read(self[name], _whole, _("Enter a whole number from 0 to %(max)s", max=MOST)) for name in HALVES}
        people = _read(self.people, _whole, _("Enter a whole number")) if self.scope.data != "person" else 1
        if self.scope.data not in SCOPES:
            self.scope.errors = [*self.scope.errors, _("Choose who is asked")]
        if not valid or self.errors or first is None or last is None or people is None or None in numbers.values():
            return None
        return Values(self.scope.data, first, last, numbers["latin_america"] or 0, numbers["sweden"] or 0, people, bool(self.online.data))


def data_of(rule: CommitmentRule) -> dict[str, Any]:
    """A rule as the form's data."""
    numbers = {name: str(getattr(rule, name)) for name in (*HALVES, "people", "version")}
    days = {"starts_on": rule.starts_on.isoformat(), "ends_on": rule.ends_on.isoformat()}
    return {"scope": rule.scope, "online": rule.online, **days, **numbers}


class WaiverForm(Form):
    """Which half, and why."""

    half = RadioField(_l("Which half"), validate_choice=False)
    reason = TextAreaField(
        _l("Reason"),
        filters=[tidy],
        validators=[Length(max=LONGEST_REASON, message=_l("The reason must be %(max)s characters or fewer", max=LONGEST_REASON))],
    )

    def offer(self) -> None:
        """Fills the choices."""
        self.half.choices = [(side, side_name(side)) for side in HALVES]


class Act(Form):
    """A button, nothing to fill in."""

    version = HiddenField()
    seen = HiddenField()


def _read(field: Any, parse: Callable[[str], T], words: str) -> T | None:
    with suppress(ValueError):
        return parse(field.data or "")
    field.errors = [*field.errors, words]
    return None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise ValueError(text)
    return int(text)
