"""The mails about what has become of a workshop."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue.offers import REQUEST, SEAT, WAITS
from app.wording.catalogue.parts import HEADING, SUBJECT, Editable, Sample, Text
from app.wording.catalogue.seats import SEE_WORKSHOP

TIME, PLACE, BOTH = _l("If the time is another"), _l("If the place is another"), _l("If time and place are others")
SAME, NEW = _l("If the date is the one it had"), _l("If the date is another")

CHANGE = Editable(
    "change",
    _l("Workshop moved"),
    _l("To everybody who is registered, waits or has asked, five minutes after the last change."),
    (
        Text("subject", _l("Subject, if the time is another"), _l("New time: %(title)s, %(when)s")),
        Text("heading", TIME, _l("The workshop has a new time")),
        Text("heading_both", BOTH, _l("The workshop has a new time and place")),
        Text("before", _l("When it was"), _l("It was: %(old)s.")),
        Text("subject_place", _l("Subject, if the place is another"), _l("New place: %(title)s, %(when)s")),
        Text("heading_place", PLACE, _l("The workshop has a new place")),
        Text("place", PLACE, _l("Above you see when and where it is now.")),
    ),
    (
        Sample(TIME, "subject", "heading", ("before", "standing.seat", "standing.entry"), method="REQUEST"),
        Sample(BOTH, "subject", "heading_both", ("before", "standing.seat", "standing.entry"), method="REQUEST"),
        Sample(PLACE, "subject_place", "heading_place", ("place", "standing.seat", "standing.entry"), method="REQUEST"),
    ),
)
CANCELLED = Editable(
    "workshop_cancelled",
    _l("Workshop cancelled"),
    _l("To everybody who is registered, waits or has asked. The reason that staff gave stands in it too."),
    (
        Text("subject", SUBJECT, _l("Cancelled: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("The workshop is cancelled")),
        Text("seat", SEAT, _l("We are sorry. The entry in your calendar is withdrawn.")),
        Text("waits", WAITS, _l("We are sorry. The waiting list is closed too.")),
        Text("request", REQUEST, _l("We are sorry. No decision will now be made on your request.")),
    ),
    (
        Sample(SEAT, "subject", "heading", ("seat",), SEE_WORKSHOP, "CANCEL"),
        Sample(WAITS, "subject", "heading", ("waits",), SEE_WORKSHOP),
        Sample(REQUEST, "subject", "heading", ("request",), SEE_WORKSHOP),
    ),
)
POSTPONED = Editable(
    "workshop_postponed",
    _l("Workshop postponed"),
    _l("To everybody who is registered, waits or has asked. The reason that staff gave stands in it too."),
    (
        Text("subject", SUBJECT, _l("Postponed: %(title)s")),
        Text("heading", HEADING, _l("The workshop is postponed")),
        Text("seat", SEAT, _l("There is no new date yet. Your place is kept, and we write as soon as there is one.")),
        Text("waits", WAITS, _l("There is no new date yet. You are still on the waiting list, and we write as soon as there is one.")),
        Text("request", REQUEST, _l("There is no new date yet. We still have your request, and we write as soon as there is one.")),
    ),
    (
        Sample(SEAT, "subject", "heading", ("seat",), SEE_WORKSHOP, "CANCEL"),
        Sample(WAITS, "subject", "heading", ("waits",), SEE_WORKSHOP),
        Sample(REQUEST, "subject", "heading", ("request",), SEE_WORKSHOP),
    ),
)
RESTORED = Editable(
    "workshop_restored",
    _l("Workshop takes place after all"),
    _l("To everybody who is registered, waits or has asked, when a workshop that was called off is taken up again."),
    (
        Text("subject", _l("Subject, if the date is the one it had"), _l("It takes place: %(title)s, %(when)s")),
        Text("heading", SAME, _l("The workshop takes place after all")),
        Text("same_date", SAME, _l("It takes place on the date it had.")),
        Text("subject_new", _l("Subject, if the date is another"), _l("New time: %(title)s, %(when)s")),
        Text("heading_new", NEW, _l("The workshop takes place, at a new time")),
    ),
    (
        Sample(SAME, "subject", "heading", ("same_date", "standing.seat", "standing.entry"), method="REQUEST"),
        Sample(NEW, "subject_new", "heading_new", ("change.before", "standing.seat", "standing.entry"), method="REQUEST"),
    ),
)
