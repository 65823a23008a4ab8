"""A row of a table as a draft: dates and hours as people type them, names in any of the three languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from app.accounts.rules import is_address
from app.exchange import rules
from app.exchange.reading.drafts import Draft, Place, World, check, code_of, located, plain
from app.exchange.reading.files import Line, Table
from app.languages import LANGUAGES, current, hours, language, listed
from app.languages import gettext as _
from app.web import tidy
from app.workshops.form.fields import decimal, read_time, whole
from app.workshops.models import ACCESS, FORMATS, THEMES
from app.workshops.rules import MOST_DAYS
from app.workshops.showing.names import access_name, format_name, theme_name
from app.workshops.values import Day, Text, Values

T = TypeVar("T")

ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
SPOKEN = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
MIDNIGHT = re.compile(r"[ T]0?0:00(:00)?$")
CLOCK = re.compile(r"(?:kl\.?\s*)?(\d{1,2}(?:[:.]\d{2})?)(?:[:.]00)?\s*(?:h(?:rs?)?\.?)?\s*([ap]\.?\s?m\.?)?", re.IGNORECASE)
DAY = re.compile(r"(\S+)\s+(\S+?)\s*[-–]\s*(\S+)")  # noqa: RUF001  an en dash between hours as well
TONGUES = re.compile(r"[,;/+&|\n]|\s(?:and|och|y|e)\s")
BY_KEY = {column.key: column for column in rules.COLUMNS}


def month_first(dates: Iterable[str]) -> bool:
    """Whether dates such as 06/13/2026 show that the file writes the month first; where none does, the day is first."""
    found = [SPOKEN.match(text.strip()) for text in dates]
    firsts, seconds = [int(one[1]) for one in found if one], [int(one[2]) for one in found if one]
    return any(number > 12 for number in seconds) and not any(number > 12 for number in firsts)


def read_date(text: str, *, american: bool) -> date:
    """'2026-06-03', '3/6/2026', '3.6.2026'. Raises ValueError."""
    text = MIDNIGHT.sub("", text.strip())
    if found := ISO.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := SPOKEN.fullmatch(text):
        day, month = (found[2], found[1]) if american else (found[1], found[2])
        return date(int(found[3]), int(month), int(day))
    raise ValueError(text)


def read_hour(text: str) -> time:
    """'9', '09:00', '9.30', '09:00:00', '2:30 PM'. Raises ValueError."""
    found = CLOCK.fullmatch(text.strip())
    if found is None or found[2] is None:
        return read_time(found[1] if found else text.strip())
    wall = read_time(found[1])
    if not 1 <= wall.hour <= 12:
        raise ValueError(text)
    return wall.replace(hour=wall.hour % 12 + 12 * (found[2][0].lower() == "p"))


def drafts(table: Table, world: World) -> list[Draft]:
    """A draft for each row of the table, in its order."""
    american = is_american(table)
    return [_Row(line, table, world, american).draft() for line in table.lines]


def is_american(table: Table) -> bool:
    """Whether this table's dates have the month first."""
    return month_first(line.cells.get(name, "") for line in table.lines for name in ("first_day", "last_day"))


