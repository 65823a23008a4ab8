"""/dev/mail, in the demo only: the mails that would have left, as their readers see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from flask import Response, current_app, render_template, url_for

from app.errors import Missing
from app.languages import gettext as _
from app.web import Door, framed, framing

door = Door(__name__, "/dev/mail", localised=False, findable=False)
SHOWN = 100


@dataclass(frozen=True)
class Line:
    """One mail of the list."""

    name: str
    to: str
    subject: str
    lang: str
    at: datetime | None


@dataclass(frozen=True)
class Part:
    """One alternative of a mail."""

    type: str
    encoding: str
    size: int
    text: str


@door.before_request
def only_in_the_demo() -> None:
    """Anywhere else there is no such page."""
    if not current_app.config["CONFIG"].demo:
        raise Missing


@door.get("/", strict_slashes=False)
def mailbox() -> str:
    """All mails, the newest first."""
    names = _names()
    lines = [_line(name) for name in names[:SHOWN]]
    return render_template("dev/mails.html", lines=lines, more=len(names) - len(lines))


@door.get("/<name>")
def mail(name: str) -> Response:
    """One mail as its reader sees it."""
    return _page(name, "html", text=_body(_message(name), "plain"))


@door.get("/<name>/html")
def html(name: str) -> Response:
    """Its HTML alone, for the frame: no scripts, nothing from elsewhere; its links open beside."""
    return framed(_body(_message(name), "html"))


@door.get("/<name>/text")
def text(name: str) -> Response:
    """Its plain text."""
    return _page(name, "text", text=_body(_message(name), "plain"))


@door.get("/<name>/parts")
def parts(name: str) -> Response:
    """What it is made of."""
    found = [part for part in _message(name).walk() if not part.is_multipart()]
    rows = [Part(str(p["Content-Type"]), str(p["Content-Transfer-Encoding"] or "7bit"), len(_bytes(p)), _decoded(p)) for p in found]
    return _page(name, "parts", parts=rows)


@door.get("/<name>/headers")
def headers(name: str) -> Response:
    """Its headers, decoded."""
    return _page(name, "headers", headers=[(key, str(value)) for key, value in _message(name).items()])


@door.get("/<name>/raw")
def raw(name: str) -> Response:
    """Every byte that would go over the wire."""
    return _page(name, "raw", text=_path(name).read_bytes().decode("ascii", "replace"))


def _page(name: str, tab: str, **facts: Any) -> Response:
    names, message = _names(), _message(name)
    place = names.index(name)
    labels = {"html": _("As it looks"), "text": _("Plain text"), "parts": _("Parts"), "headers": _("Headers"), "raw": _("As sent")}
    endpoint = {"html": "mail"}
    body = render_template(
        "dev/mail.html",
        name=name,
        message=message,
        line=_line(name),
        tab=tab,
        tabs=[
            {"url": url_for(f".{endpoint.get(key, key)}", name=name), "label": label, "current": key == tab, "apart": False}
            for key, label in labels.items()
        ],
        newer=names[place - 1] if place else None,
        older=names[place + 1] if place + 1 < len(names) else None,
        **facts,
    )
    return framing(body)


def _folder() -> Path:
    return cast(Path, current_app.config["CONFIG"].instance / "mail")


def _names() -> list[str]:
    """The files' names, the newest first."""
    return sorted((path.name for path in _folder().glob("*.eml")), reverse=True)


def _path(name: str) -> Path:
    """The file of that name in the mailbox, and nowhere else. Raises Missing."""
    if name not in _names():
        raise Missing
    return _folder() / name


def _message(name: str) -> EmailMessage:
    return message_from_bytes(_path(name).read_bytes(), policy=policy.default)


def _line(name: str) -> Line:
    message = _message(name)
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        at = None
    return Line(name, str(message["To"]), str(message["Subject"]), str(message["Content-Language"] or ""), at)


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return _decoded(part) if isinstance(part, EmailMessage) else ""


def _bytes(part: EmailMessage) -> bytes:
    return cast(bytes, part.get_payload(decode=True) or b"")


def _decoded(part: EmailMessage) -> str:
    return _bytes(part).decode("utf-8", "replace").replace("\r\n", "\n")
