"""Every mail there is, in each of its variations: a name, and how it is written from the rows of tests/mailer/stage.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.accounts import mails as accounts
from app.accounts.models import Affiliation, Code, Invitation, Person
from app.membership.commitment.mails import Concerned, at_risk
from app.membership.interest.mails import STEPS, News, to_person, to_staff
from app.membership.interest.models import Interest
from app.membership.models import CommitmentRule
from app.membership.partnership.entries import Dated
from app.membership.partnership.rules import Stand
from app.membership.queries import Progress
from app.membership.rules import Half
from app.organisations.models import Network, NetworkName
from app.outbox.service import Mail
from app.papers.mails import ready
from app.participants.mails import Press, Written, bulletin
from app.registrations import change_mails as changes
from app.registrations import mails as seats
from app.registrations.coming.mails import chase
from app.registrations.joining.mails import other_entry
from app.registrations.letters import Common
from app.registrations.mails import Named
from app.registrations.models import Registration
from app.registrations.waiting import mails as waiting
from app.reminders import mails as reminders
from app.reminders.digest.mails import digest
from app.reminders.digest.queries import Facts
from app.reminders.digest.rules import week_to_write
from app.reminders.holding.mails import lapses_soon
from app.reminders.partnership.mails import reminder as partnership
from app.reminders.partnership.news.mails import Change as DateChange
from app.reminders.partnership.news.mails import news as partnership_news
from app.reminders.partnership.news.rules import What
from app.reminders.partnership.rules import Due
from app.workshops.models import SeatHold
from tests.factories import NOW
from tests.mailer.stage import HELD, TITLES, Stage

Write = Callable[[Stage], Mail | None]
WAITS: dict[str, Any] = {"state": "waitlisted", "holds_seat": False}
ASKED: dict[str, Any] = {"state": "requested", "holds_seat": False}
BEFORE = [(date(2025, 5, 27), time(9), time(16))]
WEEK_AHEAD = datetime(2025, 5, 27, 14, 0, tzinfo=NOW.tzinfo)
BY_DAY = datetime(2025, 3, 3, 16, 0, tzinfo=NOW.tzinfo)  # Monday, for every reader
OVER = datetime(2025, 6, 5, 14, 0, tzinfo=NOW.tzinfo)
Change = Callable[..., Mail]
NETWORK = {"sv": "Nätverk för jämställdhet", "es": "Red de igualdad de género", "en": "Network for Gender Equality"}


def every() -> dict[str, Write]:
    """All of them, by name; the part before the first dot is the kind."""
    return {
        **dict(_seats()),
        **dict(_waiting()),
        **dict(_changes()),
        **dict(_reminders()),
        **dict(_weekly()),
        **dict(_accounts()),
        **dict(_interests()),
    }


def _own(registration: Registration) -> Common:
    """The code is not shared here, so that it stands in the snapshot."""
    common = Common()
    common.code = registration.check_in_code
    return common


def _untranslated(s: Stage) -> Registration:
    """A place at a workshop without words in the reader's language."""
    row, there = s.seat("several"), "en" if s.lang != "en" else "es"
    row.workshop.texts = {there: row.workshop.texts[there]}
    return row


