"""The mails about an offered seat, and the sentences that say how the reader stands."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue.parts import HEADING, SUBJECT, Editable, Sample, Text
from app.wording.catalogue.seats import LINE, REGISTER_AGAIN

ACCEPT, SAY = _l("Accept the seat or leave it"), _l("Say whether you can come")
FIRST, LAST = _l("If it is the first offer"), _l("If it is the last offer")
STAYS, OUT = _l("If the reader stays on the waiting list"), _l("If the reader leaves the waiting list")
SEAT, OFFER = _l("Who has a seat"), _l("Who is offered a seat")
REQUEST, WAITS = _l("Who has asked for a seat"), _l("Who is on the waiting list")
SEAT_ASKED, WAITS_ASKED = _l("Who has a seat and is asked"), _l("Who is on the waiting list and is asked")

OFFERED = Editable(
    "offer",
    _l("Offer of a seat"),
    _l("To the next in line, when a seat becomes free."),
    (
        Text("subject", SUBJECT, _l("A seat is offered to you: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("A seat is offered to you")),
        Text("first", FIRST, _l("A seat became free, and you are next in line.")),
        Text("last", LAST, _l("You did not answer the first offer. The seat is offered to you once more, for the last time.")),
        Text(
            "entry",
            _l("About the calendar entry"),
            _l("The calendar entry is tentative until you accept. Answering it in your calendar does not reach us: use the button."),
        ),
    ),
    (
        Sample(FIRST, "subject", "heading", ("first", "standing.held", "entry"), ACCEPT, "REQUEST"),
        Sample(LAST, "subject", "heading", ("last", "standing.held", "entry"), ACCEPT, "REQUEST"),
    ),
)
REMINDED = Editable(
    "offer_reminder",
    _l("Reminder of an offer"),
    _l("To whoever has not answered, before the offer ends."),
    (
        Text("subject", SUBJECT, _l("The offer ends soon: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("The seat is still held for you")),
    ),
    (Sample(_l("Reminder of an offer"), "subject", "heading", ("standing.held",), ACCEPT),),
)
LAPSED = Editable(
    "offer_lapsed",
    _l("End of an offer"),
    _l("To whoever did not answer in time."),
    (
        Text("subject", SUBJECT, _l("The offer has ended: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("The offer has ended")),
        Text(
            "stays",
            STAYS,
            _l("We did not hear from you in time, so the seat goes to the next in line. You are still on the waiting list, at its end."),
        ),
        Text("out", OUT, _l("The seat was offered to you twice without an answer, so you are no longer on the waiting list.")),
        Text("again", OUT, REGISTER_AGAIN),
    ),
    (
        Sample(STAYS, "subject", "heading", ("stays",), LINE, "CANCEL"),
        Sample(OUT, "subject", "heading", ("out", "again"), _l("See your registration"), "CANCEL"),
    ),
)
RECONFIRM = Editable(
    "reconfirm",
    _l("Question: can you still come?"),
    _l("To whoever has not said whether they come on the new date."),
    (
        Text("subject", SUBJECT, _l("Can you still come? %(title)s, %(when)s")),
        Text("heading", HEADING, _l("Can you still come?")),
        Text("words", _l("What has happened"), _l("The workshop has a new date, and we have not heard from you yet.")),
    ),
    (
        Sample(SEAT, "subject", "heading", ("words", "standing.seat_asked"), SAY),
        Sample(WAITS, "subject", "heading", ("words", "standing.waits_asked"), SAY),
    ),
)
STANDING = Editable(
    "standing",
    _l("Sentences about how the reader stands"),
    _l("They stand in mails about offers, moves, and workshops that are taken up again."),
    (
        Text("seat", SEAT, _l("Your seat is kept. If you cannot come now, please give it back.")),
        Text(
            "seat_asked",
            SEAT_ASKED,
            _l("Your seat is kept. Please say with the button whether you can come: yes, or no, and somebody else gets the seat."),
        ),
        Text("held", OFFER, _l("It is held for you until %(when)s. Without an answer it then goes to the next in line.")),
        Text("request", REQUEST, _l("We still have your request. If you cannot come now, please withdraw it.")),
        Text("waits", WAITS, _l("You are still on the waiting list. If you cannot come now, please leave it.")),
        Text(
            "waits_asked",
            WAITS_ASKED,
            _l("You are still on the waiting list. Please say with the button whether you could come: yes, or no, and you leave the list."),
        ),
        Text(
            "entry",
            _l("About the calendar entry"),
            _l("The entry in your calendar is renewed with this mail. Answering it there does not reach us: use the button."),
        ),
    ),
    (
        Sample(SEAT, "change.subject", "change.heading", ("change.before", "seat", "entry"), method="REQUEST"),
        Sample(SEAT_ASKED, "change.subject", "change.heading", ("change.before", "seat_asked", "entry"), SAY, "REQUEST"),
        Sample(OFFER, "change.subject", "change.heading", ("change.before", "held", "entry"), method="REQUEST"),
        Sample(REQUEST, "change.subject", "change.heading", ("change.before", "request")),
        Sample(WAITS, "change.subject", "change.heading", ("change.before", "waits")),
        Sample(WAITS_ASKED, "change.subject", "change.heading", ("change.before", "waits_asked"), SAY),
    ),
)
