"""Which mails somebody wants."""

from __future__ import annotations

from wtforms import BooleanField

from app.languages import lazy_gettext as _l
from app.reminders.preferences.service import Wishes
from app.web import Form


class WishesForm(Form):
    """A box for each kind that can be turned off."""

    reminders = BooleanField(_l("Reminders before and after my workshops"))
    bulletins = BooleanField(_l("Other mails that ICLD's staff write to participants"))
    partnerships = BooleanField(_l("Mails about my partnerships' dates"))
    digest = BooleanField(_l("The weekly digest"))
    commitment = BooleanField(_l("Mails when a commitment is at risk"))

    def wished(self) -> Wishes:
        """What is ticked."""
        return Wishes(
            reminders=bool(self.reminders.data),
            bulletins=bool(self.bulletins.data),
            digest=bool(self.digest.data),
            partnerships=bool(self.partnerships.data),
            commitment=bool(self.commitment.data),
        )
