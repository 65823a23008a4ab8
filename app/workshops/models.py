"""A workshop, its texts in each language, its days with their sessions. Wall time and zone are the truth; UTC follows from them."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of
from app.folding import Searched
from app.languages import LANGUAGES, in_language
from app.organisations.models import Network, Organisation

STATES = ("draft", "published", "postponed", "cancelled")
FORMATS = ("on_site", "online", "both")
ACCESS = ("network", "invited", "open")
WAITLISTS = ("at_once", "offer")
SESSION_KINDS = ("talk", "panel", "group_work", "visit", "ceremony", "meal", "break")
THEMES = ("representation", "violence", "economy", "services", "urban_planning", "care")


class Workshop(Searched, Base):
    """One gathering of a network.

    `version` rises with every change (two people editing see each other by it), `sequence` with every change of time,
    place or state (RFC 5545 section 3.8.7.4). `changed_at` is the DTSTAMP of its calendar entries.
    `taken` counts the seats that people have and those held for them or for organisations; the database itself refuses more
    than `capacity`.
    """

    __tablename__ = "workshop"
    __table_args__ = (
        one_of("state", *STATES),
        one_of("format", *FORMATS),
        one_of("access", *ACCESS),
        one_of("waitlist", *WAITLISTS),
        one_of("original_lang", *LANGUAGES),
        one_of("theme", *THEMES),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("offer_hours > 0", name="offer_hours"),
        CheckConstraint("promotion_ends_hours >= 0", name="promotion_ends_hours"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        CheckConstraint("latitude IS NULL OR latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude IS NULL OR longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="window"),
        CheckConstraint("letters_until <= starts_at", name="letters_until"),
        CheckConstraint("state = 'draft' OR starts_at IS NOT NULL", name="published_has_days"),
        Index(None, "state", "starts_at"),
        Index("ix_workshop_by_time", "starts_at", "id", "ends_at", "state", "version", "changed_at"),  # all that orders and counts lists
    )
    SEARCHED = ("venue", "street_address", "place")

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # the host
    state: Mapped[str] = mapped_column(String(12), default="draft")
    format: Mapped[str] = mapped_column(String(12), default="on_site")
    original_lang: Mapped[str] = mapped_column(String(2))
    spoken: Mapped[str] = mapped_column(String(60), default="")  # languages of work: "es sv"
    theme: Mapped[str | None] = mapped_column(String(30))
    venue: Mapped[str] = mapped_column(String(200), default="")
    street_address: Mapped[str] = mapped_column(String(300), default="")
    place: Mapped[str] = mapped_column(String(120), default="")  # the town whose clock it follows, in its own spelling
    country: Mapped[str | None] = mapped_column(String(2))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    join_url: Mapped[str] = mapped_column(String(500), default="")
    zone: Mapped[str] = mapped_column(String(64))
    capacity: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    access: Mapped[str] = mapped_column(String(12), default="network")
    approval: Mapped[bool] = mapped_column(default=False, server_default=false())  # staff decide about everybody who asks
    waitlist: Mapped[str] = mapped_column(String(8), default="at_once", server_default="at_once")  # how the first in line gets a seat
    offer_hours: Mapped[int | None]  # to accept an offered seat; None: OFFER_HOURS
    promotion_ends_hours: Mapped[int | None]  # before the start nobody moves up any more; None: PROMOTION_ENDS_HOURS
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # registration window
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letters_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # whoever needs a letter for a visa asks by then
    contact: Mapped[str] = mapped_column(String(320), default="")
    in_series: Mapped[bool] = mapped_column(default=False, server_default=false())  # one of its network's gatherings, "2 of 4"
    uid: Mapped[str] = mapped_column(String(120), unique=True)  # of the calendar entry, for ever
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the first day; worked out
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the last day; worked out
    moved_from: Mapped[date | None]  # its first day before it was last moved, to strike it through
    moved_to: Mapped[date | None]  # its last day before it was last moved
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    network: Mapped[Network] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    texts: Mapped[dict[str, WorkshopText]] = relationship(
        collection_class=attribute_keyed_dict("lang"), cascade="all, delete-orphan", back_populates="workshop"
    )
    holds: Mapped[list[SeatHold]] = relationship(cascade="all, delete-orphan", order_by="SeatHold.id")
    days: Mapped[list[WorkshopDay]] = relationship(cascade="all, delete-orphan", back_populates="workshop", order_by="WorkshopDay.on")
    documents: Mapped[list[WorkshopDocument]] = relationship(cascade="all, delete-orphan", order_by="WorkshopDocument.position")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way

    @property
    def text(self) -> WorkshopText:
        """The texts in the language in force, else in the original language; its `.lang` says which."""
        return in_language({lang: t for lang, t in self.texts.items() if t.title}, self.original_lang)

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken

    @property
    def has_new_hours(self) -> bool:
        """Whether it was moved and is on the same dates all the same."""
        return self.moved_from is not None and (self.moved_from, self.moved_to or self.moved_from) == (self.days[0].on, self.days[-1].on)


class WorkshopText(Searched, Base):
    """A workshop's words in one language; a draft may lack any, publishing needs title and summary in all."""

    __tablename__ = "workshop_text"
    __table_args__ = (one_of("lang", *LANGUAGES),)
    SEARCHED = ("title", "summary")

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")  # Markdown
    practical: Mapped[str] = mapped_column(Text, default="")  # Markdown: travel, access, what to bring
    reason: Mapped[str] = mapped_column(String(600), default="")  # why it is postponed or cancelled
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    workshop: Mapped[Workshop] = relationship(back_populates="texts")