def _seats() -> Iterator[tuple[str, Write]]:
    def answer(s: Stage, of: str = "one", *, changed: dict[str, Any] | None = None, **more: object) -> Mail:
        row = s.seat(of, **(changed or {}))
        return seats.answer(row, common=_own(row), **more)  # type: ignore[arg-type]

    named = Named(registered_by="Karin Ahlqvist")
    yield "confirmation.one-day", answer
    yield "confirmation.several-days", lambda s: answer(s, "several")
    yield "confirmation.other-hours-each-day", lambda s: answer(s, "odd")
    yield "confirmation.online-other-weekday", lambda s: answer(s, "online")
    yield "confirmation.same-clock", lambda s: answer(s, changed={"person_zone": "America/Bogota"})
    yield "confirmation.other-language", lambda s: seats.answer(_untranslated(s), common=_own(s.seats["several"]))
    yield "confirmation.approved", lambda s: answer(s, approved=True)
    yield "confirmation.given", lambda s: answer(s, given=True)
    yield "confirmation.delegation", lambda s: answer(s, named=replace(named, asks=True))
    yield "confirmation.substitute", lambda s: answer(s, named=Named(instead_of="Siv Åkerström"))
    yield "confirmation.postponed", lambda s: answer(s, changed={"workshop_state": "postponed"})
    yield "promotion.one-day", lambda s: answer(s, promoted=True)
    yield "waiting.at-once", lambda s: answer(s, changed={**WAITS, "workshop_waitlist": "promote"})
    yield "waiting.by-offer", lambda s: answer(s, changed={**WAITS, "workshop_waitlist": "offer"}, named=named)
    yield (
        "waiting.nobody-moves",
        lambda s: answer(s, changed={**WAITS, "changed_at": datetime(2025, 6, 3, 13, tzinfo=NOW.tzinfo)}, approved=True),
    )
    yield "request", lambda s: answer(s, changed=ASKED)
    yield "request.delegation", lambda s: answer(s, changed=ASKED, named=named)
    yield "declined", lambda s: seats.declined(s.seat(state="declined", holds_seat=False, reason="Esta vez no hay cupo."))
    held: dict[str, Any] = {"state": "unconfirmed", "held_until": HELD}
    yield "hold.guest", lambda s: seats.hold(s.seat(**held))
    yield "hold.guest-asks", lambda s: seats.hold(s.seat(**held, holds_seat=False, workshop_approval=True))
    yield "hold.guest-waits", lambda s: seats.hold(s.seat(**held, holds_seat=False), again=NOW)
    yield "link.confirmed", lambda s: seats.link_again(s.seat(), now=NOW)
    for state in ("waitlisted", "requested", "declined"):
        yield f"link.{state}", lambda s, state=state: seats.link_again(s.seat(state=state, holds_seat=False), now=NOW)  # type: ignore[misc]
    yield "link.offered", lambda s: seats.link_again(s.seat(state="offered", held_until=HELD), now=NOW)
    for before in ("confirmed", "offered", "requested", "waitlisted"):
        yield f"cancelled_seat.{before}", lambda s, before=before: seats.goodbye(s.seat(state="cancelled", holds_seat=False), before)  # type: ignore[misc]
    gone: dict[str, Any] = {"state": "cancelled", "holds_seat": False, "reason": "Vi hör inte av er."}
    yield "cancelled_seat.by-staff", lambda s: seats.goodbye(s.seat(**gone), "confirmed")
    yield "cancelled_seat.substitute", lambda s: seats.goodbye(s.seat(**gone), "confirmed", substitute="Siv Åkerström")
    yield "cancelled_seat.other-address", lambda s: other_entry(s.seat(), "asa@old.example")
    yield "certificate", lambda s: ready(s.seat(), now=NOW)
    said = {lang: f"Kaffe, café, coffee ({lang})" for lang in TITLES}
    yield "bulletin", lambda s: bulletin(1, s.seat(), Press(Written(said, said, "sv")), NOW)
    yield "notice", lambda s: bulletin(1, s.seat(), Press(Written(said, said, "sv", necessary=True)), NOW)
    yield (
        "bulletin.other-language",
        lambda s: bulletin(1, s.seat(), Press(Written({"es": "Café"}, {"es": "Hay **café**.\n\n- a las 9"}, "es")), NOW),
    )


def _waiting() -> Iterator[tuple[str, Write]]:
    offered: dict[str, Any] = {"state": "offered", "held_until": HELD}
    yield "offer.first", lambda s: waiting.offer(s.seat(**offered))
    yield "offer.last", lambda s: waiting.offer(s.seat(**offered, lapses=1))
    yield "offer_reminder", lambda s: waiting.reminders(s.seat(**offered))[0]
    yield "offer_lapsed.waits", lambda s: waiting.lapsed(s.seat(**WAITS))
    yield "offer_lapsed.out", lambda s: waiting.lapsed(s.seat(state="cancelled", holds_seat=False))
    yield "reconfirm.seat", lambda s: chase(s.seat("several", asked_at=NOW), now=NOW)
    yield "reconfirm.waits", lambda s: chase(s.seat(**WAITS, asked_at=NOW), now=NOW)


