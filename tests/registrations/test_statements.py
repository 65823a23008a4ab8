"""How much is asked of the database while somebody registers; others wait at the workshop meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.database import db
from app.outbox.models import Message
from app.registrations import service
from app.registrations.models import Registration
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.registrations.made import STAFF


@pytest.mark.parametrize(
    ("values", "state", "most"),
    [
        pytest.param({"access": "open"}, "confirmed", 11, id="a seat"),
        pytest.param({"access": "network"}, "confirmed", 11, id="a seat for a member of the network"),
        pytest.param({"capacity": 1}, "waitlisted", 13, id="a place in the line"),
        pytest.param({"approval": True}, "requested", 12, id="a request"),
    ],
)
def test_a_registering_post_makes_few_statements(
    app: Flask, clock: Callable[[datetime], Any], queries: Callable[[], Any], values: dict[str, Any], state: str, most: int
) -> None:
    """The person, the workshop, who may come, the seat; the registration, the audit, the mail, the calendar: each in one."""
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea), **values)
    path = f"/en/workshops/{workshop.slug}/register"
    with clock(NOW):
        service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW)  # makes what is made once
        client = app.test_client()
        assert isinstance(client, Visitor)
        token = client.signed_in(factories.person(umea)).token()
        with queries() as seen:
            answer = client.post(path, csrf=False, data={"csrf_token": token})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert len(seen) <= most, "\n".join(seen)
    assert db.session.scalars(select(Registration.state).order_by(Registration.id)).all()[-1] == state
    for table in (Registration, Message, AuditEntry):
        assert db.session.scalar(select(func.count()).select_from(table)) == 2, table
