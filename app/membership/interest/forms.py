"""What a municipality types: who it is, what it wants, who would come; and what staff type back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length

from app.accounts.rules import address_problem
from app.languages import LANGUAGES, current, language
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.membership.interest import rules
from app.membership.interest.rules import Colleague, Values
from app.membership.interest.service import Body
from app.membership.organisation.forms import country_choices, kind_name
from app.membership.told import area_name
from app.web import Form, one_line, row_number, tidy
from app.workshops.form.fields import Checkboxes, complain, long, read_field, short, whole

ROWS = range(1, rules.MOST_COLLEAGUES + 1)
FIRST_ROWS = 2


class BodyForm(Form):
    """Which municipality or region: from the list, or a new one."""

    organisation = SelectField(_l("Municipality or region"), validate_choice=False)
    name = short(_l("Name of the municipality or region"), rules.LONGEST_NAME)
    kind = RadioField(_l("Kind of organisation"), validate_choice=False)
    country = SelectField(_l("Country"), validate_choice=False)
    place = short(_l("Town"), rules.LONGEST_PLACE)

    def offer(self, organisations: Sequence[tuple[str, str]]) -> None:
        """Fills the lists."""
        self.organisation.choices = [("", _("Not in the list")), *organisations]
        self.kind.choices = [(code, kind_name(code)) for code in rules.KINDS]
        self.country.choices = country_choices()

    def read(self) -> Body | None:
        """What was chosen or typed; None, with the words beside the fields, when it cannot be read."""
        if not self.validate():
            return None
        number = row_number(self.organisation.data) if self.organisation.data else None
        if self.organisation.data and number is None:
            complain(self.organisation, _("Choose an organisation from the list"))
            return None
        return Body(number, self.name.data or "", self.kind.data or "", self.country.data or "", self.place.data or "")


class InterestForm(Form):
    """All that it says of itself."""

    version = HiddenField()
    challenge = long(_l("Your equality challenge"), rules.LONGEST_CHALLENGE)
    themes = Checkboxes(_l("Themes"), validate_choice=False)
    politicians = short(_l("How many politicians would take part"), 4)
    officials = short(_l("How many officials would take part"), 4)
    support = long(_l("Political support"), rules.LONGEST_SUPPORT)
    languages = Checkboxes(_l("Languages that those who take part speak"), validate_choice=False)
    workshops = Checkboxes(_l("Workshops that you could attend"), validate_choice=False)
    why = long(_l("If not one on each side of the Atlantic: why not"), rules.LONGEST_WHY)
    partner_id = SelectField(_l("A partner that you would like to work with"), validate_choice=False)
    partner = short(_l("Or in your own words"), rules.LONGEST_PARTNER)
    rows = HiddenField()
    words = long(_l("Your message"), rules.LONGEST_WORDS)  # to the staff, beside the rest while they have asked

    def offer(self, themes: Sequence[str], workshops: Sequence[tuple[int, str]], partners: Sequence[tuple[str, str]]) -> None:
        """Fills the lists."""
        self.themes.choices = [(code, _capital(area_name(code))) for code in themes]
        self.languages.choices = [(code, _capital(language(code))) for code in LANGUAGES]
        self.workshops.choices = [(str(number), words) for number, words in workshops]
        self.partner_id.choices = [("", _("None in mind")), *partners]
        for number in ROWS:
            self[f"as_{number}"].choices = [("official", _("Official")), ("politician", _("Politician"))]

    @property
    def shown(self) -> int:
        """How many rows of colleagues show: those with something in them, and one more where it was asked for."""
        filled = max((number for number in ROWS if self[f"name_{number}"].data or self[f"address_{number}"].data), default=0)
        asked = row_number(self.rows.data) or FIRST_ROWS
        return min(max(filled, asked, FIRST_ROWS), rules.MOST_COLLEAGUES)

    def more(self) -> None:
        """One row more."""
        self.rows.data = str(self.shown + 1)

    def read(self) -> Values | None:
        """What was typed; None, with the words beside the fields, when it cannot be read."""
        valid = self.validate()
        words = _("Enter a number from 0 to %(max)s", max=rules.MOST_PEOPLE)
        politicians, officials = (read_field(field, whole, words) for field in (self.politicians, self.officials))
        colleagues = [one for number in ROWS if (one := self._colleague(number)) is not None]
        partner = row_number(self.partner_id.data) if self.partner_id.data else None
        chosen = [row_number(text) for text in self.workshops.data or ()]
        if None in chosen or (self.partner_id.data and partner is None):
            complain(self.workshops if None in chosen else self.partner_id, _("Choose from the list"))
        if not valid or self.errors:
            return None
        return Values(
            challenge=self.challenge.data or "",
            themes=tuple(dict.fromkeys(self.themes.data or ())),
            politicians=politicians,
            officials=officials,
            support=self.support.data or "",
            languages=tuple(dict.fromkeys(self.languages.data or ())),
            workshops=tuple(sorted({number for number in chosen if number is not None})),
            why=self.why.data or "",
            partner_id=partner,
            partner=self.partner.data or "",
            colleagues=tuple(colleagues),
        )

    def _colleague(self, number: int) -> Colleague | None:
        name, address, comes_as = self[f"name_{number}"], self[f"address_{number}"], self[f"as_{number}"]
        if not name.data and not address.data:
            return None
        if not name.data:
            complain(name, _("Colleague %(number)s: enter the name", number=number))
        if address_problem(address.data or ""):
            complain(address, _("Colleague %(number)s: enter one address, such as name@municipality.se", number=number))
        if comes_as.data not in rules.COMES_AS:
            complain(comes_as, _("Choose from the list"))
        return Colleague(name.data or "", address.data or "", comes_as.data or "")


for _number in ROWS:
    setattr(InterestForm, f"name_{_number}", short(_l("Name"), rules.LONGEST_NAME))
    setattr(InterestForm, f"address_{_number}", short(_l("E-mail address"), 254))
    setattr(InterestForm, f"as_{_number}", SelectField(_l("Comes as"), validate_choice=False))


def data_of(values: Values, version: int) -> dict[str, Any]:
    """What it says as the form's data."""
    rows: dict[str, str] = {}
    for number, one in enumerate(values.colleagues, 1):
        rows |= {f"name_{number}": one.name, f"address_{number}": one.address, f"as_{number}": one.comes_as}
    return {
        "version": str(version),
        "challenge": values.challenge,
        "themes": list(values.themes),
        "politicians": "" if values.politicians is None else str(values.politicians),
        "officials": "" if values.officials is None else str(values.officials),
        "support": values.support,
        "languages": list(values.languages),
        "workshops": [str(number) for number in values.workshops],
        "why": values.why,
        "partner_id": str(values.partner_id or ""),
        "partner": values.partner,
        **rows,
    }