def _changes() -> Iterator[tuple[str, Write]]:
    asked: dict[str, Any] = {"asked_at": NOW}
    offered: dict[str, Any] = {"state": "offered", "held_until": HELD}
    yield "change.time", lambda s: changes.change(s.seat("several"), BEFORE, now=NOW)
    yield "change.time-asks", lambda s: changes.change(s.seat(**asked), BEFORE, now=NOW)
    yield "change.time-waits", lambda s: changes.change(s.seat(**WAITS), BEFORE, now=NOW)
    yield "change.time-offered", lambda s: changes.change(s.seat(**offered), BEFORE, now=NOW)
    yield "change.both", lambda s: changes.change(s.seat(**ASKED), BEFORE, also_place=True, now=NOW)
    yield "change.place", lambda s: changes.new_place(s.seat(), now=NOW)
    for name, row in {"seat": {}, "waits": WAITS, "asked": ASKED}.items():
        for state in ("cancelled", "postponed"):
            more: dict[str, Any] = {"workshop_state": state, **row}
            yield f"workshop_{state}.{name}", lambda s, state=state, more=more: changes.news(s.seat(**more), state)  # type: ignore[misc]
    yield "workshop_restored.new-date", lambda s: changes.news(s.seat(**asked), "restored", before=BEFORE)
    yield "workshop_restored.same-date", lambda s: changes.news(s.seat(), "restored", same_date=True)
    yield "workshop_restored.waits", lambda s: changes.news(s.seat(**WAITS), "restored")


def _letter(s: Stage) -> Mail:
    row = s.seat(workshop_letters_until=datetime(2025, 5, 3, 3, 59, tzinfo=UTC))
    return reminders.reminder([row], now=datetime(2025, 4, 25, 14, tzinfo=UTC), besides={row.id: reminders.Besides(letter=True)})


def _reminders() -> Iterator[tuple[str, Write]]:
    def remind(*rows: Registration, now: datetime = WEEK_AHEAD) -> Mail:
        return reminders.reminder(rows, now=now)

    def afterwards(s: Stage, besides: reminders.Besides) -> Mail:
        row = s.seat()
        return reminders.reminder([row], now=OVER, besides={row.id: besides})

    yield "reminder.week", lambda s: remind(s.seat())
    yield "reminder.letter", _letter
    yield "reminder.several-days", lambda s: remind(s.seat("several"), now=WEEK_AHEAD + timedelta(days=6))
    yield "reminder.other-hours-each-day", lambda s: remind(s.seat("odd"))
    yield "reminder.online", lambda s: remind(s.seat("online"), now=datetime(2025, 6, 3, 14, tzinfo=NOW.tzinfo))
    yield "reminder.same-clock", lambda s: remind(s.seat(person_zone="America/Bogota"))
    yield "reminder.waits", lambda s: remind(s.seat(**WAITS))
    yield "reminder.several-workshops", lambda s: remind(s.seat(), s.seat("several"))
    yield "reminder.after", lambda s: remind(s.seat(), now=OVER)
    yield (
        "reminder.after-certificate",
        lambda s: reminders.reminder([s.seat()], now=OVER, besides={s.seat().id: reminders.Besides(certificate=True)}),
    )
    yield "reminder.after-absent", lambda s: reminders.reminder([s.seat()], now=OVER, besides={s.seat().id: reminders.Besides(absent=True)})
    yield "reminder.other-language", lambda s: remind(_untranslated(s))
    for seats_left in (1, 3):
        yield (
            f"hold_reminder.{'one' if seats_left == 1 else 'several'}",
            lambda s, left=seats_left: lapses_soon(  # type: ignore[misc]
                SeatHold(id=1, workshop_id=1, organisation=s.home, seats=4, unused=left, until=date(2025, 4, 30), lapses_at=HELD),
                s.seats["one"].workshop,
                s.reader,
            ),
        )


