"""The least that a feed can be: the finished bytes in memory, by a bare WSGI callable and by a minimal Flask app. The references.

/60, /1000 and /own are three bodies; /own/<token> is the third at 10,000 addresses.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

FOLDER = Path(os.environ["REFERENCE_BODIES"])
BODIES = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
CALENDAR = "text/calendar; charset=utf-8"
app = Flask(__name__)


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """No framework."""
    body = BODIES.get(environ["PATH_INFO"][1:], b"")
    start_response("200 OK", [("Content-Type", CALENDAR), ("Content-Length", str(len(body)))])
    return [body]


@app.get("/<name>")
@app.get("/<name>/<token>")
def feed(name: str, token: str = "") -> Response:
    """Bytes with a validator, or 304."""
    response = Response(BODIES[name], content_type=CALENDAR)
    response.set_etag(name)
    if "If-None-Match" in request.headers:
        response.make_conditional(request.environ)
    return response
