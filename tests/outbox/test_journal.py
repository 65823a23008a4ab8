"""The file that remembers what went out when the database does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.database import transaction
from app.outbox.journal import Journal, gone, open_journal, unique_name
from app.outbox.models import Switch
from app.outbox.rules import RESTORED
from tests.factories import NOW
from tests.outbox.made import queued


def found(journal: Journal, message_id: str) -> datetime | None:
    journal.read(NOW)
    return journal.sent_at(message_id)


def test_what_one_process_writes_another_knows(tmp_path: Path) -> None:
    here, there = Journal(tmp_path, "one"), Journal(tmp_path, "one")
    assert found(there, "<1@x>") is None
    here.write("<1@x>", NOW)
    assert found(there, "<1@x>") == NOW
    here.write("<2@x>", NOW + timedelta(seconds=1))
    assert found(there, "<2@x>") == NOW + timedelta(seconds=1)


def test_another_database_has_another_journal(tmp_path: Path) -> None:
    Journal(tmp_path, "one").write("<1@x>", NOW)
    assert found(Journal(tmp_path, "two"), "<1@x>") is None


def test_a_half_written_line_is_left_until_it_is_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "one")
    path = tmp_path / "sent-one-2025-03.log"
    path.write_text(f"{NOW.isoformat()}\t<1@", encoding="ascii")
    assert found(journal, "<1@x>") is None
    with path.open("a", encoding="ascii") as file:
        file.write(f"x>\nnonsense\n{NOW.isoformat()}\t<2@x>\n")
    assert (found(journal, "<1@x>"), found(journal, "<2@x>")) == (NOW, NOW)


def test_last_month_is_still_known_and_old_months_are_thrown_away(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "one")
    journal.write("<1@x>", NOW - timedelta(days=20))
    journal.write("<2@x>", NOW - timedelta(days=200))
    assert found(journal, "<1@x>") == NOW - timedelta(days=20)
    assert journal.tidy(NOW - timedelta(days=100)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sent-one-2025-02.log"]


def test_nobody_is_named_in_it(tmp_path: Path) -> None:
    Journal(tmp_path, "one").write("<1@x>", NOW)
    path = tmp_path / "sent-one-2025-03.log"
    assert path.read_text(encoding="ascii") == "2025-03-03T12:00:00+00:00\t<1@x>\n"
    assert path.stat().st_mode & 0o077 == 0


ONE, OTHER = "rule:1:registration:1:generation:0", "rule:2:registration:1:generation:0"


def left(journal: Journal, *keys: str) -> set[str]:
    """What of two things a journal knows to have left once a mail about these has."""
    journal.write(f"<{unique_name('one', sorted(keys))}@icld.se>", NOW)
    parts = journal.left_since(NOW)
    return {key for key in (ONE, OTHER) if unique_name("one", [key])[:16] in parts}


def test_a_message_id_tells_each_thing_that_the_mail_is_about(tmp_path: Path) -> None:
    assert left(Journal(tmp_path, "one"), ONE) == {ONE}
    assert left(Journal(tmp_path, "one"), ONE, OTHER) == {ONE, OTHER}
    assert left(Journal(tmp_path, "one"), f"{ONE}:again:1a2b3c4d") == {ONE}, "what was written anew is about the same"


def test_a_message_id_has_its_length_however_much_the_mail_is_about() -> None:
    names = [unique_name("one", [f"rule:{number}:registration:1:generation:0" for number in range(many)]) for many in range(1, 60)]
    assert max(map(len, names)) <= 160
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("due", "sent", "known"),
    [
        (timedelta(hours=1), timedelta(hours=2), True),
        (timedelta(hours=1), timedelta(minutes=30), False),  # it left before it was due this time: that was another one
        (timedelta(hours=1), timedelta(hours=-1), False),  # … or before the copy, which then knows of it
        (timedelta(hours=9), timedelta(hours=10), False),  # due after the copy was put back: nobody has sent it before
    ],
)
def test_only_what_left_between_the_copy_and_its_return_counts_as_gone(
    lite: Flask, due: timedelta, sent: timedelta, *, known: bool
) -> None:
    assert lite
    queued(1, NOW)
    open_journal().write(f"<{unique_name(open_journal().identity, [ONE])}@icld.se>", NOW + sent)
    asked = {ONE: NOW + due}
    assert gone(asked, NOW) == frozenset(), "no copy was ever put back"
    with transaction() as session:
        session.add(Switch(name=RESTORED, value=NOW.isoformat(), at=NOW + timedelta(hours=4)))
    assert (gone(asked, NOW + timedelta(hours=11)) == {ONE}) is known


def test_a_restore_that_adds_older_lines_behind_takes_nothing_back(tmp_path: Path) -> None:
    path = tmp_path / "sent-one-2025-03.log"
    path.write_text(f"{NOW.isoformat()}\t<1@x>\n\n{(NOW - timedelta(hours=1)).isoformat()}\t<1@x>\n", encoding="ascii")
    assert found(Journal(tmp_path, "one"), "<1@x>") == NOW
