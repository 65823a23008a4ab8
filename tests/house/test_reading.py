"""Reading a page writes nothing: every GET, as everybody."""

from __future__ import annotations

import re

from tests.house.conftest import Round, Seen

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
NO_SCHEDULER = "health_public.scheduler"  # says 503, because none runs here
REFUSED = re.compile(r"/staff/workshops/\d+/(publish|restore|delete)")  # of a published workshop: there is nothing to ask about
LEADS_ELSEWHERE = {  # what this walk cannot see: what the page needs is not there, or it only passes on
    NO_SCHEDULER,
    "accounts_member.address_code",  # no change of address is under way
    "accounts_member.picture",  # no second factor is being set up
    "accounts_public.code",  # no code was asked for
    "accounts_public.invitation",  # nobody is invited
    "accounts_public.password",  # no address was given yet
    "accounts_public.second_factor_code",  # no sign-in is under way
    "accounts_public.sign_up",  # no address was proved
    "commitment_staff.without",  # the workshop stands in the query
    "log_staff.ask_now",  # the demo has no mails
    "log_staff.ask_stop",
    "log_staff.html",
    "log_staff.mail",
    "backups_staff.look",  # no copy of the database was put back
    "papers_staff.back",  # leads to the page with the buttons
    "participants_staff.back",  # leads to the list, where the buttons are
    "organisations_public.root",  # passes on to the reader's language
    "reminders_staff.ask_now",  # no scheduler has planned the demo's reminders
    "workshops_acts_staff.undo",  # leads back to the workshop; and the demo's workshops have no such history
    "registrations_public.asked",  # nobody has asked for a seat in this browser
    "workshops_public.this_month",  # passes on to a month
}


def test_a_get_never_writes(round_as: Round) -> None:
    wrong = []
    for one in round_as.got:
        wrong += [f"{one.route}: {words}" for words in one.statements if words.lstrip().upper().startswith(WRITES)]
        code = one.answer.status_code
        wrong += [f"{one.route}: {code}"] if code >= 500 and one.route.endpoint != NO_SCHEDULER else []
    assert not wrong, "\n".join(wrong)


def test_the_walk_sees_the_real_pages(walked: list[Seen]) -> None:
    wrong = [
        f"{seen}: {seen.answer.status_code}"
        for seen in walked
        if seen.answer.status_code != (422 if REFUSED.search(seen.route.path) else 200)
        and seen.route.endpoint not in LEADS_ELSEWHERE
        and not seen.route.endpoint.startswith("demo_")
    ]
    assert not wrong, "\n".join(wrong)
