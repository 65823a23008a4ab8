"""Staff issue all certificates of a workshop and watch how far it is; a participant takes hers home; anybody checks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from app.accounts.models import Person
from app.clock import now
from app.database import db
from app.outbox.models import Message
from app.papers import queries, service
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow
from tests.papers.made import read, text

YOLANDA = "yolanda.murayari@leticia.example"
HEAD = "h1"


def hers(running: Running) -> tuple[int, int, str]:
    """The workshop that is over and has no certificates yet, her registration there, and its title in Spanish."""
    with running.app.app_context():
        of = db.session.scalars(select(Workshop).where(Workshop.slug == "leticia")).one()
        mine = select(Registration.id).join(Registration.person).where(Person.canonical_address == YOLANDA)
        return of.id, db.session.scalars(mine.where(Registration.workshop_id == of.id)).one(), of.texts["es"].title


def scheduler(running: Running, *, batches: int | None = None) -> int:
    """One run of its job; killed after so many batches."""
    left = iter(range(batches if batches is not None else 99))
    with running.app.app_context():
        done = service.work(now=now(), stop=lambda: next(left, None) is None)
        db.session.remove()
        return done


def check(page: Page, code: str, heading: str) -> str:
    """Somebody types the code that stands on a paper; all that the page says."""
    page.goto("/es/certificates/")
    assert axe(page) == []
    page.get_by_label("Código de la constancia").fill(code)
    follow(page.get_by_role("button", name="Verificar"))
    expect(page.locator(HEAD)).to_have_text(heading)
    assert axe(page) == []
    return page.locator("main").inner_text()


def issue(staff: Page, running: Running, workshop_id: int) -> None:
    """Staff press the button, look once in between, and see all of them."""
    staff.goto(f"/en/staff/workshops/{workshop_id}/papers/")
    assert axe(staff) == []
    follow(staff.get_by_role("button", name="Issue the certificates of 13 people"))
    expect(staff.locator("#run-title")).to_have_text("0 of 13 certificates are issued.")
    assert axe(staff) == []
    assert scheduler(running, batches=1) == 5
    follow(staff.get_by_role("link", name="Look again"))
    expect(staff.get_by_role("progressbar", name="5 of 13 certificates are issued.")).to_have_js_property("position", 5 / 13)
    assert scheduler(running) == 8
    staff.reload()
    expect(staff.locator("progress")).to_have_count(0)
    expect(staff.locator("#certificates")).to_contain_text("13 certificates are in force.")
    assert axe(staff) == []


def taken_home(own: Page, folder: Path) -> bytes:
    """The file behind the button on the page of the registration."""
    own.reload()
    expect(own.get_by_role("heading", name="Constancia de asistencia")).to_be_visible()
    assert axe(own) == []
    with own.expect_download() as file:
        own.get_by_role("link", name="Obtener la constancia").click()
    file.value.save_as(folder / "own.pdf")
    return (folder / "own.pdf").read_bytes()


def withdraw(staff: Page, reason: str) -> None:
    """Staff say that hers does not count."""
    row = staff.get_by_role("row").filter(has_text="Yolanda Murayari")
    row.locator("summary").click()
    row.get_by_label("Why? Only staff read it.").fill(reason)
    follow(row.get_by_role("button", name="Withdraw"))
    expect(staff.locator("main")).to_contain_text("Withdrawn")
    assert axe(staff) == []


def test_all_at_once_then_ones_own_then_a_stranger_checks_it(
    running: Running, browse: Callable[..., BrowserContext], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workshop_id, registration_id, title = hers(running)
    monkeypatch.setattr(service, "BATCH", 5)
    own, staff, stranger = browse(YOLANDA, width=390).new_page(), browse(STAFF).new_page(), browse(width=390, dark=True).new_page()
    own.goto(f"/es/me/registrations/{registration_id}")
    expect(own.get_by_role("heading", name="Constancia de asistencia")).to_have_count(0)
    issue(staff, running, workshop_id)
    made = taken_home(own, tmp_path)
    with running.app.app_context():
        found = queries.find_of(registration_id)
        assert found is not None
        code = found.code
        mails = db.session.scalars(select(Message.lang).where(Message.kind == "certificate", Message.recipient == YOLANDA)).all()
    words, root = text(made), read(made).trailer["/Root"]
    assert (root["/Lang"], list(mails)) == ("es", ["es"])  # type: ignore[index]
    assert ["Se hace constar que" in words, "Yolanda Murayari" in words, title in words] == [True, True, True]

    said = check(stranger, f"{code[:4]}-{code[4:8].lower()} {code[8:]}", "La constancia es válida")
    assert (title in said, "Yolanda" in said, "Leticia, " in said) == (True, False, False)
    other = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert title not in check(stranger, other, "No es una constancia válida")
    withdraw(staff, "It was her sister.")
    said = check(stranger, code, "La constancia fue anulada")
    assert (title in said, "sister" in said) == (False, False)
    assert own.request.get(f"/es/me/registrations/{registration_id}/certificate.pdf").status == 404
