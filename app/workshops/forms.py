"""The one page on which staff make a workshop, and the reasons for which one stops. Out of them come plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any, TypeVar

from wtforms import FieldList, FormField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.rules import is_address
from app.clock import now
from app.errors import Refused
from app.languages import LANGUAGES, FormMeta, city, sort_key, zone
from app.languages import country as country_name
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form, one_line, row_number, tidy
from app.workshops import rules
from app.workshops.models import ACCESS, FORMATS, THEMES
from app.workshops.shown import access_name, format_name, language_name, theme_name

T = TypeVar("T")

COUNTRIES = (*rules.LATIN_AMERICA, "SE", "NO", "DK", "FI", "IS", "ES", "PT", "GB", "BE", "DE", "FR", "UA", "US", "KE", "ZA")
LIMITS = {"title": 120, "summary": 300, "description": 10_000, "practical": 5_000}
TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?|(\d{2})(\d{2})")


class Checkboxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def short(label: str, most: int) -> StringField:
    """One line of at most so many characters."""
    too_long = _l("%(field)s must be %(max)s characters or fewer", field=label, max=most)
    return StringField(label, filters=[tidy], validators=[Length(max=most, message=too_long), one_line])


def long(label: str, most: int) -> TextAreaField:
    """Several lines of at most so many characters."""
    too_long = _l("%(field)s must be %(max)s characters or fewer", field=label, max=most)
    return TextAreaField(label, filters=[tidy], validators=[Length(max=most, message=too_long)])


class DayForm(PlainForm):
    """One row of the days' table; `id` names the day that it was."""

    class Meta(FormMeta):
        """Words from our own catalogues."""

    id = HiddenField()
    on = StringField(_l("Day"), filters=[tidy])
    starts = StringField(_l("Start"), filters=[tidy])
    ends = StringField(_l("End"), filters=[tidy])


class TextsForm(Form):
    """The words of a workshop: a field each in every language, such as `title_sv`."""


for _lang in LANGUAGES:
    setattr(TextsForm, f"title_{_lang}", short(_l("Title"), LIMITS["title"]))
    setattr(TextsForm, f"summary_{_lang}", long(_l("Summary, one or two sentences"), LIMITS["summary"]))
    setattr(TextsForm, f"description_{_lang}", long(_l("Description"), LIMITS["description"]))
    setattr(TextsForm, f"practical_{_lang}", long(_l("Practical information"), LIMITS["practical"]))


