"""Two ways in for reports of non-delivery: a mailbox over IMAP, and an address with a secret; both off by default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.config import ConfigError, read
from app.database import db
from app.outbox.bounces import mailbox, public, service
from app.outbox.bounces.models import Bounce
from app.outbox.queries import switched
from scheduler.jobs import Shift, read_bounces, run
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.mailer.test_transport import certificate
from tests.outbox.bounces.imap import Folder, imap
from tests.outbox.bounces.samples import crlf, gmail, postfix
from tests.outbox.made import queued

SECRET = "a secret for the hook that is long enough"
ANSWER = crlf("From: Maja <maja@there.example>\nSubject: Sv: budget\nMessage-ID: <a@b>\n\nThanks!\n")


def counted() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Bounce)).all())


# The mailbox -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder() -> Folder:
    """A mailbox."""
    return Folder()


@pytest.fixture
def reach(
    folder: Folder, database_url: str, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Flask]]:
    """Makes the app that reads the mailbox, and trusts its certificate."""
    with ExitStack() as stack:
        context, file = stack.enter_context(certificate(tmp_path))
        port = stack.enter_context(imap(folder, context))

        def make(*, trusts: bool = True, **settings: str) -> Flask:
            if trusts:
                monkeypatch.setenv("SSL_CERT_FILE", str(file))
            facts = {"BOUNCE_IMAP_SERVER": "127.0.0.1", "BOUNCE_IMAP_PORT": str(port), "BOUNCE_IMAP_USER": "bounces", "MAIL_TIMEOUT": "5"}
            app = make_app(database_url, **{**facts, "BOUNCE_IMAP_PASSWORD": folder.password, **settings})
            stack.enter_context(app.app_context())
            return app

        yield make


def test_reports_are_read_and_flagged_and_what_people_write_stays_unread(reach: Callable[..., Flask], folder: Folder) -> None:
    reach()
    folder.mails = {3: postfix(queued(1)), 4: ANSWER, 9: gmail(queued(2))}
    assert mailbox.collect(now=NOW) == Counter({service.COUNTED: 2, service.OTHER: 1})
    assert (counted(), folder.seen, switched(mailbox.POSITION)) == (2, {3, 9}, "7 9")


def test_what_was_read_is_not_fetched_again_and_what_comes_later_is(reach: Callable[..., Flask], folder: Folder) -> None:
    reach()
    folder.mails = {3: postfix(queued(1)), 4: ANSWER}
    mailbox.collect(now=NOW)
    assert mailbox.collect(now=NOW) == Counter()
    folder.mails[5] = gmail(queued(2))
    assert mailbox.collect(now=NOW) == Counter({service.COUNTED: 1})
    assert [line.split(" ")[2] for line in folder.said if line.startswith("UID FETCH")] == ["3", "4", "5"]


def test_a_folder_that_was_made_anew_is_read_from_its_start_and_counts_nothing_twice(reach: Callable[..., Flask], folder: Folder) -> None:
    reach()
    folder.mails = {30: postfix(queued(1))}
    mailbox.collect(now=NOW)
    folder.mails, folder.validity = {1: folder.mails[30]}, 8
    assert mailbox.collect(now=NOW) == Counter({service.KNOWN: 1})
    assert (counted(), folder.seen) == (1, {30, 1})


def test_a_line_that_breaks_before_the_flag_counts_nothing_twice(reach: Callable[..., Flask], folder: Folder) -> None:
    reach()
    folder.mails, folder.hang_up_at = {1: postfix(queued(1)), 2: postfix(queued(2), 2)}, "STORE"
    mailbox.collect(now=NOW)
    assert (counted(), folder.seen, bool(switched(mailbox.TROUBLE))) == (1, set(), True)
    folder.hang_up_at = ""
    assert mailbox.collect(now=NOW) == Counter({service.COUNTED: 1})
    assert (counted(), switched(mailbox.TROUBLE)) == (2, "")


def test_a_broken_mail_is_passed_by_once_and_for_good(reach: Callable[..., Flask], folder: Folder) -> None:
    reach()
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000))
    folder.mails = {1: nested, 2: b"\x00\xff" * 500, 3: postfix(queued(1)), 4: b""}
    assert mailbox.collect(now=NOW) == Counter({mailbox.BROKEN: 1, service.OTHER: 2, service.COUNTED: 1})
    assert mailbox.collect(now=NOW) == Counter()


def test_a_mail_that_is_far_too_long_is_read_as_far_as_it_matters(reach: Callable[..., Flask], folder: Folder) -> None:
    reach()
    folder.mails = {1: postfix(queued(1)) + b"x" * 3_000_000}
    assert mailbox.collect(now=NOW) == Counter({service.COUNTED: 1})


def test_a_certificate_that_nobody_trusts_ends_it_before_the_password(reach: Callable[..., Flask], folder: Folder) -> None:
    reach(trusts=False)
    folder.mails = {1: postfix(queued(1))}
    assert mailbox.collect(now=NOW) == Counter()
    assert "certificate" in switched(mailbox.TROUBLE).lower()
    assert folder.said == []


@pytest.mark.parametrize(
    ("settings", "words"), [({"BOUNCE_IMAP_PASSWORD": "wrong"}, "who are you"), ({"BOUNCE_IMAP_FOLDER": "Gone"}, "no such")]
)
def test_what_is_wrong_is_written_down_for_staff_without_the_password(
    reach: Callable[..., Flask], settings: dict[str, str], words: str
) -> None:
    reach(**settings)
    mailbox.collect(now=NOW)
    assert words in switched(mailbox.TROUBLE)
    assert "wrong" not in switched(mailbox.TROUBLE)


def test_a_server_that_is_gone_is_no_crash(database_url: str, make_app: MakeApp) -> None:
    app = make_app(database_url, BOUNCE_IMAP_SERVER="127.0.0.1", BOUNCE_IMAP_PORT="1", BOUNCE_IMAP_USER="a", BOUNCE_IMAP_PASSWORD="b")
    with app.app_context():
        assert mailbox.collect(now=NOW) == Counter()
        assert switched(mailbox.TROUBLE)


def test_the_scheduler_reads_it(reach: Callable[..., Flask], folder: Folder) -> None:
    app = reach()
    folder.mails = {1: postfix(queued(1))}
    assert run(Shift(app), read_bounces) == Counter(bounced=1)


def test_without_a_setting_nothing_is_read(lite: Flask) -> None:
    assert mailbox.collect(now=NOW) == Counter()
    assert run(Shift(lite), read_bounces) == Counter()
    assert switched(mailbox.TROUBLE) == ""


# The address -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def hooked(sqlite_url: str, make_app: MakeApp) -> Iterator[Flask]:
    """The app that takes reports."""
    app = make_app(sqlite_url, BOUNCE_SECRET=SECRET)
    with app.app_context():
        yield app


def post(app: Flask, raw: bytes, secret: str = SECRET, content_type: str | None = "message/rfc822") -> tuple[int, str]:
    answer = app.test_client().post("/hooks/bounces", data=raw, headers={"Authorization": f"Bearer {secret}"}, content_type=content_type)
    return answer.status_code, answer.get_data(as_text=True).strip()


@pytest.mark.parametrize("content_type", ["message/rfc822", "application/x-www-form-urlencoded", "application/octet-stream", None])
def test_a_posted_report_counts_once_whatever_it_is_said_to_be(hooked: Flask, content_type: str | None) -> None:
    raw = postfix(queued(1))
    assert post(hooked, raw, content_type=content_type) == (200, "counted")
    assert post(hooked, raw, content_type=content_type) == (200, "known already")
    assert post(hooked, ANSWER, content_type=content_type) == (200, "not a report")
    assert counted() == 1


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], f"{SECRET}x", "å"])
def test_nobody_without_the_secret_is_heard(hooked: Flask, secret: str) -> None:
    assert post(hooked, postfix(queued(1)), secret.encode().decode("latin-1"))[0] == 401
    assert counted() == 0


def test_there_is_no_such_address_without_a_secret(lite: Flask) -> None:
    assert post(lite, postfix(queued(1)), "")[0] == 404
    assert post(lite, postfix(queued(2)))[0] == 404


def test_a_body_that_is_too_large_is_refused(hooked: Flask) -> None:
    assert post(hooked, b"x" * 1_000_001)[0] == 413


def test_too_many_posts_in_a_minute_are_asked_to_wait(hooked: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        said = [post(hooked, ANSWER)[0] for _number in range(public.PER_MINUTE + 1)]
    assert (set(said[:-1]), said[-1]) == ({200}, 429)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert post(hooked, ANSWER)[0] == 200


def test_it_is_posted_to_and_not_looked_at(hooked: Flask) -> None:
    assert hooked.test_client().get("/hooks/bounces").status_code == 405


# Settings ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"BOUNCE_SECRET": "short"},
        {"BOUNCE_SECRET": "å" * 40},
        {"BOUNCE_IMAP_SERVER": "imap.example"},
        {"BOUNCE_IMAP_USER": "somebody"},
        {"BOUNCE_IMAP_FOLDER": "Åter"},
        {"BOUNCE_IMAP_FOLDER": "IN\r\nBOX"},
        {"BOUNCE_IMAP_PORT": "70000"},
        {"BOUNCE_LIMIT": "0"},
    ],
)
def test_half_a_setting_is_refused_at_the_start(tmp_path: Path, settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings)).partition("_FOLDER")[0]):
        read({"INSTANCE": str(tmp_path), **settings})
