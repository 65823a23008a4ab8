"""Every route stands in a door file, and the file's name decides who comes in."""

from __future__ import annotations

import pytest
from flask import Flask

from app.web import Door
from tests.house.walk import ACCESS, RANK, door_word, routes, things, visitor

OPENED_BY = {"public": "nobody", "member": "member", "helper": "helper", "staff": "officer", "admin": "administrator"}


def test_every_route_stands_in_a_door_file(lite: Flask) -> None:
    outside = [rule.endpoint for rule in lite.url_map.iter_rules() if "." not in rule.endpoint and rule.endpoint != "static"]
    assert outside == []
    strange = {name: door.import_name for name, door in lite.blueprints.items() if door.import_name.rsplit(".", 1)[1] not in ACCESS}
    assert strange == {}


def test_every_door_checks_what_its_file_says(lite: Flask) -> None:
    wrong = {
        name: door.import_name
        for name, door in lite.blueprints.items()
        if not isinstance(door, Door) or door.access != door.import_name.rsplit(".", 1)[1]
    }
    assert wrong == {}


def test_every_view_stands_in_the_file_of_its_door(lite: Flask) -> None:
    wrong = {
        endpoint: view.__module__
        for endpoint, view in lite.view_functions.items()
        if "." in endpoint and view.__module__.rsplit(".", 1)[1] != door_word(lite, endpoint)
    }
    assert wrong == {}


@pytest.mark.parametrize("role", RANK)
def test_doors_open_for_whom_they_should_and_for_nobody_else(demo: Flask, role: str) -> None:
    found = things()
    browser = visitor(demo, role, found)
    wrong = []
    for route in routes(demo, found):
        if route.access == "public":
            continue
        needed = OPENED_BY[route.access]
        if RANK[role] >= RANK[needed]:
            if route.method == "GET":
                answer = browser.get(route.path)
                if answer.status_code >= 500 or "/sign-in" in answer.headers.get("Location", ""):
                    wrong.append(f"{route} should let {role} in: {answer.status_code}")
            continue
        answer = browser.get(route.path) if route.method == "GET" else browser.post(route.path)
        sent_away = answer.status_code in {302, 303} and "/sign-in" in answer.headers["Location"]
        if not (sent_away if role == "nobody" else answer.status_code == 404):
            wrong.append(f"{route} should keep {role} out: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["helper", "officer", "administrator"])
def test_staff_without_a_second_factor_are_sent_to_it(demo: Flask, role: str) -> None:
    found = things()
    browser = visitor(demo, role, found, second_factor=False)
    wrong = []
    for route in routes(demo, found):
        if route.access in {"helper", "staff", "admin"} and RANK[role] >= RANK[OPENED_BY[route.access]]:
            answer = browser.get(route.path) if route.method == "GET" else browser.post(route.path)
            if answer.status_code not in {302, 303} or "second-factor" not in answer.headers["Location"]:
                wrong.append(f"{route}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
