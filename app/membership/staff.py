"""What staff see first: what needs them, the next fourteen days, and who has kept the commitment."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import render_template, request, url_for

from app.accounts import queries as people
from app.announcements import announce
from app.clock import now
from app.languages import gettext as _
from app.languages import listed, ngettext
from app.membership import desk, queries
from app.membership.commitment import table
from app.membership.shown import Task
from app.organisations import queries as organisations
from app.outbox import queries as outbox
from app.web import Door, reader_zone
from app.workshops.showing.shown import row

door = Door(__name__, "/staff")
AHEAD = timedelta(days=14)
NAMED = 3  # of those who ask; the list of people has them all


@door.get("/")
def overview() -> str:
    """The first page of every working day."""
    instant = now()
    ahead = desk.read(instant, instant + AHEAD)
    network, networks = organisations.choice(request.args.get("network", ""), instant.date())
    rule = queries.rule_on(queries.rules_of(network.id), instant.date()) if network else None
    rows = table.table(queries.progress_of(rule, queries.members_under(rule, network, instant), instant), {}) if network and rule else []
    figures = outbox.overview(instant)
    return render_template(
        "membership/overview.html",
        tasks=_tasks(ahead, figures, instant),
        rows=[row(workshop, reader_zone(), instant) for workshop in ahead.soon],
        later=ahead.later,
        first_run=not ahead.total,
        outbox=figures,
        network=network,
        networks=networks,
        rule=rule,
        units=table.units([one.progress for one in rows]),
        summary=table.summary(rows) if rows else "",
    )


def _tasks(ahead: desk.Desk, figures: outbox.Overview, instant: datetime) -> list[Task]:
    """What waits: broken mails first, then reminders, then queues, then drafts."""
    tasks = [*_mail_tasks(figures), *_asking(), *_interests(ahead.interests)]
    announce("staff_tasks", into=tasks, now=instant)
    for workshop, asked, waiting, silent in ahead.queues:
        if asked:
            words = ngettext("%(num)s request waits for a decision", "%(num)s requests wait for a decision", asked)
            url = url_for("registrations_staff.participants", workshop_id=workshop.id, state="requested")
            tasks.append(Task(words, workshop.text.title, url, _("Decide")))
        if waiting:
            words = ngettext("%(num)s person waits for a seat", "%(num)s people wait for a seat", waiting)
            url = url_for("waiting_staff.waiting", workshop_id=workshop.id)
            tasks.append(Task(words, workshop.text.title, url, _("See who")))
        if silent:
            words = ngettext("%(num)s person has not answered the new date", "%(num)s people have not answered the new date", silent)
            url = url_for("waiting_staff.waiting", workshop_id=workshop.id, _anchor="awaited")
            tasks.append(Task(words, workshop.text.title, url, _("See who")))
    for workshop in ahead.drafts:
        title = workshop.text.title if any(t.title for t in workshop.texts.values()) else _("Without a title")
        tasks.append(Task(_("A draft is not published"), title, url_for("workshops_staff.edit", workshop_id=workshop.id), _("Go on")))
    return tasks


def _mail_tasks(figures: outbox.Overview) -> list[Task]:
    mails = url_for("outbox_staff.mails")
    tasks = []
    if figures.failed:
        words = ngettext("%(num)s mail could not be delivered", "%(num)s mails could not be delivered", figures.failed)
        tasks.append(Task(words, _("The address may be wrong, or the mailbox full."), mails, _("See which")))
    if figures.uncertain:
        words = ngettext("%(num)s mail may or may not have arrived", "%(num)s mails may or may not have arrived", figures.uncertain)
        tasks.append(Task(words, _("The connection broke off three times."), mails, _("See which")))
    if figures.missed:
        words = ngettext("%(num)s mail came too late to be of use", "%(num)s mails came too late to be of use", figures.missed)
        tasks.append(Task(words, _("They were not sent."), mails, _("See which")))
    if figures.marked:
        words = ngettext("Mail to %(num)s address fails again and again", "Mail to %(num)s addresses fails again and again", figures.marked)
        tasks.append(Task(words, _("Reminders to it wait until you clear the mark."), mails, _("See which")))
    if figures.paused:
        tasks.append(Task(_("Mail is paused"), _("Only codes leave until somebody lets mail go again."), mails, _("Go there")))
    return tasks


def _asking() -> list[Task]:
    """Who says that they belong somewhere, until somebody confirms it."""
    first, number = people.asked_first(NAMED)
    if not number:
        return []
    words = ngettext("%(num)s person asks to belong to a municipality", "%(num)s people ask to belong to a municipality", number)
    detail = listed([f"{one.person.name} ({one.organisation.name})" for one in first]) + (" …" if number > NAMED else "")
    many = url_for("accounts_staff.people", role="asking")
    return [Task(words, detail, many if number > 1 else url_for("accounts_staff.person", person_id=first[0].person_id), _("See who"))]


def _interests(number: int) -> list[Task]:
    """Municipalities that want to join and wait for an answer."""
    if not number:
        return []
    words = ngettext("%(num)s expression of interest waits for an answer", "%(num)s expressions of interest wait for an answer", number)
    url = url_for("interest_staff.interests", state="sent")
    return [Task(words, _("Municipalities that want to join a network."), url, _("Read"))]