@dataclass
class _Row:
    """One row while it is read."""

    line: Line
    table: Table
    world: World
    american: bool

    def draft(self) -> Draft:
        texts = self._texts()
        lang = next((lang for lang in (current(), self.world.choices.lang, *texts) if texts[lang].title), current())
        self.found = Draft(self.line.number, texts[lang].title, lang, uid=self.cell("uid")[:300])
        if self.line.beyond:
            self.found.complain(
                self.label("title"), _("The row has more cells than there are columns: does a text with a comma lack its quotation marks?")
            )
        values = self._values(texts)
        check(self.found, values, self.world, self.label)
        return self.found

    def cell(self, key: str) -> str:
        return self.line.cells.get(key, "")

    def label(self, name: str) -> str:
        """What this file calls the column, else what we call it."""
        plain_name = name.rpartition("_")[0] if name.endswith(f"_{self.world.choices.lang}") else name
        for key in (name, plain_name):
            if key in self.table.headings:
                return self.table.headings[key]
        column = BY_KEY.get(name) or BY_KEY.get(f"{name}_{self.world.choices.lang}")
        return column.name(current()) if column else name

    def _texts(self) -> dict[str, Text]:
        found = {}
        for lang in LANGUAGES:
            own = {kind: self.cell(f"{kind}_{lang}") for kind in rules.TEXTS}
            if lang == self.world.choices.lang:
                own = {kind: text or self.cell(kind) for kind, text in own.items()}
            found[lang] = Text(plain(own["title"]), tidy(own["summary"]), tidy(own["description"]), tidy(own["practical"]))
        return found

    def _values(self, texts: dict[str, Text]) -> Values:
        choices = self.world.choices
        host = self._host()
        zone = self._choice("zone", "zone", ()) or ""
        join_url, place, venue = plain(self.cell("join_url")), plain(self.cell("place")), plain(self.cell("venue"))
        guess = "online" if join_url and not (place or venue) else "on_site"
        values = Values(
            network_id=self._network(),
            zone=zone,
            original_lang=self._original(texts),
            texts=texts,
            organisation_id=host.id if host else None,
            format=self._choice("format", "format", [format_name(code) for code in FORMATS]) or guess,
            spoken=self._spoken(),
            theme=self._choice("theme", "theme", [theme_name(code) for code in THEMES]),
            venue=venue,
            street_address=plain(self.cell("street_address")),
            place=place,
            country=self._choice("country", "country", ()),
            latitude=self._read("latitude", decimal, _("The latitude is a number from -90 to 90, such as 14.7409")),
            longitude=self._read("longitude", decimal, _("The longitude is a number from -180 to 180, such as -91.1595")),
            join_url=join_url,
            capacity=self._read("capacity", _whole, _("Enter how many seats there are, as a number such as 36")) or 0,
            access=self._choice("access", "access", [access_name(code) for code in ACCESS]) or "network",
            approval=self._choice("approval", "yesno", [_("Yes"), _("No")]) == "yes",
            opens=self._moment("opens", time(0)),
            closes=self._moment("closes", time(23, 59)),
            letters=self._moment("letters", time(23, 59)),
            contact=self._contact() or choices.contact,
            reminders=(),
        )
        return replace(located(values, host, self.world, zone), days=self._days())

    def _original(self, texts: dict[str, Text]) -> str:
        wanted = self._choice("original_lang", "language", [language(code) for code in LANGUAGES]) or self.world.choices.lang
        return wanted if texts[wanted].title else next((lang for lang, text in texts.items() if text.title), wanted)

    # Days

    def _days(self) -> tuple[Day, ...]:
        if self.cell("days"):
            return self._listed_days()
        words = _("Enter a real date, such as 2026-06-03")
        first, last = self._read("first_day", self._date, words), self._read("last_day", self._date, words)
        starts = self._read("starts", read_hour, _("Enter an hour such as 17:00"))
        ends = self._read("ends", read_hour, _("Enter an hour such as 17:00"))
        if first is None:
            if (self.cell("last_day") or self.cell("starts") or self.cell("ends")) and not self.cell("first_day"):
                self.found.complain(self.label("first_day"), _("Enter the date as well"))
            return ()
        if last is not None and last < first:
            self.found.complain(self.label("last_day"), _("The last day must not be before the first"))
            return ()
        choices = self.world.choices
        if not self.cell("starts") or not self.cell("ends"):
            span = hours(starts or choices.starts, ends or choices.ends)
            self.found.notes.append(_("The file does not give all the hours; they become %(hours)s", hours=span))
        number = min(((last or first) - first).days, MOST_DAYS)
        if starts is None and self.cell("starts"):
            return ()  # one word about it is enough
        return tuple(Day(first + timedelta(days=day), starts or choices.starts, ends or choices.ends) for day in range(number + 1))

    def _listed_days(self) -> tuple[Day, ...]:
        """'2026-06-03 09:00-16:00; 2026-06-05 10:00-12:00'."""
        found = []
        for text in re.split(r"[;\n]", self.cell("days"))[: MOST_DAYS + 2]:
            parts = DAY.fullmatch(text.strip())
            try:
                if parts is not None:
                    found.append(Day(self._date(parts[1]), read_hour(parts[2]), read_hour(parts[3])))
                elif text.strip():
                    raise ValueError(text)  # noqa: TRY301  the same words as for a wrong date
            except ValueError:
                words = _(
                    "“%(text)s” is not a day with its hours. Write it as 2026-06-03 09:00-16:00, with ; between days",
                    text=text.strip()[:60],
                )
                self.found.complain(self.label("days"), words)
                return ()
        return tuple(sorted(found))

    def _date(self, text: str) -> date:
        return read_date(text, american=self.american)

    def _moment(self, name: str, usual: time) -> datetime | None:
        day, _blank, hour = self.cell(name).replace("T", " ").partition(" ")
        if not day:
            return None
        try:
            return datetime.combine(self._date(day), read_hour(hour) if hour.strip() else usual)
        except ValueError:
            self.found.complain(self.label(name), _("Enter a real date, such as 2026-06-03"))
            return None

    # Names and numbers

    def _host(self) -> Place | None:
        name = plain(self.cell("host"))
        host = self.world.organisation(name) if name else None
        if name and host is None:
            near = self.world.nearest(name)
            self.found.complain(self.label("host"), unknown(name) + (" " + _("Do you mean %(name)s?", name=near) if near else ""))
        return host

    def _network(self) -> int:
        name = rules.fold(self.cell("network"))
        if not name:
            return self.world.choices.network_id
        for row in self.world.networks:
            if name in {row.slug, rules.fold(row.slug), *(rules.fold(one.name) for one in row.names.values())}:
                return row.id
        self.found.complain(self.label("network"), unknown(self.cell("network")))
        return self.world.choices.network_id

    def _choice(self, key: str, kind: str, names: Iterable[str]) -> str | None:
        text = plain(self.cell(key))
        code = code_of(kind, text) if text else None
        if text and code is None:
            self.found.complain(self.label(key), unknown(text, names))
        return code

    def _spoken(self) -> tuple[str, ...]:
        words = [word for word in TONGUES.split(self.cell("spoken")) if word.strip()]
        codes = [code_of("language", word) for word in words]
        if None in codes:
            wrong = words[codes.index(None)]
            self.found.complain(self.label("spoken"), unknown(wrong.strip(), [language(code) for code in LANGUAGES]))
        return tuple(dict.fromkeys(code for code in codes if code))

    def _contact(self) -> str:
        text = plain(self.cell("contact"))
        if text and not is_address(text):
            self.found.complain(self.label("contact"), _("Enter one e-mail address, such as partnership@icld.se"))
        return text

    def _read(self, key: str, parse: Callable[[str], T], words: str) -> T | None:
        text = self.cell(key)
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, OverflowError):
            self.found.complain(self.label(key), words)
            return None


def unknown(text: str, names: Iterable[str] = ()) -> str:
    """'“Onsite” is not known here. Write one of these: On site, Online and On site and online.'."""
    words = _("“%(text)s” is not known here.", text=text[:60])
    names = list(names)
    return words + " " + _("Write one of these: %(names)s.", names=listed(names)) if names else words


def _whole(text: str) -> int:
    return whole(text.removesuffix(".0").removesuffix(",0"))
