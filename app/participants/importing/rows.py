"""The rows of a list of people, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.accounts.rules import canonical, is_address
from app.errors import Refused
from app.exchange import rules, writing
from app.exchange.reading import files
from app.languages import gettext as _
from app.languages import language, listed
from app.web import UNWANTED

MOST_ROWS = 300
NAMES = {
    "name": ("name", "namn", "nombre", "full name", "nombre completo"),
    "address": ("e-mail", "email", "e-post", "correo", "correo electrónico", "address", "adress", "mail"),
    "organisation": ("organisation", "organization", "organización", "kommun", "municipality", "municipio"),
    "lang": ("language", "språk", "idioma", "lang"),
    "kind": ("role", "roll", "función", "rol"),
}
LANGS = {
    "sv": ("sv", "swedish", "svenska", "sueco"),
    "es": ("es", "spanish", "spanska", "español"),
    "en": ("en", "english", "engelska", "inglés"),
}
KINDS = {
    "official": (
        "official",
        "tjänsteperson",
        "tjänsteman",
        "funcionario",
        "funcionaria",
        "personal funcionario",
        "cargo en la administración",
    ),
    "politician": ("politician", "politiker", "político", "política", "político o política", "cargo político"),
}
COLUMNS = {rules.fold(name): key for key, names in NAMES.items() for name in names}


@dataclass
class Row:
    """One person of the file. `wrong`: (column, words); `there`: is registered already."""

    line: int
    name: str
    address: str
    organisation: str = ""
    organisation_id: int | None = None
    lang: str = ""
    kind: str | None = None
    there: bool = False
    wrong: list[tuple[str, str]] = field(default_factory=list)


def read(text: str, organisations: Mapping[str, int]) -> list[Row]:
    """The people of a table; `organisations` are folded names. Raises Refused if it is no such table."""
    sign, skipped = files.dialect(text, lambda heading: COLUMNS.get(rules.fold(heading)))
    table = files.rows_of(text, sign)
    for _number in range(skipped):
        next(table, None)
    headings = [COLUMNS.get(rules.fold(heading)) for heading in next(table, (1, []))[1]]
    known = [key for key in headings if key]
    if not {"name", "address"} <= set(known):
        raise Refused(_("The first row must have the names of the columns; a name and an e-mail address are needed."))
    if len(known) != len(set(known)):
        raise Refused(_("Two columns mean the same. Take one of them away."))
    found = []
    for number, cells in table:
        named = {key: rules.unguarded(cell).strip() for key, cell in zip(headings, cells, strict=False) if key}
        if any(named.values()):
            found.append(_row(number, named, organisations))
    if not found:
        raise Refused(_("The file has the names of the columns and nothing under them."))
    if len(found) > MOST_ROWS:
        raise Refused(_("The file has %(number)s people; at most %(most)s are taken at a time.", number=len(found), most=MOST_ROWS))
    _refuse_twice(found)
    return found


def _row(number: int, cells: Mapping[str, str], organisations: Mapping[str, int]) -> Row:
    row = Row(number, cells.get("name", ""), cells.get("address", ""), cells.get("organisation", ""))
    if not row.name or len(row.name) > 200 or UNWANTED.search(row.name) or len(row.name.splitlines()) > 1:
        row.wrong.append((_("Name"), _("Enter a name of at most 200 characters, on one line")))
    if not is_address(row.address):
        row.wrong.append((_("E-mail"), _("Enter one address, such as name@municipality.se")))
    if row.organisation:
        row.organisation_id = organisations.get(rules.fold(row.organisation))
        if row.organisation_id is None:
            row.wrong.append((_("Organisation"), _("“%(text)s” is not known here.", text=row.organisation[:60])))
    row.lang = _code(cells.get("lang", ""), LANGS, row, _("Language"), allowed=[language(code) for code in LANGS])
    row.kind = _code(cells.get("kind", ""), KINDS, row, _("Role"), allowed=kinds()) or None
    return row


def _code(text: str, known: Mapping[str, Sequence[str]], row: Row, column: str, allowed: Sequence[str]) -> str:
    folded = rules.fold(text)
    code = next((code for code, names in known.items() if folded in {rules.fold(name) for name in names}), "")
    if folded and not code:
        words = _(
            "“%(text)s” is not known here. Write one of these, or leave it empty: %(allowed)s", text=text[:60], allowed=listed(allowed)
        )
        row.wrong.append((column, words))
    return code


def kinds() -> list[str]:
    """The roles as the language in force calls them, of which each is read."""
    return [_("Official"), _("Politician")]


def template() -> bytes:
    """The table to fill in: its headings in the language in force, and nobody in it who would be registered by mistake."""
    return writing.table([_("Name"), _("E-mail"), _("Organisation"), _("Language"), _("Role")], [])


def _refuse_twice(rows: Sequence[Row]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        if row.address and (first := seen.setdefault(canonical(row.address), row.line)) != row.line:
            row.wrong.append((_("E-mail"), _("The same address stands in line %(line)s.", line=first)))
