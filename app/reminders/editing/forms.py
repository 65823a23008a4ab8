"""The page on which staff write a rule of reminders: what was typed, read into values with a named answer beside each field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, HiddenField, RadioField, SelectField

from app.languages import city
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.organisations.models import Organisation
from app.reminders.editing import words
from app.reminders.editing.rules import MOST, Values
from app.web import ZONES, Form, row_number
from app.workshops import walltime
from app.workshops.form.fields import complain, read_field, read_time, short

SIGNED = re.compile(r"[-+−–].*")  # noqa: RUF001  a minus as people type it
WHOLE = re.compile(r"[0-9]{1,6}")


class RuleForm(Form):
    """Everything about a rule. Fields that its anchor has no use for are not read."""

    version = HiddenField()
    anchor = RadioField(_l("Counted from"), validate_choice=False)
    amount = short(_l("How many"), 10)
    unit = SelectField(_l("Days, hours or minutes"), validate_choice=False)
    direction = SelectField(_l("Before or after"), validate_choice=False)
    at_local = short(_l("At this hour"), 10)
    zone_of = RadioField(_l("On whose clock"), validate_choice=False)
    instant_on = short(_l("Day of the fixed moment"), 20)
    instant_at = short(_l("Hour of the fixed moment"), 10)
    instant_zone = SelectField(_l("On the clock of"), validate_choice=False)
    audience = RadioField(_l("For whom"), validate_choice=False)
    comes_as = SelectField(_l("Officials or politicians"), validate_choice=False)
    organisation = SelectField(_l("Of which organisation"), validate_choice=False)
    applies_to = RadioField(_l("For which workshops"), validate_choice=False)
    enabled = BooleanField(_l("Switched on"))

    def offer(self, members: Sequence[Organisation], zone: str | None) -> None:
        """Fills the lists. `members`: organisations that may be named; `zone`: of the one workshop."""
        self.anchor.choices = _named(words.anchors())
        self.unit.choices = [("days", _("days")), ("hours", _("hours")), ("minutes", _("minutes"))]
        self.direction.choices = [("before", _("before")), ("after", _("after"))]
        self.zone_of.choices = [("workshop", _("The clock of the place")), ("person", _("Each reader's own clock"))]
        self.instant_zone.choices = [(name, city(name)) for name in dict.fromkeys([*([zone] if zone else []), *ZONES])]
        self.audience.choices = _named(words.audiences())
        self.comes_as.choices = _named({"": _("both")} | words.kinds())
        self.organisation.choices = [*_named({"": _("all organisations")}), *((str(one.id), one.name) for one in members)]
        self.applies_to.choices = _named(words.forms())

    def read(self) -> Values | None:
        """What was typed, as values; None with an error beside each field that cannot be read."""
        anchor = self._chosen(self.anchor)
        fixed = anchor == "instant"
        values = Values(
            anchor=anchor,
            offset=0 if fixed else self._offset(),
            unit="minutes" if fixed else self._chosen(self.unit),
            at_local=None if fixed else read_field(self.at_local, read_time, _no_hour(self.at_local.data)),
            instant=self._instant() if fixed else None,
            zone_of="workshop" if fixed else self._chosen(self.zone_of),
            audience=self._chosen(self.audience),
            comes_as=self._chosen(self.comes_as) or None,
            organisation_id=row_number(self._chosen(self.organisation)),
            applies_to=self._chosen(self.applies_to),
            enabled=bool(self.enabled.data),
        )
        return None if self.errors else values

    def _chosen(self, field: Any) -> str:
        if field.data in {code for code, _label in field.choices}:
            return str(field.data)
        complain(field, _("Choose from the list"))
        return ""

    def _offset(self) -> int:
        text = (self.amount.data or "").strip()
        if SIGNED.fullmatch(text):
            complain(self.amount, _("Enter the number without a sign, such as 7, and choose before or after beside it"))
        elif not WHOLE.fullmatch(text):
            complain(self.amount, _("Enter a whole number, such as 7"))
        elif (unit := self._chosen(self.unit)) and int(text) > MOST[unit]:
            complain(self.amount, words.problem(f"most_{unit}"))
        else:
            return -int(text) if self._chosen(self.direction) == "before" else int(text)
        return 0

    def _instant(self) -> datetime | None:
        """Complains where the day or hour lacks, or is not one instant there."""
        if not self.instant_on.data:
            complain(self.instant_on, _("Enter the day of the fixed moment"))
        if not self.instant_at.data:
            complain(self.instant_at, _("Enter the hour of the fixed moment"))
        on = read_field(self.instant_on, date.fromisoformat, _("Enter a day such as 2027-03-15"))
        at = read_field(self.instant_at, read_time, _no_hour(self.instant_at.data))
        zone = self._chosen(self.instant_zone)
        if on is None or at is None or not zone:
            return None
        try:
            return walltime.instant(on, at, zone)
        except (walltime.WallProblem, OverflowError):
            complain(self.instant_at, _("Clocks there are changed at that hour. Choose another."))
        return None


def _named(options: Mapping[str, str]) -> list[tuple[str, str]]:
    """With a capital letter, as options of a list."""
    return [(code, name[:1].upper() + name[1:]) for code, name in options.items()]


def _no_hour(typed: str | None) -> str:
    return _("“%(typed)s” is no hour of the day. Enter one such as 09:00", typed=typed or "")


def data_of(values: Values, version: int, zone: str) -> dict[str, Any]:
    """A rule as the form's data; `zone`: on whose clock a fixed moment is shown."""
    wall = values.instant.astimezone(ZoneInfo(zone)) if values.instant else None
    return {
        "version": str(version),
        "anchor": values.anchor,
        "amount": "" if wall else str(abs(values.offset)),
        "unit": "days" if wall else values.unit,
        "direction": "after" if values.offset > 0 or (values.offset == 0 and values.anchor == "end") else "before",
        "at_local": f"{values.at_local:%H:%M}" if values.at_local else "",
        "zone_of": values.zone_of,
        "instant_on": f"{wall:%Y-%m-%d}" if wall else "",
        "instant_at": f"{wall:%H:%M}" if wall else "",
        "instant_zone": zone,
        "audience": values.audience,
        "comes_as": values.comes_as or "",
        "organisation": str(values.organisation_id or ""),
        "applies_to": values.applies_to,
        "enabled": values.enabled,
    }
