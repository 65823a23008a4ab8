"""An uploaded file: bytes into text, text into rows of cells, and the way it travels between the look and the import."""

from __future__ import annotations

import base64
import csv
import io
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.errors import Refused
from app.exchange import rules
from app.languages import gettext as _

MOST_NAMED = 30  # columns that one sentence names
SEPARATORS = (";", ",", "\t")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx (a ZIP file), .xls


@dataclass(frozen=True)
class Upload:
    """A file that somebody sent. `old_letters`: it was not in Unicode."""

    name: str
    text: str
    old_letters: bool = False


@dataclass(frozen=True)
class Line:
    """A row of the table: the line of the file it begins in, and its cells by column."""

    number: int
    cells: dict[str, str]
    beyond: bool = False  # more cells than headings


@dataclass(frozen=True)
class Table:
    """A table: its rows, the headings as they stand in the file by column, and those that mean nothing to us."""

    lines: list[Line] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def received(name: str, data: bytes) -> Upload:
    """A file as text. Raises Refused with words for whatever cannot be a table or a calendar."""
    if len(data) > rules.MOST_BYTES:
        raise Refused(too_large())
    if data.startswith(WORKBOOKS):
        raise Refused(_("This is a workbook of a spreadsheet program. In that program, save it as “CSV UTF-8” and choose that file."))
    text, old_letters = _decoded(data)
    if not text.strip():
        raise Refused(_("The file is empty."))
    return Upload(name, text, old_letters)


def too_large() -> str:
    """What is said of a file beyond the limit."""
    return _("The file is larger than 2 MB. Divide it into several files, or leave long texts out.")


def _decoded(data: bytes) -> tuple[str, bool]:
    """(text, whether it was in Windows-1252). A file of Excel has one of these; anything else is no text."""
    encoding = "utf-8-sig" if data.startswith(BOM_UTF8) else "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    for name in (encoding, "cp1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, name == "cp1252"
    raise Refused(_("This is not a text file. Choose a CSV file (.csv) or a calendar file (.ics)."))


# Tables ------------------------------------------------------------------------------------------------------------


def read_table(text: str) -> Table:
    """The rows of a CSV file, whichever separator it has. Raises Refused when it cannot be read as one."""
    sign, skipped = _dialect(text)
    rows = _rows(text, sign)
    for _number in range(skipped):
        next(rows, None)
    headings = next(rows, (1, []))[1]
    keys = [rules.column_of(heading) for heading in headings]
    if not any(key and (key == "title" or key.startswith("title_")) for key in keys):
        names = " / ".join(sorted({column.name("en") for column in rules.TITLES}))
        raise Refused(
            _("No column for the title was found. The first row must have the names of the columns, such as %(names)s.", names=names)
        )
    counted = Counter(keys)
    twice = list(dict.fromkeys(heading.strip() for heading, key in zip(headings, keys, strict=True) if key and counted[key] > 1))
    if twice:
        raise Refused(_("Two columns mean the same: %(columns)s. Take one of them away.", columns=", ".join(twice[:MOST_NAMED])))
    lines = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        named = zip(keys, cells, strict=False)
        beyond = any(cell.strip() for cell in cells[len(keys) :])
        lines.append(Line(number, {key: rules.unguarded(cell).strip() for key, cell in named if key}, beyond))
    if len(lines) > rules.MOST_ROWS:
        raise Refused(too_many(len(lines)))
    known = {key: heading.strip() for key, heading in zip(keys, headings, strict=True) if key}
    only_out = {column.key for column in rules.COLUMNS if column.only_out}
    return Table(
        lines,
        known,
        unknown=[heading.strip()[:60] for heading, key in zip(headings, keys, strict=True) if key is None and heading.strip()][:MOST_NAMED],
        unused=[heading for key, heading in known.items() if key in only_out],
    )


def too_many(number: int) -> str:
    """What is said of a file with more rows than are taken at once."""
    return _(
        "The file has %(number)s workshops; at most %(most)s are taken at a time. Divide it into several files.",
        number=number,
        most=rules.MOST_ROWS,
    )


def _rows(text: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    """(line it begins in, cells) of each row. Raises Refused where quotation marks do not come in pairs."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            words = _(
                "Line %(line)s cannot be read: a quotation mark is opened and not closed, or stands in the middle of a cell.", line=begins
            )
            raise Refused(words) from None
        if cells is None:
            return
        yield begins, cells
        begins = reader.line_num + 1


def _dialect(text: str) -> tuple[str, int]:
    """(separator, rows to skip): the one by which the first row has most names that we know. Excel's own `sep=` row is no heading."""
    skipped = int(text[:4].lower() == "sep=")
    head = text.split("\n", skipped + 1)[skipped][:20_000] if skipped else text[:20_000]
    return max(SEPARATORS, key=lambda sign: _fit(head, sign)), skipped


def _fit(head: str, sign: str) -> tuple[int, int]:
    try:
        cells: Sequence[str] = next(csv.reader(io.StringIO(head, newline=""), delimiter=sign), [])
    except csv.Error:
        return 0, 0
    return sum(rules.column_of(cell) is not None for cell in cells), len(cells)


# Between the look and the import -----------------------------------------------------------------------------------


def pack(text: str) -> str:
    """The text as it stands in a hidden field of the page: no copy of the file is kept on the server."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def unpack(packed: str) -> str:
    """The text again; never more than MOST_BYTES characters, whatever was sent. Raises Refused."""
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(packed.encode("ascii"), altchars=b"-_", validate=True), 2 * rules.MOST_BYTES + 1)
        text = data.decode()
    except (ValueError, zlib.error):
        raise Refused(_("The file did not arrive whole. Choose it once more.")) from None
    if unpacking.unconsumed_tail or not unpacking.eof or len(text) > rules.MOST_BYTES or "\0" in text:
        raise Refused(_("The file did not arrive whole. Choose it once more."))
    return text
