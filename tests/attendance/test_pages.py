"""The door, the grid and the square with the code: what they offer, to whom, and what they say to bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from flask import Flask, g

from app.accounts import passwords
from app.attendance import queries, service
from app.attendance.shown import code_address, picture
from app.crypto import encrypt
from app.organisations.models import Organisation
from app.registrations import letters
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.attendance import made
from tests.attendance.made import AFTER, MINUTE, MORNING, STAFF, seat, slot
from tests.conftest import Visitor
from tests.factories import NOW

Clock = Callable[[datetime], Any]
PASSWORD, SECRET = "blå hund cyklar ofta", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def here(umea: Organisation) -> Workshop:
    return made.workshop(umea)


def visitor(app: Flask, role: str = "") -> Visitor:
    """A browser; of somebody with that staff role."""
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(staff=role)) if role else client


def door(of: Workshop, more: str = "") -> str:
    return f"/en/staff/workshops/{of.id}/check-in/{more}"


def grid(of: Workshop, more: str = "") -> str:
    return f"/en/staff/workshops/{of.id}/attendance/{more}"


def test_a_helper_lands_at_the_door_and_sees_nothing_else(lite: Flask, umea: Organisation, here: Workshop, clock: Clock) -> None:
    far = made.workshop(umea)
    secret = encrypt(SECRET.encode())
    me = factories.person(staff="helper", password_hash=passwords.make_hash(PASSWORD), totp_secret=secret)
    with clock(NOW):
        browser = visitor(lite, "helper")
        assert browser.get(door(far)).status_code == 404, "three months before"
        assert "No workshop these days" in browser.get("/en/staff/check-in/").get_data(as_text=True)
        assert visitor(lite, "officer").get(door(far)).status_code == 200
    with clock(MORNING):
        g.pop("csrf_token", None)  # of the browsers before, which share the test's context
        browser = visitor(lite)
        browser.post("/en/sign-in/password", data={"address": me.address, "password": PASSWORD})
        g.pop("csrf_token", None)  # … and of the session before
        answer = browser.post("/en/sign-in/second-factor", data={"code": pyotp.TOTP(SECRET).at(MORNING)})
        assert answer.location == "/en/staff/check-in/"
        page = browser.get(answer.location).get_data(as_text=True)
        assert browser.get(door(here)).status_code == 200
        mine = f"workshops/{here.id}"
        for other in ("", "workshops/", "people", "mails", "search", f"{mine}/participants/", f"{mine}/attendance/"):
            assert browser.get(f"/en/staff/{other}").status_code == 404, other
    links = set(re.findall(r'href="(/en/staff/[^"]*)"', page))
    assert links == {"/en/staff/check-in/", *(door(one) for one in (here, far))}


def test_a_press_is_written_once_and_taken_back(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea, "Ana Ñandú")
    with clock(MORNING):
        browser = visitor(lite, "helper")
        said = [browser.post(door(here), data={act: str(ana.id)}, follow_redirects=True) for act in ("here", "here", "undo", "here")]
        words = said[-1].get_data(as_text=True)
        nothing = browser.post(door(here), follow_redirects=True).get_data(as_text=True)
        strange = browser.post(door(here), data={"here": "999999"})
    assert "Ana Ñandú is here." in words
    assert "1 of 1 are here" in words
    assert "Tuesday 3 June" in words
    assert "Choose whom to check in." in nothing
    assert strange.status_code == 404
    assert made.actions() == ["attendance.recorded", "attendance.undone", "attendance.recorded"]


@pytest.mark.parametrize(("asked", "seen"), [("nandu", 1), ("UMEA", 2), ("ana umeå", 1), ("nobody", 0), ("", 2), ("%", 0)])
def test_people_are_found_by_name_organisation_or_code(
    lite: Flask, here: Workshop, umea: Organisation, clock: Clock, asked: str, seen: int
) -> None:
    ana, _bo = seat(here, umea, "Ana Ñandú"), seat(here, umea, "Bo Ek")
    with clock(MORNING):
        browser = visitor(lite, "helper")
        page = browser.get(door(here, f"?q={asked}".replace("%", "%25"))).get_data(as_text=True)
        by_code = browser.get(door(here, f"?q={ana.check_in_code.lower()}")).get_data(as_text=True)
    rows = re.findall(r'<li id="p\d+"[^>]*>', page)
    assert len(rows) == 2
    assert sum(" hidden" not in row for row in rows) == seen
    assert ("Nobody by that name" in page) is True, "the words stand hidden until nobody is left"
    assert 'class="door-card"' in by_code


def test_a_code_shows_the_person_with_one_button_and_writes_nothing(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea, "Ana Ñandú")
    with clock(MORNING):
        browser = visitor(lite, "helper")
        answer = browser.get(door(here, f"?code={ana.check_in_code}"))
        card = answer.get_data(as_text=True).split('id="card"')[1].split("</section>")[0]
        assert answer.headers["Permissions-Policy"].startswith("camera=(self)")
        assert queries.marks_of(here.id) == {}
        browser.post(door(here), data={"here": str(ana.id), "source": "scan"})
        again = browser.get(door(here, f"?code={ana.check_in_code}")).get_data(as_text=True)
    assert "Ana Ñandú" in card
    assert f'name="here" value="{ana.id}"' in card
    assert "is here already" in again
    assert visitor(lite).get("/en/").headers["Permissions-Policy"].startswith("camera=()")


def test_a_code_that_nobody_here_can_use_is_answered_in_words(lite: Flask, umea: Organisation, clock: Clock) -> None:
    here, other = made.workshop(umea, capacity=1), made.workshop(umea)
    seat(here, umea)
    bo, eva = seat(here, umea, "Bo Waits"), seat(other, umea)
    gone = seat(other, umea, "Cy Left")
    registrations.cancel(gone.id, by=STAFF, now=NOW)
    with clock(MORNING):
        browser = visitor(lite, "helper")
        for where, code, status, words in (
            (here, "ABCD2345", 404, "No one here has this code"),
            (here, "%3Cscript%3E", 404, "No one here has this code"),
            (here, bo.check_in_code, 200, "Bo Waits is on the waiting list."),
            (here, eva.check_in_code, 200, "This code is for another workshop: Ciudad segura (en)"),
            (other, gone.check_in_code, 200, "Cy Left has no seat."),
        ):
            answer = browser.get(door(where, f"?code={code}"))
            page = answer.get_data(as_text=True)
            assert (answer.status_code, words in page) == (status, True), words
            assert 'class="button button-door"' not in page
            assert "<script>" not in page


def test_a_day_to_come_has_no_buttons(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea)
    with clock(MORNING):
        browser, address = visitor(lite, "helper"), door(here, f"?slot={slot(here, 1)}")
        page = browser.get(address).get_data(as_text=True)
        refused = browser.post(address, data={"here": str(ana.id)}, follow_redirects=True).get_data(as_text=True)
    assert 'name="here"' not in page
    assert "That day is still to come" in refused
    assert queries.marks_of(here.id) == {}


def tap(number: int, code: str, **facts: Any) -> dict[str, Any]:
    return {"key": "a-device-1", "registration": number, "slot": code, "present": True, "source": "scan", "age": 0} | facts


@pytest.mark.parametrize(
    "bad",
    [None, [], {}, {"taps": {}}, {"taps": [tap(1, "1-morning")] * 501}],
)
def test_what_is_no_list_of_presses_is_refused_whole(lite: Flask, here: Workshop, clock: Clock, bad: object) -> None:
    with clock(MORNING):
        browser = visitor(lite, "helper")
        answer = browser.post(door(here, "taps"), json=bad, csrf=False, headers={"X-CSRFToken": browser.token()})
    assert answer.status_code == 422
    assert answer.get_json()["problem"].startswith("What this device sent could not be read.")


UNREADABLE = "This press could not be read. Press once more, or tell staff."
OLD = "This was pressed more than 14 days ago. Staff can type it into the attendance."


@pytest.mark.parametrize(
    ("bad", "words"),
    [(1, UNREADABLE), ({}, UNREADABLE), (None, UNREADABLE), (tap(2**31, "1-morning", key="a-device-0"), UNREADABLE)]
    + [(tap(1, "1-morning") | wrong, UNREADABLE) for wrong in ({"age": "x"}, {"age": 1e300}, {"key": "k"}, {"key": "å" * 9}, {"key": [1]})]
    + [(tap(1, "1-morning", key="a-device-0", age=2e6), OLD)],
)
def test_a_press_that_cannot_be_read_or_is_too_old_is_answered_alone_and_the_others_are_recorded(
    lite: Flask, here: Workshop, umea: Organisation, clock: Clock, bad: Any, words: str
) -> None:
    ana, bo = seat(here, umea, "Ana"), seat(here, umea, "Bo")
    good = [tap(ana.id, slot(here), key="a-device-2"), tap(bo.id, slot(here), key="a-device-3")]
    with clock(MORNING):
        browser = visitor(lite, "helper")
        token = {"X-CSRFToken": browser.token()}
        answer = browser.post(door(here, "taps"), json={"taps": [good[0], bad, good[1]]}, csrf=False, headers=token)
    sent = bad.get("key", "") if isinstance(bad, dict) else ""
    done = [(one["key"], one["what"], one["words"]) for one in answer.get_json()["done"]]
    key = sent if isinstance(sent, str) else ""
    assert done == [("a-device-2", "written", ""), ("a-device-3", "written", ""), (key, "refused", words)]
    assert set(queries.marks_of(here.id)) == {ana.id, bo.id}


def test_a_device_sends_what_it_has_kept_and_hears_what_became_of_it(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana, bo = seat(here, umea, "Ana"), seat(here, umea, "Bo")
    service.record_attendance(bo.id, here.days[0].id, "morning", present=True, by=STAFF, now=MORNING)
    service.record_attendance(bo.id, here.days[0].id, "morning", present=False, by=STAFF, now=MORNING + 30 * MINUTE)
    taps = [tap(ana.id, slot(here), age=3600), tap(bo.id, slot(here), age=3600, key="a-device-2")]
    with clock(MORNING + timedelta(hours=1)):
        browser = visitor(lite, "helper")
        assert browser.post(door(here, "taps"), json={"taps": taps}, csrf=False).status_code == 403
        token = {"X-CSRFToken": browser.token()}
        first, second = (browser.post(door(here, "taps"), json={"taps": taps}, csrf=False, headers=token).get_json() for _n in range(2))
    done = [(one["key"], one["what"], one["name"]) for one in first["done"]]
    assert done == [("a-device-1", "written", "Ana"), ("a-device-2", "later", "Bo")]
    assert "It stays taken back." in first["done"][1]["words"]
    assert [one["what"] for one in second["done"]] == ["known", "known"]
    assert first["here"] == second["here"] == {slot(here): [ana.id]}


def test_the_worker_reaches_this_page_alone(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    seat(here, umea)
    with clock(MORNING):
        answer = visitor(lite, "helper").get(door(here, "worker.js"))
        page = visitor(lite, "helper").get(door(here)).get_data(as_text=True)
    assert answer.content_type.startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer.headers
    assert here.ends_at is not None
    assert f'data-until="{int((here.ends_at + timedelta(days=2)).timestamp() * 1000)}"' in page
    assert visitor(lite).get(door(here, "worker.js")).status_code == 302


def test_only_the_boxes_that_were_changed_are_saved(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana, bo = seat(here, umea, "Ana"), seat(here, umea, "Bo")
    first, second = slot(here), slot(here, 0, "afternoon")
    with clock(AFTER):
        browser = visitor(lite, "officer")
        assert browser.get(grid(here)).get_data(as_text=True).count("Never came") == 2
        stale = {f"was-{ana.id}": "", f"was-{bo.id}": ""}
        browser.post(grid(here), data={**stale, f"is-{ana.id}": [first, second]})
        answer = browser.post(grid(here), data={**stale, f"is-{bo.id}": [first]}, follow_redirects=True)
        page = answer.get_data(as_text=True)
        nothing = browser.post(grid(here), data={f"was-{bo.id}": first, f"is-{bo.id}": [first]}, follow_redirects=True)
    assert queries.marks_of(here.id) == {ana.id: {first: "on_site", second: "on_site"}, bo.id: {first: "on_site"}}
    assert "One mark is set." in page
    assert "2 of 4 half-days<small>7 h</small>" in page
    assert [words in page for words in ("Attended", "Too little", "Never came")] == [True, True, False]
    assert "Nothing was changed." in nothing.get_data(as_text=True)


def test_before_the_end_nobody_is_said_to_have_attended(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea, "Ana")
    codes = [slot(here, day, half) for day in (0, 1) for half in ("morning", "afternoon")]
    one = f"/en/staff/workshops/{here.id}/participants/{ana.id}/"
    with clock(AFTER):
        browser = visitor(lite, "officer")
        browser.post(grid(here), data={f"was-{ana.id}": "", f"is-{ana.id}": codes})
        over = [browser.get(url).get_data(as_text=True) for url in (grid(here), one)]
    with clock(MORNING):
        browser = visitor(lite, "officer")
        running = [browser.get(url).get_data(as_text=True) for url in (grid(here), one)]
    assert [("Attended" in page, "So far" in page) for page in over] == [(True, False)] * 2
    assert [("Attended" in page, "So far" in page) for page in running] == [(False, True)] * 2
    assert ("<b>1</b>present so far" in running[0], "too little" in running[0]) == (True, False)


def test_everybody_of_an_organisation_is_marked_at_once(lite: Flask, umea: Organisation, clock: Clock) -> None:
    bogota = factories.organisation("CO")
    here = made.workshop(umea, access="open")
    ana, bo = seat(here, umea), seat(here, bogota)
    with clock(AFTER):
        browser = visitor(lite, "officer")
        every = {"act": "all", "slot": slot(here, 1), f"was-{ana.id}": "", f"is-{ana.id}": [slot(here)]}
        browser.post(grid(here, f"?organisation={umea.name}"), data=every)
        told = queries.marks_of(here.id)
        refused = browser.post(grid(here), data=every | {"slot": "nonsense"})
    assert told == {ana.id: {slot(here): "on_site", slot(here, 1): "on_site"}}
    assert bo.id not in told
    assert (refused.status_code, "Choose the half-day" in refused.get_data(as_text=True)) == (422, True)


def test_the_sheet_is_searched_and_shows_one_half_day_where_there_is_little_room(
    lite: Flask, here: Workshop, umea: Organisation, clock: Clock
) -> None:
    """The boxes of the others travel along, so that saving takes nobody's marks away; and nobody outside the search is marked."""
    ana, bo = seat(here, umea, "Ana Núñez"), seat(here, umea, "Bo Ek")
    first, last = slot(here), slot(here, 1, "afternoon")
    with clock(AFTER):
        browser = visitor(lite, "officer")
        browser.post(grid(here), data={f"was-{ana.id}": "", f"is-{ana.id}": [first]})
        whole, found = (browser.get(grid(here, more)).get_data(as_text=True) for more in ("", f"?q=nunez&slot={first}"))
        nobody = browser.get(grid(here, "?q=nemo")).get_data(as_text=True)
        strange = browser.get(grid(here, "?slot=nonsense")).get_data(as_text=True)
        sent = {"act": "all", "slot": last, f"was-{ana.id}": first, f"is-{ana.id}": [first]}
        back = browser.post(grid(here, f"?q=nunez&slot={first}"), data=sent)
    assert (whole.count('name="is-'), whole.count('class="chosen"'), whole.count('class="other"')) == (8, 2, 6)
    assert [f'<option value="{one}" selected' in page for one, page in ((last, whole), (first, found), (last, strange))] == [True] * 3
    assert ("Bo Ek" in found, "Ana Núñez" in found, "Mark all present" in found) == (False, True, False)
    assert "Nobody matches what you look for." in nobody
    assert queries.marks_of(here.id) == {ana.id: {first: "on_site", last: "on_site"}}, f"not {bo.id}"
    assert back.headers["Location"].endswith(f"?q=nunez&slot={first}")


