"""The mails about having a seat, asking for one, and giving it back."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue.parts import HEADING, SUBJECT, Editable, Sample, Text

REGISTER_AGAIN = _l("You may register again as long as registration is open.")
SEE_WORKSHOP = _l("See the workshop")
LINE = _l("See your place in the line")
PROMOTED, GIVEN = _l("If the seat comes from the waiting list"), _l("If staff have given the seat")
APPROVED, POSTPONED = _l("If staff have approved the request"), _l("If the workshop is postponed")
NAMED, SUBSTITUTE = _l("If somebody else has registered the reader"), _l("If the reader comes instead of somebody else")
SEAT, OFFERED = _l("Who had a seat"), _l("Who was offered a seat")
ASKED, WAITED = _l("Who had asked for a seat"), _l("Who was on the waiting list")

CONFIRMATION = Editable(
    "confirmation",
    _l("Confirmation of a seat"),
    _l("To whoever gets a seat, at once or from the waiting list."),
    (
        Text("subject", SUBJECT, _l("You have a seat: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("You have a seat")),
        Text("promoted", PROMOTED, _l("A seat became free, and you were next in line.")),
        Text("given", GIVEN, _l("Our staff have given you a seat.")),
        Text("approved", APPROVED, _l("Your request is approved.")),
        Text(
            "entry",
            _l("About the calendar entry"),
            _l(
                "The calendar entry comes with this mail. "
                "Answering it in your calendar does not reach us: use the button to change or cancel."
            ),
        ),
        Text(
            "postponed",
            POSTPONED,
            _l("The workshop is postponed. We write as soon as there is a new date, and the calendar entry comes with that mail."),
        ),
        Text("code", _l("About the check-in code"), _l("Your check-in code is %(code)s. Show it at the door.")),
        Text("qr", _l("About the QR code"), _l("The page behind the button also shows it as a QR code.")),
    ),
    (
        Sample(_l("The reader has registered"), "subject", "heading", ("entry", "code", "qr"), method="REQUEST"),
        Sample(PROMOTED, "subject", "heading", ("promoted", "entry", "code", "qr"), method="REQUEST"),
        Sample(GIVEN, "subject", "heading", ("given", "entry", "code", "qr"), method="REQUEST"),
        Sample(APPROVED, "subject", "heading", ("approved", "entry", "code", "qr"), method="REQUEST"),
        Sample(POSTPONED, "subject", "heading", ("postponed", "code", "qr")),
    ),
)
WAITING = Editable(
    "waiting",
    _l("Place on the waiting list"),
    _l("To whoever registers when all seats are taken."),
    (
        Text("subject", SUBJECT, _l("You are on the waiting list: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("You are on the waiting list")),
        Text("approved", APPROVED, _l("Your request is approved.")),
        Text(
            "at_once",
            _l("If a free seat goes to the next in line at once"),
            _l("All seats are taken. When one becomes free, the first in line gets it, and we write to you at once."),
        ),
        Text(
            "by_offer",
            _l("If a free seat is offered first"),
            _l("All seats are taken. When one becomes free, it is offered to the first in line by mail, for a limited time."),
        ),
        Text(
            "nobody_moves",
            _l("If the waiting list has stopped"),
            _l("All seats are taken, and nobody moves up any more. When one becomes free, the first to take it behind the button has it."),
        ),
    ),
    (
        Sample(_l("If a free seat goes to the next in line at once"), "subject", "heading", ("at_once",), LINE),
        Sample(_l("If a free seat is offered first"), "subject", "heading", ("by_offer",), LINE),
        Sample(_l("If the waiting list has stopped"), "subject", "heading", ("nobody_moves",), LINE),
        Sample(APPROVED, "subject", "heading", ("approved", "at_once"), LINE),
    ),
)
REQUEST = Editable(
    "request",
    _l("Request received"),
    _l("To whoever asks for a seat where staff decide who comes."),
    (
        Text("subject", SUBJECT, _l("We have your request: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("We have your request")),
        Text(
            "decision",
            _l("What happens now"),
            _l("Our staff decide who comes to this workshop. You get the answer by mail. Until then you have no seat yet."),
        ),
        Text("withdraw", _l("What to do who cannot come"), _l("If you cannot come after all, please withdraw your request.")),
    ),
    (Sample(_l("Request received"), "subject", "heading", ("decision", "withdraw"), _l("See or withdraw your request")),),
)
DECLINED = Editable(
    "declined",
    _l("Request declined"),
    _l("To whoever does not get the seat that they asked for. The reason that staff gave stands in it too."),
    (
        Text("subject", SUBJECT, _l("Your request is declined: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("Your request is declined")),
        Text("questions", _l("Where to ask"), _l("If you have questions, answer this mail.")),
    ),
    (Sample(_l("Request declined"), "subject", "heading", ("questions",), SEE_WORKSHOP),),
)
NAMED_BY = Editable(
    "named",
    _l("Sentences to whoever was registered by somebody else"),
    _l("They stand in the confirmation, in the mail about the waiting list and in the one about a request."),
    (
        Text("registered_by", NAMED, _l("%(name)s has registered you.")),
        Text("instead_of", SUBSTITUTE, _l("You come instead of %(name)s.")),
        Text("say_no", _l("How to say no"), _l("If you do not want to come, say so behind the button.")),
        Text("questions", _l("If there are questions to answer"), _l("Please answer the workshop's questions behind the button.")),
    ),
    (
        Sample(
            NAMED,
            "confirmation.subject",
            "confirmation.heading",
            ("registered_by", "say_no", "questions", "confirmation.entry", "confirmation.code", "confirmation.qr"),
            method="REQUEST",
        ),
        Sample(
            SUBSTITUTE,
            "confirmation.subject",
            "confirmation.heading",
            ("instead_of", "say_no", "confirmation.entry", "confirmation.code", "confirmation.qr"),
            method="REQUEST",
        ),
    ),
)
LINK = Editable(
    "link",
    _l("Link to the registration"),
    _l("To whoever registers once more with the same address."),
    (
        Text("subject", SUBJECT, _l("Your registration: %(title)s")),
        Text("heading", SEAT, _l("You are registered already")),
        Text("heading_waiting", WAITED, _l("You are on the waiting list already")),
        Text("heading_offered", OFFERED, _l("A seat is offered to you already")),
        Text("heading_request", ASKED, _l("We have your request already")),
        Text("heading_declined", _l("Whose request was declined"), _l("Your request has been answered already")),
        Text(
            "words",
            _l("What has happened"),
            _l("Somebody, hopefully you, registered once more with this address. Nothing has changed; here is your link."),
        ),
    ),
    (
        Sample(SEAT, "subject", "heading", ("words",)),
        Sample(WAITED, "subject", "heading_waiting", ("words",), LINE),
        Sample(OFFERED, "subject", "heading_offered", ("words",)),
        Sample(ASKED, "subject", "heading_request", ("words",)),
        Sample(_l("Whose request was declined"), "subject", "heading_declined", ("words",)),
    ),
)
