"""The catalogue and the code that says its texts agree, in every language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from app.languages import LANGUAGES, using
from app.outbox.rules import KINDS
from app.wording import catalogue, samples
from app.wording.catalogue import MAILS
from app.wording.rules import fill, parse
from tests.factories import NOW

APP = Path(__file__).resolve().parents[2] / "app"
KEYS = {f"{mail.kind}.{text.name}" for mail in MAILS.values() for text in mail.texts}
NOT_OUTBOX = {"other_address", "named", "standing"}  # a second shape of a kind, and sentences that several share


def said() -> dict[str, set[str]]:
    """Every key that the code says, and the names that it fills in."""
    found: dict[str, set[str]] = {}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "say"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.setdefault(str(node.args[0].value), set()).update(one.arg for one in node.keywords if one.arg)
    for path in (APP / "templates" / "mail").iterdir():
        for key, values in re.findall(r'\bsay\("([^"]+)"((?:, \w+=[\w.]+)*)\)', path.read_text(encoding="utf-8")):
            found.setdefault(key, set()).update(re.findall(r"(\w+)=", values))
    return found


def test_the_code_says_what_the_catalogue_has_and_fills_in_what_it_knows() -> None:
    by_number = {"hold_reminder.heading_one": {"num", "organisation"}, "hold_reminder.heading_several": {"num", "organisation"}}
    spoken = said() | by_number
    assert set(spoken) == KEYS
    assert {key: missing for key, names in spoken.items() if (missing := set(catalogue.text(key).known) - names)} == {}


def test_every_kind_of_mail_is_editable_or_named_as_fixed() -> None:
    same = {"promotion": "confirmation", "change_address": "address_code"}
    kinds = {same.get(kind, kind) for kind in KINDS}
    assert kinds <= {*MAILS, *catalogue.FIXED, *catalogue.OWN_WORDS, *catalogue.FACTS}
    assert set(MAILS) - NOT_OUTBOX <= kinds


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_original_can_be_typed_and_says_the_same(lang: str) -> None:
    for key in KEYS:
        text = catalogue.text(key)
        with using(lang):
            template = text.template()
        values = {name: f"<{name}>" for name in text.known}
        words = text.typed(lang)
        assert fill(parse(words, text.known), values) == (template % values if values else template), key
        assert len(words) <= text.longest, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_can_be_seen_in_a_sample(lite: Flask, lang: str) -> None:
    seen: dict[str, str] = {}
    for mail in MAILS.values():
        for number in range(len(mail.samples)):
            content = samples.look(mail, number, lang, today=NOW.date())
            seen[mail.kind] = seen.get(mail.kind, "") + content.subject + content.text + content.html
    for mail in MAILS.values():
        for text in mail.texts:
            longest = max(re.split(r"%\(\w+\)s", _template(mail.kind, text.name, lang)), key=len).strip()
            assert longest.replace("'", "&#39;") in seen[mail.kind] or longest in seen[mail.kind], (mail.kind, text.name, longest)


def _template(kind: str, name: str, lang: str) -> str:
    with using(lang):
        return MAILS[kind].text(name).template()
