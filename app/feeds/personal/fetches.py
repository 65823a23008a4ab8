"""When each personal calendar was last fetched, and by which program."""

from __future__ import annotations

import threading
from datetime import datetime
from sys import intern
from typing import cast

from flask import Flask
from sqlalchemy import Table, bindparam, or_, update
from sqlalchemy.exc import DBAPIError

from app.database import plain, transaction
from app.errors import Busy
from app.feeds.models import FeedToken

# Another process may have seen a later one, and the address that was seen may have been replaced since.
_SEEN = (
    update(cast(Table, FeedToken.__table__))
    .where(
        FeedToken.id == bindparam("token"),
        FeedToken.created_at <= bindparam("at"),
        or_(FeedToken.last_fetched_at.is_(None), FeedToken.last_fetched_at < bindparam("at")),
    )
    .values(last_fetched_at=bindparam("at"), last_agent=bindparam("agent"))
)


class Fetches:
    """When and by what each personal calendar was last fetched: kept in memory, written at most once a minute,
    outside any request (the one exemption from "a GET never writes")."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[datetime, str]] = {}
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def note(self, app: Flask, token_id: int, agent: str, *, now: datetime, wait: float = 60) -> None:
        """Remembers it, and sees to it that it is written within a minute."""
        with self._lock:
            self._seen[token_id] = (now, intern(agent[:200]))  # thousands of telephones are of one kind
            if self._timer is None:
                self._timer = threading.Timer(wait, self.write, [app])
                self._timer.daemon = True
                self._timer.start()

    def write(self, app: Flask) -> None:
        """Writes down what has been seen."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()  # whoever writes before it has done its work
            seen, self._seen, self._timer = self._seen, {}, None
        if not seen:
            return
        try:
            self._write(app, seen)
        except (Busy, DBAPIError):
            app.logger.warning("when %s calendars were last fetched could not be written", len(seen))

    def stop(self) -> None:
        """Writes no more: at the end of a process or a test."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._seen, self._timer = {}, None

    def _write(self, app: Flask, seen: dict[int, tuple[datetime, str]]) -> None:
        with app.app_context(), transaction():  # thousands at once: nobody else writes meanwhile
            plain(_SEEN, [{"token": number, "at": at, "agent": agent} for number, (at, agent) in sorted(seen.items())])


fetches = Fetches()
