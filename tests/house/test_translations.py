"""Everything is said in three languages: every message has its words, with the same placeholders."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%%")
NUMBERS = {"num", "count", "number"}
KEYWORDS = ("-k", "_l", "-k", "lazy_gettext")  # as CONTRIBUTING.md says


@pytest.fixture(scope="session")
def wanted(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The messages that the code and the templates have, as CONTRIBUTING.md collects them."""
    found = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "extract", "-F", "babel.cfg", *KEYWORDS, "-o", str(found), "app"]
    subprocess.run(command, cwd=root, capture_output=True, check=True)
    with found.open("rb") as file:
        return read_po(file)


@pytest.fixture(params=["sv", "es"])
def catalogue(request: pytest.FixtureRequest, root: Path) -> Catalog:
    """The words of one language."""
    with (root / "app" / "translations" / request.param / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=request.param)


def key(message: Message) -> tuple[str | None, str]:
    """What tells a message from another."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def forms(words: object) -> list[str]:
    """The words in every number."""
    return [words] if isinstance(words, str) else [str(word) for word in words]  # type: ignore[attr-defined]


def test_every_message_has_its_words(catalogue: Catalog, wanted: Catalog) -> None:
    said = {key(message): message for message in catalogue if message.id}
    silent = [
        key(message)[1]
        for message in wanted
        if message.id and (key(message) not in said or not all(forms(said[key(message)].string)) or said[key(message)].fuzzy)
    ]
    assert not silent, f"{len(silent)} without words: {silent[:20]}"


def test_no_words_are_left_of_messages_that_are_gone(catalogue: Catalog, wanted: Catalog) -> None:
    alive = {key(message) for message in wanted}
    left = [key(message)[1] for message in catalogue if message.id and key(message) not in alive]
    assert not left, f"{len(left)} left over: {left[:20]}"
    assert not catalogue.obsolete


def test_placeholders_are_the_same(catalogue: Catalog) -> None:
    wrong = []
    for message in catalogue:
        needed = set(PLACEHOLDER.findall(" ".join(forms(message.id))))
        for number, words in enumerate(forms(message.string)):
            has = set(PLACEHOLDER.findall(words))
            may_miss = NUMBERS if message.pluralizable and number == 0 else set()  # "one seat" needs no number
            if words and not needed - may_miss <= has <= needed:
                wrong.append(f"{words!r}: {sorted(has)}, not {sorted(needed)}")
    assert not wrong, "\n".join(wrong)


def test_the_number_of_plurals_is_right(catalogue: Catalog) -> None:
    wrong = [message.id for message in catalogue if message.pluralizable and len(forms(message.string)) != catalogue.num_plurals]
    assert wrong == []
