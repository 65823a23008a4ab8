"""What tests of a workshop's people start from, on each kind of database."""

from __future__ import annotations

import pytest
from flask import Flask

from app.organisations.models import Organisation
from app.workshops.models import Workshop
from tests import factories
from tests.registrations.made import published


@pytest.fixture
def umea(app: Flask) -> Organisation:
    """A municipality of the network."""
    assert app
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    """A workshop of two seats."""
    return published(umea, capacity=2)
