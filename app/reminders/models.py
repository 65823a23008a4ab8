"""When to remind, and which reminders stand on the clock."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of
from app.reminders.rules import Whom
from app.workshops.models import Workshop

ANCHORS = ("start", "end", "opens", "closes", "letters", "offer_lapses", "milestone", "instant")
UNITS = ("minutes", "hours", "days")


class ReminderRule(Base):
    """Anchor + signed offset (minus is before) + unit, perhaps at an hour on the wall, in the workshop's or the person's zone.

    A rule of a network holds for all its workshops that have not switched it off (`Skipped`). Reminders of the start that are
    ticked in a workshop's form take the place of its network's; one made on the page of rules stands `beside` them.
    `absent`: for those of the `confirmed` who were not there. Of `offer_lapses` the audience is whoever has the offer, and there
    are no occurrences: its mail is written with the offer (effects.offer_reminders). Of `letters`, the last moment for letters for a
    visa, it is who may need one and has not asked. `milestone` is none: see partnership/.
    A rule is never deleted, but switched off: what it has written must stay known, or it would go again.
    """

    __tablename__ = "reminder_rule"
    __table_args__ = (
        one_of("anchor", *ANCHORS),
        one_of("unit", *UNITS),
        one_of("zone_of", "workshop", "person"),
        one_of("audience", "confirmed", "waitlisted", "attended"),
        one_of("applies_to", "all", "on_site", "online"),
        CheckConstraint("(network_id IS NULL) <> (workshop_id IS NULL)", name="network_or_workshop"),
        CheckConstraint("(anchor = 'instant') = (instant IS NOT NULL)", name="instant"),
        CheckConstraint("unit = 'days' OR at_local IS NULL", name="hour_with_days"),
        CheckConstraint("NOT absent OR audience = 'confirmed'", name="absent"),
        CheckConstraint("comes_as IN ('official', 'politician')", name="comes_as"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int | None] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    anchor: Mapped[str] = mapped_column(String(20), default="start")
    offset: Mapped[int]  # in `unit`; minus is before the anchor
    unit: Mapped[str] = mapped_column(String(10), default="days")
    at_local: Mapped[time | None]
    instant: Mapped[datetime | None] = mapped_column(UtcDateTime)
    zone_of: Mapped[str] = mapped_column(String(10), default="workshop")
    audience: Mapped[str] = mapped_column(String(12), default="confirmed")
    applies_to: Mapped[str] = mapped_column(String(10), default="all")
    enabled: Mapped[bool] = mapped_column(default=True)
    armed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what fell due before the rule was made never goes
    absent: Mapped[bool] = mapped_column(default=False, server_default=false())
    comes_as: Mapped[str | None] = mapped_column(String(12))  # officials or politicians alone
    organisation_id: Mapped[int | None]  # who comes for this one alone; no key: SQLite cannot add one, and no organisation is deleted
    beside: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way

    @property
    def whom(self) -> Whom:
        """Whom it is for, as a plain value."""
        return Whom(self.audience, self.absent, self.comes_as, self.organisation_id, letterless=self.anchor == "letters")


class Skipped(Base):
    """A rule of the network that a workshop has switched off for itself."""

    __tablename__ = "reminder_rule_skipped"

    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id", ondelete="CASCADE"), primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True, index=True)


class Occurrence(Base):
    """One rule, one subject, one zone of readers, one generation: due at an instant, once.

    `cancelled`: its rule does not hold any more. `stopped`: its workshop does not take place; it goes on when that comes back.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        one_of("state", "planned", "expanded", "missed", "cancelled", "held", "stopped"),
        UniqueConstraint("rule_id", "subject", "zone", "generation"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id", ondelete="CASCADE"))
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(60))  # "workshop:5", or "registration:12" for what concerns one person
    zone: Mapped[str] = mapped_column(String(64))  # of the readers, whose civil hours count
    generation: Mapped[int] = mapped_column(default=0)  # rises when a reminder that went must go again after a move
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    useful_until: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="planned")
    workshop_version: Mapped[int]
    people: Mapped[int | None]  # for how many the rule was, on whatever clock, when it was written or held
    hurried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # staff have let it go early; whoever comes since has it at its hour

    rule: Mapped[ReminderRule] = relationship()
    workshop: Mapped[Workshop] = relationship()
