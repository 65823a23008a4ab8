"""A file is looked at without a trace, then imported whole or not at all; the same file twice makes nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from threading import Barrier
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.event import listen, remove

from app.audit.models import AuditEntry
from app.database import db
from app.errors import Refused
from app.exchange import service
from app.exchange.models import ImportedWorkshop
from app.exchange.reading import files
from app.exchange.reading.drafts import MOST_GUESSED, Choices
from app.exchange.service import Plan
from app.languages import switch
from app.organisations.models import Network, Organisation
from app.workshops import queries as workshops
from app.workshops import service as made
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.values import Day, Text
from tests import factories
from tests.conftest import counted
from tests.exchange.made import HEAD, ROW, calendar, event, table
from tests.factories import NOW
from tests.workshops.made import KARIN, session, values

THREE = (ROW, "Andra,Segundo,Second,2025-09-02,,,,Bogotá,20", "Tredje,Tercero,Third,,,,,,")


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    switch("en")
    umea = factories.organisation("SE", names={"sv": "Umeå kommun", "es": "Municipio de Umeå", "en": "Umeå Municipality"})
    return factories.network(factories.organisation("CO"), umea)


def choices(network: Network, **more: Any) -> Choices:
    return Choices(network.id, more.pop("zone", "America/Guatemala"), more.pop("lang", "es"), time(9), time(16), "partnership@icld.se")


def look(text: str, network: Network, **more: Any) -> Plan:
    return service.look(files.received("a.csv", text.encode()), choices(network, **more), now=NOW)


def bring_in(text: str, network: Network, *leave_out: int) -> int:
    upload = files.received("a.csv", text.encode())
    return service.bring_in(upload, choices(network), leave_out=leave_out, by=KARIN, now=NOW)[1]


def number(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def fates(plan: Plan) -> list[str]:
    return [step.what for step in plan.steps]


def complaints(text: str, network: Network) -> list[tuple[str, str]]:
    (step,) = look(text, network).steps
    return [(one.where, one.words) for one in step.draft.wrong]


def test_a_row_becomes_the_draft_that_the_form_would_make(network: Network) -> None:
    assert bring_in(table(), network) == 1
    workshop = db.session.scalars(select(Workshop)).one()
    found = workshops.values_of(workshop)
    assert workshop.state == "draft"
    assert {lang: text.title for lang, text in found.texts.items()} == {"sv": "Trygga torg", "es": "Plazas seguras", "en": "Safe squares"}
    assert [(day.on, day.starts, day.ends) for day in found.days] == [(date(2025, 6, day), time(9), time(16)) for day in (3, 4, 5)]
    assert (found.zone, found.country, found.place, found.latitude) == ("Europe/Stockholm", "SE", "Umeå", 63.8258)
    assert (found.capacity, found.access, found.format, found.contact) == (36, "network", "on_site", "partnership@icld.se")


def test_it_is_written_down_who_imported_what(network: Network) -> None:
    bring_in(table(*THREE), network)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "workshops.imported")).one()
    assert (entry.actor_name, entry.facts) == ("Karin", {"number": 3, "left_out": 0, "file": "a.csv"})
    assert number(AuditEntry) == 4, "each draft has its own line too"


def test_a_look_leaves_no_trace(app: Flask, network: Network) -> None:
    with counted(app) as seen:
        assert fates(look(table(*THREE), network)) == ["new", "new", "new"]
    assert [statement for statement in seen if not statement.startswith("SELECT")] == []
    assert (number(Workshop), number(ImportedWorkshop), number(AuditEntry)) == (0, 0, 0)


def test_a_look_at_many_rows_asks_no_more_than_at_one(app: Flask, network: Network) -> None:
    many = table(*(ROW.replace("torg", f"torg {row}") for row in range(60)))
    look(table(), network)
    with counted(app) as few:
        look(table(), network)
    with counted(app) as more:
        look(many, network)
    assert len(more) == len(few) <= 12


def test_the_same_file_twice_makes_nothing_twice(network: Network) -> None:
    bring_in(table(*THREE), network)
    assert fates(look(table(*THREE), network)) == ["again"] * 3
    assert bring_in(table(*THREE), network) == 0
    assert number(Workshop) == 3


def test_two_who_import_the_same_in_the_same_moment_make_it_once(app: Flask, network: Network) -> None:
    chosen, together = choices(network), Barrier(2)
    upload = files.received("a.csv", table(*(ROW.replace("torg", f"torg {row}") for row in range(10))).encode())
    db.session.remove()

    def one(_turn: int) -> int:
        with app.app_context():
            together.wait()
            return service.bring_in(upload, chosen, leave_out=[], by=KARIN, now=NOW)[1]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [0, 10]
    assert (number(Workshop), number(ImportedWorkshop)) == (10, 10)


def test_a_row_that_was_mended_elsewhere_is_still_the_same_row(network: Network) -> None:
    bring_in(table(), network)
    assert fates(look(table(ROW.replace("09:00", "10:00").replace("36", "12")), network)) == ["again"]
    assert fates(look(table(ROW.replace("06-03", "06-04")), network)) == ["new"], "another day is another workshop"


def test_a_draft_thrown_away_can_be_imported_again(network: Network) -> None:
    bring_in(table(), network)
    acts.delete_draft(db.session.scalars(select(Workshop.id)).one(), by=KARIN, now=NOW)
    db.session.expire_all()
    assert fates(look(table(), network)) == ["new"]


def test_what_somebody_made_by_hand_is_left_alone(network: Network) -> None:
    day = Day(date(2025, 6, 3), time(9), time(16))
    there = made.save_draft(values(network, texts={"es": Text("PLAZAS  SEGURAS")}, days=(day,)), by=KARIN, now=NOW)
    (step,) = look(table(), network).steps
    assert (step.what, step.workshop_id) == ("there", there.id)


def test_two_rows_that_are_the_same_workshop_are_wrong(network: Network) -> None:
    found = look(table(ROW, ROW), network)
    assert fates(found) == ["new", "wrong"]
    assert [one.words for one in found.steps[1].draft.wrong] == ["It is the same workshop as in line 2."]


def test_a_row_that_turns_out_wrong_in_the_last_moment_stops_all_of_it(network: Network) -> None:
    day = Day(date(2025, 6, 3), time(9), time(16))
    there = made.save_draft(values(network, texts={"es": Text("Plazas seguras")}, days=(day,)), by=KARIN, now=NOW).id
    text = table(*THREE[1:], ROW.replace("36", "many"))
    assert fates(look(text, network)) == ["new", "new", "there"]

    def throw_away(*_args: Any) -> None:
        """Between the look and the import: no draft hides any more what is wrong with the row."""
        if db.session.get(Workshop, there) is not None:
            acts.delete_draft(there, by=KARIN, now=NOW)

    listen(Workshop, "init", throw_away)
    try:
        with pytest.raises(Refused, match="Nothing was imported"):
            bring_in(text, network)
    finally:
        remove(Workshop, "init", throw_away)
    assert number(Workshop) == 0


def bad(row: int) -> str:
    return f"Rad {row},,,2025-02-3{row % 10},,,,,"


def test_three_wrong_rows_of_two_hundred_stop_all_of_it(network: Network) -> None:
    rows = [bad(row) if row in {50, 100, 150} else f"Rad {row},,,2025-05-05,,,,," for row in range(200)]
    plan = look(table(*rows), network)
    assert plan.wrong_lines == [52, 102, 152]
    with pytest.raises(Refused, match="Nothing was imported"):
        bring_in(table(*rows), network)
    with pytest.raises(Refused, match="Nothing was imported"):
        bring_in(table(*rows), network, 52, 102)
    assert (number(Workshop), number(AuditEntry)) == (0, 0)
    assert bring_in(table(*rows), network, 52, 102, 152) == 197
    assert number(Workshop) == 197


def test_the_writer_is_held_for_few_statements_however_many_rows_there_are(app: Flask, network: Network) -> None:
    with counted(app) as seen:
        bring_in(table(*(f"Rad {row},,,2025-05-05,,,,," for row in range(40))), network)
    of_all_rows = [statement for statement in seen if statement.startswith("SELECT")]
    assert (number(Workshop), len(of_all_rows) <= 25) == (40, True), of_all_rows


def test_no_more_than_a_few_unknown_hosts_are_guessed_at(network: Network) -> None:
    rows = [f"Rad {row},,,2025-05-05,,,,,,Umeå komun {row:02}" for row in range(MOST_GUESSED + 5)]
    plan = look(table(*rows, head=f"{HEAD},host"), network)
    words = [step.draft.wrong[0].words for step in plan.steps]
    assert [("Do you mean" in said) for said in words] == [True] * MOST_GUESSED + [False] * 5
    assert all("is not known here" in said for said in words)


def test_a_fault_in_the_middle_takes_back_everything_before_it(network: Network) -> None:
    upload = files.received("a.csv", table(*THREE).encode())
    seen = []

    def break_the_last(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(" ".join(statement.split()[:3]))
        if seen[-1] == "INSERT INTO imported_workshop":
            raise RuntimeError

    listen(db.engine, "before_cursor_execute", break_the_last)
    with pytest.raises(RuntimeError):
        service.bring_in(upload, choices(network), leave_out=[], by=KARIN, now=NOW)
    remove(db.engine, "before_cursor_execute", break_the_last)
    assert {"INSERT INTO workshop", "INSERT INTO workshop_day", "INSERT INTO workshop_text"} <= set(seen)
    assert (number(Workshop), number(ImportedWorkshop), number(AuditEntry)) == (0, 0, 0)


PERIOD = "the period of the network Network en, which is 1 January 2024 to 31 December 2026"
SKIPPED = "Clocks in Stockholm are put forward and skip 02:30 on 30 March 2025. The nearest times that work are 01:59 and 03:00"
FORMATS = "Write one of these: On site, Online and On site and online."
MORE_CELLS = "The row has more cells than there are columns: does a text with a comma lack its quotation marks?"
NO_DAY = "“tomorrow” is not a day with its hours. Write it as 2026-06-03 09:00-16:00, with ; between days"
PROBLEMS = [
    ("title,first_day", "Uno,2025-02-31", "first_day", "Enter a real date, such as 2026-06-03"),
    ("title,first_day", "Uno,2031-05-04", "first_day", f"4 May 2031 is outside {PERIOD}"),
    ("title,first_day,last_day", "Uno,2025-06-05,2025-06-03", "last_day", "The last day must not be before the first"),
    ("title,first_day,last_day", "Uno,2025-01-01,2025-06-03", "first_day", "A workshop has at most 31 days"),
    ("title,first_day,starts,ends", "Uno,2025-06-03,16:00,09:00", "ends", "The end must be later than the start"),
    ("title,starts", "Uno,09:00", "First day", "Enter the date as well"),
    ("title,first_day,starts,ends,zone", "Uno,2025-03-30,02:30,09:00,Stockholm", "starts", SKIPPED),
    ("title,seats", "Uno,many", "seats", "Enter how many seats there are, as a number such as 36"),
    ("title,format", "Uno,carrier pigeon", "format", f"“carrier pigeon” is not known here. {FORMATS}"),
    ("title,host", "Uno,Umea kommune", "host", "“Umea kommune” is not known here. Do you mean Umeå Municipality?"),
    ("title,zone", "Uno,Atlantis", "zone", "“Atlantis” is not known here."),
    ("title,link", "Uno,http://x.example", "link", "The link must be a whole address that begins with https://"),
    ("title,contact", "Uno,nobody", "contact", "Enter one e-mail address, such as partnership@icld.se"),
    ("title,seats", ",5", "title", "Enter a title in at least one language"),
    ("title,seats", f"{'a' * 121},5", "title", "title must be 120 characters or fewer"),
    ("title,days", "Uno,tomorrow", "days", NO_DAY),
    ("title,seats", "Uno,5,extra", "title", MORE_CELLS),
    ("title_sv,seats", "U\u202eno,5", "title_sv", "title_sv has characters that cannot be shown. Type it again."),
]  # fmt: skip


@pytest.mark.parametrize(("head", "row", "column", "words"), PROBLEMS, ids=[words[:40] for *_rest, words in PROBLEMS])
def test_what_is_wrong_is_said_with_the_files_own_column(network: Network, head: str, row: str, column: str, words: str) -> None:
    assert complaints(table(row, head=head), network) == [(column, words)]


def test_words_of_any_language_are_understood(network: Network) -> None:
    head = "Título;Modalidad;Tema;Idiomas de trabajo;País;Organización anfitriona;Tidszon;Quién puede inscribirse"
    row = "Uno;online;Stadsplanering;spanska y English;Suecia;umea kommun;Bogota;Bara inbjudna organisationer"
    (step,) = look(f"{head}\n{row}", network).steps
    found = step.draft.values
    assert found is not None
    assert step.draft.wrong == []
    assert (found.format, found.theme, found.spoken, found.country, found.zone, found.access) == (
        "online", "urban_planning", ("es", "en"), "SE", "America/Bogota", "invited",
    )  # fmt: skip
    assert found.organisation_id == db.session.scalars(select(Organisation.id).where(Organisation.country == "SE")).one()


def test_days_that_differ_have_a_column_of_their_own(network: Network) -> None:
    (step,) = look(table("Uno,2025-06-05 10:00–12:00; 2025-06-03 09:00-16:00", head="title,days"), network).steps
    assert step.draft.values is not None
    assert step.draft.values.days == (Day(date(2025, 6, 3), time(9), time(16)), Day(date(2025, 6, 5), time(10), time(12)))


# Calendars


def test_an_entry_becomes_a_draft_on_its_own_clock(network: Network) -> None:
    text = calendar(event("LOCATION:Archivo\\, Calle 24\\, Bogotá\\, Colombia", "DESCRIPTION:<p>Uno &amp; dos</p><ul><li>tres</li></ul>"))
    assert bring_in(text, network) == 1
    found = workshops.values_of(db.session.scalars(select(Workshop)).one())
    assert (found.zone, found.venue, found.street_address, found.place, found.country) == (
        "America/Bogota",
        "Archivo",
        "Calle 24",
        "Bogotá",
        "CO",
    )
    assert found.days == (Day(date(2025, 6, 3), time(9), time(16)),)
    assert found.texts["es"] == Text("Plazas seguras", description="Uno & dos\n\n- tres")
    assert bring_in(text, network) == 0


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<p class="x">Hej<br/>då</p><script>1 &lt; 2</script>', "Hej\ndå\n1 < 2"),
        (
            "Join: <https://example.org/j/1> <o:p></o:p>or <me@example.org>&nbsp;<!-- no -->.",
            "Join: <https://example.org/j/1> or <me@example.org> .",
        ),
        ("a <b>bold</b> word, 2 < 3", "a bold word, 2 < 3"),
    ],
)
def test_a_description_in_html_keeps_its_words(html: str, words: str, network: Network) -> None:
    assert bring_in(calendar(event(f"DESCRIPTION:{html}")), network) == 1
    assert workshops.values_of(db.session.scalars(select(Workshop)).one()).texts["es"].description == words


def test_tags_that_are_never_closed_take_no_time(network: Network) -> None:
    entries = [event("DESCRIPTION:<p>" + "<a " * 6_600, uid=str(number)) for number in range(20)]
    began = monotonic()
    assert {step.what for step in look(calendar(*entries), network).steps} == {"wrong"}
    assert monotonic() - began < 15


ENTRIES = [  # an entry, its clock and days, what is said of it
    (event(start="DTSTART:20250603T140000Z", end="DTEND:20250603T210000Z"), "America/Guatemala", [(3, 8, 15)], None),
    (event(start="DTSTART:20250603T090000", end="DTEND:20250603T160000"), "America/Guatemala", [(3, 9, 16)], "names no time zone"),
    (
        event(start="DTSTART;VALUE=DATE:20250603", end="DTEND;VALUE=DATE:20250605"),
        "America/Guatemala",
        [(3, 9, 16), (4, 9, 16)],
        "whole days",
    ),
    (event(end="DTEND;TZID=America/Bogota:20250605T160000"), "America/Bogota", [(3, 9, 16), (4, 9, 16), (5, 9, 16)], "Each day gets"),
    (event("RRULE:FREQ=DAILY;COUNT=2"), "America/Bogota", [(3, 9, 16), (4, 9, 16)], None),
    (
        event(start="DTSTART;TZID=Asia/Tokyo:20250603T230000", end="DTEND;TZID=Asia/Tokyo:20250604T020000"),
        "America/Guatemala",
        [(3, 8, 11)],
        None,
    ),
]


@pytest.mark.parametrize(("text", "zone", "days", "said"), ENTRIES, ids=range(len(ENTRIES)))
def test_hours_are_told_on_a_clock_of_ours(
    network: Network, text: str, zone: str, days: list[tuple[int, int, int]], said: str | None
) -> None:
    (step,) = look(calendar(text), network).steps
    found = step.draft.values
    assert found is not None
    assert (found.zone, [(day.on.day, day.starts.hour, day.ends.hour) for day in found.days]) == (zone, days)
    assert [said in note for note in step.draft.notes if said] == ([True] if said else [])
    assert step.draft.wrong == []


def test_the_files_own_clock_comes_before_the_chosen_one(network: Network) -> None:
    text = event(start="DTSTART:20250603T070000Z", end="DTEND:20250603T140000Z")
    (step,) = look(calendar(text, more="X-WR-TIMEZONE:Europe/Stockholm\n"), network).steps
    assert step.draft.values is not None
    assert (step.draft.values.zone, step.draft.values.days[0].starts) == ("Europe/Stockholm", time(9))


WRONG_ENTRIES = [
    (event("RRULE:FREQ=WEEKLY;COUNT=4"), ("RRULE", "It repeats in a way")),
    (event(end="DTEND;TZID=America/Bogota:20250604T020000"), ("DTEND", "It goes on past midnight")),
    (event(start="DTSTART;TZID=Atlantis:20250603T090000"), ("DTSTART", "The time zone “Atlantis” is not known.")),
    (event(start="DTSTART;VALUE=DATE:20310603", end=""), ("DTSTART", "3 June 2031 is outside the period")),
    (event().replace("SUMMARY:Plazas seguras", "SUMMARY:" + "a" * 130), ("SUMMARY", "SUMMARY must be 120 characters or fewer")),
]


@pytest.mark.parametrize(("text", "said"), WRONG_ENTRIES, ids=range(len(WRONG_ENTRIES)))
def test_what_is_wrong_with_an_entry_is_said_with_its_property(network: Network, text: str, said: tuple[str, str]) -> None:
    found = complaints(calendar(text), network)
    assert [(where, words.startswith(said[1])) for where, words in found] == [(said[0], True)]


def test_cancelled_entries_are_left_out(network: Network) -> None:
    assert fates(look(calendar(event("STATUS:CANCELLED"), event(uid="b")), network)) == ["cancelled", "new"]


def test_our_own_calendar_comes_back_as_what_is_there(app: Flask, network: Network) -> None:
    workshop = factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4))
    text = app.test_client().get(f"/workshops/{workshop.slug}.ics?lang=es").get_data(as_text=True)
    found = look(text, network)
    assert [(step.what, step.workshop_id) for step in found.steps] == [("there", workshop.id)] * 2


def test_our_own_programme_comes_back_as_what_is_there(app: Flask, network: Network) -> None:
    draft = made.save_draft(values(network, sessions=(session("Welcome"),)), by=KARIN, now=NOW)
    acts.publish(draft.id, by=KARIN, now=NOW)
    text = app.test_client().get("/feeds/all.ics?lang=en&show=sessions").get_data(as_text=True)
    assert "SUMMARY;LANGUAGE=en:Welcome" in text
    assert {(step.what, step.workshop_id) for step in look(text, network).steps} == {("there", draft.id)}


def test_a_calendar_without_entries_is_said_to_be_empty(network: Network) -> None:
    with pytest.raises(Refused, match="no entry"):
        look(calendar(), network)
