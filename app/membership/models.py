"""What a network asks of its members, who is let off, and which two organisations work together."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.database import Base, UtcDateTime, one_of
from app.membership.partnership.rules import KINDS, PHASES, ROLES
from app.organisations.models import Network, Organisation

SCOPES = ("organisation", "person")


class CommitmentRule(Base):
    """In a period: so many workshops in Latin America and so many in Sweden, by day on the workshops' own clocks.

    `scope` is of whom that is asked: of the organisation, where a workshop counts that at least `people` of its people attended,
    or of each of its people. `online`: whether who took part online counts too. Several may stand at once.
    """

    __tablename__ = "commitment_rule"
    __table_args__ = (
        one_of("scope", *SCOPES),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("latin_america >= 0 AND sweden >= 0 AND people >= 1", name="counts"),
        UniqueConstraint("network_id", "scope", "starts_on", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(String(12), default="organisation", server_default="organisation")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    latin_america: Mapped[int] = mapped_column(default=1)
    sweden: Mapped[int] = mapped_column(default=1)
    people: Mapped[int] = mapped_column(default=1)
    online: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    network: Mapped[Network] = relationship()
    waivers: Mapped[list[Waiver]] = relationship(order_by="Waiver.id", viewonly=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way


class Waiver(Base):
    """An organisation is let off one half, for a reason, by somebody."""

    __tablename__ = "waiver"
    __table_args__ = (one_of("half", "latin_america", "sweden"), UniqueConstraint("rule_id", "organisation_id", "half"))

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("commitment_rule.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    half: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(600))
    by: Mapped[str] = mapped_column(String(200))


class Partnership(Base):
    """Two organisations of different countries that work in one area; `left` is the Latin American one, as on the map.

    It prepares from `starts_on`, is a project from `project_on`, and over after `ends_on`; `phase` is what staff say it is.
    """

    __tablename__ = "partnership"
    __table_args__ = (
        one_of("phase", *PHASES),
        CheckConstraint("left_id <> right_id", name="two"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        UniqueConstraint("network_id", "left_id", "right_id", "area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"))
    left_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    right_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    area: Mapped[str] = mapped_column(String(30))
    phase: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date]
    project_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    network: Mapped[Network] = relationship()
    left: Mapped[Organisation] = relationship(foreign_keys=left_id)
    right: Mapped[Organisation] = relationship(foreign_keys=right_id)
    people: Mapped[list[PartnershipPerson]] = relationship(order_by="PartnershipPerson.id", cascade="all, delete-orphan")
    events: Mapped[list[PartnershipEvent]] = relationship(
        order_by="PartnershipEvent.starts_at, PartnershipEvent.id", cascade="all, delete-orphan"
    )
    links: Mapped[list[PartnershipLink]] = relationship(order_by="PartnershipLink.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way


class PartnershipPerson(Base):
    """Somebody with a part in it: a coordinator of one side, one of the steering group, or the mentor, who may have no account."""

    __tablename__ = "partnership_person"
    __table_args__ = (
        one_of("role", *ROLES),
        CheckConstraint("person_id IS NOT NULL OR name <> ''", name="who"),
        UniqueConstraint("partnership_id", "person_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(12))

    person: Mapped[Person | None] = relationship()


class PartnershipEvent(Base):
    """A visit, a meeting, a milestone or the day a report is due: days on the wall of a place, with hours or without.

    Wall time and zone are the truth; the instants beside them are worked out. `public`: it stands in the public calendar too.
    `sequence` is that of its calendar entry (RFC 5545 section 3.8.7.4), and tells two who edit it apart. What was to be reminded of
    before `moved_at`, when it came to stand on its days, is not reminded of any more.
    """

    __tablename__ = "partnership_event"
    __table_args__ = (
        one_of("kind", *KINDS),
        CheckConstraint("ends_on >= starts_on", name="days"),
        CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="hours"),
        CheckConstraint("ends_at > starts_at", name="instants"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)  # by language; at least one
    place: Mapped[str] = mapped_column(String(120), default="")
    zone: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[date]
    starts: Mapped[time | None]
    ends_on: Mapped[date]
    ends: Mapped[time | None]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    public: Mapped[bool] = mapped_column(default=True)
    done: Mapped[bool] = mapped_column(default=False)
    cancelled: Mapped[bool] = mapped_column(default=False)
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: as it was made


class PartnershipLink(Base):
    """A document somewhere else that belongs to it; nothing is fetched from there."""

    __tablename__ = "partnership_link"
    __table_args__ = (CheckConstraint("title <> '' AND url <> ''", name="words"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(160))
    url: Mapped[str] = mapped_column(String(500))
