"""The rows that every mail is written from, always the same: one reader, four workshops, a place in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.accounts.models import Person
from app.crypto import encrypt
from app.database import db, transaction
from app.organisations.models import Organisation
from app.registrations.models import Registration
from app.workshops.models import Workshop, WorkshopDay
from tests import factories
from tests.factories import NOW

TITLES = {
    "sv": "Klimat & bostäder: «från plan till gata»",
    "es": "Clima y vivienda: del plan a la calle",
    "en": "Climate and housing: from plan to street",
}
ZONES = {"sv": "Europe/Stockholm", "es": "America/Guatemala", "en": "Europe/Stockholm"}
HELD = datetime(2025, 3, 5, 12, 0, tzinfo=UTC)
BOGOTA = "America/Bogota"


@dataclass(frozen=True)
class Stage:
    """What a mail in one language is written from; `seats` by workshop: one, several, odd, online."""

    lang: str
    reader: Person
    home: Organisation
    seats: dict[str, Registration]

    def seat(self, workshop: str = "one", **changes: object) -> Registration:
        """The reader's place, changed in memory only: `expire_all` takes it back."""
        row = self.seats[workshop]
        for name, value in changes.items():
            of = row.workshop if name.startswith("workshop_") else row.person if name.startswith("person_") else row
            setattr(of, name.removeprefix("workshop_").removeprefix("person_"), value)
        return row


def stage(lang: str) -> Stage:
    """The rows of one language."""
    home = factories.organisation("SE", names={"sv": "Borås stad", "es": "Municipio de Borås", "en": "Borås City"})
    network = factories.network(home)
    reader = factories.person(home, lang=lang, zone=ZONES[lang], name="Åsa Öberg", address="asa.oberg@boras.example")
    workshops = {
        "one": _workshop(network, "one", date(2025, 6, 3)),
        "several": _workshop(network, "several", date(2025, 6, 3), date(2025, 6, 4), venue="Centro cívico"),
        "odd": _workshop(network, "odd", date(2025, 6, 30), date(2025, 7, 1)),
        "online": _workshop(
            network,
            "online",
            date(2025, 6, 3),
            starts=time(20),
            ends=time(22),
            format="online",
            venue="",
            place="",
            join_url="https://video.example/room",
        ),
    }
    with transaction():
        _ends(workshops["odd"].days[1], time(12))
    return Stage(lang, reader, home, {name: _seat(row, reader, home, number) for number, (name, row) in enumerate(workshops.items(), 1)})


def _workshop(network: object, name: str, *days: date, **values: object) -> Workshop:
    row = factories.workshop(network, *days, slug=f"climate-{name}", uid=f"{name}@workshops.example", **values)  # type: ignore[arg-type]
    with transaction():
        for lang, title in TITLES.items():
            row.texts[lang].title = title
    return row


def _ends(day: WorkshopDay, ends: time) -> None:
    day.ends, day.ends_at = ends, datetime.combine(day.on, ends, ZoneInfo(BOGOTA))


def _seat(workshop: Workshop, reader: Person, home: Organisation, number: int) -> Registration:
    token = f"own-link-{number}"
    row = Registration(
        workshop=workshop, person=reader, organisation=home, state="confirmed", holds_seat=True, lang=reader.lang,
        check_in_code=f"K7M2P{number}",
        manage_hash=token, manage_token=encrypt(token.encode()), created_at=NOW, queued_at=NOW, confirmed_at=NOW, changed_at=NOW,
    )  # fmt: skip
    with transaction():
        db.session.add(row)
    return row
