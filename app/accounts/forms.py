"""Forms of sign-in, sign-up, the own account, and people."""

from __future__ import annotations

from typing import Any

from wtforms import (
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from app.accounts import queries, rules
from app.accounts.models import STAFF_ROLES
from app.accounts.service import Details
from app.languages import LANGUAGES, city, sort_key
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form, Visitor, one_line, tidy


def address_ok(_form: object, field: Any) -> None:
    """Validator: one address that mail can be sent to, and words for what is wrong with it."""
    words = {
        "missing": _("Enter your address, such as name@municipality.se"),
        "several": _("Enter one address only, without spaces or commas, such as name@municipality.se"),
        "local": _("We cannot send to addresses with letters such as å, ö or ñ before the @. Enter another address."),
        "form": _("Enter an address such as name@municipality.se"),
    }
    if problem := rules.address_problem(field.data or ""):
        raise ValidationError(words[problem])


def _required(words: str) -> DataRequired:
    return DataRequired(words)


class AddressForm(Form):
    """Where the code goes. `website` is the field that only robots fill in."""

    address = EmailField(_l("Your e-mail address"), filters=[tidy], validators=[one_line, address_ok, Length(max=254)])
    website = StringField(_l("Leave this empty"), validators=[Optional()])


class CodeForm(Form):
    """The six digits of the mail."""

    code = StringField(
        _l("The six digits"), filters=[tidy], validators=[_required(_l("Enter the six digits from the mail")), Length(max=40)]
    )


class SecondFactorForm(Form):
    """The code of the authenticator app, or a recovery code."""

    code = StringField(
        _l("Code"), filters=[tidy], validators=[_required(_l("Enter the code from the app, or a recovery code")), Length(max=60)]
    )


class PasswordForm(Form):
    """Address and password together."""

    address = EmailField(_l("Your e-mail address"), filters=[tidy], validators=[one_line, address_ok, Length(max=254)])
    password = PasswordField(_l("Password"), validators=[_required(_l("Enter your password"))])


class NewPasswordForm(Form):
    """A new password, typed once: it can be shown, pasted and made by a password manager."""

    password = PasswordField(_l("New password"), validators=[_required(_l("Enter the new password"))])


def _zones(chosen: str | None) -> dict[str, str]:
    """The three usual clocks first, then others by city; the person's own is always among them."""
    more = {*rules.ZONES_MORE, *({chosen} if chosen else set())} - set(rules.ZONES_FIRST)
    names = sorted(((zone, city(zone)) for zone in more), key=lambda pair: sort_key(pair[1]))
    return {zone: city(zone) for zone in rules.ZONES_FIRST} | dict(names)


def _organisations(none: str = "") -> dict[str, str]:
    """Every organisation by name; before them what stands for none, where that may be chosen."""
    first = {"": none} if none else {}
    return first | {str(key): name for key, name in queries.organisation_choices()}


class DetailsForm(Form):
    """What somebody says about themselves; the same at sign-up and in the account."""

    name = StringField(
        _l("Your name"),
        filters=[tidy],
        validators=[
            _required(_l("Enter your name, as others should read it")),
            one_line,
            Length(max=200, message=_l("Use at most 200 characters")),
        ],
    )
    lang = SelectField(_l("Language of your mails and pages"), choices=LANGUAGES)
    zone = SelectField(_l("Your clock"))
    organisation = SelectField(_l("Your municipality or region"), validate_choice=True)
    kind = RadioField(_l("Are you an official or a politician?"), default="")
    gender = StringField(
        _l("Gender, in your own words"), filters=[tidy], validators=[one_line, Length(max=60, message=_l("Use at most 60 characters"))]
    )

    def __init__(self, *args: Any, zone_now: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone.choices = _zones(zone_now)
        self.organisation.choices = _organisations(_("None of these, or I would rather not say"))
        self.kind.choices = {"official": _("Official"), "politician": _("Politician"), "": _("Neither, or I would rather not say")}

    def details(self) -> Details:
        """What was typed, as plain values."""
        organisation = self.organisation.data if self.organisation else ""
        return Details(
            name=self.name.data or "",
            lang=self.lang.data,
            zone=self.zone.data,
            kind=(self.kind.data or None) if self.kind else None,
            gender=(self.gender.data or None) if self.gender else None,
            organisation_id=int(organisation) if organisation else None,
        )


class InvitationForm(Form):
    """Somebody new: a person of an organisation, or staff."""

    address = EmailField(_l("E-mail address"), filters=[tidy], validators=[one_line, address_ok, Length(max=254)])
    lang = SelectField(_l("Language of the mail"), choices=LANGUAGES)
    role = RadioField(_l("What will they be?"), validators=[_required(_l("Choose what they will be"))])
    organisation = SelectField(_l("Their municipality or region"))

    def __init__(self, *args: Any, by: Visitor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = _staff_roles() if by.role == "administrator" else {}
        self.role.choices = {"member": _("Member"), "coordinator": _("Coordinator")} | staff
        self.organisation.choices = _organisations(_("Choose one"))

    def validate_organisation(self, field: Any) -> None:
        if self.role.data in {"member", "coordinator"} and not field.data:
            raise ValidationError(_("Choose the municipality or region they belong to"))


class AffiliationForm(Form):
    """A place in an organisation."""

    organisation = SelectField(_l("Municipality or region"))
    organisation_role = RadioField(_l("Role there"), default="member")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = _organisations()
        self.organisation_role.choices = {"member": _("Member"), "coordinator": _("Coordinator")}


class RoleForm(Form):
    """A staff role, or none."""

    role = RadioField(_l("Role among the staff"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = {"": _("None: a member or guest")} | _staff_roles()


def _staff_roles() -> dict[str, str]:
    """The staff's roles with their names, those that may least first."""
    return {role: role_name(role) for role in reversed(STAFF_ROLES)}


def role_name(role: str | None) -> str:
    """What a staff role is called."""
    names = {"administrator": _("Administrator"), "officer": _("Programme officer"), "helper": _("Check-in helper")}
    return names.get(role or "", "")
