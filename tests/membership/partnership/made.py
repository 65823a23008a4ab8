"""What tests of a partnership's dates start from: Umeå and Bogotá, somebody of Umeå, and dates of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from app.accounts.models import Person
from app.audit.service import Actor
from app.database import transaction
from app.membership.models import Partnership
from app.membership.partnership import dates
from app.membership.partnership.dates import Values
from app.organisations.models import Organisation
from tests import factories
from tests.factories import NOW

KARIN = Actor("person:0", "Karin")
VISIT = Values(
    kind="visit",
    titles={"sv": "Besök i Bogotá", "en": "Visit to Bogotá"},
    zone="America/Bogota",
    starts_on=date(2025, 9, 1),
    ends_on=date(2025, 9, 3),
    starts=time(9),
    ends=time(16),
    place="Bogotá",
)
MEETING = Values(
    "meeting", {"en": "Steering group"}, "Europe/Stockholm", date(2025, 5, 6), date(2025, 5, 6), time(15), time(16), public=False
)
REPORT = Values("report", {"en": "First report"}, "Europe/Stockholm", date(2025, 6, 30), date(2025, 6, 30))
MILESTONE = Values("milestone", {"en": "Plan agreed"}, "Europe/Stockholm", date(2028, 3, 27), date(2028, 3, 27), time(10), time(11))


@dataclass
class Pair:
    """A partnership in urban planning; Malin, who reads English, is of Umeå."""

    row: Partnership
    slug: str
    umea: Organisation
    bogota: Organisation
    malin: Person

    @property
    def url(self) -> str:
        """Its public calendar."""
        return f"/feeds/partnership/{self.slug}.ics?lang=en"


def opened() -> Pair:
    """The two, without a date."""
    umea, bogota = factories.organisation("SE"), factories.organisation("CO")
    network = factories.network(umea, bogota)
    row = Partnership(slug="umea-bogota", network_id=network.id, left_id=bogota.id, right_id=umea.id, area="urban_planning")
    row.phase, row.starts_on = "preparation", date(2025, 1, 1)
    with transaction() as session:
        session.add(row)
    return Pair(row, row.slug, umea, bogota, factories.person(umea, lang="en"))


def write(pair: Pair, values: Values, number: int | None = None, now: datetime = NOW) -> int:
    """A date, or other facts of one; its number."""
    return dates.write(pair.slug, number, values, by=KARIN, now=now).id
