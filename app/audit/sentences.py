"""What each action is called, as a sentence in the reader's language."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from app.audit.models import AuditEntry
from app.languages import current, day_short
from app.languages import gettext as _

DAYS = frozenset({"on", "first", "last"})  # facts that are days, kept as in ISO 8601


def sentence(entry: AuditEntry) -> str:
    """'Moved from 18 March 2024 to 20 March 2024', without who and when."""
    known = {
        "workshop.created": _("Made the workshop"),
        "workshop.copied": _("Made as a copy of “%(title)s”"),
        "workshop.changed": _("Changed: %(fields)s"),
        "workshop.published": _("Published the workshop"),
        "workshop.moved": _("Moved the workshop from %(before)s to %(after)s"),
        "workshop.taken_back": _("Undid a change"),
        "workshop.postponed": _("Postponed the workshop"),
        "workshop.cancelled": _("Cancelled the workshop"),
        "workshop.restored": _("Took the workshop up again"),
        "workshop.clocks_changed": _("The clocks of %(zone)s have new rules: the same hours are other instants now"),
        "workshop.deleted": _("Threw away the draft"),
        "workshops.imported": _("Imported workshops as drafts: %(number)s (left out: %(left_out)s), file %(file)s"),
        "workshops.exported": _("Exported the list of workshops as %(kind)s: %(number)s"),
        "organisation.founded": _("Added %(name)s to the organisations"),
        "network.member_joined": _("%(name)s is a member of the network from %(on)s"),
        "network.member_left": _("%(name)s is a member of the network until %(on)s"),
        "network.created": _("Founded the network %(name)s"),
        "network.changed": _("Changed the page of the network"),
        "network.call_opened": _("Opened a call for interest from %(first)s to %(last)s"),
        "network.call_closed": _("Closed the call for interest: its last day is %(last)s"),
        "network.call_taken_back": _("Took back the call for interest from %(first)s to %(last)s"),
        "network.link_added": _("Added the document “%(title)s”"),
        "network.link_removed": _("Took the document “%(title)s” away"),
        "text.created": _("Wrote the recurring text %(name)s"),
        "text.changed": _("Changed the recurring text %(name)s"),
        "text.deleted": _("Threw away the recurring text %(name)s"),
        "wording.changed": _("Changed the texts of the mail “%(name)s”"),
        "wording.put_back": _("Put the original texts of the mail “%(name)s” back"),
        "registration.held": _("%(name)s asked for a seat as a guest"),
        "registration.confirmed": _("%(name)s got a seat"),
        "registration.waitlisted": _("%(name)s went on the waiting list"),
        "registration.requested": _("%(name)s asked for a seat"),
        "registration.approved": _("Approved the request of %(name)s"),
        "registration.declined": _("Declined the request of %(name)s"),
        "registration.answered": _("%(name)s changed the answers"),
        "registration.promoted": _("%(name)s got a seat from the waiting list"),
        "registration.offered": _("%(name)s was offered a seat from the waiting list"),
        "registration.accepted": _("%(name)s accepted the offered seat"),
        "registration.offer_declined": _("%(name)s left the offered seat to the next in line"),
        "registration.offer_lapsed": _("%(name)s did not answer, and the offered seat went on"),
        "registration.took_free": _("%(name)s took a free seat after the waiting list had stopped"),
        "registration.put_ahead": _("Put %(name)s ahead of the others on the waiting list"),
        "registration.put_back": _("Put %(name)s back into the usual order of the waiting list"),
        "registration.given": _("Gave %(name)s a seat out of turn by adding one: %(capacity)s seats now"),
        "registration.given_free": _("Gave %(name)s a free seat out of turn"),
        "registration.still_comes": _("%(name)s still comes on the new date"),
        "registration.cannot_come": _("%(name)s cannot come on the new date and left the workshop"),
        "registration.substituted": _("%(name)s comes instead of %(instead_of)s"),
        "registration.taken_over": _("%(name)s has proved the address with which %(also)s was registered, and has that registration now"),
        "registration.doubled": _("%(name)s was registered with another address too, as %(also)s: that registration was given up"),
        "registration.cancelled": _("%(name)s left the workshop"),
        "registration.expired": _("The held seat of %(name)s was let go"),
        "registration.noted": _("Noted something about %(name)s"),
        "registration.note_gone": _("Took the note about %(name)s away"),
        "bulletin.sent": _("Wrote to participants: “%(subject)s”, %(number)s mails"),
        "participants.exported": _("Exported the list of participants as %(kind)s: %(number)s"),
        "participants.printed": _("Opened the list of participants to print it: %(number)s"),
        "participants.imported": _("Registered people from a list: %(number)s"),
        "hold.lapsed": _("The seats held for %(organisation)s lapsed: %(unused)s of %(seats)s were free"),
        "question.added": _("Added the question “%(question)s”"),
        "question.changed": _("Changed the question “%(question)s”"),
        "question.removed": _("Removed the question “%(question)s”"),
        "question.moved": _("Moved the question “%(question)s”"),
        "needs.changed": _("%(name)s changed what they need"),
        "needs.withdrawn": _("%(name)s took back what they need"),
        "needs.opened": _("Looked at what people need, with names"),
        "needs.erased": _("What people needed was erased: %(number)s entries"),
        "attendance.recorded": _("%(name)s was checked in"),
        "attendance.undone": _("The check-in of %(name)s was taken back"),
        "attendance.typed": _("Typed the attendance in: %(marked)s marked present, %(cleared)s taken back"),
        "attendance.sessions": _("Chose sessions at which attendance is taken: %(number)s"),
        "papers.certificates": _("Took the certificates along in one file: %(number)s"),
        "papers.badges": _("Took name badges along to print them: %(number)s"),
        "papers.sheet": _("Took the attendance sheet along to print it: %(number)s"),
        "feedback.exported": _("Exported what people thought of the workshop as %(kind)s: %(number)s answers"),
        "certificates.started": _("Issues certificates: %(number)s"),
        "certificates.failed": _("The certificates could not all be issued: %(number)s of %(total)s are"),
        "certificate.issued": _("%(name)s got a certificate"),
        "certificate.changed": _("The hours on the certificate of %(name)s changed"),
        "certificate.withdrawn": _("Withdrew the certificate of %(name)s"),
        "certificate.given_back": _("Gave the certificate of %(name)s back"),
        "person.invited": _("Invited %(address)s"),
        "person.invitation_taken_back": _("Took the invitation to %(address)s back"),
        "person.joined": _("%(name)s signed up"),
        "person.changed": _("%(name)s changed the own details"),
        "person.address_changed": _("%(name)s changed the address"),
        "person.role_changed": _("Changed the role of %(name)s to %(role)s"),
        "person.disabled": _("Closed the account of %(name)s"),
        "person.enabled": _("Opened the account of %(name)s again"),
        "person.second_factor": _("%(name)s set up a second factor"),
        "person.second_factor_removed": _("Took the second factor of %(name)s away"),
        "person.recovery_codes": _("%(name)s made new recovery codes"),
        "person.password_changed": _("%(name)s set a new password"),
        "person.accepted": _("%(name)s accepted an invitation"),
        "person.place_accepted": _("%(name)s accepted an invitation to %(organisation)s"),
        "person.asked": _("%(name)s asked to belong to %(organisation)s"),
        "person.named": _("Named %(name)s as somebody of %(organisation)s, which has not confirmed it yet"),
        "delegation.mix": _("Said who makes up the delegation of %(organisation)s, in numbers"),
        "person.ask_withdrawn": _("%(name)s no longer asks to belong to %(organisation)s"),
        "person.confirmed": _("Confirmed that %(name)s belongs to %(organisation)s"),
        "person.declined": _("Said that %(name)s does not belong to %(organisation)s"),
        "person.affiliated": _("Put %(name)s into %(organisation)s"),
        "person.affiliation_ended": _("Took %(name)s out of %(organisation)s"),
        "mail.paused": _("Paused all mail"),
        "mail.resumed": _("Resumed all mail"),
        "backup.restored": _("Put back the copy of %(made_at)s; %(known)s of its mails had left since"),
        "mail.resent": _("Sent a mail to %(name)s once more"),
        "mail.set_aside": _("Set aside a mail to %(name)s that did not arrive"),
        "mail.stopped": _("Took back a mail to %(name)s before it had left"),
        "mail.hurried": _("Sent a mail to %(name)s at once"),
        "address.marked": _("Mail to %(address)s fails again and again: it is marked"),
        "address.cleared": _("Cleared the mark of %(address)s"),
        "address.proved": _("The owner of %(address)s proved it: the mark is gone"),
        "reminders.chosen": _("Chose reminders for this workshop alone"),
        "reminders.usual": _("Went back to the network's usual reminders"),
        "reminder_rule.added": _("Made a rule of reminders: %(rule)s"),
        "reminder_rule.changed": _("Changed a rule of reminders to: %(rule)s"),
        "reminder_rule.on": _("Switched a rule of reminders on: %(rule)s"),
        "reminder_rule.off": _("Switched a rule of reminders off: %(rule)s"),
        "reminder_rule.skipped": _("Switched a rule of the network off for this workshop: %(rule)s"),
        "reminder_rule.taken_up": _("Took a rule of the network again for this workshop: %(rule)s"),
        "reminder.released": _("Let a reminder to very many people go"),
        "commitment.created": _("Wrote a rule of the commitment: %(period)s"),
        "commitment.changed": _("Changed a rule of the commitment: %(period)s"),
        "commitment.deleted": _("Threw away a rule of the commitment: %(period)s"),
        "commitment.waived": _("Let %(organisation)s off (%(half)s): %(reason)s"),
        "commitment.asked_again": _("Asked %(organisation)s again (%(half)s)"),
        "commitment.written": _("Wrote to those at risk: %(number)s mails"),
        "commitment.exported": _("Took the commitments along as %(kind)s"),
        "organisation.changed": _("Changed %(name)s"),
        "interest.begun": _("%(name)s began an expression of interest for %(organisation)s"),
        "interest.changed": _("Wrote in the expression of interest"),
        "interest.sent": _("Sent the expression of interest of %(organisation)s"),
        "interest.answered": _("Answered what staff had asked, for %(organisation)s"),
        "interest.asked": _("Asked %(organisation)s for more"),
        "interest.accepted": _("Accepted the expression of interest of %(organisation)s"),
        "interest.declined": _("Declined the expression of interest of %(organisation)s"),
        "interest.withdrawn": _("Withdrew the expression of interest of %(organisation)s"),
        "interest.taken_up": _("Took the expression of interest up again"),
        "interest.written": _("Wrote a message about the expression of interest"),
        "interest.noted": _("Noted something about the expression of interest"),
        "interest.assigned": _("Gave the expression of interest to %(name)s"),
        "interest.unassigned": _("Gave the expression of interest to nobody"),
        "interest.join_asked": _("%(name)s asked to join the expression of interest"),
        "interest.join_left": _("%(name)s no longer asks to join the expression of interest"),
        "interest.join_agreed": _("%(name)s joined the expression of interest"),
        "interest.join_refused": _("%(name)s was not let into the expression of interest"),
        "partnership.opened": _("Opened the partnership of %(one)s and %(other)s"),
        "partnership.changed": _("Changed the partnership"),
        "partnership.person_added": _("Gave %(name)s a part in the partnership"),
        "partnership.person_removed": _("Took the part of %(name)s in the partnership back"),
        "partnership.date_added": _("Added the date “%(title)s”"),
        "partnership.date_changed": _("Changed the date “%(title)s”"),
        "partnership.date_called_off": _("Called off the date “%(title)s”"),
        "partnership.date_done": _("Marked “%(title)s” as done"),
        "partnership.date_undone": _("Marked “%(title)s” as not done after all"),
        "partnership.clocks_changed": _("The clocks of %(zone)s have new rules: the same hours are other instants now"),
        "partnership.document_added": _("Added the document “%(title)s”"),
        "partnership.document_removed": _("Took the document “%(title)s” away"),
        "demo.loaded": _("Loaded the network"),
        "report.exported": _("Took the report along as %(kind)s"),
        "reminder.hurried": _("Let a reminder go before its hour: %(number)s mails"),
        "feed.made": _("%(name)s made a calendar address for %(device)s"),
        "feed.renewed": _("%(name)s made a new calendar address for %(device)s"),
        "feed.chosen": _("%(name)s chose what the calendar on %(device)s shows"),
        "feed.revoked": _("%(name)s revoked the calendar address of %(device)s"),
    }
    template = known.get(entry.action, entry.action)
    if entry.action == "registration.cancelled" and _is_by_another(entry):
        template = _("Cancelled the registration of %(name)s")
    roles = {"administrator": _("administrator"), "officer": _("programme officer"), "helper": _("check-in helper")}
    facts: dict[str, Any] = {**entry.facts, "role": roles.get(str(entry.facts.get("role")), _("none"))} if entry.facts else {}
    halves = {"latin_america": _("Latin America"), "sweden": _("Sweden")}
    if facts.get("half") in halves:
        facts["half"] = halves[str(facts["half"])]
    if isinstance(facts.get("names"), dict):
        facts["name"] = facts["names"].get(current(), "")
    worded = facts.get("questions")
    if isinstance(worded, dict):
        facts["question"] = worded.get(current()) or facts.get("question")
    for name in DAYS & facts.keys():
        with suppress(TypeError, ValueError):  # facts of other actions may be called so too
            facts[name] = day_short(date.fromisoformat(facts[name]))
    ruled = facts.get("rules")
    if isinstance(ruled, dict):
        facts["rule"] = ruled.get(current(), "")
    try:
        return template % facts if facts else template
    except (KeyError, ValueError):
        return template


def _is_by_another(entry: AuditEntry) -> bool:
    """Whether somebody with an account did it to somebody else; guests act for themselves. By number: two people may have one name.
    Lines from before they carried one have the name alone."""
    if not entry.actor.startswith("person:"):
        return False
    facts = entry.facts or {}
    if "person" in facts:
        return entry.actor != f"person:{facts['person']}"
    return entry.actor_name != facts.get("name")
