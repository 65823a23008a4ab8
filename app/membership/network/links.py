"""The documents of a network: links to somewhere else, with a title in each language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.membership.network.rules import LONGEST_TITLE, LONGEST_URL, MOST_LINKS
from app.membership.network.service import locked, topic
from app.organisations.models import NetworkLink
from app.workshops.rules import is_https


def add(slug: str, titles: Mapping[str, str], url: str, *, by: Actor, now: datetime) -> NetworkLink:
    """A document somewhere else; a title in one language will do. Raises Refused, Missing."""

    def work() -> NetworkLink:
        with transaction():
            row = locked(slug)
            kept = {lang: titles[lang] for lang in LANGUAGES if titles.get(lang)}
            wrong = {
                f"title_{lang}": _("The title must be %(max)s characters or fewer", max=LONGEST_TITLE)
                for lang, title in kept.items()
                if len(title) > LONGEST_TITLE
            }
            if not kept:
                wrong["title_sv"] = _("Enter a title in at least one language")
            if not is_https(url) or len(url) > LONGEST_URL:
                wrong["url"] = _("The link must be a whole address that begins with https://")
            elif len(row.links) >= MOST_LINKS:
                wrong["url"] = _("There are %(max)s documents already", max=MOST_LINKS)
            if wrong:
                raise Refused(problems=wrong)
            link = NetworkLink(titles=kept, url=url)
            row.links.append(link)
            db.session.flush()
            record("network.link_added", topic(row), by=by, now=now, title=title_of(link)[0])
            return link

    return retrying(work)


def remove(slug: str, number: int, *, by: Actor, now: datetime) -> None:
    """Takes a document away. Raises Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            link = next((one for one in row.links if one.id == number), None)
            if link is None:
                raise Missing
            record("network.link_removed", topic(row), by=by, now=now, title=title_of(link)[0])
            row.links.remove(link)

    retrying(work)


def title_of(link: NetworkLink, lang: str = "en") -> tuple[str, str]:
    """The title in a language, else in English, else in any; and the language that it is in."""
    found = next(code for code in (lang, "en", *LANGUAGES) if link.titles.get(code))
    return link.titles[found], found