def test_what_was_ticked_stays_when_the_sheet_is_refused(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana, bo = seat(here, umea, "Ana"), seat(here, umea, "Bo")
    registrations.cancel(bo.id, by=STAFF, now=NOW)
    sent = {f"was-{ana.id}": "", f"is-{ana.id}": [slot(here)], f"was-{bo.id}": "", f"is-{bo.id}": [slot(here)]}
    with clock(AFTER):
        browser = visitor(lite, "officer")
        answer = browser.post(grid(here), data=sent)
        strange = browser.post(grid(here), data={f"was-{ana.id}": "x", f"is-{ana.id}": ["12-never"]})
    page = answer.get_data(as_text=True)
    assert answer.status_code == strange.status_code == 422
    assert "Bo has no seat." in page
    assert re.search(rf'name="is-{ana.id}" value="{slot(here)}"[^>]* checked', page)
    assert queries.marks_of(here.id) == {}


def test_days_to_come_have_no_boxes_and_a_draft_has_no_sheet(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea)
    draft = factories.workshop(factories.network(umea), state="draft")
    with clock(MORNING):
        browser = visitor(lite, "officer")
        page = browser.get(grid(here)).get_data(as_text=True)
        missing = browser.get(grid(draft)).status_code
    assert re.findall(rf'name="is-{ana.id}" value="([^"]+)"', page) == [slot(here), slot(here, 0, "afternoon")]
    assert missing == 404


def test_staff_choose_sessions_to_count(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea)
    with clock(AFTER):
        browser = visitor(lite, "officer")
        browser.post(grid(here, "sessions"), data={"session": str(made.visit())})
        page = browser.get(grid(here)).get_data(as_text=True)
        browser.post(grid(here), data={f"was-{ana.id}": "", f"is-{ana.id}": [f"s{made.visit()}"]})
        refused = browser.post(grid(here, "sessions"))
        strange = browser.post(grid(here, "sessions"), data={"session": "999"})
    assert f'name="is-{ana.id}" value="s{made.visit()}"' in page
    assert (refused.status_code, "Take the marks back first." in refused.get_data(as_text=True)) == (422, True)
    assert strange.status_code == 404
    assert made.counted() == [made.visit()]


def test_the_square_is_for_its_own_person_and_only_with_a_seat(lite: Flask, here: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = seat(here, umea)
    mine, link = f"/en/me/registrations/{ana.id}", letters.manage_path(ana)
    with clock(NOW):
        browser, stranger = visitor(lite).signed_in(ana.person), visitor(lite).signed_in(factories.person(umea))
        for page in (browser.get(mine), visitor(lite).get(link)):
            assert f'src="{(mine if page.request.path == mine else link)}/code.svg"' in page.get_data(as_text=True)
        for answer in (browser.get(f"{mine}/code.svg"), visitor(lite).get(f"{link}/code.svg")):
            assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
            assert answer.data == picture(ana)
        assert stranger.get(f"{mine}/code.svg").status_code == 404
        lite.url_map.bind("127.0.0.1").match(urlsplit(code_address(ana)).path)
        registrations.cancel(ana.id, by=STAFF, now=NOW)
        assert [browser.get(f"{mine}/code.svg").status_code, visitor(lite).get(f"{link}/code.svg").status_code] == [404, 404]
        assert "code.svg" not in browser.get(mine).get_data(as_text=True)
