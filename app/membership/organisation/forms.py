"""What staff type about an organisation: names in three languages, kind, place and clock."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, SelectField

from app.accounts.rules import ZONES_FIRST, ZONES_MORE
from app.languages import LANGUAGES, city, country, sort_key
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.membership.organisation.rules import KINDS
from app.organisations.service import Values
from app.web import Form
from app.workshops.form.fields import complain, decimal, read_field, short
from app.workshops.form.forms import COUNTRIES


class OrganisationForm(Form):
    """All that an organisation is."""

    seen = HiddenField()
    kind = RadioField(_l("Kind of organisation"), validate_choice=False)
    country = SelectField(_l("Country"), validate_choice=False)
    place = short(_l("Town"), 120)
    latitude = short(_l("Latitude"), 20)
    longitude = short(_l("Longitude"), 20)
    zone = SelectField(_l("Clock"), validate_choice=False)

    def offer(self, kept_country: str = "", kept_zone: str = "") -> None:
        """Fills the lists. What it has already is offered even if the lists have it no more."""
        self.kind.choices = [(code, kind_name(code)) for code in KINDS]
        self.country.choices = country_choices(kept_country)
        zones = [*ZONES_FIRST, *ZONES_MORE, *([kept_zone] if kept_zone and kept_zone not in {*ZONES_FIRST, *ZONES_MORE} else [])]
        self.zone.choices = [("", _("Choose")), *((zone, city(zone)) for zone in dict.fromkeys(zones))]

    def read(self) -> Values | None:
        """What was typed; None, with the words beside the fields, when it cannot be read."""
        valid = self.validate()
        degrees = [read_field(field, decimal, _("Enter degrees, such as 14.7409")) for field in (self.latitude, self.longitude)]
        for field in (self.latitude, self.longitude):
            if not field.data:
                complain(field, _("Enter degrees, such as 14.7409"))
        if not valid or self.errors or degrees[0] is None or degrees[1] is None:
            return None
        names = {lang: self[f"name_{lang}"].data or "" for lang in LANGUAGES}
        return Values(
            self.kind.data or "", self.country.data or "", self.place.data or "", degrees[0], degrees[1], self.zone.data or "", names
        )


for _lang in LANGUAGES:
    setattr(OrganisationForm, f"name_{_lang}", short(_l("Name"), 200))


def country_choices(kept: str = "") -> list[tuple[str, str]]:
    """(code, name) of the countries that are offered, in the order of the language in force."""
    codes = {*COUNTRIES, *([kept] if kept else [])}
    return [("", _("Choose")), *sorted(((code, country(code)) for code in codes), key=lambda pair: sort_key(pair[1]))]


def kind_name(code: str) -> str:
    """'Municipality'."""
    return {"municipality": _("Municipality"), "region": _("Region"), "other": _("Another organisation")}.get(code, code)


def data_of(values: Values) -> dict[str, Any]:
    """An organisation as the form's data."""
    names = {f"name_{lang}": values.names.get(lang, "") for lang in LANGUAGES}
    facts = {"kind": values.kind, "country": values.country, "place": values.place, "zone": values.zone}
    return {**facts, "latitude": repr(values.latitude), "longitude": repr(values.longitude), **names}
