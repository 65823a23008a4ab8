"""What doors share: language in the address, access by file name, refusals as pages, forms, headers, conditional answers."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask.globals import request_ctx
from flask_compress import Compress
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_date, parse_etags
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from wtforms import ValidationError

from app import errors
from app.clock import now
from app.languages import LANGUAGES, FormMeta, choose, current, switch
from app.languages import gettext as _

ACCESS = ("public", "member", "helper", "staff", "admin")
ROLES = {
    "helper": ("helper", "officer", "administrator"),
    "staff": ("officer", "administrator"),
    "admin": ("administrator",),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ZONES = ("Europe/Stockholm", "America/Bogota", "America/Guatemala")
ZONE_OF_LANGUAGE = {"sv": "Europe/Stockholm", "es": "America/Bogota", "en": "Europe/Stockholm"}


class Number(IntegerConverter):
    """A row's number in an address: no larger than the databases count."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": 2**31 - 1, **options})


csrf = CSRFProtect()
compress = Compress()
from_anywhere: set[str] = set()  # endpoints that mail programs post to without a cookie (RFC 8058)


class Visitor(Protocol):
    """The signed-in person, as far as doors must know."""

    id: int
    name: str
    lang: str
    zone: str
    role: str | None

    @property
    def is_staff(self) -> bool: ...


class Door(Blueprint):
    """A blueprint whose access rule is the name of the file it stands in: public, member, helper, staff or admin.

    Addresses begin with the language unless `localised` is false (feeds, files, health).
    """

    def __init__(self, import_name: str, prefix: str = "", *, localised: bool = True, name: str = "") -> None:
        feature, access = import_name.split(".")[-2:]
        if access not in ACCESS:
            message = f"{import_name}: a door stands in one of {', '.join(ACCESS)}.py"
            raise ValueError(message)
        self.access = access
        self.localised = localised
        language = f"/<any({', '.join(LANGUAGES)}):lang>" if localised else ""
        super().__init__(name or f"{feature}_{access}", import_name, url_prefix=(language + prefix) or None)
        self.before_request(self._check)

    def _check(self) -> Response | None:
        return check_access(self.access)


def check_access(access: str) -> Response | None:
    """Lets the visitor in, sends to the sign-in, or says that there is no such page. Raises Missing."""
    if access == "public":
        return None
    me = find_me()
    if me is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else ""
        return cast(Response, redirect(url_for("accounts_public.sign_in", next=target or None)))
    if access == "member":
        return None
    if me.role not in ROLES[access]:
        raise errors.Missing
    if not g.second_factor and not current_app.config["CONFIG"].demo:
        return cast(Response, redirect(url_for("accounts_member.second_factor", next=request.path)))
    return None


def find_me() -> Visitor | None:
    """The signed-in person of this request, or nobody."""
    if "me" not in g:
        g.me, g.second_factor = current_app.config["IDENTIFY"]()
    return cast("Visitor | None", g.me)


def get_me() -> Any:
    """The signed-in person; only behind a door that lets nobody else in."""
    me = find_me()
    if me is None:
        raise errors.Missing
    return me


def reader_zone() -> str:
    """Whose clock stands second: what the reader chose, else the own zone, else the usual one of the language."""
    me = find_me()
    chosen = request.cookies.get("zone", "")
    if chosen in ZONES:
        return chosen
    return me.zone if me else ZONE_OF_LANGUAGE[current()]


# Forms -------------------------------------------------------------------------------------------------------------

# NUL, other controls but tab and line ends, bidirectional overrides: they hide words from readers and break mail headers.
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
LINE_ENDS = re.compile(r"[\t\r\n\u2028\u2029]")  # a tab breaks a mail header as well


class Form(FlaskForm):
    """A form with CSRF, our own words, and no control characters anywhere. What was typed is kept when it is refused."""

    class Meta(FormMeta, FlaskForm.Meta):
        """Words from our own catalogues."""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        for field in self._fields.values():
            for text in getattr(field, "raw_data", None) or ():
                if isinstance(text, str) and UNWANTED.search(text):
                    field.errors = [
                        *field.errors,
                        _("%(field)s has characters that cannot be shown. Type it again.", field=field.label.text),
                    ]
                    valid = False
                    break
        return valid

    def refuse(self, refusal: errors.Refused) -> None:
        """Puts a service's refusal beside the fields it names; what names no field stands in the summary alone."""
        for name, words in refusal.problems.items():
            field = self._fields.get(name)
            if field is not None:
                field.errors = [*field.errors, words]
            else:
                self.form_errors.append(words)

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, words) for the summary, in the order of the page."""
        found: list[tuple[str, str]] = [("", words) for words in self.form_errors]
        for field in self._fields.values():
            found.extend(_problems(field))
        return found


def _problems(field: Any) -> list[tuple[str, str]]:
    if hasattr(field, "entries"):
        return [pair for entry in field.entries for pair in _problems(entry)] + [
            (field.id, words) for words in field.errors if isinstance(words, str)
        ]
    if hasattr(field, "form"):
        return [pair for inner in field.form for pair in _problems(inner)]
    return [(field.id, str(words)) for words in field.errors]


def one_line(_form: object, field: Any) -> None:
    """Validator: what may reach a mail header has no line ends (CR, LF)."""
    if field.data and LINE_ENDS.search(field.data):
        raise ValidationError(_("%(field)s must stand on one line.", field=field.label.text))


def tidy(text: str | None) -> str:
    """Filter: NFC, no white space around, line ends as LF."""
    return unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n")).strip()


def safe_next(target: str | None) -> str:
    """A path inside this service to go on to, else the home page: never somebody else's address."""
    home = url_for("membership_public.home")
    if not target or not target.startswith("/") or target.startswith("//") or re.search(r"[\\\s]", target) or UNWANTED.search(target):
        return home
    try:
        return home if urlsplit(target).netloc else target
    except ValueError:
        return home


