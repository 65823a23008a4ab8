"""Templates keep to the policy: no script or style in them, no words outside the catalogues' reach in Python's f-strings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.conftest import ROOT

PAGES = sorted(
    path for path in (ROOT / "app" / "templates").rglob("*.html") if "mail" not in path.relative_to(ROOT / "app" / "templates").parts[:1]
)
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style",
    "an inline handler": r"\son[a-z]+\s*=\s*[\"']",
    "a script without a file": r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)",
    "a script address": r"javascript:",
    "text that is not escaped": r"\|\s*safe\b",
    "something from elsewhere": r"(?:src|action)\s*=\s*[\"'](?:https?:)?//|<link[^>]*href\s*=\s*[\"'](?:https?:)?//",
}
TRANSLATE = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "pgettext"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "app" / "templates")))
def test_a_template_keeps_to_the_policy(page: Path) -> None:
    text = re.sub(r"{#.*?#}", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)] == []


def test_every_mail_has_a_subject_a_text_and_a_page(root: Path) -> None:
    folder = root / "app" / "templates" / "mail"
    subjects, texts = ({path.stem for path in folder.glob(f"*.{kind}")} for kind in ("subject", "txt"))
    pages = {path.stem for path in folder.glob("*.html")} - {"layout", "parts"}
    assert subjects == pages
    assert subjects <= texts


def test_messages_are_plain_words(modules: dict[str, ast.Module]) -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in TRANSLATE
        and path != "app/languages.py"
        and any(not (isinstance(words, ast.Constant) and isinstance(words.value, str)) for words in node.args[:1])
    ]
    assert wrong == []
