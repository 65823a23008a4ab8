"""What the catalogue of editable texts is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import Literal

from app.languages import lazy_gettext as _l
from app.languages import using
from app.wording.rules import LONGEST, LONGEST_SUBJECT, names_in, typed

SUBJECT, HEADING = _l("Subject"), _l("Heading")
REGISTRATION = _l("See or change your registration")
Place = Literal["subject", "heading", "words"]


@dataclass(frozen=True)
class Text:
    """One text of a mail: what it is, and its original, a message of the catalogues or, if its number matters, what gives it."""

    name: str
    what: str  # translated when it is shown, like all words here
    original: str | Callable[[], str]

    @cached_property
    def known(self) -> tuple[str, ...]:
        """The names that may stand in it."""
        with using("en"):
            return names_in(self.template())

    @property
    def is_subject(self) -> bool:
        return self.name.startswith("subject")

    @property
    def longest(self) -> int:
        """Characters."""
        return LONGEST_SUBJECT if self.is_subject else LONGEST

    def template(self) -> str:
        """The original in the language in force, as gettext has it."""
        return str(self.original()) if isinstance(self.original, FunctionType) else str(self.original)

    def typed(self, lang: str) -> str:
        """The original in a language, as staff would have typed it."""
        with using(lang):
            return typed(self.template(), self.known)


@dataclass(frozen=True)
class Sample:
    """Which texts stand together in one mail of this kind; those of another kind with its name and a dot before theirs."""

    what: str
    subject: str
    heading: str
    words: tuple[str, ...]
    button: str = ""  # REGISTRATION if empty
    method: Literal["REQUEST", "CANCEL"] | None = None


@dataclass(frozen=True)
class Editable:
    """A mail, or sentences that several mails share, with its texts in the order of the page."""

    kind: str
    name: str
    goes: str  # to whom and when
    texts: tuple[Text, ...]
    samples: tuple[Sample, ...]
    page: str = "registration"  # the template that shows it

    def text(self, name: str) -> Text:
        """The text of that name. Raises KeyError."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Text]:
        return {text.name: text for text in self.texts}
