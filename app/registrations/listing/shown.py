"""What the staff's list calls things: tabs, states, roles, and the acts on many."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.languages import gettext as _
from app.languages import ngettext, pgettext
from app.registrations.listing.bulk import FITS, Done


def tabs() -> dict[str, str]:
    """The states as tabs."""
    return {
        "all": _("All"),
        "requested": _("Requests"),
        "confirmed": _("Confirmed"),
        "waitlisted": _("Waiting list"),
        "offered": _("Offered"),
        "unconfirmed": _("Address not confirmed"),
        "declined": _("Declined"),
        "cancelled": pgettext("registration", "Cancelled"),
    }


def states() -> dict[str, str]:
    """The states as they are said of one person."""
    return tabs() | {"requested": _("Request sent"), "declined": _("Request declined"), "offered": _("Has an offer of a seat")}


def kinds() -> dict[str, str]:
    """What somebody is."""
    return {"official": _("Official"), "politician": _("Politician"), "unsaid": _("Not said")}


@dataclass(frozen=True)
class ActWords:
    """An act on many: its button in the list, what it does, and the button that does it."""

    button: str
    does: str
    sure: str
    grave: bool = False
    reason: bool = False


def acts() -> dict[str, ActWords]:
    """The acts on those chosen."""
    approved = _(
        "Those approved get seats in the order in which they asked; when no seat is left they go on the waiting list. Each gets a mail."
    )
    return {
        "approve": ActWords(_("Approve the chosen requests"), approved, _("Approve and tell")),
        "promote": ActWords(
            _("Give a seat now"),
            _("Each gets a seat out of turn, and a mail with the calendar entry. Seats that lack are added to the workshop."),
            _("Give seats and tell"),
        ),
        "decline": ActWords(
            _("Decline the chosen requests …"),
            _("Each reads the reason in their own language, in a mail and on the page of the request."),
            _("Decline and tell"),
            grave=True,
            reason=True,
        ),
        "cancel": ActWords(
            _("Take off …"),
            _("Each gets a mail with the reason. Seats that become free go to those who wait."),
            _("Take off and tell"),
            grave=True,
            reason=True,
        ),
    }


def fitting(workshop_state: str, *, over: bool, states: AbstractSet[str]) -> dict[str, ActWords]:
    """The acts that have somebody to act on among these states, at a workshop in this state."""
    if over or workshop_state == "cancelled":
        return {}
    open_ones = acts() if workshop_state == "published" else {code: words for code, words in acts().items() if words.reason}
    return {code: words for code, words in open_ones.items() if states & set(FITS[code])}


def done(act: str, what: Done) -> str:
    """What is said once it is done."""
    if act == "approve":
        seated, words = what.number - what.waiting, []
        if seated:
            words.append(ngettext("One person has a seat.", "%(num)s people have a seat.", seated))
        if what.waiting:
            words.append(ngettext("One person is on the waiting list.", "%(num)s people are on the waiting list.", what.waiting))
        return " ".join(words)
    if act == "decline":
        return ngettext("One request is declined.", "%(num)s requests are declined.", what.number)
    if act == "promote":
        return ngettext("One person has a seat and gets a mail.", "%(num)s people have a seat and get a mail.", what.number)
    return ngettext("One person is no longer registered.", "%(num)s people are no longer registered.", what.number)
