"""Whom a coordinator names: some of the organisation's people, and rows for new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.delegations.colleagues import MOST_NEW, Colleague
from app.errors import Refused
from app.languages import LANGUAGES, current, language
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form, one_line, row_number, tidy

FIRST_ROWS = 2


class _Rows(Form):
    """A name, an address and a language for each row; row 0 is the only one of a substitute."""

    def row(self, number: int) -> tuple[Any, Any, Any]:
        """The three fields of one row."""
        self[f"lang_{number}"].choices = [(lang, language(lang)) for lang in LANGUAGES]
        return self[f"name_{number}"], self[f"address_{number}"], self[f"lang_{number}"]

    def typed(self, number: int) -> Colleague:
        """Whom that row names."""
        name, address, lang = self.row(number)
        return Colleague(name=name.data, address=address.data, lang=lang.data or current(), row=number)


class SubstituteForm(_Rows):
    """Who comes instead."""

    def __init__(self) -> None:
        super().__init__()
        self.row(0)


class MixForm(Form):
    """How many are of the majority and of the opposition; as what each comes is read row by row."""

    majority = StringField(_l("Of the majority"), filters=[tidy])
    opposition = StringField(_l("Of the opposition"), filters=[tidy])

    def sides(self) -> tuple[int, int] | None:
        """Both numbers, one that is left out being none; None for neither. Raises Refused."""
        typed = [self.majority.data, self.opposition.data]
        if not any(typed):
            return None
        numbers = [row_number(word or "0") for word in typed]
        if numbers[0] is None or numbers[1] is None:
            raise Refused(_("Enter numbers from 0 to 99, or nothing."))
        return numbers[0], numbers[1]

    def kinds(self) -> dict[int, str]:
        """Politician, official or nothing, by registration."""
        found = {row_number(name.removeprefix("as_")): word for name, word in request.form.items() if name.startswith("as_")}
        return {number: word for number, word in found.items() if number is not None}


class DelegationForm(_Rows):
    """Up to ten new people; which rows show is asked for by a button."""

    def __init__(self) -> None:
        super().__init__()
        filled = [number for number in range(1, MOST_NEW + 1) if self.is_filled(number)]
        shown = row_number(request.form.get("rows", "")) or FIRST_ROWS
        more = 1 if request.form.get("act") == "row" else 0
        self.shown = min(max([shown + more, FIRST_ROWS, *filled]), MOST_NEW)
        for number in range(1, MOST_NEW + 1):
            self.row(number)

    def is_filled(self, number: int) -> bool:
        """Whether somebody stands there."""
        return bool(self[f"name_{number}"].data or self[f"address_{number}"].data)

    def colleagues(self, chosen: Sequence[int]) -> list[Colleague]:
        """All who are named. Raises Refused for more rows than the page has."""
        if any(request.form.get(f"{word}_{MOST_NEW + 1}") for word in ("name", "address")):
            raise Refused(_("At most %(number)s new people can be named at once.", number=MOST_NEW))
        new = [self.typed(number) for number in range(1, MOST_NEW + 1) if self.is_filled(number)]
        return [Colleague(person_id=number) for number in chosen] + new


def _fields(form: type[Form], number: int) -> None:
    checks = [Length(max=200, message=_l("A name must be 200 characters or fewer")), one_line]
    setattr(form, f"name_{number}", StringField(_l("Name"), filters=[tidy], validators=checks))
    lengths = [Length(max=320, message=_l("An address must be 320 characters or fewer")), one_line]
    setattr(form, f"address_{number}", StringField(_l("E-mail address"), filters=[tidy], validators=lengths))
    setattr(form, f"lang_{number}", SelectField(_l("Language of the mails"), default=current))


_fields(SubstituteForm, 0)
for _number in range(1, MOST_NEW + 1):
    _fields(DelegationForm, _number)
