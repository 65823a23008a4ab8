"""What is wrong with what was typed, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping

from app.languages import gettext as _
from app.needs import rules


def found(wrong: Mapping[str, str]) -> dict[str, str]:
    """{field: words} for what rules.judge has found."""
    return {_field(kind, code): _words(kind, code) for kind, code in wrong.items()}


def _field(kind: str, code: str) -> str:
    return f"needs_{kind}_words" if code in {"words", "long"} and kind != "access" else f"needs_{kind}"


def _words(kind: str, code: str) -> str:
    if code == "missing":
        return _("Tick the box to agree, or leave out what you need: without your consent we may not keep it")
    if code == "choice":
        return _("Choose from the list what you need")
    if code == "long":
        return _("What you need must be %(max)s characters or fewer", max=rules.LONGEST[kind])
    return _("Write which language you need") if kind == "interpretation" else _("Write what else we should know about what you eat")
