"""A helper at the door loses the network: what is pressed meanwhile is kept, survives a reload, and is recorded once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Dialog, Page, expect
from sqlalchemy import select

from app.accounts.models import Person
from app.attendance.models import Attendance
from app.audit.models import AuditEntry
from app.clock import now
from app.database import db
from app.organisations.models import Network
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories, servers
from tests.attendance.made import STAFF
from tests.conftest import axe
from tests.journeys.conftest import Running

ZONE = "Europe/Stockholm"
HELPER = "door@icld.example"


def today(running: Running) -> tuple[int, list[str]]:
    """A workshop that lasts all day, with three people; its number and their codes."""
    with running.app.app_context():
        network = db.session.scalars(select(Network)).one()
        host = network.members[0].organisation
        if not db.session.scalars(select(Person).filter_by(canonical_address=HELPER)).first():
            factories.person(staff="helper", address=HELPER, lang="en")
        day = now().astimezone(ZoneInfo(ZONE)).date()
        workshop: Workshop = factories.workshop(network, day, country="SE", starts=time(0, 1), ends=time(23, 59))
        early = datetime.now(UTC) - timedelta(days=2)
        people = [factories.person(host, name=name, lang="en") for name in ("Ana Ñandú", "Bo Ek", "Cy Left")]
        seats = [registrations.register(workshop.id, one.id, by=STAFF, now=early) for one in people]
        return workshop.id, [one.check_in_code for one in seats]


def recorded(running: Running, workshop_id: int) -> list[tuple[str, str]]:
    """Who is marked present, and how it came to be known."""
    with running.app.app_context():
        wanted = select(Registration.check_in_code, Attendance.source).join(Attendance, Attendance.registration_id == Registration.id)
        found = db.session.execute(wanted.where(Registration.workshop_id == workshop_id).order_by(Attendance.id)).all()
        return [(code, source) for code, source in found]


def told(running: Running, workshop_id: int) -> list[str]:
    """What the audit says."""
    with running.app.app_context():
        wanted = select(AuditEntry.action).where(AuditEntry.topic == f"workshop:{workshop_id}", AuditEntry.action.startswith("attendance."))
        return list(db.session.scalars(wanted.order_by(AuditEntry.id)))


def scan(page: Page, code: str) -> None:
    """As a scanner does that acts as a keyboard."""
    page.locator("#q").fill(code)
    page.locator("#q").press("Enter")


def test_presses_without_network_are_kept_over_a_reload_and_recorded_once(running: Running, browse: Callable[..., BrowserContext]) -> None:
    workshop_id, codes = today(running)
    page, port = browse(HELPER, width=390).new_page(), servers.free_port()
    with servers.web(running.app, port) as url:
        page.goto(f"{url}/en/staff/workshops/{workshop_id}/check-in/")
        expect(page.locator("#people[data-ready]")).to_have_count(1)  # the copy is on the device
    scan(page, codes[0].lower())
    scan(page, f"{running.url}/sv/staff/workshops/{workshop_id}/check-in/?code={codes[1]}")
    scan(page, "BBBB2222")
    expect(page.locator("#said")).to_contain_text("No one here has this code: BBBB2222")
    expect(page.locator("#unsent")).to_contain_text("Waiting to be sent: 2.")
    page.reload()
    expect(page.locator("#unsent")).to_contain_text("Waiting to be sent: 2.")
    expect(page.locator("#count")).to_have_text("2 of 3 are here")
    page.locator(f"[data-code='{codes[1]}'] [name=undo]").click()
    page.locator(f"[data-code='{codes[2]}'] [name=here]").click()
    assert axe(page) == []
    assert recorded(running, workshop_id) == []
    with servers.web(running.app, port):  # it is tried again every ten seconds
        expect(page.locator("#unsent")).to_be_hidden(timeout=20_000)
        page.reload()
        expect(page.locator("#count")).to_have_text("2 of 3 are here")
        assert recorded(running, workshop_id) == [(codes[0], "scan"), (codes[2], "list")]
        assert told(running, workshop_id) == ["attendance.recorded", "attendance.recorded", "attendance.undone", "attendance.recorded"]


STORED = """([path, number]) => {
  const name = (word) => Object.keys(localStorage).find((key) => key.startsWith(word)) ?? `${word}:${path}`;
  const slot = document.getElementById("people").dataset.slot;
  const queue = JSON.parse(localStorage.getItem(name("check-in-queue")) ?? "[]");
  const old = { key: "an-old-press-1", registration: number, slot, present: true, source: "list", at: Date.now() - 20 * 86400000 };
  localStorage.setItem(name("check-in-queue"), JSON.stringify([null, { ...old, key: "strange", slot: null }, old, ...queue]));
}"""


def test_a_refused_press_stays_on_the_page_and_the_rest_is_recorded(running: Running, browse: Callable[..., BrowserContext]) -> None:
    workshop_id, codes = today(running)
    page, address = browse(HELPER, width=390).new_page(), f"/en/staff/workshops/{workshop_id}/check-in/"
    page.route("**/taps", lambda route: route.abort())
    page.goto(address)
    number = int((page.locator(f"[data-code='{codes[0]}']").get_attribute("id") or "")[1:])
    scan(page, codes[1])
    page.evaluate(STORED, [address, number])
    page.unroute("**/taps")
    page.reload()
    refused = page.locator("#refused")
    expect(refused.locator("li")).to_have_count(2)
    expect(refused).to_contain_text("Ana Ñandú is here.")
    expect(refused).to_contain_text("This press could not be read.")
    expect(refused).to_contain_text("This was pressed more than 14 days ago.")
    expect(page.locator("#unsent")).to_be_hidden()
    assert recorded(running, workshop_id) == [(codes[1], "scan")]
    page.reload()
    expect(refused.locator("li")).to_have_count(2)
    assert axe(page) == []
    for left in (1, 0):
        refused.get_by_role("button").first.click()
        expect(refused.locator("li")).to_have_count(left)
    expect(refused).to_be_hidden()
    page.reload()
    expect(page.locator("#count")).to_have_text("1 of 3 are here")
    expect(refused).to_be_hidden()


def test_two_pages_on_one_device_keep_each_others_presses(running: Running, browse: Callable[..., BrowserContext]) -> None:
    workshop_id, codes = today(running)
    device = browse(HELPER, width=390)
    first, second = device.new_page(), device.new_page()
    for page in (first, second):
        page.route("**/taps", lambda route: route.abort())
        page.goto(f"/en/staff/workshops/{workshop_id}/check-in/")
    scan(first, codes[0])
    scan(second, codes[1])
    expect(second.locator("#unsent")).to_contain_text("Waiting to be sent: 2.")
    first.reload()
    expect(first.locator("#count")).to_have_text("2 of 3 are here")


def test_what_somebody_else_did_later_stays_and_the_helper_is_told(running: Running, browse: Callable[..., BrowserContext]) -> None:
    workshop_id, codes = today(running)
    here, there = browse(HELPER, width=390), browse(HELPER)
    page, other = here.new_page(), there.new_page()
    for one in (page, other):
        one.goto(f"/en/staff/workshops/{workshop_id}/check-in/")
    here.set_offline(True)
    scan(page, codes[0])
    page.wait_for_timeout(50)
    scan(other, codes[0])
    expect(other.locator("#unsent")).to_be_hidden()
    other.locator(f"[data-code='{codes[0]}'] [name=undo]").click()
    expect(other.locator("#count")).to_have_text("0 of 3 are here")
    expect(other.locator("#unsent")).to_be_hidden()
    here.set_offline(False)
    expect(page.locator("#said")).to_contain_text("It stays taken back.", timeout=20_000)
    expect(page.locator("#count")).to_have_text("0 of 3 are here")
    assert recorded(running, workshop_id) == []


def test_signing_out_takes_the_copy_off_the_device_and_asks_before_presses_are_lost(
    running: Running, browse: Callable[..., BrowserContext]
) -> None:
    workshop_id, codes = today(running)
    context = browse(HELPER)
    page = context.new_page()
    address = f"/en/staff/workshops/{workshop_id}/check-in/"
    page.goto(address)
    expect(page.locator("#people[data-ready]")).to_have_count(1)
    page.route("**/taps", lambda route: route.abort())
    scan(page, codes[0])
    expect(page.locator("#unsent")).to_be_visible()
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    page.goto("/en/me/account")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-in*")
    assert len(asked) == 1
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((found) => found.length)") == 0
