"""The small form of 'what if we move it': by so many days, or to a first day."""

from __future__ import annotations

from datetime import date

from wtforms import StringField

from app.errors import Refused
from app.languages import gettext as _
from app.languages import lazy_gettext as _l
from app.web import Form
from app.workshops.form.fields import complain, read_field, short

FAR = 3660  # days either way: beyond ten years it is a slip


class MoveForm(Form):
    """One of the two is enough; if both are there, they must mean the same."""

    days: StringField = short(_l("Days later"), 8)
    first = short(_l("New first day"), 20)

    def read(self, today: date) -> int | None:
        """By how many days it moves from the first day that it has `today`; None, with words beside the field, if that is not said."""
        days = read_field(self.days, _whole, _("Enter a number of days, such as 2, or -2 for two days earlier"))
        first = read_field(self.first, date.fromisoformat, _("Enter a real date, such as 2026-06-03"))
        if self.days.errors or self.first.errors:
            return None
        if days is None and first is None:
            complain(self.days, _("Enter by how many days it moves, or the new first day"))
            return None
        meant = days if first is None else (first - today).days
        if days is not None and days != meant:
            complain(self.first, _("That is another day than the number of days says. Leave one of them empty"))
            return None
        if not meant:
            complain(self.days, _("That is where it stands already"))
            return None
        return meant

    def refuse(self, refusal: Refused) -> None:
        """Whatever the real move would be refused for."""
        for words in dict.fromkeys((refusal.problems or {"": str(refusal)}).values()):
            complain(self.days, words)


def _whole(text: str) -> int:
    """'2', '+2', '-2', with a true minus too. Raises ValueError."""
    number = int(text.replace("−", "-").replace(" ", ""))  # noqa: RUF001
    if abs(number) > FAR:
        raise ValueError(text)
    return number
