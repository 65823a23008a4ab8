"""For everybody: whether a certificate counts; and a guest's own, behind the mailed link."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from http import HTTPStatus

from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app.accounts.limits import network_of, too_many_words
from app.clock import now
from app.errors import TooMany
from app.papers import queries
from app.papers.rules import code_in, written
from app.papers.shown import own
from app.registrations.link import LinkDoor, mine
from app.web import Door

door = Door(__name__, "/certificates", findable=False)
guest_door = LinkDoor(__name__, name="papers_guest")
KEY, MOST_NETWORKS = "app.papers.checks", 5000


@guest_door.get("/<token>/certificate.pdf")
def own_certificate(token: str) -> Response:
    """The file; the link is the key."""
    return own(mine(token))


@door.get("/")
def check() -> Answer:
    """A field for the code; a code that was sent leads to its own address."""
    typed = request.args.get("code", "").strip()[:40]
    if code := code_in(typed):
        return redirect(url_for(".result", code=code), 303)
    return render_template("papers/check.html", typed=typed), HTTPStatus.UNPROCESSABLE_ENTITY if typed else HTTPStatus.OK


@door.get("/<code>")
def result(code: str) -> Answer:
    """Valid, withdrawn or not valid; of a valid one title and date, and nobody's name."""
    _count(now())
    found = queries.find_by_code(code)
    page = render_template("papers/result.html", certificate=found, code=written(code_in(code)) if code_in(code) else "")
    return (page, HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, {"Cache-Control": "no-store"})


def _count(at: datetime) -> None:
    """One more look from this network in this minute, counted in this process's memory: a page that is read writes nothing.

    Twelve letters are not guessed anyway; this keeps somebody who tries from making work. Raises TooMany.
    """
    kept: OrderedDict[tuple[str, int], int] = current_app.extensions.setdefault(KEY, OrderedDict())
    key = network_of(request.remote_addr), int(at.timestamp()) // 60
    kept[key] = kept.pop(key, 0) + 1
    while len(kept) > MOST_NETWORKS:
        kept.popitem(last=False)
    if kept[key] > current_app.config["CONFIG"].number("certificate_checks"):
        wait = 60 - int(at.timestamp()) % 60
        raise TooMany(too_many_words(wait), retry_after=wait)
