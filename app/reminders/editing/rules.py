"""What a rule of reminders may say: bounds, and what could never be, on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.reminders.rules import Rule, Times, Whom, anchor_of, fits, schedule

# milestones have reminders of their own: partnership/
ANCHORS = ("start", "end", "opens", "closes", "letters", "offer_lapses", "instant")
OF_ANCHOR = {"offer_lapses": "offered", "letters": "letterless"}  # the one audience of an anchor, which no other has
UNITS = ("days", "hours", "minutes")
AUDIENCES = ("confirmed", "waitlisted", "offered", "letterless", "attended", "absent")
FORMS = ("all", "on_site", "online")
ONLY_BEFORE = {"offer_lapses": "before_lapse", "letters": "before_letters"}  # and why not after
LACKING = {"closes": "no_deadline", "letters": "no_letters", "opens": "no_opening"}  # what a workshop may have no instant of
MOST = {"days": 365, "hours": 168, "minutes": 600}
MOST_DAYS_AFTER = 14  # so long after its end a workshop is still looked at
LEAST_MINUTES = 15  # before the start: ten minutes before it nothing helps any more
FIRST_HOUR, LAST_HOUR = time(6), time(21)  # clocks are changed at night, and nobody is written to then


@dataclass(frozen=True)
class Values:
    """A rule as staff write it. `audience` is one word for state and attendance; minus in `offset` is before."""

    anchor: str
    offset: int = 0
    unit: str = "days"
    at_local: time | None = None
    instant: datetime | None = None
    zone_of: str = "workshop"
    audience: str = "confirmed"
    comes_as: str | None = None
    organisation_id: int | None = None
    applies_to: str = "all"
    enabled: bool = True

    @property
    def timing(self) -> Rule:
        """When it is due."""
        return Rule(self.anchor, self.offset, self.unit, self.at_local, self.zone_of, self.instant)

    @property
    def whom(self) -> Whom:
        """Whom it is for, as its row keeps it: an offer and letters for a visa have no audience of their own there."""
        kept = {"absent": "confirmed", "offered": "waitlisted", "letterless": "confirmed"}.get(self.audience, self.audience)
        return Whom(kept, self.audience == "absent", self.comes_as, self.organisation_id, self.audience == "letterless")


@dataclass(frozen=True)
class Meeting:
    """The one workshop that a rule is for: its times, its form, and how long an offered seat stands there (None: none is offered)."""

    times: Times
    format: str
    offer_hours: int | None


def problems(values: Values, meeting: Meeting | None, now: datetime) -> dict[str, str]:
    """What cannot be, as {field: code}; `meeting` is None for a network's rule. A rule that is switched off may lie in the past."""
    found = _timing(values, meeting, now) | _whom(values, meeting)
    if meeting is not None and not fits(values.applies_to, meeting.format):
        found["applies_to"] = "other_format"
    if not found and meeting is not None and values.enabled and values.anchor not in {"instant", "offer_lapses"}:
        due = schedule(values.timing, meeting.times, meeting.times.zone)
        if due is not None and due.at <= now:
            found["amount"] = "passed"
    return found


def _timing(values: Values, meeting: Meeting | None, now: datetime) -> dict[str, str]:
    if values.anchor == "instant":
        gone = values.instant is not None and values.instant <= now and values.enabled
        late = meeting is not None and values.instant is not None and values.instant > meeting.times.ends_at + _days(MOST_DAYS_AFTER)
        return {"instant_on": "gone" if gone else "too_late"} if gone or late else {}
    found = _amount(values) | _anchor(values, meeting)
    if values.at_local is not None and values.unit != "days":
        found["at_local"] = "hour_with_days"
    elif values.at_local is not None and not FIRST_HOUR <= values.at_local <= LAST_HOUR:
        found["at_local"] = "at_night"
    return found


def _amount(values: Values) -> dict[str, str]:
    offset, unit = values.offset, values.unit
    if abs(offset) > MOST[unit]:
        return {"amount": f"most_{unit}"}
    if offset > 0 and values.anchor in {"start", "end", "closes"} and _length(values) > _days(MOST_DAYS_AFTER):
        return {"amount": "after_all"}
    if (
        values.anchor in {"start", "closes", "letters"}
        and offset <= 0
        and unit != "days"
        and -_length(values) < timedelta(minutes=LEAST_MINUTES)
    ):
        return {"amount": "too_short"}
    if values.anchor in ONLY_BEFORE and offset >= 0:
        return {"direction": ONLY_BEFORE[values.anchor]}
    if values.anchor == "opens" and offset <= 0:
        return {"direction": "nobody_yet"}
    return {}


def _anchor(values: Values, meeting: Meeting | None) -> dict[str, str]:
    if meeting is None:
        return {}
    if values.anchor in LACKING and anchor_of(values.timing, meeting.times) is None:
        return {"anchor": LACKING[values.anchor]}
    if values.anchor == "offer_lapses" and meeting.offer_hours is None:
        return {"anchor": "no_offers"}
    if values.anchor == "offer_lapses" and -_length(values) >= timedelta(hours=meeting.offer_hours or 0):
        return {"amount": "longer_than_offer"}
    return {}


def _whom(values: Values, meeting: Meeting | None) -> dict[str, str]:
    """An audience that there is nobody of at that time."""
    if values.audience != OF_ANCHOR.get(values.anchor, values.audience):
        return {"audience": {"offer_lapses": "of_offer"}.get(values.anchor, "of_letters")}
    if values.audience in OF_ANCHOR.values() and values.anchor not in OF_ANCHOR:
        return {"audience": f"{values.audience}_alone"}
    after = _is_after(values, meeting)
    if values.audience in {"attended", "absent"} and not after:
        return {"audience": "before_the_end"}
    if values.audience == "waitlisted" and after and values.anchor != "instant":
        return {"audience": "nobody_waits"}
    return {}


def _is_after(values: Values, meeting: Meeting | None) -> bool:
    """Whether it comes when the workshop is over, as far as one can know."""
    if values.anchor == "instant":
        return meeting is None or values.instant is None or values.instant >= meeting.times.ends_at
    return values.anchor == "end" and values.offset >= 0


def _length(values: Values) -> timedelta:
    return timedelta(**{values.unit: values.offset})


def _days(number: int) -> timedelta:
    return timedelta(days=number)