class WorkshopForm(TextsForm):
    """Everything about a workshop. What is missing is no error here: publishing asks for it."""

    filled: list[Any]
    last: rules.Values

    version = HiddenField()
    original_lang = RadioField(_l("Written first in"), validate_choice=False)
    network = SelectField(_l("Network"), validate_choice=False)
    zone = SelectField(_l("Place, whose clock the hours follow"), validate_choice=False)
    days = FieldList(FormField(DayForm), max_entries=rules.MOST_DAYS + 1)
    format = RadioField(_l("How people meet"), validate_choice=False)
    organisation = SelectField(_l("Host"), validate_choice=False)
    venue = short(_l("Venue"), 200)
    street_address = short(_l("Street address"), 300)
    place = short(_l("Town"), 120)
    country = SelectField(_l("Country"), validate_choice=False)
    latitude = short(_l("Latitude"), 20)
    longitude = short(_l("Longitude"), 20)
    join_url = short(_l("Link to join online"), 500)
    capacity = short(_l("Seats"), 20)
    access = RadioField(_l("Who may register"), validate_choice=False)
    invitees = Checkboxes(_l("Invited organisations"))
    opens_on = short(_l("Registration opens"), 20)
    opens_time = short(_l("Hour at which registration opens"), 20)
    closes_on = short(_l("Registration closes"), 20)
    closes_time = short(_l("Hour at which registration closes"), 20)
    spoken = Checkboxes(_l("Languages of work"))
    theme = SelectField(_l("Theme"), validate_choice=False)
    contact = short(_l("E-mail address for questions"), 320)
    reminder_choice = RadioField(_l("Reminders"), validate_choice=False)
    reminders = Checkboxes(_l("Reminders of this workshop"))

    def offer(self, networks: Sequence[tuple[str, str]], organisations: Sequence[tuple[str, str]], kept: rules.Values | None) -> None:
        """Fills the lists. What the workshop has already is offered even if the lists have it no more."""
        self.network.choices = list(networks)
        self.organisation.choices = [("", _("None")), *organisations]
        self.invitees.choices = list(organisations)
        zones = [*rules.ZONES, *([kept.zone] if kept and kept.zone not in rules.ZONES else [])]
        self.zone.choices = [(name, zone_name(name)) for name in zones]
        codes = {*COUNTRIES, *([kept.country] if kept and kept.country else [])}
        named = sorted(((code, country_name(code)) for code in codes), key=lambda pair: sort_key(pair[1]))
        self.country.choices = [("", _("Choose")), *named]
        self.theme.choices = [("", _("None")), *((code, theme_name(code)) for code in THEMES)]
        self.format.choices = [(code, format_name(code)) for code in FORMATS]
        self.access.choices = [(code, access_name(code)) for code in ACCESS]
        self.original_lang.choices = [(code, language_name(code)) for code in LANGUAGES]
        self.spoken.choices = [(code, language_name(code)) for code in LANGUAGES]
        self.reminder_choice.choices = [("usual", _("The network's usual reminders")), ("own", _("Chosen for this workshop"))]
        self.reminders.choices = list(zip(rules.REMINDERS, reminder_names(), strict=True))

    def read(self) -> rules.Values:
        """What was typed, as values; what cannot be read stands as an error beside its field and counts as left out."""
        self.filled = [entry.form for entry in self.days if any(entry.form[name].data for name in ("on", "starts", "ends"))]
        own = self.reminder_choice.data == "own"
        if own and not self.reminders.data:
            _complain(self.reminders, _("Choose at least one reminder, or the network's usual ones"))
        if self.contact.data and not is_address(self.contact.data):
            _complain(self.contact, _("Enter one e-mail address, such as partnership@icld.se"))
        days = [self._day(number, row) for number, row in enumerate(self.filled, 1)]
        self.filled = [row for row, day in zip(self.filled, days, strict=True) if day is not None]
        self.last = rules.Values(
            network_id=row_number(self.network.data) or 0,
            zone=self.zone.data or "",
            original_lang=self.original_lang.data if self.original_lang.data in LANGUAGES else "sv",
            texts={lang: rules.Text(*(self[f"{name}_{lang}"].data for name in LIMITS)) for lang in LANGUAGES},
            days=tuple(day for day in days if day is not None),
            organisation_id=row_number(self.organisation.data),
            format=self.format.data or "",
            spoken=tuple(code for code in self.spoken.data or () if code in LANGUAGES),
            theme=self.theme.data or None,
            venue=self.venue.data or "",
            street_address=self.street_address.data or "",
            place=self.place.data or "",
            country=self.country.data or None,
            latitude=_read(self.latitude, _number, _("The latitude is a number from -90 to 90, such as 14.7409")),
            longitude=_read(self.longitude, _number, _("The longitude is a number from -180 to 180, such as -91.1595")),
            join_url=self.join_url.data or "",
            capacity=_read(self.capacity, _whole, _("Enter how many seats there are, as a number such as 36")) or 0,
            access=self.access.data or "",
            invitees=frozenset(int(code) for code in self.invitees.data or ()) if not self.invitees.errors else frozenset(),
            opens=self._moment("opens", "00:00"),
            closes=self._moment("closes", "23:59"),
            contact=self.contact.data or "",
            reminders=tuple(self.reminders.data or ()) if own else (),
        )
        return self.last

    def peek(self) -> rules.Values:
        """The values of a form that nobody has sent yet: nothing in it is wrong."""
        values = self.read()
        for field in (*self, *(part for entry in self.days for part in entry.form)):
            field.errors = []
        return values

    def wrong(self) -> list[str]:
        """The names of the fields that have an error."""
        rows = [part for entry in self.days for part in entry.form]
        plain = [field for name, field in self._fields.items() if name != "days"]
        return [field.name for field in (*plain, *rows) if field.errors]

    def _day(self, number: int, row: Any) -> rules.Day | None:
        on = _read(row.on, date.fromisoformat, _("Day %(number)s: enter a real date, such as 2026-06-03", number=number))
        starts = _read(row.starts, read_time, _("Day %(number)s: the start is an hour such as 09:00", number=number))
        ends = _read(row.ends, read_time, _("Day %(number)s: the end is an hour such as 16:30", number=number))
        for field, value, words in (
            (row.on, on, _("Day %(number)s: enter the date", number=number)),
            (row.starts, starts, _("Day %(number)s: enter when it starts", number=number)),
            (row.ends, ends, _("Day %(number)s: enter when it ends", number=number)),
        ):
            if value is None and not field.errors:
                _complain(field, words)
        if on is None or starts is None or ends is None:
            return None
        return rules.Day(on, starts, ends, row_number(row.id.data))

    def _moment(self, name: str, usual: str) -> datetime | None:
        day_field, time_field = self[f"{name}_on"], self[f"{name}_time"]
        on = _read(day_field, date.fromisoformat, _("Enter a real date, such as 2026-06-03"))
        at = _read(time_field, read_time, _("Enter an hour such as 17:00"))
        if on is None:
            if time_field.data and not day_field.errors:
                _complain(day_field, _("Enter the date as well"))
            return None
        return datetime.combine(on, at or read_time(usual))

    def refuse(self, refusal: Refused) -> None:
        """A field that has an error already keeps that one."""
        rest = {}
        for name, words in refusal.problems.items():
            field = self._named(name)
            if field is None:
                rest[name] = words
            elif not field.errors:
                _complain(field, words)
        if rest:
            super().refuse(Refused(problems=rest))

    def _named(self, name: str) -> Any:
        if not name.startswith("days-"):
            return self._fields.get({"opens": "opens_on", "closes": "closes_on"}.get(name, name))
        _days, number, part = name.split("-")
        rows = self.filled or [entry.form for entry in self.days]
        return rows[int(number)][part] if int(number) < len(rows) else None


