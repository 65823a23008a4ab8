"""The mail about what has become of a partnership's dates."""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue.changes import PLACE, TIME
from app.wording.catalogue.parts import Editable, Sample, Text

ADDED, OFF = _l("If a date is new"), _l("If a date is called off")
SEVERAL = _l("If several dates have changed")

NEWS = Editable(
    "partnership_news",
    _l("Change of a partnership's dates"),
    _l(
        "To whoever belongs to a partnership, five minutes after the last change, by day; "
        "of a report only to its coordinators and steering group."
    ),
    (
        Text("subject_added", _l("Subject, if a date is new"), _l("New date: %(title)s, %(when)s")),
        Text("subject_moved", _l("Subject, if the time is another"), _l("New time: %(title)s, %(when)s")),
        Text("subject_place", _l("Subject, if the place is another"), _l("New place: %(title)s, %(when)s")),
        Text("subject_called_off", _l("Subject, if a date is called off"), _l("Called off: %(title)s, %(when)s")),
        Text("subject_several", _l("Subject, if several dates have changed"), _l("Changed dates in the partnership of %(pair)s")),
        Text("greeting", _l("Greeting"), _l("Hello %(name)s,")),
        Text("added", ADDED, _l("Your partnership has a new date. The other dates and the documents are on its page.")),
        Text("moved", TIME, _l("A date of your partnership has moved. Above you see when it is now.")),
        Text("place", PLACE, _l("A date of your partnership has another place. Above you see where it is now.")),
        Text("called_off", OFF, _l("This date of your partnership will not take place. The other dates are on its page.")),
        Text("several", SEVERAL, _l("Several dates of your partnership have changed. All of its dates are on its page.")),
        Text("before", _l("When it was"), _l("It was: %(old)s.")),
        Text("calendar", _l("About the calendar"), _l("If you subscribe to your own calendar, it changes there by itself.")),
        Text("regards", _l("Closing"), _l("Kind regards,")),
        Text("signature", _l("Signature"), _l("The network's team at ICLD")),
    ),
    (
        Sample(TIME, "subject_moved", "greeting", ("moved", "before")),
        Sample(ADDED, "subject_added", "greeting", ("added",)),
        Sample(OFF, "subject_called_off", "greeting", ("called_off",)),
        Sample(PLACE, "subject_place", "greeting", ("place",)),
        Sample(SEVERAL, "subject_several", "greeting", ("several",)),
    ),
    page="partnership_news",
)
