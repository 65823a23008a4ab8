"""/dev/mail: the demo's mailbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from app.mailer import Content
from app.outbox import service
from tests import servers
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.outbox.made import queued

CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def demo_app(sqlite_url: str, make_app: MakeApp) -> Iterator[Flask]:
    app = make_app(sqlite_url, DEMO="1", MAIL_MODE="live")
    with app.app_context():
        yield app


@pytest.fixture
def visitor(demo_app: Flask) -> FlaskClient:
    queued(1, calendar=CALENDAR)
    service.deliver_pending(NOW)
    queued(2, recipient_name="Later")
    service.deliver_pending(NOW)
    return demo_app.test_client()


def newest(client: FlaskClient) -> str:
    page = client.get("/dev/mail").get_data(as_text=True)
    return page.split('href="/dev/mail/', 1)[1].split('"', 1)[0]


def test_the_list_has_the_newest_first(visitor: FlaskClient) -> None:
    page = visitor.get("/dev/mail").get_data(as_text=True)
    assert page.index("reader2@there.example") < page.index("reader1@there.example")
    assert "Påminnelse: Jämställd budget" in page


def test_each_way_to_look_at_a_mail(visitor: FlaskClient) -> None:
    later = newest(visitor)
    page = visitor.get(f"/dev/mail/{later}").get_data(as_text=True)
    first = page.rsplit('href="/dev/mail/', 1)[1].split('"', 1)[0]
    assert 'rel="next"' in page
    assert f'<iframe src="/dev/mail/{later}/html"' in page
    assert "Hej Åsa!" in visitor.get(f"/dev/mail/{first}/text").get_data(as_text=True)
    assert "METHOD:REQUEST" in visitor.get(f"/dev/mail/{first}/parts").get_data(as_text=True)
    assert "auto-generated" in visitor.get(f"/dev/mail/{first}/headers").get_data(as_text=True)
    assert "Content-Transfer-Encoding: quoted-printable" in visitor.get(f"/dev/mail/{first}/raw").get_data(as_text=True)


def test_the_html_stands_in_a_frame_with_a_policy_of_its_own(visitor: FlaskClient) -> None:
    name = newest(visitor)
    frame = visitor.get(f"/dev/mail/{name}/html")
    assert "Link" not in frame.headers, "it may load no font, and a browser would complain of each"
    assert "as=font" in visitor.get(f"/dev/mail/{name}").headers["Link"]
    assert "script" not in frame.headers["Content-Security-Policy"]
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in visitor.get(f"/dev/mail/{name}").headers["Content-Security-Policy"]
    assert "frame-src" not in visitor.get("/dev/mail").headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["nothing.eml", "..%2Fsecret_key", "secret_key", ".hidden.eml"])
def test_no_other_file_can_be_read(visitor: FlaskClient, name: str) -> None:
    for tab in ("", "/html", "/text", "/parts", "/headers", "/raw"):
        assert visitor.get(f"/dev/mail/{name}{tab}").status_code == 404


def test_outside_the_demo_there_is_no_mailbox(lite: Flask) -> None:
    assert lite.test_client().get("/dev/mail").status_code == 404
    assert lite.test_client().get("/dev/mail/x.eml/html").status_code == 404


def test_an_empty_mailbox_says_what_to_do(demo_app: Flask) -> None:
    assert "No mail yet" in demo_app.test_client().get("/dev/mail", headers={"Accept-Language": "en"}).get_data(as_text=True)


def test_a_script_in_a_mail_does_not_run(demo_app: Flask, browser: Browser) -> None:
    script = "<script>document.getElementById('p').textContent='after'</script>"
    hostile = f"<!doctype html><html><head></head><body><p id=p>before</p>{script}</body></html>"
    queued(1, content=Content("s", "t\n", hostile))
    service.deliver_pending(NOW)
    port = servers.free_port()
    with servers.web(demo_app, port) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/dev/mail/{newest(demo_app.test_client())}")
        assert page.frame_locator("iframe").locator("#p").text_content() == "before"
