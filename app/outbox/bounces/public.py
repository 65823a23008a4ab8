"""Where a mail server, or a service that reads a mailbox for us, posts reports of non-delivery, with a secret."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus

from flask import Response, current_app, request

from app.clock import now
from app.errors import Missing, TooMany
from app.outbox.bounces import service
from app.outbox.bounces.reading import Unreadable
from app.web import Door, csrf, from_anywhere

door = Door(__name__, "/hooks", localised=False, findable=False)
from_anywhere.add("bounces_public.report")
KEY, MOST_SENDERS, PER_MINUTE = "app.outbox.bounces.posts", 5000, 300


@door.url_value_preprocessor
def keep_bytes(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Before anybody looks for a form: curl says that it sends one, whatever the file is."""
    if current_app.config["CONFIG"].settings.bounce_secret:
        request.get_data(cache=True)


@door.post("/bounces")
def report() -> Response:
    """Takes one raw mail. Whatever it is, it has been had and need not be sent again; the answer says what it was."""
    secret = current_app.config["CONFIG"].settings.bounce_secret
    if not secret:
        raise Missing
    _count(now())
    sort, _space, given = request.headers.get("Authorization", "").partition(" ")
    if sort.lower() != "bearer" or not compare_digest(given.strip().encode(), secret.encode()):
        return _plain("who are you?", HTTPStatus.UNAUTHORIZED)
    try:
        return _plain(service.take(request.get_data(), now=now()), HTTPStatus.OK)
    except Unreadable:
        current_app.logger.warning("a posted report of non-delivery cannot be read (%s bytes)", len(request.get_data()))
        return _plain("cannot be read", HTTPStatus.OK)


csrf.exempt(report)


def _count(at: datetime) -> None:
    """One more post from this address in this minute, counted in this process's memory. Raises TooMany."""
    kept: OrderedDict[tuple[str, int], int] = current_app.extensions.setdefault(KEY, OrderedDict())
    key = request.remote_addr or "", int(at.timestamp()) // 60
    kept[key] = kept.pop(key, 0) + 1
    while len(kept) > MOST_SENDERS:
        kept.popitem(last=False)
    if kept[key] > PER_MINUTE:
        raise TooMany(retry_after=60 - int(at.timestamp()) % 60)


def _plain(words: str, status: HTTPStatus) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {})
    return Response(f"{words}\n", status, headers, mimetype="text/plain")
