"""A mail that may be a report of non-delivery into plain values: RFC 3464, and the plain words of older servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr
from hashlib import sha256
from typing import cast
from uuid import UUID

from app.outbox.bounces.rules import REPLY, STATUS, kind_of, status_in, tidy

MOST_BYTES = 1_000_000
ID = re.compile(r"<[!-;=?-~]{3,250}>")
OURS = re.compile(r"^[ \t>|]*(X-Outbox-Id|Message-ID):[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
MACHINES = re.compile(r"(mailer-daemon|postmaster|mail-?daemon|mdaemon|maildelivery)", re.IGNORECASE)
GIVEN_UP = {"failed": True, "delayed": False}  # "delivered", "relayed", "expanded" are no failures (RFC 3464 section 2.3.3)


class Unreadable(ValueError):
    """These bytes cannot be taken apart."""


@dataclass(frozen=True)
class Report:
    """What a server says of one of our mails. The mail is named by any of these; `kind` as in rules.py."""

    key: str
    outbox_ids: tuple[UUID, ...]
    message_ids: tuple[str, ...]
    kind: str
    status: str
    words: str


def read(raw: bytes) -> Report | None:
    """The report that these bytes are; None if they are none, such as an answer by a person. Raises Unreadable."""
    try:
        mail = message_from_bytes(raw[:MOST_BYTES])
        parts = list(mail.walk())
        return _formal(mail, parts, raw) or _plain(mail, parts, raw)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise Unreadable(reason) from error


def _formal(mail: Message, parts: list[Message], raw: bytes) -> Report | None:
    """A report as RFC 3464 has it: a block about the mail, and one about each recipient."""
    status_part = next((part for part in parts if part.get_content_type().endswith("/delivery-status")), None)
    if status_part is None:
        return None
    blocks = [block for block in _blocks(status_part) if _header(block, "Action")]
    said = [(GIVEN_UP[action], block) for block in blocks if (action := _header(block, "Action").lower()) in GIVEN_UP]
    if not said:
        return None
    final, block = max(said, key=lambda pair: pair[0])
    words = tidy(_header(block, "Diagnostic-Code").partition(";")[2] or _header(block, "Diagnostic-Code"))
    status = status_in(_header(block, "Status"))
    if status.count(".0") > 1:  # "5.0.0" says nothing; the words may say more
        status = status_in(words) or status
    outbox_ids, message_ids = _named(parts)
    if not outbox_ids and not message_ids:  # no returned mail: what it answers is the mail
        message_ids = tuple(ID.findall(f"{_header(mail, 'In-Reply-To')} {_header(mail, 'References')}"))
    return Report(_key(mail, raw), outbox_ids, message_ids, kind_of(status, final=final), status[:12], words)


def _plain(mail: Message, parts: list[Message], raw: bytes) -> Report | None:
    """A report in words alone: it comes from a machine, and returns our mail or its headers. What is not surely lost is soft."""
    if not _is_from_a_machine(mail) or mail.get_content_type() == "multipart/report":
        return None
    text = "\n".join(_text(part) for part in parts if part.get_content_type() == "text/plain")
    outbox_ids, message_ids = _named(parts, text)
    if not outbox_ids and not message_ids:
        return None
    said = OURS.split(text, maxsplit=1)[0]
    found = STATUS.search(said) or REPLY.search(said)
    code = found[1] if found else ""
    final = code.startswith("5") or (not code and bool(_header(mail, "X-Failed-Recipients")))
    line = next((line for line in said.splitlines() if code and code in line), "")
    status = code if "." in code else ""
    return Report(_key(mail, raw), outbox_ids, message_ids, kind_of(status, final=final), status[:12], tidy(line))


def _is_from_a_machine(mail: Message) -> bool:
    """A person who answers quotes our mail too, and is no failure."""
    sender = parseaddr(_header(mail, "From"))[1].rpartition("@")[0] or _header(mail, "From")
    return bool(MACHINES.search(sender)) or _header(mail, "Return-Path") == "<>" or bool(_header(mail, "X-Failed-Recipients"))


def _named(parts: list[Message], text: str = "") -> tuple[tuple[UUID, ...], tuple[str, ...]]:
    """What names our mail in the part that was returned: headers alone, the whole mail, or quoted in the text."""
    outbox_ids: dict[UUID, None] = {}
    message_ids: dict[str, None] = {}
    for name, value in [*_returned(parts), *OURS.findall(text)]:
        if name.lower() == "x-outbox-id":
            try:
                outbox_ids[UUID(value)] = None
            except ValueError:
                continue
        else:
            message_ids.update(dict.fromkeys(ID.findall(value)))
    return tuple(outbox_ids), tuple(message_ids)


def _returned(parts: list[Message]) -> Iterator[tuple[str, str]]:
    for part in parts:
        kind = part.get_content_type()
        if kind in {"message/rfc822", "message/global"}:
            inner = part.get_payload()
            returned = cast(Message, inner[0]) if isinstance(inner, list) and inner else None
        elif kind in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
            returned = HeaderParser().parsestr(_text(part).lstrip())
        else:
            continue
        for name in ("X-Outbox-Id", "Message-ID"):
            if returned is not None and (value := _header(returned, name)):
                yield name, value


def _blocks(part: Message) -> list[Message]:
    """The groups of fields; the library takes them apart in the older of the two types alone."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    if part.get_content_type() == "message/delivery-status":
        return cast("list[Message]", payload)
    text = "\n".join(inner.as_string() for inner in cast("list[Message]", payload)).replace("\r\n", "\n")
    return [HeaderParser().parsestr(block) for block in re.split(r"\n\s*\n", text.strip())]


def _header(mail: Message, name: str) -> str:
    """A header on one line, as it stands in the bytes (RFC 6532 for what is not ASCII); nothing if it is missing."""
    value = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    return " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(payload, bytes) else ""


def _key(mail: Message, raw: bytes) -> str:
    """What the report is known by: its own Message-ID, whichever way it comes; else its bytes."""
    own = ID.search(_header(mail, "Message-ID"))
    return sha256(own[0].encode("utf-8", "replace") if own else raw).hexdigest()
