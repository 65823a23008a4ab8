"""Parts of an answer: validators, addresses of static files, the pages of a long list, this page in other languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Response, current_app, request, url_for
from werkzeug.http import parse_date, parse_etags

from app import errors
from app.languages import LANGUAGES, current

PAGE = 30  # rows on one page of a long list


def conditional(body: bytes, etag: str, changed_at: datetime, content_type: str, cache: str) -> Response:
    """A full answer or 304, by If-None-Match (weak comparison, lists), else If-Modified-Since (RFC 9110 section 13)."""
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.set_etag(etag)
    response.last_modified = changed_at.replace(microsecond=0)
    if is_fresh(etag, changed_at):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.set_data(b"")
        response.headers.pop("Content-Length", None)
    return response


def is_fresh(etag: str, changed_at: datetime) -> bool:
    """Whether the client's copy is still good."""
    return matches(request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"), etag, changed_at)


def matches(tags: str | None, since: str | None, etag: str, changed_at: datetime) -> bool:
    """Whether a copy with these validators is still good. A foreign ETag beats an equal date."""
    if tags is not None:
        return parse_etags(tags).contains_weak(etag)
    date = parsed_date(since)
    return date is not None and changed_at.replace(microsecond=0) <= date


def parsed_date(text: str | None) -> datetime | None:
    """A date over HTTP; None for what is none, also for numbers that no clock shows, over which Werkzeug stumbles."""
    try:
        return parse_date(text)
    except OverflowError:
        return None


@lru_cache(maxsize=256)
def _fingerprint(path: str, _changed: float) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:10]


def static(path: str) -> str:
    """The address of a static file, with its content in it, so that it may be kept for a year."""
    file = Path(current_app.static_folder or "") / path
    version = _fingerprint(str(file), file.stat().st_mtime) if file.exists() else ""
    return f"/static/{path}?v={version}"


@dataclass(frozen=True)
class Pages:
    """Where one stands in a long list: so many rows in all, this page, the last one, the addresses of the neighbours."""

    number: int
    page: int
    last: int
    before: str | None
    after: str | None


def pages(number: int, page: int) -> Pages:
    """The pages of a list with `number` rows, seen from `page`. Raises Missing past the end."""
    last = last_page(number)
    if page > last:
        raise errors.Missing
    here = {**plain_arguments(), **(request.view_args or {})}
    before, after = (url_for(str(request.endpoint), **{**here, "page": to}) if 1 <= to <= last else None for to in (page - 1, page + 1))
    return Pages(number, page, last, before, after)


def last_page(number: int) -> int:
    """The last page of a list with so many rows; an empty list has one."""
    return max(1, -(-number // PAGE))


def page_number() -> int:
    """Which page of a long list the address asks for; 1 if it does not say, or nonsense."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def plain_arguments() -> dict[str, Any]:
    """The words of the address's query that url_for takes as such; `lang`, `_anchor` and their like mean something else to it."""
    others = {"endpoint", "lang"}
    return {name: values for name, values in request.args.to_dict(flat=False).items() if name not in others and not name.startswith("_")}


def language_links() -> list[dict[str, Any]]:
    """This same page in each language, in its own name."""
    view = {**plain_arguments(), **(request.view_args or {})}
    localised = bool(request.endpoint and current_app.url_map.is_endpoint_expecting(request.endpoint, "lang"))
    links = []
    for code, name in LANGUAGES.items():
        if localised and request.endpoint and request.method == "GET":
            url = url_for(request.endpoint, **{**view, "lang": code})
        elif localised:
            url = re.sub(r"^/[a-z]{2}(?=/|$)", f"/{code}", request.path)
        else:
            url = f"/{code}/"
        links.append({"code": code, "name": name, "url": url, "current": code == current()})
    return links
