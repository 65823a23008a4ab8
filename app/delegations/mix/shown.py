"""The numbers of a delegation in words."""

from __future__ import annotations

from app.delegations.mix.rules import Counted, advice
from app.languages import gettext as _
from app.languages import ngettext


def counts(counted: Counted) -> list[str]:
    """'2 politicians', '1 official', …: what is known, a word each."""
    found = [
        ngettext("One politician", "%(num)s politicians", counted.politicians),
        ngettext("One official", "%(num)s officials", counted.officials),
    ]
    if counted.unsaid:
        found.append(ngettext("One of whom it is not said", "%(num)s of whom it is not said", counted.unsaid))
    if counted.majority is not None and counted.opposition is not None:
        found.append(_("Majority %(majority)s, opposition %(opposition)s", majority=counted.majority, opposition=counted.opposition))
    if counted.balance is not None:
        found.append(_("Women %(women)s, men %(men)s", women=counted.balance[0], men=counted.balance[1]))
    elif counted.people:
        found.append(_("Women and men: too few to show"))
    return found


def typed(counted: Counted) -> dict[str, str]:
    """Both numbers as the form shows them."""
    sides = {"majority": counted.majority, "opposition": counted.opposition}
    return {name: "" if number is None else str(number) for name, number in sides.items()}


def sentence(counted: Counted) -> str:
    """One friendly sentence of guidance; nothing depends on it."""
    known = {
        "nobody": _("The network suggests two elected representatives, of the majority and of the opposition, and one or two officials."),
        "politicians": _("Two elected representatives, of the majority and of the opposition, would make this delegation stronger."),
        "sides": _("Somebody of the other side would bring both views home."),
        "officials": _("An official would help to carry at home what the delegation brings back."),
        "balance": _("Perhaps women and men can be more even in number."),
        "fine": _("This is the mix that the network suggests. Thank you."),
    }
    return known[advice(counted)]
