"""What tests of the outbox start from: mails, and SMTP servers that misbehave as they are told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select, update

from app.audit.service import Actor
from app.database import db, transaction
from app.mailer import Content
from app.outbox import service
from app.outbox.models import Message, Switch
from app.outbox.service import Item, Mail
from tests.factories import NOW
from tests.servers import Mailbox, free_port

STAFF = Actor("person:0", "Karin")
WORDS = Content(
    "Påminnelse: Jämställd budget", "Hej Åsa!\n.\nVi ses.\n", "<!doctype html><html><head></head><body><p>Hej Åsa!</p></body></html>"
)


def mail(number: int = 1, topic: str = "workshop:1", **values: Any) -> Mail:
    """A reminder to reader<number>@there.example."""
    facts: dict[str, Any] = {
        "kind": "reminder",
        "person_id": None,
        "lang": "sv",
        "recipient": f"reader{number}@there.example",
        "recipient_name": "Åsa Öberg",
        "content": WORDS,
        "items": [Item(f"rule:1:registration:{number}", f"registration:{number}", topic)],
    }
    return Mail(**(facts | values))


def queued(number: int = 1, now: datetime = NOW, **values: Any) -> Message:
    """The same in the outbox."""
    message = service.queue(mail(number, **values), now=now)
    assert message is not None
    return message


def alter(number: int = 1, **values: Any) -> None:
    """Changes its row."""
    with transaction() as session:
        session.execute(update(Message).where(Message.recipient == f"reader{number}@there.example").values(**values))


def message(number: int = 1) -> Message:
    """The row as it stands now."""
    db.session.rollback()
    return db.session.scalars(select(Message).where(Message.recipient == f"reader{number}@there.example")).one()


def states() -> dict[str, str]:
    """Reader to state."""
    db.session.rollback()
    return {row.recipient.partition("@")[0]: row.state for row in db.session.execute(select(Message.recipient, Message.state))}


def switch(name: str) -> str:
    """What a switch stands at."""
    db.session.rollback()
    return db.session.scalar(select(Switch.value).where(Switch.name == name)) or ""


class Script(Mailbox):
    """A server that answers as told: `at_rcpt[address]` and `at_data[address]` are answers to be given, one after another.

    Answers are SMTP lines, or "hang up" (the connection breaks), "hang up after" (the message is taken, its answer is
    lost), "silence".
    """

    pipelining = False  # whether it says that it takes several commands at once; it does in any case

    def __init__(self) -> None:
        super().__init__()
        self.at_rcpt: dict[str, list[str]] = defaultdict(list)
        self.at_data: dict[str, list[str]] = defaultdict(list)
        self.sessions = 0
        self.port = 0
        self.during_hello: Any = None  # called when somebody connects
        self.during_rcpt: Any = None  # called at RCPT, while the message is between claim and DATA
        self.at_command: Any = None  # called at the command DATA, when the last look is over and no byte of the message has gone
        self.during_data: Any = None  # called when the message is here and its answer not yet given

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Counts connections."""
        self.sessions += 1
        if self.during_hello:
            await asyncio.get_running_loop().run_in_executor(None, self.during_hello)
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.pipelining else responses

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The answer to an address."""
        if self.during_rcpt:
            await asyncio.get_running_loop().run_in_executor(None, self.during_rcpt)
        answer = await self._next(server, self.at_rcpt[address])
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The answer to a message."""
        answers = self.at_data[envelope.rcpt_tos[0]]
        if self.during_data:
            await asyncio.get_running_loop().run_in_executor(None, self.during_data)
        if answers and answers[0] == "hang up after":
            answers[0] = "hang up"
            await super().handle_DATA(server, session, envelope)
        answer = await self._next(server, answers)
        if answer.startswith("250"):
            await super().handle_DATA(server, session, envelope)
        return answer

    async def _next(self, server: SMTP, answers: list[str]) -> str:
        answer = answers.pop(0) if answers else "250 taken"
        if answer == "hang up":
            cast(asyncio.Transport, server.transport).abort()
        if answer == "silence":
            await asyncio.sleep(30)
        return answer


class _Listens(SMTP):
    """Tells the script of the command DATA before it is answered."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        """The command."""
        if self.event_handler.at_command:
            await asyncio.get_running_loop().run_in_executor(None, self.event_handler.at_command)
        await super().smtp_DATA(arg)


class _Server(Controller):
    def factory(self) -> SMTP:
        """The one that listens."""
        return _Listens(self.handler, **self.SMTP_kwargs)


@contextmanager
def scripted(script: Script | None = None, **options: Any) -> Iterator[tuple[Script, int]]:
    """Such a server, and its port."""
    script, port = script or Script(), free_port()
    script.port = port
    controller = _Server(script, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield script, port
    finally:
        controller.stop()
