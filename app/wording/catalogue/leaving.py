"""The mails to guests who must still say yes, and to those who have left."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue.parts import HEADING, SUBJECT, Editable, Sample, Text
from app.wording.catalogue.seats import ASKED, OFFERED, REGISTER_AGAIN, SEAT, SEE_WORKSHOP, WAITED

FREE, APPROVAL, FULL = _l("If a seat is held for the guest"), _l("If staff decide who comes"), _l("If all seats are taken")
INSTEAD = _l("If somebody else comes instead")

HOLD = Editable(
    "hold",
    _l("Question to confirm the address"),
    _l("To a guest without an account, who must press the button before the registration counts."),
    (
        Text("subject", SUBJECT, _l("Confirm your registration: %(title)s")),
        Text("heading", HEADING, _l("One more step")),
        Text("seat", FREE, _l("Somebody, hopefully you, asked for a seat with this address. Press the button to take it.")),
        Text("held", _l("Until when the seat is held"), _l("The seat is held until %(when)s. If it was not you, do nothing.")),
        Text(
            "request",
            APPROVAL,
            _l("Somebody, hopefully you, asked for a seat with this address. Press the button, and the request reaches our staff."),
        ),
        Text(
            "waiting",
            FULL,
            _l("Somebody, hopefully you, registered with this address. All seats are taken: press the button to join the waiting list."),
        ),
        Text("not_you", _l("If no seat is held"), _l("If it was not you, do nothing.")),
    ),
    (
        Sample(FREE, "subject", "heading", ("seat", "held"), _l("Confirm my registration")),
        Sample(APPROVAL, "subject", "heading", ("request", "not_you"), _l("Confirm my registration")),
        Sample(FULL, "subject", "heading", ("waiting", "not_you"), _l("Confirm my registration")),
    ),
)
GOODBYE = Editable(
    "cancelled_seat",
    _l("Registration cancelled"),
    _l("To whoever has left a workshop or was taken off it. A reason that staff gave stands in it too."),
    (
        Text("subject_seat", _l("Subject, to who had a seat"), _l("You are no longer registered: %(title)s, %(when)s")),
        Text("heading_seat", SEAT, _l("You are no longer registered")),
        Text("seat", SEAT, _l("Your seat is free for somebody else. You may register again as long as registration is open.")),
        Text("subject_offered", _l("Subject, to who was offered a seat"), _l("You have left the offered seat: %(title)s, %(when)s")),
        Text("heading_offered", OFFERED, _l("You have left the offered seat")),
        Text("offered", OFFERED, _l("The seat goes to the next in line. You may register again as long as registration is open.")),
        Text("subject_request", _l("Subject, to who had asked for a seat"), _l("Your request is withdrawn: %(title)s, %(when)s")),
        Text("heading_request", ASKED, _l("Your request is withdrawn")),
        Text(
            "subject_waiting",
            _l("Subject, to who was on the waiting list"),
            _l("You are no longer on the waiting list: %(title)s, %(when)s"),
        ),
        Text("heading_waiting", WAITED, _l("You are no longer on the waiting list")),
        Text("again", _l("Who had no seat"), REGISTER_AGAIN),
        Text("substitute", INSTEAD, _l("%(name)s comes instead of you.")),
    ),
    (
        Sample(SEAT, "subject_seat", "heading_seat", ("seat",), SEE_WORKSHOP, "CANCEL"),
        Sample(OFFERED, "subject_offered", "heading_offered", ("offered",), SEE_WORKSHOP, "CANCEL"),
        Sample(ASKED, "subject_request", "heading_request", ("again",), SEE_WORKSHOP),
        Sample(WAITED, "subject_waiting", "heading_waiting", ("again",), SEE_WORKSHOP),
        Sample(INSTEAD, "subject_seat", "heading_seat", ("substitute",), SEE_WORKSHOP, "CANCEL"),
    ),
)
OTHER_ADDRESS = Editable(
    "other_address",
    _l("Registration goes on under another address"),
    _l("To the former address of somebody who was registered twice."),
    (
        Text("subject", SUBJECT, _l("Your registration has another address: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("Your registration goes on with your new address")),
        Text(
            "twice",
            _l("What has happened"),
            _l("You were registered twice: with this address, and with the one that is your account's now. You keep one seat."),
        ),
        Text(
            "entry",
            _l("About the calendar entry"),
            _l("The calendar entry of this address is taken off. What concerns your seat goes to the new address."),
        ),
    ),
    (Sample(_l("Registration goes on under another address"), "subject", "heading", ("twice", "entry"), method="CANCEL"),),
)
CERTIFICATE = Editable(
    "certificate",
    _l("Certificate is ready"),
    _l("To whoever has attended, once staff have issued the certificates."),
    (
        Text("subject", SUBJECT, _l("Your certificate: %(title)s, %(when)s")),
        Text("heading", HEADING, _l("Your certificate is ready")),
        Text(
            "words",
            _l("Where it is"),
            _l("Thank you for taking part. The page of your registration has the certificate of your attendance, as a PDF."),
        ),
    ),
    (Sample(_l("Certificate is ready"), "subject", "heading", ("words",), _l("Get the certificate")),),
)
