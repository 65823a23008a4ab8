"""A network opens its call for interest for some days, and closes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.membership.network import rules
from app.membership.network.service import locked, topic
from app.organisations.models import Network, NetworkCall

WESTERNMOST = timedelta(hours=12)  # behind UTC: where a day ends last
DAY = timedelta(days=1)


def open_call(slug: str, opens_on: date, closes_on: date, *, by: Actor, now: datetime) -> NetworkCall:
    """A call from a day to a day, both included. Raises Refused if another one has any of them, Missing."""

    def work() -> NetworkCall:
        with transaction():
            row = locked(slug)
            others = [(call.opens_on, call.closes_on) for call in row.calls]
            found = rules.call_problems((opens_on, closes_on), others, now.date(), row.ends_on)
            if len(others) >= rules.MOST_CALLS:
                found["opens_on"] = "many"
            if found:
                raise Refused(problems={name: _words(code) for name, code in found.items()})
            call = NetworkCall(opens_on=opens_on, closes_on=closes_on)
            row.calls.append(call)
            db.session.flush()
            _note("network.call_opened", row, call, by=by, now=now)
            return call

    return retrying(work)


def close(slug: str, number: int, *, by: Actor, now: datetime) -> NetworkCall | None:
    """Ends it at once on every clock, one that opened today when the day is over; one still to come is taken back, and none is left.
    Raises Refused for one that is over, Missing."""

    def work() -> NetworkCall | None:
        with transaction():
            row = locked(slug)
            call = next((one for one in row.calls if one.id == number), None)
            if call is None:
                raise Missing
            yesterday = (now - WESTERNMOST).date() - DAY
            if call.closes_on <= yesterday:
                raise Refused(_("That call is over already."))
            if call.opens_on > now.date():
                _note("network.call_taken_back", row, call, by=by, now=now)
                row.calls.remove(call)
                return None
            call.closes_on = min(call.closes_on, max(call.opens_on, yesterday))
            db.session.flush()
            _note("network.call_closed", row, call, by=by, now=now)
            return call

    return retrying(work)


def _words(code: str) -> str:
    return {
        "backwards": _("The last day lies before the first"),
        "past": _("The last day has passed already"),
        "long": _("A call is open for at most a year"),
        "after_end": _("The network ends before that. Choose an earlier last day, or give the network a longer period."),
        "overlaps": _("Another call has some of these days. Close that one first, or choose other days."),
        "many": _("There are %(max)s calls already", max=rules.MOST_CALLS),
    }[code]


def _note(action: str, row: Network, call: NetworkCall, *, by: Actor, now: datetime) -> None:
    record(action, topic(row), by=by, now=now, first=call.opens_on.isoformat(), last=call.closes_on.isoformat())
