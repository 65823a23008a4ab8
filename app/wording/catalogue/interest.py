"""The mails about an expression of interest: to those behind it, and to whoever of the staff looks after it."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue.parts import Editable, Sample, Text

RECEIVED, ASKED, MESSAGE = _l("When it has arrived"), _l("When staff ask for more"), _l("When staff write")
ACCEPTED, DECLINED, WITHDRAWN = _l("When it is accepted"), _l("When it is declined"), _l("When it is withdrawn")
AGAIN = _l("When staff take it up again")
JOINING, JOINED = _l("When a colleague asks to join it"), _l("To a colleague who may join it")
NEW, NEWS, GONE = _l("To staff: a new one"), _l("To staff: an answer or a message"), _l("To staff: withdrawn")
INTEREST = Editable(
    "interest",
    _l("Expression of interest"),
    _l("To those behind an expression of interest at each step, and to whoever of the staff looks after it."),
    (
        Text("subject_received", RECEIVED, _l("We have the expression of interest of %(organisation)s: %(network)s")),
        Text(
            "received",
            RECEIVED,
            _l(
                "Thank you. The expression of interest of %(organisation)s in %(network)s has arrived, and we read it. "
                "You hear from us by mail, and can write to us on its page at any time."
            ),
        ),
        Text("subject_asked", ASKED, _l("We would like to know more about %(organisation)s")),
        Text(
            "asked",
            ASKED,
            _l(
                "We have read your expression of interest in %(network)s and would like to know more. "
                "Change what you have written on its page, and send your answer there."
            ),
        ),
        Text("subject_message", MESSAGE, _l("A message about the expression of interest of %(organisation)s")),
        Text("message", MESSAGE, _l("%(name)s has written to you. You can answer on the page.")),
        Text("subject_accepted", ACCEPTED, _l("Welcome: %(organisation)s is a member of %(network)s")),
        Text(
            "accepted",
            ACCEPTED,
            _l(
                "%(organisation)s is now a member of %(network)s. You find your workshops and what members commit to on My page. "
                "The colleagues whom you named have been invited."
            ),
        ),
        Text("subject_declined", DECLINED, _l("About the expression of interest of %(organisation)s")),
        Text("declined", DECLINED, _l("We could not accept your expression of interest in %(network)s this time. This is why:")),
        Text("subject_withdrawn", WITHDRAWN, _l("The expression of interest of %(organisation)s is withdrawn")),
        Text(
            "withdrawn",
            WITHDRAWN,
            _l("Your expression of interest in %(network)s is withdrawn. It is kept, and you can take it up again on its page."),
        ),
        Text("subject_again", AGAIN, _l("We read the expression of interest of %(organisation)s once more")),
        Text(
            "again", AGAIN, _l("We have taken up your expression of interest in %(network)s again. You hear from us when we have read it.")
        ),
        Text("subject_joining", JOINING, _l("Somebody asks to join the expression of interest of %(organisation)s")),
        Text(
            "joining",
            JOINING,
            _l(
                "%(name)s wants to write the expression of interest with you. Agree on its page only if you know them: "
                "they can then read and change all of it."
            ),
        ),
        Text("subject_joined", JOINED, _l("You have joined the expression of interest of %(organisation)s")),
        Text("joined", JOINED, _l("You can now read and write the expression of interest in %(network)s with those who began it.")),
        Text("subject_new", NEW, _l("New expression of interest: %(organisation)s")),
        Text("new", NEW, _l("%(name)s has sent the expression of interest of %(organisation)s in %(network)s. It waits for an answer.")),
        Text("subject_news", NEWS, _l("News about the expression of interest of %(organisation)s")),
        Text("news", NEWS, _l("%(name)s has answered, or written to us.")),
        Text("subject_gone", GONE, _l("Withdrawn: the expression of interest of %(organisation)s")),
        Text("gone", GONE, _l("%(name)s has withdrawn the expression of interest in %(network)s. There is nothing to decide any more.")),
    ),
    (
        Sample(RECEIVED, "subject_received", "received", ("received",)),
        Sample(ASKED, "subject_asked", "asked", ("asked",)),
        Sample(MESSAGE, "subject_message", "message", ("message",)),
        Sample(ACCEPTED, "subject_accepted", "accepted", ("accepted",)),
        Sample(DECLINED, "subject_declined", "declined", ("declined",)),
        Sample(WITHDRAWN, "subject_withdrawn", "withdrawn", ("withdrawn",)),
        Sample(AGAIN, "subject_again", "again", ("again",)),
        Sample(JOINING, "subject_joining", "joining", ("joining",)),
        Sample(JOINED, "subject_joined", "joined", ("joined",)),
        Sample(NEW, "subject_new", "new", ("new",)),
        Sample(NEWS, "subject_news", "news", ("news",)),
        Sample(GONE, "subject_gone", "gone", ("gone",)),
    ),
    page="interest",
)
