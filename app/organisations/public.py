"""The root, and the pages of text: about the network, privacy, accessibility."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from app.clock import now
from app.languages import choose
from app.organisations.queries import in_force, networks
from app.web import Door

door = Door(__name__, localised=False)


@door.get("/")
def root() -> Response:
    """To the first page in the reader's language: the one chosen before, else what the browser asks for."""
    lang = choose(request.headers.get("Accept-Language", ""), request.cookies.get("lang"))
    response = redirect(f"/{lang}/", 302)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@door.get("/<any(sv, es, en):lang>/about")
def about() -> str:
    """What the network is, and who stands behind it."""
    return render_template("organisations/about.html", networks=in_force(now().date()), several=len(networks()) > 1)


@door.get("/<any(sv, es, en):lang>/privacy")
def privacy() -> str:
    """What is kept about people, why, and for how long."""
    return render_template("organisations/privacy.html", needs_days=current_app.config["CONFIG"].number("needs_days_kept"))


@door.get("/<any(sv, es, en):lang>/accessibility")
def accessibility() -> str:
    """What works for whom, what is known not to, and where to complain."""
    return render_template("organisations/accessibility.html")
