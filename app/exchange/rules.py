"""The columns of a table of workshops, in three languages at once; how names are compared, and what a row is remembered by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

LANGUAGES = ("sv", "es", "en")
MOST_BYTES = 2_000_000  # of one file
MOST_ROWS = 500  # of one file
MOST_COMPARED = 300  # characters: no name is longer, and marks without end would take minutes to sort (UAX 15, section 13)
TEXTS = ("title", "summary", "description", "practical")
FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")  # noqa: RUF001  the full-width signs count for spreadsheets as well
_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Column:
    """A column of the table: its heading in each language, other headings that mean the same, and whether it is only ours to write."""

    key: str
    sv: str
    es: str
    en: str
    also: tuple[str, ...] = ()
    only_out: bool = False

    def name(self, lang: str) -> str:
        """The heading in one language."""
        return {"sv": self.sv, "es": self.es}.get(lang, self.en)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.key, self.sv, self.es, self.en, *self.also)


def _texts(key: str, sv: str, es: str, en: str) -> list[Column]:
    """A column a language, such as 'Title (es)'; 'Title' alone is in the language chosen for the file."""
    return [Column(f"{key}_{lang}", f"{sv} ({lang})", f"{es} ({lang})", f"{en} ({lang})") for lang in LANGUAGES]


TITLES = _texts("title", "Titel", "Título", "Title")
COLUMNS = (
    *TITLES,
    *_texts("summary", "Sammanfattning", "Resumen", "Summary"),
    Column(
        "first_day", "Första dagen", "Primer día", "First day",
        ("start date", "event start date", "startdatum", "fecha de inicio", "date", "day", "datum", "dag", "fecha", "día"),
    ),
    Column(
        "last_day", "Sista dagen", "Último día", "Last day",
        ("end date", "event end date", "slutdatum", "fecha de fin", "fecha final", "fecha de finalización"),
    ),
    Column("starts", "Börjar", "Comienza", "Starts", ("start", "start time", "event start time", "starttid", "hora de inicio", "inicio")),
    Column("ends", "Slutar", "Termina", "Ends", ("end", "end time", "event end time", "sluttid", "hora de fin", "fin", "hora final")),
    Column("days", "Alla dagar", "Todos los días", "All days"),
    Column("place", "Ort", "Localidad", "Town", ("city", "stad", "plats", "ciudad", "lugar", "municipio")),
    Column("country", "Land", "País", "Country"),
    Column("zone", "Tidszon", "Zona horaria", "Time zone", ("timezone", "clock", "klocka", "reloj", "huso horario")),
    Column("venue", "Lokal", "Sede", "Venue", ("location", "event venue name", "recinto", "ubicación")),
    Column("street_address", "Gatuadress", "Dirección", "Street address", ("address", "adress")),
    Column("latitude", "Latitud", "Latitud", "Latitude"),
    Column("longitude", "Longitud", "Longitud", "Longitude"),
    Column("format", "Mötesform", "Modalidad", "Format", ("how people meet", "form")),
    Column("join_url", "Länk online", "Enlace en línea", "Online link", ("link", "länk", "enlace", "link to join online")),
    Column("host", "Värd", "Organización anfitriona", "Host", ("organisation", "organization", "organización", "värdorganisation")),
    Column("theme", "Tema", "Tema", "Theme"),
    Column("spoken", "Arbetsspråk", "Idiomas de trabajo", "Languages", ("language", "languages of work", "språk", "idioma", "idiomas")),
    Column("capacity", "Platser", "Cupos", "Seats", ("capacity", "antal platser", "cupo", "capacidad")),
    Column("access", "Vem får anmäla sig", "Quién puede inscribirse", "Who may register", ("access", "tillträde", "acceso")),
    Column("opens", "Anmälan öppnar", "Apertura de la inscripción", "Registration opens"),
    Column("closes", "Anmälan stänger", "Cierre de la inscripción", "Registration closes"),
    Column("letters", "Inbjudningsbrev för visum till", "Cartas para la visa hasta", "Letters for a visa until"),
    Column("approval", "Godkännande", "Aprobación", "Approval"),
    Column("contact", "Kontakt", "Contacto", "Contact", ("e-mail", "email", "e-post", "correo", "correo electrónico")),
    *_texts("description", "Beskrivning", "Descripción", "Description"),
    *_texts("practical", "Praktisk information", "Información práctica", "Practical information"),
    Column("original_lang", "Originalspråk", "Idioma original", "Original language"),
    Column("network", "Nätverk", "Red", "Network"),
    Column("uid", "UID", "UID", "UID", ("id",)),
    Column("programme", "Program", "Programa", "Programme", only_out=True),
    Column("documents", "Dokument", "Documentos", "Documents", only_out=True),
    Column("questions", "Frågor", "Preguntas", "Questions", only_out=True),
    Column("holds", "Reserverade platser", "Cupos reservados", "Held seats", only_out=True),
    Column("state", "Status", "Estado", "State", only_out=True),
    Column("taken", "Bokade", "Ocupados", "Taken", only_out=True),
    Column("page", "Sida", "Página", "Page", ("url",), only_out=True),
)  # fmt: skip
PLAIN = {  # without a language: in the one chosen for the file
    "title": ("title", "titel", "título", "subject", "ämne", "asunto", "event name", "name", "namn", "nombre", "summary title"),
    "summary": ("summary", "sammanfattning", "resumen", "event excerpt", "excerpt"),
    "description": ("description", "beskrivning", "descripción", "event description"),
    "practical": ("practical", "praktisk information", "información práctica", "practical information"),
}
TEMPLATE = tuple(
    column for column in COLUMNS
    if not column.only_out and not column.key.startswith(("description", "practical")) and column.key not in {
        "days", "latitude", "longitude", "street_address", "opens", "closes", "letters", "approval",
        "original_lang", "network", "uid",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """For comparing: no case, no accents, no signs, single blanks. 'Título (sv)' and 'TITULO_SV' are the same."""
    plain = unicodedata.normalize("NFKD", text[:MOST_COMPARED].casefold())
    return _APART.sub(" ", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip()


_BY_NAME = {fold(name): column.key for column in reversed(COLUMNS) for name in column.names} | {
    fold(name): key for key, names in PLAIN.items() for name in names
}


def column_of(heading: str) -> str | None:
    """The key of the column that a heading means, in whichever language; None if it means nothing to us."""
    return _BY_NAME.get(fold(heading[:200]))


def key_of_uid(uid: str) -> str:
    """What an entry of a calendar, or a row with a UID, is remembered by."""
    return sha256(f"uid\0{uid}".encode()).hexdigest()


def key_of_row(titles: Iterable[str], first_day: str) -> str:
    """What a row without a UID is remembered by: its titles and its first day. Whatever else is mended in the file, it is
    the same row."""
    return sha256("\0".join(["row", first_day, *(fold(title) for title in titles)]).encode()).hexdigest()


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The cell as it was before `guarded`."""
    return text[1:] if text[:1] == "'" and FORMULA.match(text) else text


def separator(lang: str) -> str:
    """What stands between the cells: Excel opens a file by the list separator of its system, a semicolon where the decimal
    sign is a comma (Swedish, Spanish of Colombia), a comma in English."""
    return "," if lang == "en" else ";"


def numbered(lines: Sequence[int]) -> str:
    """'4,17,120': lines as they travel in a form."""
    return ",".join(str(line) for line in lines)
