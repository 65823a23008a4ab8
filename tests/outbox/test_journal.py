"""The file that remembers what went out when the database does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from app.outbox.journal import Journal
from tests.factories import NOW


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