def page_number() -> int:
    """Which page of a long list the address asks for; 1 if it does not say, or nonsense."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def row_number(text: object) -> int | None:
    """A row's number as a form's list sends it; None for anything else."""
    words = str(text)
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 10 else None


# Answers -----------------------------------------------------------------------------------------------------------


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
    """Whether the client's copy is still good. A foreign ETag beats an equal date."""
    sent = request.headers.get("If-None-Match")
    if sent is not None:
        return parse_etags(sent).contains_weak(etag)
    since = parse_date(request.headers.get("If-Modified-Since"))
    return since is not None and changed_at.replace(microsecond=0) <= since


@lru_cache(maxsize=256)
def _fingerprint(path: str, _changed: float) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:10]


def static(path: str) -> str:
    """The address of a static file, with its content in it, so that it may be kept for a year."""
    file = Path(current_app.static_folder or "") / path
    version = _fingerprint(str(file), file.stat().st_mtime) if file.exists() else ""
    return f"/static/{path}?v={version}"


# The app -----------------------------------------------------------------------------------------------------------


def init_app(app: Flask, identify: Callable[[], tuple[Visitor | None, bool]]) -> None:
    """Language, headers, error pages and the context that every template relies on."""
    config = app.config["CONFIG"]
    app.config["IDENTIFY"] = identify
    app.url_map.converters["int"] = Number
    app.config["COMPRESS_MIMETYPES"] = ["text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"]
    app.config["COMPRESS_REGISTER"] = True
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    csrf.init_app(app)
    compress.init_app(app)
    if hops := config.number("proxies"):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_give_language)
    app.before_request(_guard)
    app.after_request(_headers)
    app.context_processor(_context)
    app.jinja_env.globals["static"] = static  # macros see no context
    app.register_error_handler(errors.AppError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _http_error)
    if not app.config.get("TESTING"):
        app.register_error_handler(Exception, _crash)


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


def _guard() -> None:
    """Control characters in an address, and forms posted from another site (S10 of the threat list)."""
    if UNWANTED.search(request.path):
        raise errors.Missing
    if any(UNWANTED.search(key + value) for key, values in request.args.lists() for value in values):
        abort(HTTPStatus.BAD_REQUEST)
    unsafe = request.method not in {"GET", "HEAD", "OPTIONS"}
    if unsafe and request.endpoint not in from_anywhere and request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        abort(HTTPStatus.FORBIDDEN)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config["CONFIG"].https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.path.startswith("/static/"):
        if response.mimetype in current_app.config["COMPRESS_MIMETYPES"]:
            response.direct_passthrough = False
            response.get_data()  # read and closed here: the compressor would forget to close the file
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
    elif response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store" if g.get("me") else "private, no-cache")
    return response


def _context() -> dict[str, Any]:
    return {
        "lang": current(),
        "languages": LANGUAGES,
        "language_links": language_links(),
        "me": find_me(),
        "demo": current_app.config["CONFIG"].demo,
        "request_id": g.get("request_id", ""),
        "reader_zone": reader_zone(),
        "zones": ZONES,
        "today": now().date(),
        "has_errors": False,
    }


def plain_arguments() -> dict[str, Any]:
    """The words of the address's query that url_for takes as such; `_anchor` and its like mean something else to it."""
    return {name: values for name, values in request.args.to_dict(flat=False).items() if name != "endpoint" and not name.startswith("_")}


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


# Refusals as pages ---------------------------------------------------------------------------------------------------

STATUS: dict[type[errors.AppError], HTTPStatus] = {
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Missing: HTTPStatus.NOT_FOUND,
    errors.Gone: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
}


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


def _crash(error: Exception) -> tuple[str, int, dict[str, str]]:
    current_app.logger.error("request %s failed", g.get("request_id"), exc_info=error)
    return page_of(HTTPStatus.INTERNAL_SERVER_ERROR), 500, {}


def page_of(status: HTTPStatus, message: str = "") -> str:
    """The page that says in words what happened and what to do next."""
    title, text = _words(status)
    return render_template("errors/page.html", code=int(status), title=title, text=message or text)


def _words(status: HTTPStatus) -> tuple[str, str]:
    table = {
        HTTPStatus.BAD_REQUEST: (_("We could not read that"), _("The address or the form was not complete. Go back and try again.")),
        HTTPStatus.FORBIDDEN: (_("That form is too old"), _("Go back, load the page again and send it once more. Nothing was changed.")),
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


def forget_session() -> None:
    """Empties the cookie: at sign-in, so that nobody rides on an older one, and at sign-out."""
    session.clear()
