"""The form that takes a file, and the one that says once more what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from app.errors import Refused
from app.exchange import rules
from app.exchange.reading import files
from app.exchange.reading.drafts import Choices
from app.exchange.reading.files import Upload
from app.exchange.reading.rows import read_hour
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.organisations.models import Network
from app.web import UNWANTED, Form, row_number, tidy
from app.workshops.rules import ZONES
from app.workshops.showing.names import language_name, zone_name


class PastedField(TextAreaField):
    """Text out of another program, which may begin with the mark of its byte order: no words of anybody's."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.raw_data = [str(text).removeprefix("\ufeff") for text in valuelist]
        super().process_formdata(self.raw_data)


class UploadForm(Form):
    """A file, or its text; the second time the file itself comes packed."""

    file = FileField(_l("File"))
    pasted = PastedField(_l("Or its text"))
    packed = HiddenField()
    name = HiddenField()
    seen = HiddenField()
    leave_out = BooleanField()

    def upload(self) -> Upload | None:
        """The file that was sent, in whichever of the three ways; nothing, with words, if there is none."""
        try:
            if self.packed.data:
                return Upload(_named(self.name.data), files.unpack(self.packed.data))
            sent = self.file.data
            if isinstance(sent, FileStorage) and sent.filename:
                return files.received(_named(sent.filename), sent.stream.read(rules.MOST_BYTES + 1))
            if (pasted := self.pasted.data or "").strip():
                return files.received("", pasted.encode("utf-8", "replace"))
            self.refuse(Refused(problems={"file": _("Choose a file, or paste its text")}))
        except Refused as refusal:
            field = "pasted" if not self.packed.data and not self.file.data else "file"
            self.refuse(Refused(problems={field: refusal.message}))
        return None

    def chosen_lines(self) -> list[int]:
        """The lines that the person saw and chose to leave out."""
        if not self.leave_out.data:
            return []
        return [int(part) for part in str(self.seen.data or "").split(",") if part.isascii() and part.isdecimal() and len(part) < 8]


class ImportForm(UploadForm):
    """A file, or its text, and what counts where it says nothing. The second time the file itself comes packed."""

    network_ids: set[int]

    network = SelectField(_l("Network"), validate_choice=False)
    zone = SelectField(_l("Time zone, where the file names none"), validate_choice=False)
    lang = SelectField(_l("Language of the texts, where the file does not say"), validate_choice=False)
    starts = StringField(_l("Start of a day without hours"), filters=[tidy])
    ends = StringField(_l("End of a day without hours"), filters=[tidy])

    def offer(self, networks: Sequence[Network]) -> None:
        """Fills the lists."""
        self.network_ids = {row.id for row in networks}
        self.network.choices = [(str(row.id), row.name) for row in networks]
        self.zone.choices = [(name, zone_name(name)) for name in ZONES]
        self.lang.choices = [(code, language_name(code)) for code in LANGUAGES]

    def choices(self, contact: str) -> Choices | None:
        """What was chosen; nothing if something is wrong with it, which then stands beside its field."""
        hours = {}
        for field in (self.starts, self.ends):
            try:
                hours[field.name] = read_hour(field.data or "")
            except ValueError:
                self.refuse(Refused(problems={field.name: _("Enter an hour such as 17:00")}))
        if len(hours) == 2 and hours["ends"] <= hours["starts"]:
            self.refuse(Refused(problems={"ends": _("The end must be later than the start.")}))
        if self.zone.data not in ZONES:
            self.refuse(Refused(problems={"zone": _("Choose a time zone from the list")}))
        if self.lang.data not in LANGUAGES:
            self.refuse(Refused(problems={"lang": _("Choose from the list")}))
        if row_number(self.network.data) not in self.network_ids:
            self.refuse(Refused(problems={"network": _("Choose a network from the list")}))
        if self.errors or self.form_errors or any(field.errors for field in self):
            return None
        none = time()
        network_id = row_number(self.network.data) or 0
        return Choices(network_id, self.zone.data, self.lang.data, hours.get("starts", none), hours.get("ends", none), contact)


def _named(name: str | None) -> str:
    """A file's name as it may be shown and written down."""
    return " ".join(UNWANTED.sub("", name or "").split())[-100:]
