"""A mail's HTML beside a page: an answer of its own in a sandboxed frame, where nothing runs and nothing comes from elsewhere."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response

from app.web.setup import POLICY

FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def framed(html: str) -> Response:
    """The HTML alone; its links open beside."""
    body = html.replace("<head>", '<head><base target="_blank">', 1)
    return Response(body, mimetype="text/html", headers={"Content-Security-Policy": FRAME, "Referrer-Policy": "no-referrer"})


def framing(page: str) -> Response:
    """The page around it, which alone may show a frame of ours."""
    return Response(page, HTTPStatus.OK, {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}, mimetype="text/html")
