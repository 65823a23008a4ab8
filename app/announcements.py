"""Effects that run upward: a workshop moves, and registrants are told, reminders re-planned, calendars renewed.

A lower feature announces; higher features have registered a handler at start. Handlers run inside the announcer's
transaction, so that the change and all that follows from it are committed together or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

Handler = Callable[..., None]

KEY = "app.announcements"


def init_app(app: Flask) -> None:
    """Gives the app an empty table of handlers."""
    app.extensions[KEY] = defaultdict(list)


def register(app: Flask, name: str, handler: Handler) -> None:
    """`handler` is called, with the same keyword arguments, each time `name` is announced."""
    app.extensions[KEY][name].append(handler)


def announce(name: str, **facts: Any) -> None:
    """Tells everybody who has registered for `name`, in the order of registration."""
    for handler in current_app.extensions[KEY][name]:
        handler(**facts)
