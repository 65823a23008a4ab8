"""What staff type about a partnership: the two, area and days; a part for somebody; a date; a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, time
from typing import Any, TypeVar

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length

from app.languages import LANGUAGES, city
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership import dates
from app.membership.partnership.rules import AREAS, KINDS, PHASES, ROLES, Values
from app.membership.partnership.shown import kind_name, role_name
from app.membership.told import area_name, phase_name
from app.organisations.models import Organisation
from app.web import Form, one_line, row_number, tidy
from app.workshops.form.fields import read_time

T = TypeVar("T")
SHORT_PLACE = Length(max=120, message=_l("The place must be %(max)s characters or fewer", max=120))
NO_DATE = _l("Enter a real date, such as 2026-06-03")


class PartnershipForm(Form):
    """The two, the area, the phase and its days."""

    version = HiddenField()
    one = SelectField(_l("One side"), validate_choice=False)
    other = SelectField(_l("The other side"), validate_choice=False)
    area = SelectField(_l("Area"), validate_choice=False)
    phase = RadioField(_l("Phase"), validate_choice=False)
    starts_on = StringField(_l("Preparation begins"), filters=[tidy])
    project_on = StringField(_l("Project begins"), filters=[tidy])
    ends_on = StringField(_l("Last day"), filters=[tidy])

    def offer(self, members: Sequence[Organisation], former: str = "") -> None:
        """Fills the lists. `former`: an area that it may keep."""
        names = [("", _("Choose"))] + [(str(one.id), one.name) for one in members]
        self.one.choices = self.other.choices = names
        areas = [*AREAS, *([former] if former and former not in AREAS else [])]
        self.area.choices = [("", _("Choose")), *[(code, _capital(area_name(code))) for code in areas]]
        self.phase.choices = [(code, phase_name(code)) for code in PHASES]

    def read(self) -> Values | None:
        """What was typed; None, with the words beside the fields, when it cannot be read."""
        valid = self.validate()
        first = _read(self.starts_on, date.fromisoformat)
        project, last = (_read(field, date.fromisoformat) if field.data else None for field in (self.project_on, self.ends_on))
        if not valid or self.errors or first is None:
            return None
        one, other = row_number(self.one.data) or 0, row_number(self.other.data) or 0
        return Values(one, other, self.area.data or "", self.phase.data or "", first, project, last)


def data_of(row: Partnership) -> dict[str, Any]:
    """A partnership as the form's data."""
    days = {name: day.isoformat() if (day := getattr(row, name)) else "" for name in ("starts_on", "project_on", "ends_on")}
    return {"version": str(row.version), "one": str(row.right_id), "other": str(row.left_id), "area": row.area, "phase": row.phase, **days}


class PersonForm(Form):
    """Who, and which part."""

    who = StringField(_l("E-mail address, or the name of a mentor"), filters=[tidy], validators=[one_line])
    role = SelectField(_l("Part"), validate_choice=False)

    def offer(self) -> None:
        """Fills the list."""
        self.role.choices = [(code, role_name(code)) for code in ROLES]


class DocumentForm(Form):
    """A link to something to read."""

    title = StringField(_l("Title"), filters=[tidy], validators=[one_line])
    url = StringField(_l("Link"), filters=[tidy])


class DateForm(Form):
    """A visit, a meeting, a milestone or the day a report is due."""

    version = HiddenField()
    kind = RadioField(_l("What it is"), validate_choice=False)
    zone = SelectField(_l("Place, whose clock the hours follow"), validate_choice=False)
    place = StringField(
        _l("Place"),
        filters=[tidy],
        validators=[one_line, Length(max=120, message=_l("The place must be %(max)s characters or fewer", max=120))],
    )
    starts_on = StringField(_l("First day"), filters=[tidy])
    starts = StringField(_l("Begins at"), filters=[tidy])
    ends_on = StringField(_l("Last day"), filters=[tidy])
    ends = StringField(_l("Ends at"), filters=[tidy])
    public = BooleanField(_l("Show it on the public page"))
    zones: Sequence[str] = ()

    def offer(self, zones: Sequence[str]) -> None:
        """Fills the lists; the clocks are those of the two sides."""
        self.zones = zones
        self.kind.choices = [(code, kind_name(code)) for code in KINDS]
        self.zone.choices = [(zone, city(zone)) for zone in zones]

    def read(self) -> dates.Values | None:
        """What was typed; None, with the words beside the fields, when it cannot be read."""
        valid = self.validate()
        first = _read(self.starts_on, date.fromisoformat)
        last = _read(self.ends_on, date.fromisoformat) if self.ends_on.data else first
        hours = [_read(field, read_time, _("Enter an hour, such as 09:30")) if field.data else None for field in (self.starts, self.ends)]
        if self.zone.data not in self.zones:
            self.zone.errors = [*self.zone.errors, _("Choose a place from the list")]
        if not valid or self.errors or first is None or last is None:
            return None
        titles = {lang: text for lang in LANGUAGES if (text := self[f"title_{lang}"].data)}
        return dates.Values(
            self.kind.data or "", titles, self.zone.data, first, last, hours[0], hours[1], self.place.data or "", bool(self.public.data)
        )


for _lang in LANGUAGES:
    _short = Length(max=160, message=_l("The title must be %(max)s characters or fewer", max=160))
    setattr(DateForm, f"title_{_lang}", StringField(_l("Title"), filters=[tidy], validators=[one_line, _short]))


def data_of_date(row: PartnershipEvent) -> dict[str, Any]:
    """A date as the form's data."""
    days = {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat() if row.ends_on != row.starts_on else ""}
    hours = {name: f"{at:%H:%M}" if isinstance(at := getattr(row, name), time) else "" for name in ("starts", "ends")}
    titles = {f"title_{lang}": row.titles.get(lang, "") for lang in LANGUAGES}
    return {
        "version": str(row.sequence),
        "kind": row.kind,
        "zone": row.zone,
        "place": row.place,
        "public": row.public,
        **days,
        **hours,
        **titles,
    }


class Act(Form):
    """A button, nothing to fill in."""

    done = HiddenField()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _read(field: Any, parse: Callable[[str], T], words: str = "") -> T | None:
    with suppress(ValueError):
        return parse(field.data or "")
    field.errors = [*field.errors, words or str(NO_DATE)]
    return None
