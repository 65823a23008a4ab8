"""Every mail in every language, word for word, as it was when somebody last looked at it.

What is kept is the subject, the plain text, and the HTML as an outline: its elements with their words, without styles. After a change
that is meant: `SNAPSHOTS=write .venv/bin/python -m pytest tests/mailer/test_snapshots.py`, and read what differs.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app import create_core
from app.database import db
from app.languages import LANGUAGES
from app.outbox.rules import KINDS
from app.outbox.service import Mail
from tests.conftest import SETTINGS
from tests.mailer.stage import stage
from tests.mailer.variations import every

FOLDER = Path(__file__).parent / "snapshots"
OURS = ("http://127.0.0.1:5000/", "https://video.example/", "mailto:")
MOST = 60_000  # bytes of HTML
SAID = {"html", "div", "h1", "h2", "p", "a", "s", "span", "strong", "ul", "li"}  # the rest is layout
LINKS_ABOVE = {"sv": "Om du inte kan komma", "es": "Si no puede asistir", "en": "If you cannot come"}  # HTML says: the button
BARE = re.compile(r"<(?:h1|p|a|td|table)(?![^>]*style=)[^>]*>")  # nothing that the layout dresses may come without its style


@dataclass(frozen=True)
class Written:
    """One mail in one language."""

    name: str
    lang: str
    mail: Mail

    @property
    def html(self) -> str:
        return self.mail.content.html

    def __str__(self) -> str:
        return f"{self.name} in {self.lang}"


class Outline(HTMLParser):
    """The elements that carry words or say a language, a line each, and the words below them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.words: list[str] = []
        self.quiet = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet = self.quiet or tag == "head"
        said = {name: value for name, value in attrs if name in {"lang", "href"} and value}
        if "href" in said and not said["href"].startswith(OURS):
            said["href"] = f"{said['href'].partition('?')[0]}?…"
        if (tag in SAID and tag not in {"span", "strong", "div"}) or said:
            self.lines.append(" ".join([tag, *(f'{name}="{value}"' for name, value in said.items())]))

    def handle_endtag(self, tag: str) -> None:
        self.quiet = self.quiet and tag != "head"

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words and not self.quiet:
            self.words.append(words)
            self.lines.append(f"    {words}")


@pytest.fixture(scope="module")
def mails(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Written]:
    """All of them, written by the code that writes them for their readers."""
    return [one for lang in LANGUAGES for one in written(lang, sqlite_template, tmp_path_factory.mktemp(lang))]


def written(lang: str, template: Path, folder: Path) -> Iterator[Written]:
    """Each variation from rows as they were made: what the one before has changed of them is forgotten."""
    shutil.copy(template, folder / "mails.sqlite")
    app = create_core({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'mails.sqlite'}"})
    with app.app_context():
        rows = stage(lang)
        for name, write in every().items():
            with db.session.no_autoflush:
                mail = write(rows)
            assert mail is not None, name
            assert not mail.problem, (name, mail.problem)
            yield Written(name, lang, mail)
            db.session.expire_all()
        db.session.remove()
        db.engine.dispose()


def shown(one: Written) -> str:
    """As it is kept."""
    mail = one.mail
    lines = [f"======== {one.lang}", f"Subject: {mail.content.subject}"]
    if mail.calendar is not None:
        status = re.search(rb"STATUS:(\w+)", mail.calendar)
        lines.append(f"Calendar: {mail.calendar_method}, {status[1].decode() if status else 'no status'}")
    if mail.unsubscribe:
        lines.append(f"One click: {mail.unsubscribe}")
    return "\n".join([*lines, "", mail.content.text, "-------- HTML", *Outline(one.html).lines, "", ""])


def test_every_mail_is_as_it_was(mails: list[Written]) -> None:
    pages: dict[str, str] = {}
    for one in mails:
        pages[f"{one.name}.txt"] = pages.get(f"{one.name}.txt", "") + shown(one)
    if os.environ.get("SNAPSHOTS") == "write":
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob("*.txt"):
            old.unlink()
        for path, words in pages.items():
            (FOLDER / path).write_text(words, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt")}
    assert sorted(kept) == sorted(pages)
    for path, words in pages.items():
        assert words == kept[path], path


def test_every_kind_of_mail_has_its_snapshot(mails: list[Written]) -> None:
    assert {one.mail.kind for one in mails} == set(KINDS)


def test_html_is_small_dressed_and_needs_nothing_from_elsewhere(mails: list[Written]) -> None:
    for one in mails:
        assert len(one.html.encode()) < MOST, one
        body = one.html.partition("<body")[2]
        assert not re.search(r"<(?:script|img|link|iframe|form|object|svg)\b|url\(|@import|src=", one.html), one
        assert f'<html lang="{one.lang}"' in one.html, one
        assert [tag for tag in BARE.findall(body) if re.match(r"<(?:h1|p|a)\b", tag)] == [], one


def test_a_mail_has_one_button_for_each_thing_that_it_is_about(mails: list[Written]) -> None:
    without = {"sign_in_code", "sign_up_code", "address_code", "account_closed", "address_taken"}
    for one in mails:
        wanted = 0 if one.name in without else 2 if one.name == "reminder.several-workshops" else 1
        assert one.html.count('class="press"') == wanted, one


def test_text_and_html_say_the_same(mails: list[Written]) -> None:
    """Every line of the text stands in the HTML; every clock and code of the HTML in the text."""
    for one in mails:
        html = " ".join(Outline(one.html).words)
        for line in one.mail.content.text.partition("\n--\n")[0].splitlines():
            plain = re.sub(r"\*\*|^- ", "", " ".join(line.split()))
            if "http" in line or plain.startswith(LINKS_ABOVE[one.lang]):
                continue
            for words in re.split(r"(?<=\w): | \(|\)|(?<=[.!?]) ", plain):
                assert words.strip().rstrip(".:") in html, (one, words)
        for fact in re.findall(r"\d\d:\d\d–\d\d:\d\d|K7M2P\d|\b\d{3} \d{3}\b", html):
            assert fact in one.mail.content.text, (one, fact)


def test_words_in_another_language_are_marked(mails: list[Written]) -> None:
    for one in mails:
        marks = set(re.findall(r'<(?:h1|div)[^>]* lang="(\w\w)"', one.html.partition("<h1")[1] + one.html.partition("<h1")[2]))
        if one.name in {"reminder.other-language", "confirmation.other-language"}:
            assert marks == {"es" if one.lang == "en" else "en"}, one
        if one.name == "bulletin.other-language":
            assert ("es" in marks) == (one.lang != "es"), one
