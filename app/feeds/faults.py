"""What programs that poll are told when a calendar cannot be made."""

from __future__ import annotations

from flask import Response, current_app

from app.errors import Refused
from app.web import Door


def answers_faults(door: Door) -> None:
    """What a form would have refused has come into a row by another way: our fault (5xx), not that of whoever polls."""
    door.register_error_handler(Refused, _fault)


def _fault(error: Refused) -> Response:
    current_app.logger.error("a calendar cannot be made: %s", error.problems, exc_info=error)
    return Response("500\n", 500, content_type="text/plain; charset=utf-8")