def _weekly() -> Iterator[tuple[str, Write]]:
    """What the scheduler writes of itself about more than one workshop: the commitment, the digest."""

    def half(s: Stage, *workshops: str) -> Half:
        return Half("risk", choices=tuple(s.seats[name].workshop_id for name in workshops), closes_at=HELD)

    def both(s: Stage) -> dict[str, Half]:
        return {"latin_america": half(s, "one"), "sweden": half(s, "several", "odd")}

    def concerned(s: Stage, halves: dict[str, Half], *, own: bool = False) -> Concerned:
        rule = CommitmentRule(
            id=1, network_id=1, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), latin_america=1, sweden=1, people=1
        )
        rule.scope, rule.online = "person" if own else "organisation", False
        workshops = {row.workshop_id: row.workshop for row in s.seats.values()}
        standing = {"latin_america": Half("met"), "sweden": Half("booked")} | halves
        return Concerned(s.reader, Progress(s.home, rule, standing, workshops, {}, {}), halves, own=standing if own else None)

    def risk(*those: Concerned) -> Mail:
        return at_risk([(one, []) for one in those], NOW)

    def week(s: Stage, **changes: Any) -> Mail | None:
        row, monday = s.seat(**changes), week_to_write(BY_DAY, s.reader.zone)
        assert monday is not None
        asks = frozenset() if changes else frozenset({row.id})
        members = {s.reader.id: s.home.id}
        facts = Facts({s.reader.id: s.reader}, {s.reader.id: [row]}, asks, members, frozenset({(1, s.home.id)}), {}, [], {})
        return digest(s.reader, facts, monday, BY_DAY)

    def date_(s: Stage, kind: str, days: int, **changes: Any) -> Mail:
        row = _date(kind, **changes)
        return partnership(row, s.reader, Due(days, row.starts_on, BY_DAY, row.ends_at), "partnership_event:1")

    for kind in ("visit", "meeting", "milestone", "report"):
        yield f"partnership.{kind}", lambda s, kind=kind: date_(s, kind, 7)  # type: ignore[misc]
    yield "partnership.late", lambda s: date_(s, "report", -1, starts=None, ends=None)
    yield "partnership.other-language", lambda s: date_(s, "visit", 1, titles={"en" if s.lang != "en" else "es": "Camino seguro"}, place="")

    def news(s: Stage, *changes: tuple[What, Dated, Stand | None]) -> Mail:
        return partnership_news([DateChange(*one) for one in changes], s.reader, now=BY_DAY)

    visit, week_before = _date("visit"), Stand(date(2025, 5, 26), date(2025, 5, 28), time(9), time(11, 30), "America/Bogota", "")
    report, whole = (
        _date("report", id=2, starts=None, ends=None),
        Stand(date(2025, 5, 28), date(2025, 5, 28), None, None, "Europe/Stockholm", ""),
    )
    yield "partnership_news.added", lambda s: news(s, ("added", visit, None))
    yield "partnership_news.moved", lambda s: news(s, ("moved", visit, week_before))
    yield (
        "partnership_news.place",
        lambda s: news(s, ("place", visit._replace(titles={"en" if s.lang != "en" else "es": "Camino"}), week_before)),
    )
    yield "partnership_news.called-off", lambda s: news(s, ("called_off", visit._replace(cancelled=True), week_before))
    yield (
        "partnership_news.several",
        lambda s: news(s, ("moved", visit, week_before), ("moved", report, whole), ("called_off", _date("meeting"), None)),
    )
    yield "commitment.sweden", lambda s: risk(concerned(s, {"sweden": half(s, "one")}))
    yield "commitment.both", lambda s: risk(concerned(s, both(s)))
    yield "commitment.own", lambda s: risk(concerned(s, {"latin_america": half(s, "one")}, own=True))
    yield "commitment.several", lambda s: risk(concerned(s, {"sweden": half(s, "one")}), concerned(s, both(s), own=True))
    yield "digest.answers", week
    yield "digest.offer", lambda s: week(s, state="offered", held_until=HELD)


def _date(kind: str, **changes: Any) -> Dated:
    """A date of a partnership: three days in Bogotá, or an hour or a day for what is no visit."""
    first, last = date(2025, 6, 2), date(2025, 6, 4 if kind == "visit" else 2)
    starts_at, ends_at = datetime(2025, 6, 2, 14, tzinfo=UTC), datetime(2025, 6, last.day, 16, 30, tzinfo=UTC)
    titles = {"sv": "Trygg skolväg", "es": "Camino seguro a la escuela", "en": "Safe way to school"}
    row = Dated(
        id=1, partnership_id=1, kind=kind, titles=titles, place="Bogotá", zone="America/Bogota", starts_on=first, starts=time(9),
        ends_on=last, ends=time(11, 30), starts_at=starts_at, ends_at=ends_at, public=True, done=False, cancelled=False,
        uid="u@workshops.example", sequence=0, created_at=NOW, changed_at=NOW, moved_at=None, slug="umea-bogota", area="urban_planning",
        left="Bogotá", right="Umeå", left_zone="America/Bogota", right_zone="Europe/Stockholm",
    )  # fmt: skip
    return row._replace(**changes)


