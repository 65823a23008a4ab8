"""The pages of an expression of interest: begun, written, sent and decided in the browser's way, and there for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select, update

from app.accounts import places
from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import db, transaction
from app.membership.interest import accepting, deciding, joining, queries, service
from app.membership.interest.accepting import Decision
from app.membership.interest.models import Interest
from app.membership.interest.service import Body
from app.organisations.models import NetworkMember
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.membership.interest import made
from tests.membership.interest.made import NEW, World


@pytest.fixture
def at_now(lite: Flask, clock: Callable[[datetime], Any]) -> Iterator[Flask]:
    """The app, at NOW."""
    with clock(NOW):
        yield lite


def browser(app: Flask, person: Person | None = None) -> Visitor:
    found = app.test_client()
    assert isinstance(found, Visitor)
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    return found.signed_in(person) if person else found


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def home(world: World, lang: str = "en") -> str:
    return f"/{lang}/network/{world.network.slug}/interest"


def typed(world: World, version: int, **more: str) -> dict[str, Any]:
    facts = {
        "challenge": "Few women speak.",
        "themes": ["representation"],
        "politicians": "2",
        "officials": "1",
        "support": "The council",
        "languages": ["es"],
        "workshops": [str(world.bogota.id), str(world.boras.id)],
        "name_1": "Ana Ruiz",
        "address_1": "ana@xela.example",
        "as_1": "politician",
        "version": str(version),
        "act": "save",
    }
    return {**facts, **more}


def test_a_stranger_signs_in_first_and_comes_back(at_now: Flask) -> None:
    world = made.world()
    answer = browser(at_now).get(home(world))
    assert (answer.status_code, home(world).replace("/", "%2F") in answer.headers["Location"].replace("/", "%2F")) == (302, True)


def test_it_is_begun_written_and_sent(at_now: Flask) -> None:
    world = made.world()
    mine = browser(at_now, world.lucia)
    assert "open until 31 March 2025" in read(mine.get(home(world)))
    assert "Choose a country" in read(mine.post(home(world), data={"name": "Quetzaltenango"}), 422)
    new = {"name": "Quetzaltenango", "kind": "municipality", "country": "GT", "place": "Quetzaltenango"}
    assert mine.post(home(world), data=new).status_code == 303
    page = read(mine.post(home(world), data=typed(world, 1, act="send", support="", name_1="")), 422)
    assert all(words in page for words in ("Few women speak.", "Colleague 1: enter the name", "ana@xela.example"))
    page = read(mine.post(home(world), data=typed(world, 1, act="send", support="")), 422)
    assert ("Say who stands behind it politically" in page, "Few women speak." in page) == (True, True)
    assert mine.post(home(world), data=typed(world, 1, act="row")).status_code == 200
    assert mine.post(home(world), data=typed(world, 1, act="send")).status_code == 303
    page = read(mine.get(home(world)))
    assert ("We have it and read it" in page, "Few women speak." in page, "Ana Ruiz" in page) == (True, True, True)
    assert "It can no longer be changed" in read(mine.post(home(world), data=typed(world, 2)), 409)
    assert "Quetzaltenango" in read(mine.get("/en/me/"))


def test_what_is_sent_twice_is_kept_once(at_now: Flask) -> None:
    world = made.world()
    row = made.begun(world)
    facts = typed(world, row.version)
    twice = {name: facts[name] * 2 for name in ("themes", "languages", "workshops")}
    assert browser(at_now, world.lucia).post(home(world), data={**facts, **twice}).status_code == 303
    row = queries.get(row.id)
    assert (row.themes, row.languages, len(row.workshops)) == (["representation"], ["es"], 2)


def test_after_the_call_it_is_kept_and_says_so(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        world = made.world()
        row = made.begun(world)
    with clock(datetime(2025, 4, 2, 12, tzinfo=UTC)):
        mine = browser(lite, world.lucia)
        assert ("closed on 31 March 2025" in (page := read(mine.get(home(world)))), 'value="send"' in page) == (True, False)
        assert "closed on 31 March 2025" in read(mine.post(home(world), data=typed(world, row.version, act="send")), 422)
        assert mine.post(home(world), data=typed(world, row.version)).status_code == 303
        other = read(browser(lite, world.andres).get(home(world)))
        assert ("closed on 31 March 2025" in other, "network@icld.example" in other, 'name="name"' in other) == (True, True, False)


def test_a_second_person_sees_nothing_until_somebody_agrees(at_now: Flask) -> None:
    world = made.world()
    made.sent(world, challenge="A secret challenge")
    second = browser(at_now, world.andres)
    page = read(second.post(home(world), data={"organisation": str(world.xela.id)}), 422)
    assert ("has begun already" in page, world.lucia.name in page, "secret" in page) == (True, False, False)
    assert second.post(f"{home(world)}/join", data={"organisation": str(world.xela.id)}).status_code == 303
    page = read(second.get(home(world)))
    assert ("You have asked to join it" in page, world.lucia.name in page, "secret" in page) == (True, False, False)
    assert [second.post(f"{home(world)}/{path}").status_code for path in ("message", "withdraw", "again")] == [404, 404, 404]
    first = browser(at_now, world.lucia)
    number = re.search(r"/people/(\d+)/agree", read(first.get(home(world))))
    assert number
    assert browser(at_now, factories.person()).post(f"{home(world)}/people/{number[1]}/agree").status_code == 404
    assert browser(at_now, world.lucia).post(f"{home(world)}/people/{number[1]}/agree").status_code == 303
    assert "A secret challenge" in read(browser(at_now, world.andres).get(home(world)))


def test_a_coordinator_of_the_place_is_told_at_once(at_now: Flask) -> None:
    world = made.world()
    made.begun(world)
    page = read(browser(at_now, world.malin).get(home(world)))
    assert ("has begun already" in page, world.lucia.name in page) == (True, False)
    member = factories.person(world.umea)
    assert "already. There is nothing to apply for" in re.sub(r"<[^>]+>", " ", read(browser(at_now, member).get(home(world)))).replace(
        "  ", " "
    )


def test_two_who_write_at_once_see_both(at_now: Flask) -> None:
    world = made.world()
    row = made.begun(world)
    mine, seen = browser(at_now, world.lucia), row.version
    assert mine.post(home(world), data=typed(world, seen)).status_code == 303
    page = read(mine.post(home(world), data=typed(world, seen, challenge="Something else")), 409)
    assert ("Saved by the other" in page, "Something else" in page, "Few women speak." in page) == (True, True, True)
    service.withdraw(row.id, person_id=world.lucia.id, by=actor(world.lucia), now=NOW)
    page = read(mine.post(home(world), data=typed(world, seen, challenge="A third thing")), 409)
    assert ("It can no longer be changed" in page, "A third thing" in page) == (True, True)
    page = read(mine.post(f"{home(world)}/message", data={"words": "Are you there?"}), 409)
    assert ("Nobody reads it now" in page, "Are you there?" in page) == (True, True)


def test_who_saves_is_told_who_can_read_it(at_now: Flask) -> None:
    world = made.world()
    row = made.begun(world)
    first = browser(at_now, world.lucia)
    assert "Only you and those who have joined you" in read(first.post(home(world), data=typed(world, 1), follow_redirects=True))
    row = service.send(row.id, made.whole(world), 2, lang="es", person_id=world.lucia.id, by=actor(world.lucia), now=NOW)
    row = deciding.ask(row.id, {"es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NOW)
    saved = read(first.post(home(world), data=typed(world, row.version, challenge="New words"), follow_redirects=True))
    assert ("our staff can see it" in saved, "Only you and" in saved) == (True, False)
    assert "New words" in read(browser(at_now, world.karin).get(f"/en/staff/interests/{row.id}/"))


def asked(world: World) -> Interest:
    """Sent, and asked about."""
    row = made.sent(world)
    return deciding.ask(row.id, {"es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NOW)


def said(row: Interest) -> tuple[str, str, list[str]]:
    """The state, the challenge, and the messages of the municipality."""
    db.session.expire_all()
    row = queries.get(row.id)
    return row.state, row.challenge, [one.words for one in row.messages if one.side == "applicant"]


@pytest.mark.parametrize(
    ("act", "status", "found"),
    [
        ("message", 303, ("asked", "New words", ["Hello there"])),
        ("send", 303, ("sent", "New words", ["Hello there"])),
        ("save", 200, ("asked", "New words", [])),
        ("row", 200, ("asked", "Few women speak in the council.", [])),
    ],
)
def test_whichever_button_is_pressed_nothing_typed_is_lost(at_now: Flask, act: str, status: int, found: tuple[str, str, list[str]]) -> None:
    """What has not been sent stands on the page that answers."""
    world = made.world()
    row = asked(world)
    before = made.mails()
    data = typed(world, row.version, act=act, challenge="New words", words="Hello there")
    answer = read(browser(at_now, world.lucia).post(home(world), data=data), status)
    assert said(row) == found
    assert ("Hello there</textarea>" in answer, "New words" in answer) == (status == 200, status == 200)
    assert len(made.mails()) - len(before) == (status == 303), "one to the staff, with the words in it"


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"words": ""}, 422, "Write something"),
        ({"words": "x" * 3001}, 422, "3000 characters"),
        ({"politicians": "many"}, 422, "Enter a number"),
        ({"version": "0"}, 409, "Saved by the other"),
    ],
)
def test_a_message_that_cannot_go_keeps_all_that_was_typed(at_now: Flask, more: dict[str, str], status: int, words: str) -> None:
    world = made.world()
    row = asked(world)
    data = typed(world, row.version, act="message", challenge="New words", words="Hello there") | more
    page = read(browser(at_now, world.lucia).post(home(world), data=data), status)
    assert said(row) == ("asked", "Few women speak in the council.", [])
    assert (words in page, "New words</textarea>" in page, f"{data['words']}</textarea>" in page) == (True, True, True)


def test_words_beside_what_has_become_a_draft_meanwhile_go_along_with_it(at_now: Flask) -> None:
    """A colleague has withdrawn it and taken it up; who was answering meanwhile reads that, and presses the button once more."""
    world = made.world()
    row = asked(world)
    old = typed(world, row.version, act="send", challenge="New words", words="Hello there")
    for verb in (service.withdraw, service.take_up):
        row = verb(row.id, person_id=world.lucia.id, by=actor(world.lucia), now=NOW)
    mine = browser(at_now, world.lucia)
    assert "Hello there</textarea>" in read(mine.post(home(world), data=old), 409)
    read(mine.post(home(world), data=old | {"version": str(row.version)}), 303)
    assert said(row) == ("sent", "New words", ["Hello there"])


def test_what_was_typed_about_something_that_is_over_is_there_to_be_copied(at_now: Flask) -> None:
    world = made.world()
    row = asked(world)
    mine = browser(at_now, world.lucia)
    service.withdraw(row.id, person_id=world.lucia.id, by=actor(world.lucia), now=NOW)
    page = read(mine.post(home(world), data=typed(world, row.version, act="send", challenge="New words", words="Hello there")), 409)
    assert ("It can no longer be changed" in page, "New words" in page, "Hello there</textarea>" in page) == (True, True, True)


def test_what_is_typed_beside_a_refused_message_goes_where_it_is_kept(at_now: Flask) -> None:
    """A page that answers to another address still has the form, and a way to begin, of this one."""
    world = made.world()
    row = made.sent(world)
    deciding.ask(row.id, {"es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NOW)
    page = read(browser(at_now, world.lucia).post(f"{home(world)}/message", data={"words": ""}), 422)
    assert f'<form method="post" action="{home(world)}"' in page
    page = read(browser(at_now, world.andres).post(f"{home(world)}/join", data={"organisation": "999999"}), 422)
    assert f'<form method="post" action="{home(world)}"' in page


def test_staff_read_answer_and_accept(at_now: Flask) -> None:
    world = made.world()
    row = made.sent(world, body=NEW)
    staff, path = browser(at_now, world.karin), f"/en/staff/interests/{row.id}/"
    board = read(staff.get("/en/staff/interests/"))
    assert ("Quetzaltenango" in board, "Sent 1" in board) == (True, True)
    assert "1 expression of interest waits" in read(staff.get("/en/staff/"))
    assert "Write something" in read(staff.post(f"{path}ask", data={"words": "", "lang": "es", "version": row.version}), 422)
    assert staff.post(f"{path}note", data={"words": "Ring dem", "lang": "sv"}).status_code == 303
    assert staff.post(f"{path}assign", data={"person": world.karin.id}).status_code == 303
    assert staff.post(f"{path}assign", data={"person": world.lucia.id}).status_code == 422
    page = read(staff.get(path))
    assert ("Ring dem" in page, "Few women speak in the council." in page) == (True, True)
    assert "Ring dem" not in read(browser(at_now, world.lucia).get(home(world)))
    staff = browser(at_now, world.karin)
    facts = {"kind": "municipality", "country": "GT", "place": "Quetzaltenango", "latitude": "14,83", "longitude": "-91.5"}
    facts |= {"zone": "America/Guatemala", "on": "2025-03-03", "version": str(row.version)}
    facts |= {f"name_{lang}": "Quetzaltenango" for lang in ("sv", "es", "en")}
    wrong = read(staff.post(f"{path}accept", data={**facts, "latitude": "north", "name_sv": ""}), 422)
    assert ("Enter degrees" in wrong, 'value="north"' in wrong) == (True, True)
    assert "not one of Guatemala" in read(staff.post(f"{path}accept", data={**facts, "zone": "Europe/Stockholm"}), 422)
    assert staff.post(f"{path}accept", data={**facts, "version": "0"}).status_code == 409
    assert staff.post(f"{path}accept", data=facts).status_code == 303
    assert queries.get(row.id).state == "accepted"
    assert staff.post(f"{path}decline", data={"words": "No", "lang": "es", "version": row.version}).status_code == 409
    assert "cannot be accepted as it stands" in read(staff.get(f"{path}accept"))


def test_staff_see_what_has_changed_since_they_asked(at_now: Flask) -> None:
    """The control: before they ask, nothing is compared."""
    world = made.world()
    mine: dict[str, Any] = {"lang": "es", "person_id": world.lucia.id, "by": actor(world.lucia), "now": NOW}
    row = made.sent(world, partner_id=world.umea.id, support="The council", themes=("representation", "care"))
    staff, path = browser(at_now, world.karin), f"/en/staff/interests/{row.id}/"
    assert "Changed since you asked" not in read(staff.get(path))
    row = deciding.ask(row.id, {"es": "¿Quiénes?"}, version=row.version, by=world.staff, now=NOW)
    assert "Nothing has changed since it was last sent" in read(staff.get(path))
    answer = made.whole(
        world, support="The mayor", themes=("care", "representation"), workshops=(world.boras.id,), why="Too far", colleagues=()
    )
    row = service.save(row.id, answer, row.version, **mine)
    assert "They have not sent it again yet" in read(staff.get(path))
    service.send(row.id, answer, row.version, **mine)
    page = read(staff.get(path))
    changed = page.partition("Changed since you asked")[2].partition("What they say")[0]
    assert re.findall("<dt>(.*?)</dt>", changed) == [
        "Political support",
        "Workshops",
        "Why not one on each side",
        "Wished partner",
        "Colleagues",
    ]
    assert re.findall('<p class="letter"( lang="es")?>(.*?)</p>', changed)[:2] == [
        (' lang="es"', "The council"),
        (' lang="es"', "The mayor"),
    ]
    assert ("Ana Ruiz, ana@xela.example, Politician</p>" in changed, changed.count("<em>nothing</em>")) == (True, 3)


def test_what_was_never_sent_is_not_read_by_staff(at_now: Flask) -> None:
    world = made.world()
    row = made.begun(world)
    service.save(row.id, made.whole(world), row.version, lang="es", person_id=world.lucia.id, by=actor(world.lucia), now=NOW)
    page = read(browser(at_now, world.karin).get(f"/en/staff/interests/{row.id}/"))
    assert ("still theirs alone" in page, "Few women" in page, "ana@xela.example" in page) == (True, False, False)


def test_what_is_a_draft_again_is_not_read_by_staff_either(at_now: Flask) -> None:
    """The control: withdrawn, it is what was sent."""
    world = made.world()
    row = made.sent(world)
    mine: dict[str, Any] = {"person_id": world.lucia.id, "by": actor(world.lucia), "now": NOW}
    service.withdraw(row.id, **mine)
    assert "Few women" in read(browser(at_now, world.karin).get(f"/en/staff/interests/{row.id}/"))
    row = service.take_up(row.id, **mine)
    row = service.save(row.id, made.whole(world, challenge="Half a sentence"), row.version, lang="es", **mine)
    before = len(made.mails())
    service.withdraw(row.id, **mine)
    page = read(browser(at_now, world.karin).get(f"/en/staff/interests/{row.id}/"))
    assert ("still theirs alone" in page, "Half a" in page, len(made.mails())) == (True, False, before)


def test_the_same_answer_to_those_chosen(at_now: Flask) -> None:
    world = made.world()
    first, second = made.sent(world), made.sent(world, world.andres, NEW)
    staff, path = browser(at_now, world.karin), "/en/staff/interests/answer"
    assert staff.post(path).status_code == 303
    chosen = {"chosen": [str(first.id), str(second.id)]}
    assert "Answer 2 at once" in read(staff.post(path, data=chosen))
    assert "at least one language" in read(staff.post(path, data={**chosen, "act": "decline"}), 422)
    assert staff.post(path, data={**chosen, "act": "decline", "words_es": "Este año no."}).status_code == 303
    assert "2 were answered." in read(staff.get("/en/staff/interests/"))
    assert {queries.get(row.id).reason for row in (first, second)} == {"Este año no."}


def test_a_municipalitys_line_tells_its_own_people_and_staff_how_it_came(at_now: Flask) -> None:
    world = made.world()
    row = made.sent(world)
    accepting.accept(row.id, Decision(NOW.date()), version=row.version, by=world.staff, now=NOW)
    seen = [
        read(browser(at_now, who).get(f"/en/organisations/{world.xela.slug}/")) for who in (None, world.andres, world.lucia, world.karin)
    ]
    assert ["Sent its expression of interest" in page for page in seen] == [False, False, True, True]
    assert ["Member of" in page for page in seen] == [True] * 4


def test_who_has_left_the_network_may_begin_again_in_another_call(at_now: Flask) -> None:
    """The control: as long as it is a member, nothing is offered, and it is told so."""
    world = made.world()
    row = made.sent(world)
    accepting.accept(row.id, Decision(NOW.date() - timedelta(days=9)), version=row.version, by=world.staff, now=NOW)
    applicant, chosen = browser(at_now, world.lucia), {"organisation": str(world.xela.id)}
    assert "Begin a new one" not in read(applicant.get(home(world)))
    assert "is a member of" in read(applicant.post(f"{home(world)}?new=1", data=chosen), 422)
    with transaction():
        db.session.execute(update(NetworkMember).where(NetworkMember.organisation_id == world.xela.id).values(left_on=date(2025, 3, 1)))
    assert "Begin a new one" in read(applicant.get(home(world)))
    assert applicant.post(f"{home(world)}?new=1", data=chosen).status_code == 303
    assert "You can leave it at any time" in read(applicant.get(home(world)))


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_every_page_of_it_opens_in_each_language(at_now: Flask, lang: str) -> None:
    world = made.world()
    row = made.sent(world, body=NEW)
    joining.ask(world.network.id, NEW, person_id=world.andres.id, by=actor(world.andres), now=NOW)
    staff = browser(at_now, world.karin)
    paths = ("", f"?state=sent&country=GT&network={world.network.slug}", f"{row.id}/", f"{row.id}/accept")
    assert [staff.get(f"/{lang}/staff/interests/{path}").status_code for path in paths] == [200] * 4
    assert [staff.get(f"/{lang}/staff/interests/{path}").status_code for path in ("?state=x", "999999/")] == [404, 404]
    people = (world.lucia, world.andres, world.malin, factories.person(world.umea))
    assert [browser(at_now, one).get(home(world, lang)).status_code for one in people] == [200] * 4


def test_to_begin_asks_the_same_number_of_things_however_many_places_somebody_has(at_now: Flask) -> None:
    world, numbers = made.world(), []
    for person, more in ((world.lucia, 1), (world.andres, 3)):
        for _n in range(more):
            places.set_affiliation(person.id, factories.organisation("GT").id, "member", by=world.staff, now=NOW)
        mine = browser(at_now, person)
        mine.get(home(world))
        with counted(at_now) as seen:
            assert mine.get(home(world)).status_code == 200
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]


def test_the_board_asks_the_same_number_of_things_however_many_there_are(at_now: Flask) -> None:
    world = made.world()
    made.sent(world)
    staff, numbers = browser(at_now, world.karin), []
    for body in (None, NEW, Body(None, "Salcajá", "municipality", "GT", "Salcajá")):
        if body is not None:
            made.sent(world, factories.person(), body)
        staff.get("/en/staff/interests/")
        with counted(at_now) as seen:
            assert staff.get("/en/staff/interests/").status_code == 200
        numbers.append(len(seen))
    assert len(set(numbers)) == 1
    assert db.session.scalar(select(func.count()).select_from(Interest)) == 3
