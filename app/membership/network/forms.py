"""What staff type about a network: its texts, themes, period and contact; a call; a document; a member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import HiddenField, SelectField, StringField

from app.languages import LANGUAGES
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.membership.network.rules import LIMITS, LONGEST_TITLE, Text, Values
from app.membership.network.shown import capital
from app.membership.partnership.rules import AREAS
from app.membership.told import area_name
from app.organisations.models import Network
from app.web import Form, row_number, tidy
from app.workshops.form.fields import Checkboxes, complain, long, short, wrapped

USUAL_CONTACT = "partnership@icld.se"


class NetworkForm(Form):
    """All that is said of a network; a field for each text in every language, such as `name_sv`."""

    version = HiddenField()
    themes = Checkboxes(_l("Themes"))
    starts_on = StringField(_l("First day"), filters=[tidy])
    ends_on = StringField(_l("Last day"), filters=[tidy])
    contact = short(_l("E-mail address for questions"), 320)

    def offer(self) -> None:
        """Fills the list of themes."""
        self.themes.choices = [(code, capital(area_name(code))) for code in AREAS]

    def texts(self) -> dict[str, Text]:
        """The texts as they stand in the form."""
        return {lang: Text(**{part: self[f"{part}_{lang}"].data or "" for part in LIMITS}) for lang in LANGUAGES}

    def read(self) -> Values | None:
        """What was typed; None, with the words beside the fields, when it cannot be read."""
        valid = self.validate()
        first, last = read_day(self.starts_on), read_day(self.ends_on)
        if not valid or first is None or last is None:
            return None
        themes = tuple(code for code in AREAS if code in (self.themes.data or ()))
        return Values(self.texts(), themes, first, last, self.contact.data or "")


def _labels() -> dict[str, Any]:
    labels = {
        "name": _l("Name"),
        "purpose": _l("What it is for"),
        "why": _l("Why it exists"),
        "joining": _l("Who may join, and what is asked"),
        "call": _l("What the open call says"),
    }
    makers = {"name": wrapped}
    return {f"{part}_{lang}": makers.get(part, long)(labels[part], most) for part, most in LIMITS.items() for lang in LANGUAGES}


for _field, _made in _labels().items():
    setattr(NetworkForm, _field, _made)


def data_of(row: Network, values: Values) -> dict[str, Any]:
    """A network as the form's data."""
    texts = {f"{part}_{lang}": getattr(values.texts[lang], part) for part in LIMITS for lang in LANGUAGES}
    days = {"starts_on": values.starts_on.isoformat(), "ends_on": values.ends_on.isoformat()}
    return {"version": str(row.version), "themes": list(values.themes), "contact": values.contact or USUAL_CONTACT, **days, **texts}


class CallForm(Form):
    """From which day to which a call is open."""

    opens_on = StringField(_l("Opens on"), filters=[tidy])
    closes_on = StringField(_l("Last day it is open"), filters=[tidy])

    def read(self) -> tuple[date, date] | None:
        """The two days; None, with the words beside the fields, when they cannot be read."""
        valid, opens, closes = self.validate(), read_day(self.opens_on), read_day(self.closes_on)
        return (opens, closes) if valid and opens and closes else None


class LinkForm(Form):
    """A document somewhere else: a title in each language, and its address."""

    url = StringField(_l("Link"), filters=[tidy])

    def titles(self) -> dict[str, str]:
        """What was typed, by language."""
        return {lang: self[f"title_{lang}"].data or "" for lang in LANGUAGES}


for _lang in LANGUAGES:
    setattr(LinkForm, f"title_{_lang}", short(_l("Title"), LONGEST_TITLE))


class MemberForm(Form):
    """Who becomes a member, and from which day."""

    organisation = SelectField(_l("Municipality or region"), validate_choice=False)
    joined_on = StringField(_l("Member from"), filters=[tidy])

    def offer(self, organisations: Sequence[tuple[str, str]]) -> None:
        """Fills the list."""
        self.organisation.choices = [("", _("Choose")), *organisations]

    def read(self) -> tuple[int, date] | None:
        """(organisation, day); None, with the words beside the fields, when it cannot be read."""
        valid, on, number = self.validate(), read_day(self.joined_on), row_number(self.organisation.data)
        if number is None:
            complain(self.organisation, _("Choose an organisation from the list"))
        return (number, on) if valid and number is not None and on else None


class LeaveForm(Form):
    """The last day of a membership."""

    left_on = StringField(_l("Last day as a member"), filters=[tidy])

    def read(self) -> date | None:
        """The day; None, with the words beside the field, when it cannot be read."""
        valid, on = self.validate(), read_day(self.left_on)
        return on if valid else None


class Act(Form):
    """A button, nothing to fill in."""


def read_day(field: Any) -> date | None:
    """A day as browsers send it (ISO 8601); None, with the words beside the field, for anything else."""
    try:
        return date.fromisoformat(field.data or "")
    except ValueError:
        complain(field, _("Enter a real date, such as 2026-06-03"))
        return None
