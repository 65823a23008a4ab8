"""A table is read as Excel writes it in Visby, Bogotá and London; what cannot be read is named with its line and column."""

from __future__ import annotations

import time as time_of
from contextlib import suppress
from datetime import date, time

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.exchange import rules, service, writing
from app.exchange.reading import files, rows
from app.exchange.reading.drafts import Choices
from app.languages import using
from tests import factories
from tests.exchange.made import table
from tests.factories import NOW

TITLES = "Titel (sv);Título (es);Title (en)"
HEADINGS = {
    "title_sv": ["Titel (sv)", "TITULO (SV)", "title_sv", "Title  (sv)"],
    "first_day": ["Första dagen", "forsta dagen", "Primer dia", "First day", "EVENT START DATE", "Start Date"],
    "host": ["Värd", "Organizacion anfitriona", "Host"],
    "title": ["Subject", "Event Name", "título"],
    "capacity": ["Platser", "Cupos", "seats"],
    "place": ["Plats", "Ort", "Town"],
}


@pytest.mark.parametrize(("key", "heading"), [(key, name) for key, names in HEADINGS.items() for name in names])
def test_a_heading_is_known_in_three_languages(key: str, heading: str) -> None:
    assert rules.column_of(heading) == key


def test_no_two_columns_share_a_name() -> None:
    names = [(rules.fold(name), column.key) for column in rules.COLUMNS for name in column.names]
    names += [(rules.fold(name), key) for key, known in rules.PLAIN.items() for name in known]
    assert len({name for name, _key in names}) == len(set(names))


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_any_separator_is_found_also_where_texts_hold_the_others(sign: str) -> None:
    text = sign.join(["title_es", "summary_es", "Sedes"]) + "\n" + sign.join(['"Uno; dos, tres\t"', '"línea\notra"', "x"])
    found = files.read_table(text)
    assert found.lines == [files.Line(2, {"title_es": "Uno; dos, tres", "summary_es": "línea\notra"})]
    assert found.unknown == ["Sedes"]


def test_excels_own_row_is_no_heading_and_lines_are_counted_as_editors_do() -> None:
    found = files.read_table('sep=;\r\ntitle;seats\r\n"Uno\r\ndos";5\r\n\r\n;;\r\nTres;6\r\n')
    assert [(line.number, line.cells["title"]) for line in found.lines] == [(3, "Uno\r\ndos"), (7, "Tres")]


@pytest.mark.parametrize(
    ("encoding", "old"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1252", True)],
)
def test_the_letters_are_right_in_every_encoding_of_excel(encoding: str, old: bool) -> None:
    assert files.received("a.csv", "título\nÅre".encode(encoding)) == files.Upload("a.csv", "título\nÅre", old)


REFUSED = [
    (b"", "empty"),
    (b"PK\x03\x04rest of a workbook", "CSV UTF-8"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
    (b"a" * 2_000_001, "larger than 2 MB"),
]


@pytest.mark.parametrize(("data", "words"), REFUSED, ids=[words for _data, words in REFUSED])
def test_what_is_no_table_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with using("en"), pytest.raises(Refused, match=words):
        files.received("a", data)


WRONG_TABLES = [
    ("name of day,seats\n1,2", "No column for the title"),
    ("title,Titel\n1,2", "Two columns mean the same"),
    ('title,seats\nUno,1\n"Dos,2\nTres,3', "Line 3 cannot be read"),
    ('title,seats\n"Uno"x,1', "Line 2 cannot be read"),
    ("title\n" + "a\n" * 501, "501 workshops"),
    ("title\n" + "a" * 200_000, "Line 2 cannot be read"),
]


@pytest.mark.parametrize(("text", "words"), WRONG_TABLES, ids=[words for _text, words in WRONG_TABLES])
def test_a_table_that_cannot_be_read_says_where(text: str, words: str) -> None:
    with using("en"), pytest.raises(Refused, match=words):
        files.read_table(text)


@pytest.mark.parametrize(
    ("text", "american", "day"),
    [("2025-06-03", False, 3), ("3/6/2025", False, 3), ("03.06.2025", False, 3), ("6/3/2025", True, 3), ("2025-06-03 00:00:00", False, 3)],
)
def test_a_date_is_read_as_people_write_it(text: str, american: bool, day: int) -> None:
    assert rows.read_date(text, american=american) == date(2025, 6, day)


@pytest.mark.parametrize(
    ("dates", "first"), [(["6/13/2025", "6/3/2025"], True), (["13/6/2025"], False), (["3/6/2025", "2025-06-03"], False)]
)
def test_the_month_is_first_only_where_no_other_reading_is_left(dates: list[str], first: bool) -> None:
    assert rows.month_first(dates) is first


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("9", (9, 0)),
        ("09:30", (9, 30)),
        ("9.30", (9, 30)),
        ("09:30:00", (9, 30)),
        ("2:30 PM", (14, 30)),
        ("12 am", (0, 0)),
        ("kl. 9", (9, 0)),
        ("16 h", (16, 0)),
    ],
)
def test_an_hour_is_read_as_people_write_it(text: str, hour: tuple[int, int]) -> None:
    assert rows.read_hour(text) == time(*hour)


