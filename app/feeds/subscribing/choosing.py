"""What can be picked, and what an address says was picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import Missing
from app.feeds import service
from app.feeds.rules import LEVELS, PARTNERSHIP, PLACES
from app.languages import LANGUAGES, current
from app.languages import gettext as _
from app.membership.models import Partnership
from app.membership.told import area_name, pair_name
from app.organisations.models import Network


@dataclass(frozen=True)
class Choice:
    """A calendar by its name in addresses, in a language, with so much detail."""

    name: str
    lang: str
    level: str

    @property
    def path(self) -> str:
        """Where it stands."""
        return f"/feeds/{self.name}.ics?lang={self.lang}" + (f"&show={self.level}" if self.level != "days" else "")


@dataclass(frozen=True)
class Level:
    """How much of a workshop makes an entry, with an example."""

    code: str
    label: str
    example: str


def choice(args: Mapping[str, str], networks: Sequence[Network], partnerships: Sequence[Partnership] = ()) -> Choice:
    """What the words of the query pick; all workshops in the page's language, a day an entry, where they are silent.

    Raises Missing for what does not exist: another calendar in its place would be subscribed to unseen.
    """
    names = [*PLACES, *(_name(network) for network in networks), *(f"{PARTNERSHIP}{one.slug}" for one in partnerships)]
    found = Choice(args.get("calendar") or "all", args.get("language") or current(), args.get("show") or "days")
    if found.name not in names or found.lang not in LANGUAGES or found.level not in LEVELS:
        raise Missing
    return found


def calendars(networks: Sequence[Network], partnerships: Sequence[Partnership] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(name, title)]) of all public calendars; the one of everything stands first, under no heading."""
    pairs = [(f"{PARTNERSHIP}{one.slug}", f"{pair_name(one.right.place, one.left.place)}: {area_name(one.area)}") for one in partnerships]
    places = [(name, service.title(name, current())) for name in PLACES]
    groups = [("", places[:1]), (_("By place"), places[1:]), (_("By network"), [(_name(network), network.name) for network in networks])]
    groups.append((_("Partnerships"), pairs))
    return [(heading, rows) for heading, rows in groups if rows]


def levels() -> list[Level]:
    """What most people want first."""
    day = _("“Safe streets (day 2 of 3)”, Tuesday 09:00–16:00. You see when you are busy.")  # noqa: RUF001  an en dash between hours
    bar = _("“Safe streets”, Monday to Wednesday, all day. Good for planning the year.")
    session = _("“Opening”, Tuesday 09:00–09:30. An entry a session, for those who take part.")  # noqa: RUF001
    return [
        Level("days", _("One entry a day"), day),
        Level("overview", _("One bar for each workshop"), bar),
        Level("sessions", _("The whole programme"), session),
    ]


def _name(network: Network) -> str:
    return f"network/{network.slug}"
