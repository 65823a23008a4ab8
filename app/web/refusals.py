"""Refusals and faults as pages: what happened, in words, and what to do next."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from flask import Flask, Response, current_app, g, render_template, request
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app import errors
from app.languages import gettext as _
from app.web.access import comes_from_here

STATUS: dict[type[errors.AppError], HTTPStatus] = {
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Missing: HTTPStatus.NOT_FOUND,
    errors.Gone: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
}
PASSING = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)
SECRETS = {"password", "code"}


def init_app(app: Flask) -> None:
    """Every refusal, every wrong address and every fault has a page of its own."""
    app.register_error_handler(errors.AppError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _stale)
    if not app.config.get("TESTING"):
        app.register_error_handler(Exception, _crash)


def _refusal(error: errors.AppError) -> tuple[str, int, dict[str, str]]:
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    headers = {}
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = "5"
    return page_of(status, error.message), status, headers


def _http_error(error: HTTPException) -> Response | tuple[str, int, dict[str, str]]:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return cast(Response, error.get_response())
    if request_ctx.url_adapter is None:  # a host that is not ours: no page can be drawn for it
        return Response(f"{code}\n", code, content_type="text/plain; charset=utf-8")
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return page_of(HTTPStatus(code)), code, headers


def _stale(_error: CSRFError) -> tuple[str, int]:
    return page_of(HTTPStatus.FORBIDDEN), HTTPStatus.FORBIDDEN


def _crash(error: Exception) -> tuple[str, int, dict[str, str]]:
    current_app.logger.error("request %s failed", g.get("request_id"), exc_info=error)
    return page_of(HTTPStatus.INTERNAL_SERVER_ERROR), 500, {}


def page_of(status: HTTPStatus, message: str = "") -> str:
    """The page that says in words what happened and what to do next."""
    title, text = _words(status)
    kept = typed() if status in PASSING else []
    return render_template("errors/page.html", code=int(status), title=title, text=message or text, kept=kept, here=request.full_path)


def typed() -> list[tuple[str, str]]:
    """What was sent from a form of ours, to be sent once more; nothing of a form with a secret in it."""
    if not comes_from_here() or SECRETS & set(request.form):
        return []
    return [(name, value) for name, values in request.form.lists() for value in values if name != "csrf_token"]


def _words(status: HTTPStatus) -> tuple[str, str]:
    table = {
        HTTPStatus.BAD_REQUEST: (_("We could not read that"), _("The address or the form was not complete. Go back and try again.")),
        HTTPStatus.UNAUTHORIZED: (_("You have been signed out"), _("Nothing was changed. Sign in, and send it once more.")),
        HTTPStatus.FORBIDDEN: (_("That form is too old"), _("Nothing was changed. Send it once more, or load the page again.")),
        HTTPStatus.NOT_FOUND: (_("There is no such page"), _("Check the address, or look among the workshops.")),
        HTTPStatus.METHOD_NOT_ALLOWED: (_("That cannot be done here"), _("Go back and use the buttons on the page.")),
        HTTPStatus.CONFLICT: (_("Somebody else changed this first"), _("Nothing was overwritten. Load the page again to see what is new.")),
        HTTPStatus.GONE: (_("This is no longer here"), _("It was taken away. Look among the workshops for what is coming.")),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (_("That was too large"), _("Shorten the text and send it again.")),
        HTTPStatus.UNPROCESSABLE_ENTITY: (_("That cannot be saved"), _("Go back and change what you typed.")),
        HTTPStatus.TOO_MANY_REQUESTS: (_("Too many tries"), _("Wait a while and try again. Nobody has been locked out.")),
        HTTPStatus.SERVICE_UNAVAILABLE: (_("Busy right now"), _("Nothing was lost. Try again in a moment.")),
    }
    crash = (
        _("Something went wrong with us"),
        _("It has been written down. Try again in a while, or write to us and give the number below."),
    )
    client = status < HTTPStatus.INTERNAL_SERVER_ERROR
    return table.get(status, table[HTTPStatus.BAD_REQUEST] if client else crash)