class WordsForm(Form):
    """A message, a note, a question or a reason, and the language that it is written in."""

    version = HiddenField()
    words = long(_l("Your words"), rules.LONGEST_WORDS)
    lang = SelectField(_l("Written in"), validate_choice=False)

    def offer(self, lang: str = "", of: str = "") -> None:
        """Fills the list. `of` tells its fields from those of the other forms of a page."""
        self.lang.choices = [(code, _capital(language(code))) for code in LANGUAGES]
        for field in (self.words, self.lang) if of else ():
            field.id = f"{of}-{field.name}"
        if self.lang.data not in LANGUAGES:
            self.lang.data = lang or current()


class AssignForm(Form):
    """Who of the staff looks after it."""

    person = SelectField(_l("Looked after by"), validate_choice=False)

    def offer(self, people: Sequence[tuple[str, str]]) -> None:
        """Fills the list."""
        self.person.choices = [("", _("Nobody yet")), *people]


class ManyForm(Form):
    """The same answer to many, in up to three languages."""

    act = HiddenField()


for _lang in LANGUAGES:
    setattr(ManyForm, f"words_{_lang}", long(_l("Text"), rules.LONGEST_WORDS))


class AcceptForm(Form):
    """From which day it is a member; the rest is an organisation's form beside it."""

    version = HiddenField()
    on = StringField(_l("Member from"), filters=[tidy], validators=[one_line, Length(max=20)])
    same_as = SelectField(_l("It is the same as"), validate_choice=False)

    def offer(self, organisations: Sequence[tuple[str, str]]) -> None:
        """Fills the list."""
        self.same_as.choices = [("", _("A new one")), *organisations]


class Act(Form):
    """A button, nothing to fill in but what travels along."""

    version = HiddenField()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
