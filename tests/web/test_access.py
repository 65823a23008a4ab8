"""Whose clock stands second before anybody has said so."""

from __future__ import annotations

import pytest
from flask import Flask

from app.web import reader_zone


@pytest.mark.parametrize(
    ("asked", "zone"),
    [
        pytest.param("es-GT,es;q=0.9", "America/Guatemala", id="a browser from Guatemala"),
        pytest.param("es-CO", "America/Bogota", id="from Colombia"),
        pytest.param("es-MX,es-GT;q=0.5", "America/Bogota", id="from elsewhere: that of the language"),
        pytest.param("en-GB;q=0.5,sv-SE", "Europe/Stockholm", id="the first wish counts"),
        pytest.param("es", "America/Bogota", id="no country"),
    ],
)
def test_the_second_clock_is_that_of_the_browsers_country(lite: Flask, asked: str, zone: str) -> None:
    with lite.test_request_context("/es/", headers={"Accept-Language": asked}):
        lite.preprocess_request()
        assert reader_zone() == zone
