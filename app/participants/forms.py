"""What staff write: a note about somebody, and a mail to many."""

from __future__ import annotations

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length

from app.errors import Refused
from app.languages import LANGUAGES, language
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.participants.mails import Written
from app.web import Form, one_line, tidy
from app.workshops.form.fields import long

LONGEST_SUBJECT, LONGEST_TEXT = 150, 5000


class NoteForm(Form):
    """Staff's own words, which the person never sees."""

    words = long(_l("Note"), 600)


class BulletinForm(Form):
    """Subject and text in up to three languages, and which of them is read by whoever's is missing."""

    original = SelectField(_l("Who reads a language without a text gets it in"))
    sure = BooleanField(_l("I mean to write to this many people"))
    necessary = BooleanField(_l("Nobody could take part without knowing this"))

    def offer(self) -> None:
        """Fills the list."""
        self.original.choices = [(code, language(code)) for code in LANGUAGES]

    def written(self) -> Written | None:
        """What was written; nothing if something is wrong with it, which then stands beside its field."""
        if not self.validate_on_submit():
            return None
        subjects = {code: self[f"subject_{code}"].data for code in LANGUAGES}
        texts = {code: self[f"text_{code}"].data for code in LANGUAGES}
        original = self.original.data
        for code in LANGUAGES:
            if texts[code] and not subjects[code]:
                self.refuse(Refused(problems={f"subject_{code}": _("Enter the subject in %(language)s", language=language(code))}))
            if (subjects[code] or code == original) and not texts[code]:
                self.refuse(Refused(problems={f"text_{code}": _("Enter the text in %(language)s", language=language(code))}))
        if not subjects[original] and not texts[original]:
            self.refuse(Refused(problems={f"subject_{original}": _("Enter the subject in %(language)s", language=language(original))}))
        if any(field.errors for field in self):
            return None
        return Written({c: t for c, t in subjects.items() if t}, {c: t for c, t in texts.items() if t}, original, bool(self.necessary.data))


for _lang in LANGUAGES:
    _too_long = _l("The subject must be %(max)s characters or fewer", max=LONGEST_SUBJECT)
    _subject = StringField(_l("Subject"), filters=[tidy], validators=[Length(max=LONGEST_SUBJECT, message=_too_long), one_line])
    setattr(BulletinForm, f"subject_{_lang}", _subject)
    setattr(BulletinForm, f"text_{_lang}", long(_l("Text"), LONGEST_TEXT))
