"""Every text of a mail that staff may edit: the one place where its original stands.

What is a fact (when, where, how many), a button, a link, why one gets the mail and how to stop is not here: those are the mail's
layout. Nor are mails that guard an account: who could edit them could ask readers for their codes. `FIXED` names them.
"""

from __future__ import annotations

from app.languages import lazy_gettext as _l
from app.wording.catalogue import changes, dates, interest, leaving, offers, others, seats
from app.wording.catalogue.parts import Editable, Sample, Text

__all__ = ["FACTS", "FIXED", "MAILS", "OWN_WORDS", "Editable", "Sample", "Text", "text"]

MAILS: dict[str, Editable] = {
    mail.kind: mail
    for mail in (
        seats.CONFIRMATION,
        seats.WAITING,
        seats.REQUEST,
        seats.DECLINED,
        leaving.HOLD,
        seats.LINK,
        leaving.GOODBYE,
        leaving.OTHER_ADDRESS,
        offers.OFFERED,
        offers.REMINDED,
        offers.LAPSED,
        offers.RECONFIRM,
        changes.CHANGE,
        changes.CANCELLED,
        changes.POSTPONED,
        changes.RESTORED,
        others.REMINDER,
        leaving.CERTIFICATE,
        others.HELD_SEATS,
        others.PARTNERSHIP,
        dates.NEWS,
        others.PLACE_ASKED,
        others.PLACE_CONFIRMED,
        others.INVITATION,
        interest.INTEREST,
        seats.NAMED_BY,
        offers.STANDING,
    )
}
FIXED = {  # by the name of its template
    "sign_in_code": _l("Code to sign in"),
    "sign_up_code": _l("Code for a new account"),
    "address_code": _l("Code for a new address"),
    "account_closed": _l("Notice: account closed"),
    "address_taken": _l("Notice: address has an account"),
    "address_changed": _l("Notice: address changed"),
    "password_changed": _l("Notice: password changed"),
    "second_factor_changed": _l("Notice: second factor changed"),
    "second_factor_removed": _l("Notice: second factor removed"),
    "staff_factor": _l("Notice: second factor of a colleague"),
}
OWN_WORDS = {"bulletin": _l("Mail to participants"), "notice": _l("Necessary mail to participants")}  # written anew each time
FACTS = {"commitment": _l("Commitment at risk"), "digest": _l("Weekly digest")}  # lists put together for each reader
_TEXTS = {f"{mail.kind}.{one.name}": one for mail in MAILS.values() for one in mail.texts}


def text(key: str) -> Text:
    """The text of a key such as 'confirmation.subject'. Raises KeyError."""
    return _TEXTS[key]