class ReasonForm(Form):
    """Why a workshop is postponed or cancelled, for readers of each language."""

    version = HiddenField()


for _lang in LANGUAGES:
    setattr(ReasonForm, f"reason_{_lang}", long(_l("Reason"), 600))


class Act(Form):
    """A button, nothing to fill in but which version of the workshop it is about."""

    version = HiddenField()


def data_of(values: rules.Values, version: int, reminders: Sequence[str]) -> dict[str, Any]:
    """A workshop as the form's data."""
    plain = ("original_lang", "zone", "format", "venue", "street_address", "place", "join_url", "access", "contact")
    flat = {name: getattr(values, name) for name in plain}
    for lang in LANGUAGES:
        text = values.texts.get(lang, rules.Text())
        flat |= {f"{name}_{lang}": getattr(text, name) for name in LIMITS}
    for name, wall in (("opens", values.opens), ("closes", values.closes)):
        flat |= {f"{name}_on": f"{wall:%Y-%m-%d}" if wall else "", f"{name}_time": f"{wall:%H:%M}" if wall else ""}
    return flat | {
        "version": str(version),
        "network": str(values.network_id),
        "organisation": str(values.organisation_id or ""),
        "country": values.country or "",
        "theme": values.theme or "",
        "latitude": "" if values.latitude is None else str(values.latitude),
        "longitude": "" if values.longitude is None else str(values.longitude),
        "capacity": str(values.capacity or ""),
        "invitees": [str(row) for row in values.invitees],
        "spoken": list(values.spoken),
        "reminder_choice": "own" if reminders else "usual",
        "reminders": list(reminders),
        "days": [
            {"id": str(day.id or ""), "on": day.on.isoformat(), "starts": f"{day.starts:%H:%M}", "ends": f"{day.ends:%H:%M}"}
            for day in values.days
        ],
    }


def reminder_names() -> list[str]:
    """What each code of REMINDERS is called."""
    return [_("7 days before, at 09:00"), _("The day before, at 09:00"), _("1 hour before, for those who join online")]


def zone_name(name: str) -> str:
    """'Panajachel (UTC-6)' as the offset is now."""
    offset = now().astimezone(zone(name)).strftime("%z")
    hours, minutes = int(offset[:3]), offset[3:5]
    sign = "−" if hours < 0 else "+"  # noqa: RUF001  a minus, not a hyphen
    return f"{city(name)} (UTC{sign}{abs(hours)}{':' + minutes if minutes != '00' else ''})"


def read_time(text: str) -> time:
    """'9', '9:30', '09.30', '0930'. Raises ValueError."""
    found = TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour, minute, hour4, minute4 = found.groups()
    return time(int(hour or hour4), int(minute or minute4 or 0))


def _read(field: Any, parse: Callable[[str], T], words: str) -> T | None:
    """The field's text as a value; empty is None, unreadable is None with an error."""
    if not field.data:
        return None
    with suppress(ValueError):
        return parse(field.data)
    _complain(field, words)
    return None


def _number(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-"))  # noqa: RUF001


def _whole(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 6):
        raise ValueError(text)
    return int(text)


def _complain(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]


def reasons_of(form: ReasonForm) -> Mapping[str, str]:
    """{language: reason}."""
    return {lang: form[f"reason_{lang}"].data for lang in LANGUAGES}
