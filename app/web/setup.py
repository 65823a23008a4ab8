"""What stands around every request: language, guard, headers, and the words that all templates rely on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, current_app, g, request
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.http import parse_date
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from app import errors
from app.clock import now
from app.languages import LANGUAGES, choose, current, switch
from app.web import refusals, shelf
from app.web.access import ZONES, Visitor, find_me, reader_zone
from app.web.answers import language_links, static
from app.web.forms import UNWANTED
from app.web.head import found

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SAFE = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
SEALED = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

FONTS = ", ".join(  # each page needs both, and a browser hears of them here before it has read the style sheet
    f"</static/fonts/{name}-latin-wght-normal.woff2>; rel=preload; as=font; crossorigin" for name in ("source-sans-3", "fraunces")
)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

csrf = CSRFProtect()
compress = Compress()
from_anywhere: set[str] = set()  # endpoints that mail programs post to without a cookie (RFC 8058)


class Number(IntegerConverter):
    """A row's number in an address: no larger than the databases count."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": 2**31 - 1, **options})


def init_app(app: Flask, identify: Callable[[], tuple[Visitor | None, bool]]) -> None:
    """Language, headers, error pages and the context that every template relies on."""
    config = app.config["CONFIG"]
    app.config["IDENTIFY"] = identify
    app.url_map.converters["int"] = Number
    app.config["COMPRESS_MIMETYPES"] = ["text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"]
    app.config["COMPRESS_REGISTER"] = True
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.before_request(_guard)
    csrf.init_app(app)
    compress.init_app(app)
    app.wsgi_app = _dates_read(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if hops := config.number("proxies"):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_give_language)
    app.after_request(_headers)
    app.context_processor(_context)
    app.jinja_env.globals["static"] = static  # macros see no context
    refusals.init_app(app)
    shelf.init_app(app)


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.pop("me", None)  # an app context may outlive a request (in tests, in a shell)
    g.request_id = secrets.token_hex(6)
    lang = (values or {}).pop("lang", None)
    if lang is None:
        prefix = request.path.split("/", 2)[1]
        lang = prefix if prefix in LANGUAGES else choose(request.headers.get("Accept-Language", ""), request.cookies.get("lang"))
    g.lang = lang
    switch(lang)


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = current()


def _dates_read(inner: Wsgi) -> Wsgi:
    """What is no date counts for nothing (RFC 9110 section 13.1.3); static files are answered by Werkzeug, which stumbles over some."""

    def outer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        for name in ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE"):
            try:
                parse_date(environ.get(name))
            except OverflowError:
                del environ[name]
        return inner(environ, start_response)

    return outer


def _guard() -> None:
    """Control characters in an address, and forms posted from another site (S10 of the threat list)."""
    if UNWANTED.search(request.path):
        raise errors.Missing
    try:
        request.query_string.decode()
    except UnicodeDecodeError:  # only a program sends such bytes: nothing could read the address, nor the refusal's page
        request.query_string = b""
        abort(HTTPStatus.BAD_REQUEST)
    if any(UNWANTED.search(key + value) for key, values in request.args.lists() for value in values):
        abort(HTTPStatus.BAD_REQUEST)
    unsafe = request.method not in {"GET", "HEAD", "OPTIONS"}
    if unsafe and request.endpoint not in from_anywhere and request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        abort(HTTPStatus.FORBIDDEN)
    if unsafe and (None in request.form or None in request.files):  # a part without a name, which only a program sends
        abort(HTTPStatus.BAD_REQUEST)


def safe_headers(*, https: bool) -> tuple[tuple[str, str], ...]:
    """What every answer carries, whichever way it takes."""
    return (*SAFE, SEALED) if https else SAFE


def _headers(response: Response) -> Response:
    there = {name.lower() for name, _value in response.headers}
    for name, value in safe_headers(https=current_app.config["CONFIG"].https):  # each setdefault would walk through all of them
        if name.lower() not in there:
            response.headers.add(name, value)
    if request.path.startswith("/static/") and response.status_code < HTTPStatus.BAD_REQUEST:
        if response.mimetype in current_app.config["COMPRESS_MIMETYPES"]:
            response.direct_passthrough = False
            response.get_data()  # read and closed here: the compressor would forget to close the file
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
    elif response.mimetype == "text/html":
        told = g.get("me") is not None or response.status_code >= HTTPStatus.BAD_REQUEST
        response.headers.setdefault("Cache-Control", "no-store" if told else "private, no-cache")
        if "font-src" in response.headers["Content-Security-Policy"]:  # a page that may load none would only complain
            response.headers.add("Link", FONTS)
    return response


def _context() -> dict[str, Any]:
    return {
        "lang": current(),
        "languages": LANGUAGES,
        "language_links": language_links(),
        "found": found(),
        "me": find_me(),
        "demo": current_app.config["CONFIG"].demo,
        "request_id": g.get("request_id", ""),
        "reader_zone": reader_zone(),
        "zones": ZONES,
        "today": now().date(),
        "has_errors": False,
    }