def _accounts() -> Iterator[tuple[str, Write]]:
    def code(name: str, purpose: str, s: Stage) -> Mail:
        row = Code(id=1, purpose=purpose, browser_hash="b", expires_at=HELD)
        return accounts.for_code(row, s.reader.address, accounts.code_mail(name, "407119", 10, s.lang), s.lang, NOW)

    def invited(s: Stage, **values: object) -> Mail:
        row = Invitation(
            id=1, token_hash="h", address="x@boras.example", lang=s.lang, invited_by="Karin Ahlqvist", expires_at=HELD, **values
        )
        return accounts.invitation(row, "token", NOW)

    def place(s: Stage) -> Affiliation:
        siv = Person(name="Siv Åkerström", address="siv@boras.example", lang=s.lang, zone=s.reader.zone)
        return Affiliation(person=siv, organisation=s.home, person_id=7, organisation_id=8)

    def about_factor(s: Stage, *, is_on: bool) -> Mail:
        return accounts.staff_factor(place(s).person, s.reader, NOW, by="Karin Ahlqvist", is_on=is_on)

    for name, purpose in (("sign_in_code", "sign_in"), ("sign_up_code", "sign_up"), ("address_code", "change_address")):
        yield name, lambda s, name=name, purpose=purpose: code(name, purpose, s)  # type: ignore[misc]
    for name, write in (("account_closed", accounts.closed_account), ("address_taken", accounts.address_taken)):
        yield name, lambda s, write=write: replace(code("sign_in_code", "sign_in", s), content=write(s.lang))  # type: ignore[misc]
    for name in ("password_changed", "second_factor_changed", "second_factor_removed"):
        yield name, lambda s, name=name: accounts.notice(name, s.reader, s.reader.address, NOW)  # type: ignore[misc]
    yield "address_changed", lambda s: accounts.notice("address_changed", s.reader, s.reader.address, NOW, new_address="asa@new.example")
    yield "staff_factor.set-up", lambda s: about_factor(s, is_on=True)
    yield "staff_factor.taken-away", lambda s: about_factor(s, is_on=False)
    yield "invitation.staff", lambda s: invited(s, role="officer", organisation_role="member")
    yield "invitation.member", lambda s: invited(s, organisation=s.home, organisation_role="member")
    yield "invitation.coordinator", lambda s: invited(s, organisation=s.home, organisation_role="coordinator")
    yield "place_asked", lambda s: accounts.place_asked(place(s), s.reader, NOW)
    yield "place_asked.named", lambda s: accounts.place_asked(place(s), s.reader, NOW, named_by="Karin Ahlqvist")
    yield "place_confirmed", lambda s: accounts.place_confirmed(place(s), NOW)


def _interests() -> Iterator[tuple[str, Write]]:
    """Each step of an expression of interest, to those behind it and to staff."""

    def step(s: Stage, name: str, **more: str) -> Mail | None:
        named = {lang: NetworkName(lang=lang, name=name) for lang, name in NETWORK.items()}
        network = Network(slug="gender-equality", contact="", names=named)
        row = Interest(id=1, network=network, organisation=s.home, state="sent", assigned=None)
        news = News(name, "1", "Karin Ahlqvist", **more)
        if name not in {"new", "news", "gone"}:
            return to_person(news, row, s.reader, BY_DAY)
        s.reader.role, row.assigned = "officer", s.reader
        return to_staff(news, row, BY_DAY)

    for name in STEPS:
        more = {"words": "¿Quiénes vendrían?\n\nUn abrazo", "words_lang": "es"} if name in {"asked", "message", "declined"} else {}
        yield f"interest.{name}", lambda s, name=name, more=more: step(s, name, **more)  # type: ignore[misc]
