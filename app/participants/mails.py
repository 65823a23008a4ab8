"""A mail of the staff's own words to people of a workshop: rows in, finished messages out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from app import mailer
from app.accounts.models import Person
from app.accounts.stopping import stop_path
from app.mailer import Content
from app.outbox.service import Item, Mail
from app.registrations.coming.rules import by_day
from app.registrations.letters import manage_path
from app.registrations.models import Registration
from app.workshops.models import Workshop
from app.workshops.showing.markdown import to_html


@dataclass(frozen=True)
class Written:
    """What staff wrote, by language; a language without both is read in the original."""

    subjects: dict[str, str]
    texts: dict[str, str]
    original: str
    necessary: bool = False  # without it nobody could take part: it goes to those who turned such mails off, too

    def lang(self, wanted: str) -> str:
        """The language that a reader of `wanted` gets."""
        return wanted if self.subjects.get(wanted) and self.texts.get(wanted) else self.original


class Press:
    """Prints the same words for many: each language once, with a mark where the reader's own link stands, and another where the
    link to stop such mails does."""

    def __init__(self, written: Written) -> None:
        self._written, self._mark, self._stop = written, secrets.token_urlsafe(32), f"/{secrets.token_urlsafe(32)}"
        self._made: dict[str, Content] = {}

    @property
    def necessary(self) -> bool:
        return self._written.necessary

    def content(self, registration: Registration) -> Content:
        """The words for one reader."""
        if registration.lang not in self._made:
            self._made[registration.lang] = self._print(registration.workshop, registration.lang)
        made, own = self._made[registration.lang], manage_path(registration).removeprefix("/r/")
        return self._filled(made, self._mark, own, stop_path(registration.person_id, "bulletins"))

    def _filled(self, made: Content, mark: str, own: str, stop: str) -> Content:
        text, html = (words.replace(mark, own).replace(self._stop, stop) for words in (made.text, made.html))
        return Content(made.subject, text, html)

    def sample(self, workshop: Workshop, lang: str) -> Content:
        """The words in a language, with a link that leads to the workshop instead of to anybody's registration."""
        made = self._print(workshop, lang)
        path = mailer.link(f"/{lang}/workshops/{workshop.slug}/")
        return self._filled(made, mailer.link(f"/r/{self._mark}"), path, f"/{lang}/me/mails/")

    def words(self, lang: str) -> Markup:
        """What staff wrote for readers of a language, as their mail shows it."""
        return to_html(self._written.texts[self._written.lang(lang)])

    def _print(self, workshop: Workshop, lang: str) -> Content:
        said = self._written.lang(lang)
        return mailer.render(
            "bulletin",
            lang,
            words_subject=self._written.subjects[said],
            words=self._written.texts[said],
            words_html=to_html(self._written.texts[said]),
            words_lang=said,
            workshop=workshop,
            first=workshop.days[0].on if workshop.days else None,
            last=workshop.days[-1].on if workshop.days else None,
            manage_url=mailer.link(f"/r/{self._mark}"),
            page_url=mailer.link(f"/{lang}/workshops/{workshop.slug}/"),
            stop_url="" if self._written.necessary else mailer.link(self._stop),
        )


def bulletin(number: int, registration: Registration, press: Press, now: datetime) -> Mail:
    """One reader's mail: by day on their clock, and only once for each bulletin. One that is not necessary can be stopped by a click."""
    person = registration.person
    return Mail(
        kind="notice" if press.necessary else "bulletin",
        unsubscribe=None if press.necessary else mailer.link(stop_path(person.id, "bulletins")),
        person_id=person.id,
        lang=registration.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=press.content(registration),
        items=[Item(f"bulletin:{number}:{registration.id}", f"registration:{registration.id}", f"workshop:{registration.workshop_id}")],
        due_at=by_day(now, person.zone),
        rank_at=registration.workshop.starts_at,
        zone=person.zone,
    )


def sample(workshop: Workshop, reader: Person, press: Press, lang: str) -> Mail:
    """The same to the member of staff who writes it, at once."""
    return Mail(
        kind="bulletin",
        person_id=reader.id,
        lang=lang,
        recipient=reader.address,
        recipient_name=reader.name,
        content=press.sample(workshop, lang),
        items=[Item(f"bulletin-sample:{secrets.token_hex(8)}", f"person:{reader.id}")],
    )
