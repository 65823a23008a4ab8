"""What a reminder says in each language, and where it says something else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from app.crypto import decrypt
from app.database import db, transaction
from app.registrations.models import Registration
from app.registrations.queries import get
from app.reminders import mails
from tests import factories
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("lite")
WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)


def registration_of(address: str) -> Registration:
    return get(db.session.scalars(select(Registration.id).join(Registration.person).filter_by(address=address)).one())


def text_at(now: datetime, address: str = "a.swede@umea.example") -> str:
    return mails.reminder([registration_of(address)], now=now).content.text


@pytest.mark.parametrize(("lang", "date_words"), [("sv", "3 juni 2025"), ("es", "3 de junio de 2025"), ("en", "3 June 2025")])
def test_each_language_says_what_and_when_in_the_subject(lang: str, date_words: str) -> None:
    made.world()
    registration = registration_of("a.swede@umea.example")
    with transaction():
        registration.lang = lang
    mail = mails.reminder([registration_of("a.swede@umea.example")], now=WEEK_AHEAD)
    assert f"({lang})" in mail.content.subject
    assert date_words in mail.content.subject
    assert f'lang="{lang}"' in mail.content.html
    assert "http://127.0.0.1:5000/r/" in mail.content.html


def test_it_counts_the_days_on_the_readers_calendar() -> None:
    umea, bogota = factories.organisation("SE"), factories.organisation("CO")
    workshop = factories.workshop(factories.network(umea, bogota), date(2025, 9, 18), country="SE")
    made.seat(workshop, factories.person(bogota, address="b.colombian@bogota.example", lang="en"))
    evening = made.at("America/Bogota", 2025, 9, 18, 1)
    lines = [text_at(evening - timedelta(days=days), "b.colombian@bogota.example").splitlines() for days in (7, 3, 2, 1, 0)]
    heads = [line.split(":")[0] for text in lines for line in text if workshop.texts["en"].title in line and ":" in line]
    assert heads == ["In one week", "In 3 days", "In 2 days", "Tomorrow", "Today"]


def test_the_evening_before_the_day_before_is_not_called_tomorrow() -> None:
    umea, bogota = factories.organisation("SE"), factories.organisation("CO")
    workshop = factories.workshop(factories.network(umea, bogota), date(2025, 9, 18), country="SE")
    made.seat(workshop, factories.person(bogota, address="b.colombian@bogota.example", lang="en"))
    text = text_at(made.at("America/Bogota", 2025, 9, 16, 20), "b.colombian@bogota.example")
    assert "In 2 days: " in text
    assert "Tomorrow" not in text


def test_days_with_other_hours_stand_on_lines_of_their_own() -> None:
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea), date(2025, 6, 3), date(2025, 6, 4))
    with transaction():
        workshop.days[1].ends = time(12)
        workshop.days[1].ends_at = made.at("America/Bogota", 2025, 6, 4, 12)
    made.seat(workshop, factories.person(umea, address="a.swede@umea.example", lang="en"))
    text = text_at(WEEK_AHEAD)
    assert "Tuesday 3 June: 09:00–16:00 in Bogotá · 16:00–23:00 in Stockholm" in text
    assert "Wednesday 4 June: 09:00–12:00 in Bogotá · 16:00–19:00 in Stockholm" in text


def test_who_waits_reads_no_word_of_a_seat() -> None:
    made.world()
    with transaction():
        registration = registration_of("a.swede@umea.example")
        registration.lang, registration.state, registration.holds_seat = "en", "waitlisted", False
    text = text_at(WEEK_AHEAD)
    assert "You are still on the waiting list." in text
    assert "check-in code" not in text


def test_afterwards_it_thanks_and_asks_for_nothing() -> None:
    made.world()
    with transaction():
        registration_of("a.swede@umea.example").lang = "en"
    after = made.at("America/Bogota", 2025, 6, 4, 10)
    text = text_at(after)
    assert "Thank you for coming." in text
    token = decrypt(registration_of("a.swede@umea.example").manage_token).decode()
    assert f"Tell us how it was: http://127.0.0.1:5000/r/{token}/feedback" in text
    assert "If you cannot come" not in text
    assert mails.reminder([registration_of("a.swede@umea.example")], now=after).content.subject.startswith("Thank you for coming")


def test_the_link_to_join_is_the_button_of_an_online_workshop() -> None:
    workshop, *_people = made.world()
    with transaction():
        workshop.format, workshop.join_url = "online", "https://video.example/room"
    assert "https://video.example/room" in text_at(WEEK_AHEAD)
