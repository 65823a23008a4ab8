"""What the database itself refuses, whoever writes."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.audit.service import person as actor
from app.database import db, transaction
from app.feeds.personal import service as feeds
from app.registrations import service as registrations
from tests import factories
from tests.factories import NOW


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE workshop SET latitude = NULL", "ck_workshop_point"),
        ("UPDATE workshop SET longitude = NULL", "ck_workshop_point"),
        ("UPDATE workshop SET theme = 'football'", "ck_workshop_theme"),
        ("UPDATE registration SET lang = 'de'", "ck_registration_lang"),
        ("UPDATE feed_token SET lang = ''", "ck_feed_token_lang"),
        ("UPDATE feed_token SET level = 'all'", "ck_feed_token_level"),
    ],
)
def test_values_that_make_no_sense_are_refused(app: Flask, change: str, constraint: str) -> None:
    assert app
    umea = factories.organisation("SE")
    workshop, me = factories.workshop(factories.network(umea), theme="care"), factories.person(umea)
    registrations.register(workshop.id, me.id, by=actor(me), now=NOW)
    feeds.make_token(me.id, "telephone", "sv", by=actor(me), now=NOW)

    with pytest.raises(IntegrityError, match=constraint), transaction():
        db.session.execute(text(change))
    with transaction():
        db.session.execute(text("UPDATE workshop SET latitude = NULL, longitude = NULL, theme = NULL"))
