"""What stands on a paper, as finished words for its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import segno
from flask import current_app

from app.attendance.rules import Slot
from app.attendance.shown import code_address, duration, organisation_of
from app.config import CONTROLS
from app.languages import country, current, day, language, month_short, sort_key, span, using, weekday_day
from app.languages import gettext as _
from app.mailer import link
from app.papers.models import Certificate
from app.papers.rules import written
from app.registrations.models import Registration
from app.workshops.models import Workshop

Data = dict[str, Any]


def certificates(workshop: Workshop, rows: Sequence[Certificate]) -> Data:
    """Certificates of one workshop, each in its person's language; the document's own language is that of the first, or the reader's."""
    lang = rows[0].registration.lang if len(rows) == 1 else current()
    with using(lang):
        title = _("Certificate of attendance") if len(rows) == 1 else _("Certificates of attendance")
        head = _head(workshop, title)
    return {**head, "people": [_certificate(workshop, row) for row in rows]}


def _certificate(workshop: Workshop, row: Certificate) -> Data:
    registration = row.registration
    with using(registration.lang):
        first, last = workshop.days[0].on, workshop.days[-1].on
        title, place = workshop.text, _place(workshop)
        dates = span(first, last)
        return {
            "lang": registration.lang,
            "network": f"ICLD · {workshop.network.name}",
            "heading": _("Certificate of attendance"),
            "says": _("This certifies that"),
            "name": _clean(registration.person.name),
            "from": _from(registration),
            "attended": _("attended the workshop"),
            "month": month_short(first),
            "day": str(first.day) if first == last or first.month != last.month else f"{first.day}–{last.day}",  # noqa: RUF001  an en dash
            "title": _clean(title.title),
            "title_lang": title.lang,
            "dates": f"{dates} · {place}" if place else dates,
            "hours": _("Attendance: %(hours)s", hours=duration(row.minutes)),
            "issued": _("Issued by ICLD on %(when)s", when=day(row.issued_at.astimezone(ZoneInfo(workshop.zone)).date())),
            "check": _("Anybody can check this certificate at"),
            "address": check_address(row.code, registration.lang),
            "code_word": _("Code"),
            "code": written(row.code),
            "square": _square(check_address(row.code, registration.lang)),
            "square_alt": _("QR code with the address at which this certificate can be checked"),
        }


def check_address(code: str, lang: str) -> str:
    """Where everybody can see whether the code counts."""
    return link(f"/{lang}/certificates/{code}")


def badges(workshop: Workshop, rows: Iterable[Registration], *, squares: bool) -> Data:
    """Name badges, by name; with the code for the door if wanted."""
    return {
        **_head(workshop, _("Name badges")),
        "workshop": _clean(workshop.text.title),
        "nobody": _("Nobody has a seat yet."),
        "people": [
            {
                "name": _clean(row.person.name),
                "from": _clean(organisation_of(row)),
                "country": country(row.organisation.country) if row.organisation else "",
                "language": _spoken(row.lang),
                "lang": row.lang,
                "square": _square(code_address(row)) if squares else "",
                "square_alt": _("QR code for the check-in: %(code)s", code=row.check_in_code) if squares else "",
            }
            for row in by_name(rows)
        ],
    }


def sheet(workshop: Workshop, slots: Sequence[Slot], rows: Iterable[Registration]) -> Data:
    """The sheet to sign: a table a day, a column for each half that the day has."""
    halves = {"morning": _("Signature, morning"), "afternoon": _("Signature, afternoon")}
    days = {slot.day_id: slot.on for slot in slots}
    return {
        **_head(workshop, _("Attendance sheet")),
        "heading": _("Attendance sheet"),
        "workshop": _clean(workshop.text.title),
        "place": _place(workshop),
        "number": _("No."),
        "name": _("Name"),
        "organisation": _("Organisation"),
        "days": [
            {"name": weekday_day(on), "halves": [halves[slot.half] for slot in slots if slot.day_id == number and slot.half]}
            for number, on in days.items()
        ],
        "people": [{"name": _clean(row.person.name), "from": _clean(organisation_of(row))} for row in by_name(rows)],
    }


def by_name(rows: Iterable[Registration]) -> list[Registration]:
    """In the alphabet of the language in force."""
    return sorted(rows, key=lambda row: (sort_key(row.person.name), row.id))


def _head(workshop: Workshop, title: str) -> Data:
    """What the document says of itself, and the workshop's language on it."""
    name = f"{title}: {_clean(workshop.text.title)}"
    author = current_app.config["CONFIG"].sender[0]
    return {"title": name, "author": author, "description": name, "lang": current(), "title_lang": workshop.text.lang}


def _place(workshop: Workshop) -> str:
    return _("Online") if workshop.format == "online" else _clean(workshop.place)


def _from(registration: Registration) -> str:
    nation = country(registration.organisation.country) if registration.organisation else ""
    return ", ".join(part for part in (_clean(organisation_of(registration)), nation) if part)


def _spoken(lang: str) -> str:
    """A language by its own name, for those who speak it."""
    with using(lang):
        return language(lang)


def _clean(words: str) -> str:
    """Signs that cannot be seen have no place on paper."""
    return CONTROLS.sub(" ", words)


def _square(address: str) -> str:
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=5, border=2, dark="#271c25", light="#ffffff", xmldecl=False)
    return out.getvalue().decode()
