"""The files and the pages about them: what stands there, for whom, and what is said to bad input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.audit import queries as audit
from app.audit.sentences import sentence
from app.database import transaction
from app.languages import using
from app.organisations.models import Organisation
from app.papers import service
from app.papers.printing import pdf, words
from app.papers.rules import written
from app.registrations import letters
from app.registrations.models import Registration
from app.registrations.queries import with_seats
from app.workshops import queries as workshops
from app.workshops.models import Workshop
from tests import factories
from tests.attendance import made as there
from tests.attendance.made import AFTER, STAFF
from tests.conftest import Visitor
from tests.papers.made import certificates, issue, present, read, text

Clock = Callable[[datetime], Any]


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


@pytest.fixture
def over(umea: Organisation) -> Workshop:
    return there.workshop(umea)


def visitor(app: Flask, role: str = "") -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(staff=role)) if role else client


def papers(of: Workshop, more: str = "") -> str:
    return f"/en/staff/workshops/{of.id}/papers/{more}"


def is_for_everybody(made: bytes, lang: str) -> bool:
    """Tagged, with a title to show and a language, and it says itself that it is PDF/UA-1."""
    found = read(made)
    root: Any = found.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    shown = "/ViewerPreferences" in root and root["/ViewerPreferences"].get("/DisplayDocTitle")
    tagged = root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    titled = found.metadata and found.metadata.title
    return bool(tagged and shown and titled and root["/Lang"] == lang and "<pdfuaid:part>1</pdfuaid:part>" in xmp)


SAID = {
    "en": ("Certificate of attendance", "Attendance: 14 h"),
    "sv": ("Intyg om deltagande", "Närvaro: 14 tim"),
    "es": ("Constancia de asistencia", "Asistencia: 14 h"),
}


@pytest.mark.parametrize("lang", SAID)
def test_a_certificate_is_in_its_persons_language(lite: Flask, over: Workshop, umea: Organisation, clock: Clock, lang: str) -> None:
    name = "Åsa *_#Chavajay $x$ \\ <b>"  # none of it is markup
    ana = present(over, umea, name)
    with transaction():
        ana.lang = lang
    issue(over)
    with clock(AFTER):
        answer = visitor(lite).signed_in(ana.person).get(f"/en/me/registrations/{ana.id}/certificate.pdf")
        assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    said = text(answer.data)
    (found,) = certificates()
    for expected in (*SAID[lang], name, written(found.code), f"/{lang}/certificates/{found.code}"):
        assert "".join(expected.split()) in "".join(said.split()), expected
    assert is_for_everybody(answer.data, lang)


def test_a_certificate_is_for_its_own_person_and_what_is_missing_is_said(
    lite: Flask, over: Workshop, umea: Organisation, clock: Clock
) -> None:
    ana, bo = present(over, umea), present(over, umea, halves=1)
    issue(over)
    mine, link = f"/en/me/registrations/{ana.id}", letters.manage_path(ana)
    with clock(AFTER):
        browser, colleague = visitor(lite).signed_in(ana.person), visitor(lite).signed_in(bo.person)
        assert f'href="{mine}/certificate.pdf"' in browser.get(mine).get_data(as_text=True)
        assert f'href="{link}/certificate.pdf"' in visitor(lite).get(link).get_data(as_text=True)
        assert visitor(lite).get(f"{link}/certificate.pdf").mimetype == "application/pdf"
        assert colleague.get(f"{mine}/certificate.pdf").status_code == 404
        assert visitor(lite).get("/r/wrong/certificate.pdf").status_code == 404
        none = colleague.get(f"/en/me/registrations/{bo.id}/certificate.pdf")
        assert (none.status_code, "There is no certificate for this registration." in none.get_data(as_text=True)) == (404, True)
        assert "certificate.pdf" not in colleague.get(f"/en/me/registrations/{bo.id}").get_data(as_text=True)
        service.withdraw(over.id, certificates()[0].id, "It was her sister.", by=STAFF, now=AFTER)
        gone = browser.get(f"{mine}/certificate.pdf")
        assert (gone.status_code, "This certificate was withdrawn." in gone.get_data(as_text=True)) == (404, True)


def test_everybody_may_check_a_code_and_learns_title_and_date_alone(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = present(over, umea, "Ximena Quispe")
    issue(over)
    (found,) = certificates()
    with clock(AFTER):
        browser = visitor(lite)
        assert browser.get(f"/en/certificates/?code={written(found.code).lower()}").location == f"/en/certificates/{found.code}"
        valid = browser.get(f"/en/certificates/{found.code}")
        page = valid.get_data(as_text=True)
        assert (valid.status_code, "The certificate is valid" in page, over.text.title in page) == (200, True, True)
        assert ana.person.name not in page
        assert 'content="noindex' in page
        guessed = [browser.get(f"/en/certificates/{code}") for code in ("ABCDEFGHJKMN", "nonsense", found.code[:-1])]
        assert {answer.status_code for answer in guessed} == {404}
        assert all("Not a valid certificate" in answer.get_data(as_text=True) for answer in guessed)
        assert browser.get("/en/certificates/?code=123").status_code == 422
        service.withdraw(over.id, found.id, "It was her sister.", by=STAFF, now=AFTER)
        page = browser.get(f"/en/certificates/{found.code}").get_data(as_text=True)
        assert ("The certificate was withdrawn" in page, over.text.title in page, "sister" in page) == (True, False, False)
        answers = [browser.get("/en/certificates/ABCDEFGHJKMN") for _one in range(30)]
        assert (answers[-1].status_code, "Retry-After" in answers[-1].headers) == (429, True)


def test_staff_issue_all_and_see_how_far_it_is(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    for _one in range(3):
        present(over, umea)
    with clock(AFTER):
        browser = visitor(lite, "officer")
        assert "Issue the certificates of 3 people" in browser.get(papers(over)).get_data(as_text=True)
        assert browser.post(papers(over, "certificates.pdf")).status_code == 404
        assert browser.post(papers(over)).status_code == 303
        page = browser.get(papers(over)).get_data(as_text=True)
        assert ('<progress max="3" value="0"' in page, "Look again" in page) == (True, True)
        service.work(now=AFTER)
        page = browser.get(papers(over)).get_data(as_text=True)
        assert ("<progress" in page, "Everybody who has attended has a certificate." in page) == (False, True)
        assert len(read(browser.post(papers(over, "certificates.pdf")).data).pages) == 3
        again = browser.post(papers(over))
        assert (again.status_code, "Everybody who has attended has a certificate." in again.get_data(as_text=True)) == (422, True)
        number = certificates()[0].id
        refused = browser.post(papers(over, f"{number}/withdraw"), data={"reason": ""})
        assert (refused.status_code, "Say why" in refused.get_data(as_text=True)) == (422, True)
        assert browser.post(papers(over, f"{number}/withdraw"), data={"reason": "It was her sister."}).status_code == 303
        assert "It was her sister." in browser.get(papers(over)).get_data(as_text=True)
        assert browser.post(papers(over, f"{number}/give-back")).status_code == 303
        assert browser.post(papers(over, "999/withdraw"), data={"reason": "Nobody's."}).status_code == 404
    assert certificates()[0].revoked_at is None


def test_staff_see_that_a_run_failed_and_try_again(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    ana = present(over, umea)
    with transaction():
        ana.person.zone = "Nowhere/At all"
    with clock(AFTER):
        browser = visitor(lite, "officer")
        browser.post(papers(over))
        service.work(now=AFTER)
        rests = browser.get(papers(over)).get_data(as_text=True)
        for hours in range(1, 6):
            service.work(now=AFTER + timedelta(hours=hours))
        failed = browser.get(papers(over)).get_data(as_text=True)
        with transaction():
            ana.person.zone = "Europe/Stockholm"
        assert browser.post(papers(over)).status_code == 303
        assert service.work(now=AFTER) == 1
        done = browser.get(papers(over)).get_data(as_text=True)
    assert ("There was an error. It is tried again by itself" in rests, "Try again now" in rests) == (True, True)
    assert ("The certificates could not all be issued" in failed, ">Try again<" in failed, "<progress" in failed) == (True, True, False)
    assert ("could not all be issued" in done, "Everybody who has attended has a certificate." in done) == (False, True)


def test_badges_and_the_sheet_to_sign(lite: Flask, over: Workshop, umea: Organisation, clock: Clock) -> None:
    people = [there.seat(over, umea, name) for name in ("Östen Ek", "Zoë Berg", "王小明")]
    with clock(AFTER):
        browser = visitor(lite, "officer")
        plain, coded = (browser.post(papers(over, "badges.pdf"), data=more).data for more in ({}, {"codes": "1"}))
        sheet = browser.post(papers(over, "sheet.pdf").replace("/en/", "/sv/")).data
        assert visitor(lite).signed_in(people[0].person).get(papers(over, "badges.pdf")).status_code == 404
    assert len(coded) > len(plain)
    said = text(sheet)
    assert said.index("Zoë Berg") < said.index("Östen Ek"), "the alphabet of the page"
    assert said.count("Underskrift, förmiddag") == 2, "a table a day"
    assert not is_for_everybody(sheet, "sv"), "no font has these signs: a paper without the promise, rather than none"


@pytest.mark.parametrize("lang", ["", "sv"])
def test_badges_speak_the_workshops_language_or_the_one_asked_for(
    lite: Flask, over: Workshop, umea: Organisation, clock: Clock, lang: str
) -> None:
    there.seat(over, umea, "Ana Ruiz")
    with clock(AFTER):
        answer = visitor(lite, "officer").post(papers(over, "badges.pdf").replace("/en/", "/sv/"), data={"in": lang})

    assert answer.headers["Content-Disposition"] == f"attachment; filename=namnbrickor-{over.slug}.pdf"
    assert ("Suecia" in text(answer.data), "Sverige" in text(answer.data)) == ((False, True) if lang == "sv" else (True, False))


def test_files_with_names_come_from_a_button_and_leave_a_line_in_three_languages(
    lite: Flask, over: Workshop, umea: Organisation, clock: Clock
) -> None:
    """Who, which workshop, what, of how many; whoever loads the address is led to the button, and takes nothing along."""
    for _one in range(2):
        present(over, umea)
    there.seat(over, umea, "Ana Ruiz")
    issue(over)
    files = {"badges.pdf": 3, "sheet.pdf": 3, "certificates.pdf": 2}
    with clock(AFTER):
        browser, before = visitor(lite, "officer"), len(audit.entries(f"workshop:{over.id}"))
        looks = [browser.get(papers(over, name)) for name in files]
        assert [(one.status_code, one.headers["Location"]) for one in looks] == [(303, papers(over))] * 3
        assert len(audit.entries(f"workshop:{over.id}")) == before
        page = browser.get(papers(over)).get_data(as_text=True)
        assert all(f'<form method="post" action="{papers(over, name)}">' in page for name in files)
        assert [browser.post(papers(over, name)).mimetype for name in files] == ["application/pdf"] * 3
        assert browser.post(papers(over, "sheet.pdf"), csrf=False).status_code == 403
    lines = audit.entries(f"workshop:{over.id}")[: len(files)][::-1]
    assert [entry.facts for entry in lines] == [{"number": number} for number in files.values()]
    assert all(entry.actor.startswith("person:") and entry.actor_name for entry in lines)
    for entry in lines:
        said = set()
        for lang in ("sv", "es", "en"):
            with using(lang):
                said.add(sentence(entry))
        assert len(said) == 3


def test_three_hundred_badges_are_38_sheets_for_everybodys_eyes_and_ears(over: Workshop, umea: Organisation) -> None:
    there.seat(over, umea, "Ana Ruiz")
    workshop, (row,) = workshops.get(over.id), list[Registration](with_seats(over.id))
    with using("es"):
        made = pdf.make("badges", words.badges(workshop, [row] * 300, squares=True), at=AFTER)
    assert len(read(made).pages) == 38
    assert is_for_everybody(made, "es")
