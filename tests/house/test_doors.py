"""Every route stands in a door file, and the file's name decides who comes in."""

from __future__ import annotations

import pytest
from flask import Flask

from app.web import Door
from tests.house.conftest import Round
from tests.house.walk import ACCESS, RANK, door_word, routes, things, visitor

OPENED_BY = {"public": "nobody", "member": "member", "helper": "helper", "staff": "officer", "admin": "administrator"}
BEFORE = " before the second factor"
OUTSIDE = ("nobody", "unconfirmed", "outsider", "officer before the second factor")
NOT_HERE = ("demo_", "health_public.scheduler", "accounts_public.invitation")  # no demo's mailbox, no scheduler, nobody is invited
BY_LINK = (  # whoever has the link is the person
    "registrations_guest.",
    "feedback_public.",
    "preferences_public.",
    "reminders_public.",
    "papers_guest.",
)
OWN = {
    "coming_member.coming",
    "delegations_list_member.delegations",
    "delegations_member.ask_back",
    "delegations_member.delegation",
    "delegations_member.give_back",
    "delegations_member.register",
    "delegations_member.substitute",
    "feedback_member.feedback",
    "feedback_member.take_back",
    "membership_member.confirm",
    "membership_member.decline",
    "papers_member.certificate",
    "registrations_member.answers",
    "registrations_member.ask_cancel",
    "registrations_member.cancel",
    "registrations_member.needs",
    "registrations_member.registration",
    "waiting_member.free",
    "waiting_member.offer",
}


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


def test_doors_open_for_whom_they_should_and_for_nobody_else(demo: Flask, round_as: Round) -> None:
    role, found = round_as.role, things()
    browser = visitor(demo, role, found)
    shut = [
        (route, browser.post(route.path))
        for route in routes(demo, found)
        if route.method != "GET" and RANK[role] < RANK[OPENED_BY[route.access]]
    ]
    wrong = []
    for route, answer in [*((one.route, one.answer) for one in round_as.got), *shut]:
        if route.access == "public":
            continue
        let_in = RANK[role] >= RANK[OPENED_BY[route.access]]
        where = answer.headers.get("Location", "") if answer.status_code in {302, 303} else ""
        if let_in:
            right = answer.status_code < 500 and "/sign-in" not in where
        elif role == "nobody":
            right = "/sign-in" in where
        else:
            right = "second-factor" in where if BEFORE in role and route.access != "admin" else answer.status_code == 404
        if not right:
            wrong.append(f"{route} for {role}: {answer.status_code} {where}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", RANK)
def test_what_somebody_may_press_never_breaks(demo: Flask, role: str) -> None:
    """Each button as its page sends it but empty, in a new session, because some of them end the session."""
    found = things()
    wrong = []
    for route in list(routes(demo, found)):
        if route.method != "GET" and RANK[role] >= RANK[OPENED_BY[route.access]]:
            code = visitor(demo, role, found).post(route.path).status_code
            wrong += [f"{route}: {code}"] if code >= 500 or code in {400, 403} else []
    assert not wrong, "\n".join(wrong)


def test_public_pages_are_there_for_everybody(round_as: Round) -> None:
    answers = [(one.route, one.answer.status_code) for one in round_as.got if one.route.access == "public"]
    wrong = [f"{route}: {code}" for route, code in answers if code >= 400 and not route.endpoint.startswith(NOT_HERE)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", RANK)
def test_a_commitment_is_for_its_own_people_and_the_staff(demo: Flask, role: str) -> None:
    found = things()
    page = visitor(demo, role, found).get(f"/en/organisations/{found.home.slug}/").get_data(as_text=True)
    assert ("The commitment" in page) == (role in {"member", "coordinator", "officer", "administrator"})


def test_no_page_tells_an_outsider_who_belongs_to_a_municipality(round_as: Round) -> None:
    told = []
    for one in round_as.got:
        page = "" if one.route.endpoint.startswith(BY_LINK) else one.answer.get_data().decode(errors="replace")  # some are files
        told += [f"{one.route}: {word}" for word in round_as.insiders if word in page]
    if round_as.role in OUTSIDE:
        assert not told, "\n".join(told)
    elif round_as.role != "helper":
        assert told, "the walk must see it where it may be seen"


@pytest.mark.parametrize("role", ["unconfirmed", "outsider", "member", "coordinator", "officer"])
def test_what_is_somebodys_own_does_not_exist_for_others(demo: Flask, role: str) -> None:
    found = things()
    browser = visitor(demo, role, found)
    registration = ("registrations_member.", "waiting_member.", "coming_member.", "papers_member.", "feedback_member.")
    theirs = {"member": registration, "coordinator": ("membership_member.", "delegations_")}.get(role, ())
    wrong = []
    for route in routes(demo, found):
        if route.endpoint in OWN and not route.endpoint.startswith(theirs):
            answer = browser.get(route.path) if route.method == "GET" else browser.post(route.path)
            wrong += [f"{route}: {answer.status_code}"] if answer.status_code != 404 else []
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
