"""Who comes to which workshop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES
from app.organisations.models import Organisation
from app.workshops.models import Workshop

STATES = ("unconfirmed", "requested", "confirmed", "waitlisted", "offered", "declined", "cancelled")
ACTIVE = ("unconfirmed", "requested", "confirmed", "waitlisted", "offered")


class Registration(Base):
    """One person at one workshop; leaving and coming back is the same row.

    `unconfirmed` is a guest who has not yet answered the mail; a seat, if one was free, is held until `held_until`. So is that of
    `offered`, somebody next in line who has not yet said yes; `lapses` counts the offers that they let go by.
    `holds_seat` is the truth about seats: a workshop's `taken` counts these rows and the unused seats held for organisations.
    `vouched`: a coordinator of the organisation, or staff, have named them to come for it. They sit on its held seats, as its own
    people do, though their place there may only be asked for.
    `hold_id` is the hold that the seat came from, to which it goes back while there is one. `requested` waits for the staff's
    decision without a seat; `reason` is why it was declined, or staff took them off, in the person's language.
    `asked_at` is when a new date asked whether they still come; while `answered_at` is empty, the answer is awaited.
    `sequence` is that of the person's invitation (RFC 5546) and never below the workshop's.
    The link to manage it is kept as a hash, to find it, and encrypted, to write it into the next mail.
    """

    __tablename__ = "registration"
    __table_args__ = (
        one_of("state", *STATES),
        one_of("lang", *LANGUAGES),
        UniqueConstraint("workshop_id", "person_id"),
        CheckConstraint("state <> 'unconfirmed' OR held_until IS NOT NULL", name="held_has_end"),
        CheckConstraint("holds_seat OR state NOT IN ('confirmed', 'offered')", name="confirmed_has_seat"),
        CheckConstraint("NOT holds_seat OR state IN ('confirmed', 'offered', 'unconfirmed')", name="seat_has_state"),
        CheckConstraint("comes_as IN ('official', 'politician')", name="comes_as"),
        Index("ix_registration_line", "workshop_id", "state", "priority", "queued_at"),
        Index(None, "state", "held_until"),
        Index(None, "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    vouched: Mapped[bool] = mapped_column(default=False, server_default=false())
    comes_as: Mapped[str | None] = mapped_column(String(12))  # as the coordinator says for this workshop; empty: as the person does
    organisation_name: Mapped[str] = mapped_column(String(200), default="")  # a guest's own words, outside the network
    guest_name: Mapped[str] = mapped_column(String(200), default="")  # what a guest typed; theirs once the mail is answered
    state: Mapped[str] = mapped_column(String(12))
    holds_seat: Mapped[bool] = mapped_column(default=False)
    hold_id: Mapped[int | None]  # no key: it outlives the hold, and no number is given twice
    lang: Mapped[str] = mapped_column(String(2))  # of all mails about it; follows the account when that changes
    sequence: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=0)  # rises when somebody comes back, so that mails are written anew
    check_in_code: Mapped[str] = mapped_column(String(12), unique=True)
    manage_hash: Mapped[str] = mapped_column(String(64), unique=True)
    manage_token: Mapped[bytes] = mapped_column(LargeBinary)  # encrypted with DATA_KEY
    reminders_off: Mapped[bool] = mapped_column(default=False)  # asked for no reminders about this workshop
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    priority: Mapped[int] = mapped_column(default=0, server_default="0")  # the order of the waiting list: the higher first,
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)  # … then the earlier
    lapses: Mapped[int] = mapped_column(default=0, server_default="0")
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[str] = mapped_column(String(200), default="")  # … or declined
    reason: Mapped[str] = mapped_column(String(600), default="", server_default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    chased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # asked once more

    workshop: Mapped[Workshop] = relationship()
    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    def come_for(self, organisation_id: int | None, name: str = "", *, vouched: bool = False) -> None:
        """For whom they come, and who says so: what one organisation has said of somebody never counts for another."""
        self.organisation_id, self.organisation_name, self.vouched = organisation_id, name, vouched
        self.comes_as = None


class RegistrationNote(Base):
    """Staff's own words about somebody's registration. The person never sees them; they go with the registration."""

    __tablename__ = "registration_note"
    __table_args__ = (CheckConstraint("words <> ''", name="words"),)

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(String(600))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