class WorkshopDay(Base):
    """One day of a workshop: wall-clock hours in the workshop's zone, and the same two instants in UTC.

    The row stays when the day moves, and with it the UID of its calendar entry.
    """

    __tablename__ = "workshop_day"
    __table_args__ = (
        UniqueConstraint("workshop_id", "on"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    on: Mapped[date]
    starts: Mapped[time]  # on the wall
    ends: Mapped[time]  # on the wall
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    workshop: Mapped[Workshop] = relationship(back_populates="days")
    sessions: Mapped[list[WorkshopSession]] = relationship(
        cascade="all, delete-orphan", back_populates="day", order_by="(WorkshopSession.starts, WorkshopSession.id)"
    )


class WorkshopSession(Base):
    """One item of a day's programme: wall-clock hours within the day's, and the same two instants in UTC.

    `spoken` and `interpreted` are codes of languages, "es sv": in which it is held, into which it is interpreted.
    """

    __tablename__ = "workshop_session"
    __table_args__ = (one_of("kind", *SESSION_KINDS), CheckConstraint("ends_at > starts_at", name="ends_after_start"))

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("workshop_day.id", ondelete="CASCADE"), index=True)
    starts: Mapped[time]  # on the wall
    ends: Mapped[time]  # on the wall
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(12))
    room: Mapped[str] = mapped_column(String(120), default="")
    facilitators: Mapped[str] = mapped_column(String(300), default="")
    spoken: Mapped[str] = mapped_column(String(60), default="")
    interpreted: Mapped[str] = mapped_column(String(60), default="")
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    day: Mapped[WorkshopDay] = relationship(back_populates="sessions")
    titles: Mapped[dict[str, WorkshopSessionTitle]] = relationship(
        collection_class=attribute_keyed_dict("lang"), cascade="all, delete-orphan"
    )


class WorkshopSessionTitle(Base):
    """What a session is called in one language."""

    __tablename__ = "workshop_session_title"
    __table_args__ = (one_of("lang", *LANGUAGES),)

    session_id: Mapped[int] = mapped_column(ForeignKey("workshop_session.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    title: Mapped[str] = mapped_column(String(160))


class WorkshopDocument(Base):
    """A link to something worth reading before or after; `lang` is the language it is written in, none if it has several."""

    __tablename__ = "workshop_document"
    __table_args__ = (one_of("lang", *LANGUAGES), CheckConstraint("url LIKE 'https://%'", name="https"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(160))
    url: Mapped[str] = mapped_column(String(500))
    lang: Mapped[str | None] = mapped_column(String(2))


class WorkshopInvitee(Base):
    """An organisation that may register for a workshop of access `invited`."""

    __tablename__ = "workshop_invitee"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)


class SeatHold(Base):
    """Seats of a workshop that wait for the people of one organisation, until the end of a day on the workshop's clock.

    `unused` of them count as taken without anybody in them. The row goes when the day is over; the seats of people stay.
    """

    __tablename__ = "seat_hold"
    __table_args__ = (
        UniqueConstraint("workshop_id", "organisation_id"),
        CheckConstraint("seats > 0", name="seats"),
        CheckConstraint("unused >= 0 AND unused <= seats", name="unused"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    seats: Mapped[int]
    unused: Mapped[int]
    until: Mapped[date]  # the last day, on the workshop's wall
    lapses_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # when that day is over; worked out

    organisation: Mapped[Organisation] = relationship()
