"""Who may pass a door: the file that it stands in says it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Protocol, cast

from flask import Blueprint, Response, abort, current_app, g, redirect, request, session, url_for
from sqlalchemy.exc import DBAPIError

from app import errors
from app.database import end_reading
from app.languages import LANGUAGES, current

ACCESS = ("public", "member", "helper", "staff", "admin")
ROLES = {
    "helper": ("helper", "officer", "administrator"),
    "staff": ("officer", "administrator"),
    "admin": ("administrator",),
}
ZONES = ("Europe/Stockholm", "America/Bogota", "America/Guatemala")
ZONE_OF_COUNTRY = {"SE": "Europe/Stockholm", "CO": "America/Bogota", "GT": "America/Guatemala"}
ZONE_OF_LANGUAGE = {"sv": "Europe/Stockholm", "es": "America/Bogota", "en": "Europe/Stockholm"}


class Visitor(Protocol):
    """The signed-in person, as far as doors must know."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def lang(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def role(self) -> str | None: ...
    @property
    def is_staff(self) -> bool: ...


class Door(Blueprint):
    """A blueprint whose access rule is the name of the file it stands in: public, member, helper, staff or admin.

    Addresses begin with the language unless `localised` is false (feeds, files, health). Search engines are shown the pages
    of public doors, unless `findable` is false (signing in, registering).
    """

    def __init__(self, import_name: str, prefix: str = "", *, localised: bool = True, findable: bool = True, name: str = "") -> None:
        feature, access = import_name.split(".")[-2:]
        if access not in ACCESS:
            message = f"{import_name}: a door stands in one of {', '.join(ACCESS)}.py"
            raise ValueError(message)
        self.access = access
        self.localised = localised
        self.findable = findable and access == "public"
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
        if g.unknown:
            raise errors.Busy
        if comes_from_here():
            abort(HTTPStatus.UNAUTHORIZED)  # with what was typed, to be sent once more
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
        g.me, g.second_factor, g.unknown = None, False, False
        try:
            g.me, g.second_factor = current_app.config["IDENTIFY"]()
        except DBAPIError as error:  # whoever it is: a public page, and the page that says what is wrong, can still be read
            g.unknown = True
            end_reading()
            current_app.logger.error("who is signed in could not be read (%s)", error.orig)  # noqa: TRY400  one line
    return cast("Visitor | None", g.me)


def comes_from_here() -> bool:
    """Whether the browser says that a form of one of our own pages was sent (Fetch Metadata)."""
    return request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "same-origin"


def acts_as_staff() -> bool:
    """Whether this reader is staff here and now: the role alone is nobody's proof before the second factor (the demo waives it)."""
    me = find_me()
    return me is not None and me.is_staff and bool(g.second_factor or current_app.config["CONFIG"].demo)


def get_me() -> Visitor:
    """The signed-in person; only behind a door that lets nobody else in."""
    me = find_me()
    if me is None:
        raise errors.Missing
    return me


def reader_name() -> str:
    """The signed-in person's name for the head of a page: 'Karin A.' if it is staff's, whose head has no more room; else empty."""
    me = find_me()
    if me is None or not me.is_staff:
        return me.name if me else ""
    first, *others = me.name.split()
    return f"{first} {others[-1][0]}." if others else first


def reader_zone() -> str:
    """Whose clock stands second: what the reader chose, else the own zone, else the usual one of the browser's country or language."""
    me = find_me()
    chosen = request.cookies.get("zone", "")
    if chosen in ZONES:
        return chosen
    if me:
        return me.zone
    country = next((tag.partition("-")[2].upper() for tag in request.accept_languages.values() if "-" in tag), "")
    return ZONE_OF_COUNTRY.get(country, ZONE_OF_LANGUAGE[current()])


def forget_session() -> None:
    """Empties the cookie: at sign-in, so that nobody rides on an older one, and at sign-out."""
    session.clear()
