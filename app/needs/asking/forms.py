"""The fields in which somebody says what is needed; part of the page of registration, and a page of their own."""

from __future__ import annotations

from typing import Any, TypeVar

from wtforms import BooleanField, RadioField

from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.needs import rules, shown
from app.needs.rules import Given, Needs, Said
from app.web import Form
from app.workshops.form.fields import Checkboxes, long, short

F = TypeVar("F", bound="NeedsForm")


class NeedsForm(Form):
    """What every form that asks for needs derives from."""

    def given(self) -> Given | None:
        """What was typed, as values; None where the fields did not stand on the page that was sent."""
        return self._typed() if self["needs_food_words"].raw_data else None

    def _typed(self) -> Given:
        food, tongue = self["needs_food"].data or [], self["needs_interpretation"].data
        needs = {
            "food": Said(tuple(food)),
            "access": Said(),
            "interpretation": Said((tongue,) if tongue else ()),
            "visa": Said(("letter",) if self["needs_visa"].data else ()),
        }
        return Given(
            {kind: Said(said.choices, self[_words(kind)].data or "") for kind, said in needs.items()},
            agreed=bool(self["needs_consent"].data),
        )

    @property
    def asks(self) -> bool:
        """Whether something is typed or wrong in these fields, which then stand open."""
        given = self._typed()
        return given.agreed or any(given.needs.values()) or any(name.startswith("needs_") for name in self.errors)


def with_needs(base: type[F]) -> type[F]:
    """The form with these fields after its own."""
    made: type[F] = type(base.__name__, (base,), _fields())
    return made


def saved(needs: Needs) -> dict[str, Any]:
    """What somebody needs, as the form's data."""
    found: dict[str, Any] = {_words(kind): said.words for kind, said in needs.items()}
    nothing = Said()
    return found | {
        "needs_food": list(needs.get("food", nothing).choices),
        "needs_interpretation": "".join(needs.get("interpretation", nothing).choices),
        "needs_visa": bool(needs.get("visa", nothing).choices),
    }


def _words(kind: str) -> str:
    return "needs_access" if kind == "access" else f"needs_{kind}_words"


def _fields() -> dict[str, Any]:
    """Made anew for each form, so that they come after the fields that stand above them on the page."""
    most = rules.LONGEST
    return {
        "needs_food": Checkboxes(_l("Food"), choices=lambda: _listed("food"), validate_choice=False),
        "needs_food_words": short(_l("What else we should know about what you eat"), most["food"]),
        "needs_access": long(_l("Access"), most["access"]),
        "needs_interpretation": RadioField(
            _l("Interpretation"), choices=lambda: [("", _("I need none")), *_listed("interpretation")], validate_choice=False, default=""
        ),
        "needs_interpretation_words": short(_l("Which other language"), most["interpretation"]),
        "needs_visa": BooleanField(_l("I need a letter to apply for a visa")),
        "needs_visa_words": long(_l("What the letter must say"), most["visa"]),
        "needs_consent": BooleanField(_l("I agree to this:")),
    }


def _listed(kind: str) -> list[tuple[str, str]]:
    return [(code, shown.name_of(kind, code)) for code in rules.CHOICES[kind]]
