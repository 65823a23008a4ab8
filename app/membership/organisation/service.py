"""Staff found an organisation, or write other facts of one; where it is shown, that is shown at once."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Refused
from app.folding import fold
from app.languages import LANGUAGES, country, zones_of
from app.languages import gettext as _
from app.membership.organisation import rules
from app.organisations import service as organisations
from app.organisations.models import Organisation, OrganisationName
from app.organisations.service import Values
from app.rows import held


def found(values: Values, *, by: Actor, now: datetime) -> Organisation:
    """A new one. Raises Refused."""

    def work() -> Organisation:
        with transaction():
            return organisations.found(checked(values, None), by=by, now=now)

    return retrying(work)


def save(slug: str, values: Values, seen: str, *, by: Actor, now: datetime) -> Organisation:
    """Writes what has changed; nothing changed is nothing done. Raises Conflict if it is not as it was `seen`, Refused, Missing."""

    def work() -> Organisation:
        with transaction():
            row = held(select(Organisation).where(Organisation.slug == slug))
            before = values_of(row)
            if sight(before) != seen:
                raise Conflict
            if checked(values, row.id) != before:
                organisations.write(row, values)
                db.session.flush()
                record("organisation.changed", f"organisation:{row.id}", by=by, now=now, name=row.name)
                announce("network_changed", now=now)
            return row

    return retrying(work)


def checked(values: Values, own: int | None) -> Values:
    """The same values. Raises Refused for what cannot be, and for a name that another one of that country has."""
    wrong = rules.problems(
        names=values.names,
        languages=LANGUAGES,
        kind=values.kind,
        zones=zones_of(values.country),
        zone=values.zone,
        place=values.place,
        point=(values.latitude, values.longitude),
    )
    words = {
        "name": _("Enter its name in at most %(max)s characters", max=rules.LONGEST_NAME),
        "list": _("Choose from the list"),
        "country": _("Choose a country from the list"),
        "elsewhere": _("That clock is not one of %(country)s", country=country(values.country)),
        "place": _("Enter the town in at most %(max)s characters", max=rules.LONGEST_PLACE),
        "latitude": _("Enter degrees from -90 to 90, such as 14.7409"),
        "longitude": _("Enter degrees from -180 to 180, such as -91.1595"),
    }
    found_ = {name: words[code] for name, code in wrong.items()}
    if not wrong:
        found_ = {f"name_{lang}": _("Another organisation of this country is called so already") for lang in _taken(values, own)}
    if found_:
        raise Refused(problems=found_)
    return values


def _taken(values: Values, own: int | None) -> list[str]:
    """The languages in which another one of the country has this name."""
    same = select(OrganisationName.lang, OrganisationName.folded, OrganisationName.organisation_id)
    same = same.join(Organisation, Organisation.id == OrganisationName.organisation_id).where(Organisation.country == values.country)
    folded = {lang: fold(name) for lang, name in values.names.items()}
    rows = db.session.execute(same.where(OrganisationName.folded.in_(set(folded.values())))).all()
    return sorted({lang for lang, name, number in rows if number != own and folded.get(lang) == name})


def values_of(row: Organisation) -> Values:
    """One as plain values."""
    names = {lang: row.names[lang].name if lang in row.names else "" for lang in LANGUAGES}
    return Values(row.kind, row.country, row.place, row.latitude, row.longitude, row.zone, names)


def sight(values: Values) -> str:
    """What tells these values from others, short enough to travel along with a form."""
    facts = (values.kind, values.country, values.place, values.latitude, values.longitude, values.zone, sorted(values.names.items()))
    return sha256(repr(facts).encode()).hexdigest()[:20]
