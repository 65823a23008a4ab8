"""Search for staff: every workshop, drafts too, every organisation, and people by name, address or organisation."""

from __future__ import annotations

from app.accounts import queries as accounts
from app.accounts.staff import current_place
from app.clock import now
from app.folding import words as split
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.search import shown
from app.search.public import Kind, page, typed
from app.web import Door
from app.workshops.finding import heads, lines

door = Door(__name__, "/staff")


@door.get("/search")
def search() -> str:
    """What fits the words, each with a link to where staff go on with it."""
    text, instant = typed(), now()
    words = split(text)
    kinds = [
        Kind(
            "workshops",
            _("Workshops"),
            heads.count_found(tuple(words), public=False),
            lambda limit, offset: lines.of_search(
                heads.found(words, instant, public=False, limit=limit, offset=offset),
                instant,
                lambda one: shown.staff_workshop(one, instant),
                public=False,
            ),
        ),
        Kind(
            "people",
            _("People"),
            accounts.count_found(text),
            lambda limit, offset: [shown.person(one, current_place(one)) for one in accounts.found(text, limit=limit, offset=offset)],
        ),
        Kind(
            "organisations",
            _("Organisations"),
            organisations.count_found(words),
            lambda limit, offset: [shown.organisation(one) for one in organisations.found(words, limit=limit, offset=offset)],
        ),
    ]
    return page(kinds, asked=bool(words), staff=True)
