"""An expression of interest in words, in the language in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.languages import country, current, language, listed, moment, ngettext, pgettext
from app.languages import gettext as _
from app.membership.interest.models import Interest, InterestMessage
from app.membership.interest.rules import STATES, Colleague, Offered, Values
from app.membership.shown import side_name, when, where
from app.membership.told import area_name
from app.web.differences import Difference
from app.workshops.models import Workshop
from app.workshops.showing.shown import Tag


@dataclass(frozen=True)
class Line:
    """One thing that it says: a heading and words, perhaps in the applicant's language."""

    label: str
    words: str
    lang: str | None = None


@dataclass(frozen=True)
class Changed(Difference):
    """One thing that it said otherwise when staff asked for more; perhaps in the applicant's language."""

    lang: str | None = None


@dataclass(frozen=True)
class Said:
    """One message: who, when, words, on which side."""

    author: str
    when: str
    words: str
    lang: str | None
    side: str


def state_name(code: str) -> str:
    """'Sent'."""
    return {
        "draft": pgettext("expression of interest", "Draft"),
        "sent": pgettext("expression of interest", "Sent"),
        "asked": pgettext("expression of interest", "More asked"),
        "accepted": pgettext("expression of interest", "Accepted"),
        "declined": pgettext("expression of interest", "Declined"),
        "withdrawn": pgettext("expression of interest", "Withdrawn"),
    }.get(code, code)


def states() -> list[tuple[str, str]]:
    """(code, name) in the order in which they come."""
    return [(code, state_name(code)) for code in STATES]


def tag_of(state: str) -> Tag:
    """The state as a tag."""
    kind, sign = {
        "draft": ("outline", "circle"),
        "sent": ("quiet", "clock"),
        "asked": ("asks", "alert"),
        "accepted": ("quiet", "check"),
        "declined": ("outline", "x"),
        "withdrawn": ("outline", "x"),
    }[state]
    return Tag(kind, sign, state_name(state))


@dataclass(frozen=True)
class Standing:
    """One of somebody's, for My page."""

    slug: str
    organisation: str
    network: str
    tag: Tag


def standing(row: Interest, person_id: int) -> Standing:
    """Where it stands; who only asks to join it sees no state."""
    asks = any(one.person_id == person_id and one.agreed_at is None for one in row.people)
    tag = Tag("outline", "clock", _("You have asked to join it")) if asks else tag_of(row.state)
    return Standing(row.network.slug, row.called, row.network.name, tag)


def meaning(row: Interest) -> str:
    """What the state means for those behind it, as a sentence."""
    return {
        "draft": _("Nobody but you and those who have joined you can read it yet. Send it when it is complete."),
        "sent": _("We have it and read it. You hear from us here and by mail; you can write to us below at any time."),
        "asked": _("We would like to know more. Change what you have written, and send your answer."),
        "accepted": _("Welcome to the network. Register for the workshops on My page; your colleagues have been invited."),
        "declined": _("We could not accept it this time. The reason stands below."),
        "withdrawn": _("You have withdrawn it. It is kept, and you can take it up again."),
    }[row.state]


def choice(workshop: Workshop, offered: Offered) -> str:
    """'Sweden: Borås, 3–6 June 2026'."""
    return _("%(side)s: %(place)s, %(dates)s", side=side_name(offered.half), place=where(workshop), dates=when(workshop))


def lines_of(row: Interest, values: Values, workshops: Sequence[tuple[Workshop, Offered]]) -> list[Line]:
    """All that it says, for reading."""
    return [line for line in _lines(row, values, workshops, row.wished.name if row.wished else "") if line.words]


def changes(row: Interest, before: Values, now: Values, workshops: Sequence[tuple[Workshop, Offered]], wished: str) -> list[Changed]:
    """What it said before and says now, where that is another; `wished` is the partner's name before."""
    before, now = (replace(one, themes=tuple(sorted(one.themes)), languages=tuple(sorted(one.languages))) for one in (before, now))
    old, new = _lines(row, before, workshops, wished), _lines(row, now, workshops, row.wished.name if row.wished else "")
    found = [Changed(one.label, one.words, other.words, one.lang or other.lang) for one, other in zip(old, new, strict=True)]
    named = ["\n".join(_colleague(one) for one in values.colleagues) for values in (before, now)]
    return [one for one in [*found, Changed(_("Colleagues"), *named)] if one.theirs != one.mine]


def _colleague(one: Colleague) -> str:
    role = _("Politician") if one.comes_as == "politician" else _("Official")
    return f"{one.name}, {one.address}, {role}"


def _lines(row: Interest, values: Values, workshops: Sequence[tuple[Workshop, Offered]], wished: str) -> list[Line]:
    theirs = row.lang if row.lang != current() else None
    named = {offered.id: choice(workshop, offered) for workshop, offered in workshops}
    people = [
        ngettext("%(num)s politician", "%(num)s politicians", values.politicians) if values.politicians is not None else "",
        ngettext("%(num)s official", "%(num)s officials", values.officials) if values.officials is not None else "",
    ]
    partner = [wished, values.partner]
    return [
        Line(_("The equality challenge"), values.challenge, theirs),
        Line(_("Themes"), listed([area_name(code) for code in values.themes])),
        Line(_("Who would take part"), ", ".join(word for word in people if word)),
        Line(_("Political support"), values.support, theirs),
        Line(_("Languages"), listed([language(code) for code in values.languages])),
        Line(_("Workshops"), "\n".join(named.get(number, _("A workshop that is gone")) for number in values.workshops)),
        Line(_("Why not one on each side"), values.why, theirs),
        Line(_("Wished partner"), ", ".join(word for word in partner if word), theirs if values.partner else None),
    ]


def messages(rows: Sequence[InterestMessage], zone: str, *, notes: bool) -> list[Said]:
    """What was said, the oldest first; notes apart."""
    wanted = [row for row in rows if (row.side == "note") == notes]
    return [Said(row.author, moment(row.at, zone), row.words, row.lang if row.lang != current() else None, row.side) for row in wanted]


def since(row: Interest, now: datetime) -> str:
    """'12 days', of what was sent, else begun."""
    days = (now - (row.sent_at or row.created_at)).days
    if not days:
        return _("less than a day")
    return ngettext("%(num)s day", "%(num)s days", days)


def where_from(row: Interest) -> str:
    """'Panajachel, Guatemala'."""
    place = row.organisation.place if row.organisation else row.place
    return f"{place}, {country(row.organisation.country if row.organisation else row.country)}"


def differences(theirs: dict[str, object], mine: dict[str, object], labels: dict[str, str]) -> list[Difference]:
    """What two people typed otherwise, field by field."""
    return [
        Difference(labels[name], _plain(theirs.get(name)), _plain(mine.get(name)))
        for name in labels
        if _plain(theirs.get(name)) != _plain(mine.get(name))
    ]


def _plain(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value or "")
