"""Reminders, and the mails to coordinators and to whoever joins."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.languages import ngettext
from app.wording.catalogue.offers import SEAT, WAITS
from app.wording.catalogue.parts import HEADING, SUBJECT, Editable, Sample, Text

AFTER, SEVERAL = _l("After the workshop"), _l("If there are several on one day")
ONE_HELD, MANY_HELD = _l("Heading, if it is one seat"), _l("Heading, if there are several seats")
NAMED, ASKS = _l("If the coordinator's colleague has named somebody"), _l("If somebody asks of their own accord")
TO_STAFF, TO_MEMBER = _l("To who will be staff"), _l("To who will belong to an organisation")


def _one_held() -> str:
    return ngettext(
        "One seat is still held for %(organisation)s",
        "%(num)s seats are still held for %(organisation)s",
        1,
        num="%(num)s",
        organisation="%(organisation)s",
    )


def _many_held() -> str:
    return ngettext(
        "One seat is still held for %(organisation)s",
        "%(num)s seats are still held for %(organisation)s",
        2,
        num="%(num)s",
        organisation="%(organisation)s",
    )


def _several() -> str:
    return ngettext("Reminder: %(num)s workshop on %(when)s", "Reminder: %(num)s workshops on %(when)s", 2, num="%(num)s", when="%(when)s")


LETTER = _l("Before letters for a visa are no longer written")
LETTER_SUBJECT = _l("Subject, before letters for a visa are no longer written")
ABSENT = _l("After the workshop, to who was not there")
REMINDER = Editable(
    "reminder",
    _l("Reminder"),
    _l("Before and after a workshop, as the rules of the reminders say."),
    (
        Text("subject", SUBJECT, _l("Reminder: %(title)s, %(when)s")),
        Text("subject_letter", LETTER_SUBJECT, _l("Letter for a visa: ask by %(when)s, for %(title)s")),
        Text("subject_several", _l("Subject, if there are several on one day"), _several),
        Text("subject_after", _l("Subject, after the workshop"), _l("Thank you for coming: %(title)s, %(when)s")),
        Text("subject_absent", _l("Subject, to who was not there"), _l("We missed you: %(title)s, %(when)s")),
        Text("greeting", _l("Greeting"), _l("Hello %(name)s,")),
        Text("seat", SEAT, _l("Your seat is confirmed.")),
        Text(
            "letter",
            LETTER,
            _l(
                "Do you need a letter to apply for a visa? Ask us for it by %(when)s: after that we write no more of them. "
                "If you need none, there is nothing to do."
            ),
        ),
        Text("code", _l("About the check-in code"), _l("Your check-in code is %(code)s. Show it at the door.")),
        Text("waits", WAITS, _l("You are still on the waiting list. If a seat becomes free, we write to you at once.")),
        Text("after", AFTER, _l("Thank you for coming. What was shared there is on the workshop's page.")),
        Text("certificate", _l("About the certificate"), _l("Your certificate is ready: you find it on the page of your registration.")),
        Text("absent", ABSENT, _l("You had a seat, and we have not noted that you were there. What was shared is on the workshop's page.")),
        Text(
            "cannot_come",
            _l("What to do who cannot come"),
            _l(
                "If you cannot come, please say so on the page of your registration: only then does your seat go to the next in line. "
                "Saying no in your calendar does not reach us."
            ),
        ),
        Text(
            "cannot_come_plain",
            _l("The same where the mail is read as plain text"),
            _l(
                "If you cannot come, please say so with the link above: only then does your seat go to the next in line. "
                "Saying no in your calendar does not reach us."
            ),
        ),
        Text("regards", _l("Closing"), _l("Kind regards,")),
        Text("signature", _l("Signature"), _l("The network's team at ICLD")),
    ),
    (
        Sample(SEAT, "subject", "greeting", ("seat", "code")),
        Sample(LETTER, "subject_letter", "greeting", ("letter", "seat", "code")),
        Sample(WAITS, "subject", "greeting", ("waits",)),
        Sample(SEVERAL, "subject_several", "greeting", ("seat",)),
        Sample(AFTER, "subject_after", "greeting", ("after", "certificate")),
        Sample(ABSENT, "subject_absent", "greeting", ("absent",)),
    ),
    page="reminder",
)
HELD_SEATS = Editable(
    "hold_reminder",
    _l("Reminder of held seats"),
    _l("To coordinators whose organisation has seats that nobody sits on yet."),
    (
        Text("subject", SUBJECT, _l("Held seats lapse soon: %(title)s, %(when)s")),
        Text("heading_one", ONE_HELD, _one_held),
        Text("heading_several", MANY_HELD, _many_held),
        Text("until", _l("Until when the seats are held"), _l("Held until %(when)s.")),
        Text("others", _l("What happens then"), _l("What nobody has been named for by then goes to others.")),
    ),
    (Sample(ONE_HELD, "subject", "heading_one", ("until",)), Sample(MANY_HELD, "subject", "heading_several", ("until",))),
    page="held_seats",
)
NEAR = _l("If a visit is near")
PARTNERSHIP = Editable(
    "partnership",
    _l("Reminder of a partnership's date"),
    _l(
        "To whoever belongs to a partnership, before its visits, meetings and milestones; "
        "to its coordinators and steering group also before a report, and when it is late."
    ),
    (
        Text("subject", SUBJECT, _l("Reminder: %(title)s, %(when)s")),
        Text("subject_report", _l("Subject, before a report"), _l("Report due: %(title)s, %(when)s")),
        Text("subject_late", _l("Subject, when a report is late"), _l("Report late: %(title)s, %(when)s")),
        Text("greeting", _l("Greeting"), _l("Hello %(name)s,")),
        Text("visit", NEAR, _l("A visit in your partnership is near. Who comes, the other dates and the documents are on its page.")),
        Text("meeting", _l("If a meeting is near"), _l("Your partnership meets soon. The other dates and the documents are on its page.")),
        Text(
            "milestone",
            _l("If a milestone is near"),
            _l("A milestone of your partnership is near. If you have reached it already, please tell us, and we mark it as done."),
        ),
        Text(
            "report",
            _l("If a report is due"),
            _l("A report of your partnership is due soon. Once we have it we mark it as done, and you hear no more of it."),
        ),
        Text(
            "late",
            _l("If a report is late"),
            _l("The report was due, and we have not marked it as done. If you need more time or have sent it already, please write to us."),
        ),
        Text("regards", _l("Closing"), _l("Kind regards,")),
        Text("signature", _l("Signature"), _l("The network's team at ICLD")),
    ),
    (
        Sample(NEAR, "subject", "greeting", ("visit",)),
        Sample(_l("If a meeting is near"), "subject", "greeting", ("meeting",)),
        Sample(_l("If a milestone is near"), "subject", "greeting", ("milestone",)),
        Sample(_l("If a report is due"), "subject_report", "greeting", ("report",)),
        Sample(_l("If a report is late"), "subject_late", "greeting", ("late",)),
    ),
    page="partnership",
)
PLACE_ASKED = Editable(
    "place_asked",
    _l("Question: one of you?"),
    _l("To coordinators, when somebody asks to belong to their organisation."),
    (
        Text("subject", SUBJECT, _l("Somebody asks to belong to %(organisation)s")),
        Text("heading", ASKS, _l("Somebody asks to belong to %(organisation)s")),
        Text("heading_named", NAMED, _l("Is this one of you in %(organisation)s?")),
        Text(
            "asks",
            ASKS,
            _l(
                "%(name)s (%(address)s) has chosen %(organisation)s. "
                "Until you confirm, only workshops that are open to all can be registered for."
            ),
        ),
        Text(
            "named",
            NAMED,
            _l(
                "%(by)s has named %(name)s (%(address)s) to come for %(organisation)s. Until you confirm, that holds for this one workshop."
            ),
        ),
        Text(
            "answer",
            _l("What to do"),
            _l(
                "Confirm it, or say that this is not one of you, under My delegation on your page. "
                "If you do not know the name, say so: nothing is lost by it."
            ),
        ),
    ),
    (Sample(ASKS, "subject", "heading", ("asks", "answer")), Sample(NAMED, "subject", "heading_named", ("named", "answer"))),
    page="place_asked",
)
PLACE_CONFIRMED = Editable(
    "place_confirmed",
    _l("Place in an organisation confirmed"),
    _l("To whoever had asked to belong to an organisation."),
    (
        Text("subject", SUBJECT, _l("You now belong to %(organisation)s")),
        Text("heading", HEADING, _l("You now belong to %(organisation)s")),
        Text(
            "words",
            _l("What that means"),
            _l("It has been confirmed that you belong to %(organisation)s. You can now register for all workshops that are for it."),
        ),
    ),
    (Sample(_l("Place in an organisation confirmed"), "subject", "heading", ("words",)),),
    page="place_confirmed",
)
INVITATION = Editable(
    "invitation",
    _l("Invitation"),
    _l("To whoever is invited to be staff or to belong to an organisation."),
    (
        Text("subject_staff", _l("Subject, to who will be staff"), _l("Come and run the workshops with us")),
        Text("subject_member", _l("Subject, to who will belong to an organisation"), _l("Join %(organisation)s in the workshops")),
        Text("heading", HEADING, _l("You are invited")),
        Text(
            "link",
            _l("About the link"),
            _l("The link is good for %(days)s days and works once. Nothing happens until you press the button on the page."),
        ),
    ),
    (Sample(TO_MEMBER, "subject_member", "heading", ("link",)), Sample(TO_STAFF, "subject_staff", "heading", ("link",))),
    page="invitation",
)
