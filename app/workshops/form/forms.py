"""The one page on which staff make a workshop. Out of it come plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, SelectField

from app.accounts.rules import is_address
from app.errors import Refused
from app.languages import LANGUAGES, sort_key
from app.languages import country as country_name
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.organisations.models import Network
from app.web import Form, row_number
from app.workshops import rules
from app.workshops.form import rows
from app.workshops.form.fields import Checkboxes, complain, decimal, long, read_field, read_time, short, whole, wrapped
from app.workshops.models import ACCESS, FORMATS, THEMES, WAITLISTS
from app.workshops.showing.names import access_name, format_name, language_name, reminder_names, theme_name, waitlist_name, zone_name
from app.workshops.values import Day, Text, Values

COUNTRIES = (*rules.LATIN_AMERICA, "SE", "NO", "DK", "FI", "IS", "ES", "PT", "GB", "BE", "DE", "FR", "UA", "US", "KE", "ZA")
ROWS = ("days", "sessions", "documents", "holds")
LIMITS = {"title": 120, "summary": 300, "description": 10_000, "practical": 5_000}


class TextsForm(Form):
    """The words of a workshop: a field each in every language, such as `title_sv`."""


for _lang in LANGUAGES:
    setattr(TextsForm, f"title_{_lang}", wrapped(_l("Title"), LIMITS["title"]))
    setattr(TextsForm, f"summary_{_lang}", long(_l("Summary, one or two sentences"), LIMITS["summary"]))
    setattr(TextsForm, f"description_{_lang}", long(_l("Description"), LIMITS["description"]))
    setattr(TextsForm, f"practical_{_lang}", long(_l("Practical information"), LIMITS["practical"]))


class WorkshopForm(TextsForm):
    """Everything about a workshop. What is missing is no error here: publishing asks for it."""

    opened = ""
    filled: list[Any]
    filled_sessions: list[Any]
    filled_documents: list[Any]
    filled_holds: list[Any]
    organisations: Sequence[tuple[str, str]] = ()
    networks: Sequence[Network] = ()
    kept: Values | None = None  # what is saved, and the version of it
    kept_version = 0
    last: Values
    carried = 0  # sessions that moved along with the hours of their day
    said: Any = ""  # what was done to the form without saving it

    version = HiddenField()
    recurring = SelectField(_l("Recurring text"), validate_choice=False)
    original_lang = RadioField(_l("Written first in"), validate_choice=False)
    network = SelectField(_l("Network"), validate_choice=False)
    zone = SelectField(_l("Place, whose clock the hours follow"), validate_choice=False)
    days = FieldList(FormField(rows.DayForm), max_entries=rules.MOST_DAYS + 1)
    sessions = FieldList(FormField(rows.SessionForm), max_entries=rules.MOST_SESSIONS + 1)
    documents = FieldList(FormField(rows.DocumentForm), max_entries=rules.MOST_DOCUMENTS + 1)
    in_series = BooleanField(_l("One of the network's gatherings, counted in their order"))
    format = RadioField(_l("How people meet"), validate_choice=False)
    organisation = SelectField(_l("Host"), validate_choice=False)
    venue = short(_l("Venue"), 200)
    street_address = short(_l("Street address"), 300)
    place = short(_l("Town"), 120)
    country = SelectField(_l("Country"), validate_choice=False)
    latitude = short(_l("Latitude"), 20)
    longitude = short(_l("Longitude"), 20)
    join_url = short(_l("Link to join online"), 500)
    capacity = short(_l("Seats"), 20)
    access = RadioField(_l("Who may register"), validate_choice=False)
    approval = BooleanField(_l("Staff decide about each request for a seat"))
    waitlist = RadioField(_l("When a seat becomes free"), validate_choice=False)
    offer_hours = short(_l("Hours to accept an offered seat"), 20)
    promotion_ends_hours = short(_l("Hours before the start from which nobody moves up"), 20)
    holds = FieldList(FormField(rows.HoldForm), max_entries=rules.MOST_HOLDS + 1)
    invitees = Checkboxes(_l("Invited organisations"))
    opens_on = short(_l("Registration opens"), 20)
    opens_time = short(_l("Hour at which registration opens"), 20)
    closes_on = short(_l("Registration closes"), 20)
    closes_time = short(_l("Hour at which registration closes"), 20)
    letters_on = short(_l("Last day to ask for a letter for a visa"), 20)
    letters_time = short(_l("Hour until which letters can be asked for"), 20)
    spoken = Checkboxes(_l("Languages of work"))
    theme = SelectField(_l("Theme"), validate_choice=False)
    contact = short(_l("E-mail address for questions"), 320)
    reminder_choice = RadioField(_l("Reminders"), validate_choice=False)
    reminders = Checkboxes(_l("Reminders of this workshop"))

    def offer(self, networks: Sequence[tuple[str, str]], organisations: Sequence[tuple[str, str]], kept: Values | None) -> None:
        """Fills the lists. What the workshop has already is offered even if the lists have it no more."""
        self.network.choices = list(networks)
        self.organisation.choices = [("", _("None")), *organisations]
        self.invitees.choices = list(organisations)
        self.organisations = organisations
        zones = [*rules.ZONES, *([kept.zone] if kept and kept.zone not in rules.ZONES else [])]
        self.zone.choices = [(name, zone_name(name)) for name in zones]
        codes = {*COUNTRIES, *([kept.country] if kept and kept.country else [])}
        named = sorted(((code, country_name(code)) for code in codes), key=lambda pair: sort_key(pair[1]))
        self.country.choices = [("", _("Choose")), *named]
        self.theme.choices = [("", _("None")), *((code, theme_name(code)) for code in THEMES)]
        self.format.choices = [(code, format_name(code)) for code in FORMATS]
        self.access.choices = [(code, access_name(code)) for code in ACCESS]
        self.waitlist.choices = [(code, waitlist_name(code)) for code in WAITLISTS]
        self.original_lang.choices = [(code, language_name(code)) for code in LANGUAGES]
        self.spoken.choices = rows.language_choices(self.spoken)
        self.reminder_choice.choices = [("usual", _("The network's usual reminders")), ("own", _("Chosen for this workshop"))]
        self.reminders.choices = list(zip(rules.REMINDERS, reminder_names(), strict=True))
        self.offer_rows()

    def offer_rows(self) -> None:
        """Fills the lists of the sessions' and documents' rows, those just added too."""
        days = rows.day_choices(self.days)
        for session in self.sessions:
            rows.offer_session(session.form, days)
        for document in self.documents:
            rows.offer_document(document.form)
        for hold in self.holds:
            rows.offer_hold(hold.form, list(self.organisations))

    def add_row(self, what: str, day: str | None) -> None:
        """One more day, session (of the row `day` of the days' table) document or hold, as long as there is room; `opened` is its id."""
        listed = self[f"{what}s"]
        most = {"day": rules.MOST_DAYS, "session": rules.MOST_SESSIONS, "document": rules.MOST_DOCUMENTS, "hold": rules.MOST_HOLDS}[what]
        if len(listed) >= most:
            return
        days = {entry.id.rpartition("-")[2]: entry for entry in self.days}
        data = rows.next_session(self.sessions, days[day], list(self.spoken.data or ())) if what == "session" and day in days else None
        self.opened = listed.append_entry(data).id
        self.offer_rows()

    def next_session_id(self) -> str:
        """The id of the row that a session added now would have."""
        return f"sessions-{self.sessions.last_index + 1}"

    def day_names(self) -> dict[str, str]:
        """What each row of the days' table is called, by its number."""
        return dict(rows.day_choices(self.days))

    def read(self) -> Values:
        """What was typed, as values; what cannot be read stands as an error beside its field and counts as left out."""
        named = {entry.form.day.data for entry in self.sessions if rows.says_something(entry.form)}
        typed = {number: entry.form for number, entry in enumerate(self.days, 1) if rows.day_counts(entry, named)}
        own = self.reminder_choice.data == "own"
        if own and not self.reminders.data:
            complain(self.reminders, _("Choose at least one reminder, or the network's usual ones"))
        if self.contact.data and not is_address(self.contact.data):
            complain(self.contact, _("Enter one e-mail address, such as partnership@icld.se"))
        read_days = {row: day for number, row in typed.items() if (day := rows.read_day(number, row)) is not None}
        self.filled = list(read_days)
        places = self._places(read_days)
        self.filled_sessions, sessions = rows.read_sessions(self.sessions, places)
        self.filled_documents, documents = rows.read_documents(self.documents)
        self.filled_holds, holds = rows.read_holds(self.holds)
        self.last = Values(
            network_id=row_number(self.network.data) or 0,
            zone=self.zone.data or "",
            original_lang=self.original_lang.data if self.original_lang.data in LANGUAGES else "sv",
            texts={lang: Text(*(self[f"{name}_{lang}"].data for name in LIMITS)) for lang in LANGUAGES},
            days=tuple(read_days.values()),
            sessions=sessions,
            documents=documents,
            in_series=bool(self.in_series.data),
            organisation_id=row_number(self.organisation.data),
            format=self.format.data or "",
            spoken=rows.chosen_languages(self.spoken),
            theme=self.theme.data or None,
            venue=self.venue.data or "",
            street_address=self.street_address.data or "",
            place=self.place.data or "",
            country=self.country.data or None,
            latitude=read_field(self.latitude, decimal, _("The latitude is a number from -90 to 90, such as 14.7409")),
            longitude=read_field(self.longitude, decimal, _("The longitude is a number from -180 to 180, such as -91.1595")),
            join_url=self.join_url.data or "",
            capacity=read_field(self.capacity, whole, _("Enter how many seats there are, as a number such as 36")) or 0,
            access=self.access.data or "",
            approval=bool(self.approval.data),
            waitlist=self.waitlist.data or "at_once",
            offer_hours=read_field(self.offer_hours, whole, _("Enter whole hours from 1 to 720, such as 48")),
            promotion_ends_hours=read_field(self.promotion_ends_hours, whole, _("Enter whole hours from 0 to 720, such as 24")),
            holds=holds,
            invitees=frozenset(number for code in self.invitees.data or () if (number := row_number(code)) is not None),
            opens=self._moment("opens", "00:00"),
            closes=self._moment("closes", "23:59"),
            letters=self._moment("letters", "23:59"),
            contact=self.contact.data or "",
            reminders=tuple(self.reminders.data or ()) if own else (),
        )
        return self.last

    def peek(self) -> Values:
        """The values of a form that nobody has sent yet: nothing in it is wrong."""
        values = self.read()
        for field in self._boxes():
            field.errors = []
        return values

    def wrong(self) -> list[str]:
        """The names of the fields that have an error."""
        return [field.name for field in self._boxes() if field.errors]

    def _boxes(self) -> list[Any]:
        """All fields, those within rows too."""
        within = [part for name in ROWS for entry in self[name] for part in entry.form]
        return [*(field for field in self if field.name not in ROWS), *within]

    def _places(self, read_days: Mapping[Any, Day]) -> dict[str, int | None]:
        """{number of a day's row: the place of its day in their order, None while it cannot be read}."""
        order = sorted(read_days.values())
        numbers = {entry.id.rpartition("-")[2]: entry.form for entry in self.days}
        return {number: order.index(read_days[row]) if row in read_days else None for number, row in numbers.items()}

    def _moment(self, name: str, usual: str) -> datetime | None:
        day_field, time_field = self[f"{name}_on"], self[f"{name}_time"]
        on = read_field(day_field, date.fromisoformat, _("Enter a real date, such as 2026-06-03"))
        at = read_field(time_field, read_time, _("Enter an hour such as 17:00"))
        if on is None:
            if time_field.data and not day_field.errors:
                complain(day_field, _("Enter the date as well"))
            return None
        return datetime.combine(on, at or read_time(usual))

    def refuse(self, refusal: Refused) -> None:
        """A field that has an error already keeps that one."""
        rest = {}
        for name, words in refusal.problems.items():
            field = self._named(name)
            if field is None:
                rest[name] = words
            elif not field.errors:
                complain(field, words)
        if rest:
            super().refuse(Refused(problems=rest))

    def _named(self, name: str) -> Any:
        listed, _hyphen, rest = name.partition("-")
        rows_of = {"days": self.filled, "sessions": self.filled_sessions, "documents": self.filled_documents, "holds": self.filled_holds}
        found = rows_of.get(listed)
        if found is None or not rest:
            return self._fields.get({"opens": "opens_on", "closes": "closes_on", "letters": "letters_on"}.get(name, name))
        number, _hyphen, part = rest.partition("-")
        found = found or [entry.form for entry in self[listed]]
        return found[int(number)][part] if int(number) < len(found) else None
