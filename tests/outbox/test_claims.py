"""What the database does to find the next message."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Select, case, select, text, update

from app.database import transaction
from app.outbox import claims
from app.outbox.models import Message
from app.outbox.service import queue_all
from app.swift import Swift, swift
from tests.factories import NOW
from tests.outbox.made import mail

MANY, MINUTE = 1000, timedelta(minutes=1)
FACTS = {"me": "me", "mine": "me:1", "now": NOW, "clock": NOW, "until": NOW}


def twenty() -> Select[UUID]:
    return select(Message.id).order_by(Message.message_id).limit(20)


@pytest.fixture
def waiting(app: Flask) -> None:
    """Many wait that have come since PostgreSQL last counted, when twenty did."""
    assert app
    queue_all([mail(number, rank_at=NOW + number * 617 % MANY * MINUTE) for number in range(MANY)], now=NOW)
    past = case((Message.recipient.regexp_match("[1-5]@"), "sent"), else_="cancelled")
    for state, expires_at in ((past, NOW - MINUTE), ("pending", NOW + MINUTE)):
        with transaction() as session:
            session.execute(update(Message).where(Message.id.not_in(twenty())).values(state=state, sent_at=NOW, expires_at=expires_at))
            if state is past:
                session.execute(text("ANALYZE message"))


def plan(line: Swift) -> str:
    """How PostgreSQL goes about a claim."""
    [rows] = line.write((f"EXPLAIN {claims.CLAIM_ON_POSTGRESQL}", FACTS))
    return "\n".join(str(row[0]) for row in rows)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_plan_made_while_one_waits_would_do_for_thousands(app: Flask) -> None:
    assert app
    with transaction() as session:
        session.execute(text("TRUNCATE message CASCADE"))  # rows that are gone still take room, which a plan looks at
    queue_all([mail(1)], now=NOW)
    with transaction() as session:
        session.execute(text("ANALYZE message"))

    def ours(line: Swift) -> str:
        [rows] = line.write((f"EXPLAIN {claims.GIVE_BACK}", {"id": UUID(int=0), "token": "me:1", "uncertain": 0}))
        return "\n".join(str(row[0]) for row in rows)

    with swift() as line:
        found = ours(line)
        line._raw.execute("RESET ALL")  # noqa: SLF001  the control: as every other connection
        assert "Seq Scan on message" in ours(line)
    assert "Index Scan using pk_message" in found


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite keeps no such figures
def test_the_next_is_found_without_reading_all_that_waits(waiting: None) -> None:
    with swift() as line:
        found = plan(line)
        line._raw.execute("RESET ALL")  # noqa: SLF001  the control: as every other connection
        assert "Sort" in plan(line)
    assert "Sort" not in found
    assert "Bitmap" not in found