@pytest.mark.parametrize("text", ["25:00", "13 PM", "9:75", "soon", "9-16"])
def test_what_is_no_hour_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A.+\Z"):
        rows.read_hour(text)


@given(st.text())
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = rules.guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert rules.unguarded(cell) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1", "'=1", "''+1", "'quoted'", "plain", ""])
def test_a_formula_gets_an_apostrophe_and_loses_it_again(text: str) -> None:
    assert rules.guarded(text) == (text if text in {"'quoted'", "plain", ""} else f"'{text}")
    assert rules.unguarded(rules.guarded(text)) == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_file_comes_back_from_the_page_as_it_went(text: str) -> None:
    assert files.unpack(files.pack(text)) == text


def bomb() -> str:
    return files.pack("a" * 40_000_000)


@pytest.mark.parametrize("packed", ["", "x", "=" * 9, "eJw=", files.pack("a b")[:-6], "å", files.pack("a\0b")], ids=range(7))
def test_a_file_that_did_not_arrive_whole_is_refused(packed: str) -> None:
    with using("en"), pytest.raises(Refused, match="did not arrive whole"):
        files.unpack(packed)


def test_a_small_packet_that_unfolds_to_much_is_refused() -> None:
    assert len(bomb()) < 100_000
    with using("en"), pytest.raises(Refused, match="did not arrive whole"):
        files.unpack(bomb())


def test_the_template_is_a_table_that_can_be_imported(lite: Flask) -> None:
    for lang in ("sv", "es", "en"):
        with using(lang):
            text = files.received("t.csv", writing.template()).text
        found = files.read_table(text)
        assert (found.unknown, found.unused) == ([], [])
        assert found.lines[0].cells["title_es"] == "Una ciudad segura"


def test_a_table_of_one_row_has_its_cells() -> None:
    (line,) = files.read_table(table()).lines
    assert line.cells["place"] == "Umeå"


HEAVY = {
    "columns": "title," * 300_000 + "\na",
    "marks": "title,host\n" + "\n".join(f"a{chr(0x301)}{(chr(0x316) + chr(0x301)) * 30_000},b" for _row in range(10)),
    "quotes": "title\n" + '""' * 900_000,
    "unknown columns": "title," + "q," * 900_000,
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY)
def test_two_megabytes_of_anything_are_read_in_moments(lite: Flask, text: str) -> None:
    network = factories.network(factories.organisation("CO"))
    began = time_of.process_time()
    with suppress(Refused):
        service.look(files.received("a.csv", text.encode()), Choices(network.id, "UTC", "es", time(9), time(16)), now=NOW)
    assert time_of.process_time() - began < 10
