"""What lower features ask about people."""

from __future__ import annotations

from typing import Any

from flask import Flask, url_for

from app import announcements
from app.accounts import queries
from app.languages import gettext as _
from app.outbox.queries import Topic


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "topic_title", topic_title)


def topic_title(*, topic: str, into: list[Topic], **_facts: Any) -> None:
    """What the mail log of a person is called. Raises Missing."""
    kind, _colon, number = topic.partition(":")
    if kind == "person" and number.isdigit():
        person = queries.get_person(int(number))
        links = [(url_for("accounts_staff.people"), _("People")), (url_for("accounts_staff.person", person_id=person.id), person.name)]
        into.append(Topic(person.name, None, person.zone, person.address, links))
