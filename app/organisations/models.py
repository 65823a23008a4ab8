"""Organisations, networks, and who belongs to which network from when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from app.database import Base, one_of
from app.folding import Searched
from app.languages import LANGUAGES, in_language


class OrganisationName(Searched, Base):
    """What an organisation is called in one language."""

    __tablename__ = "organisation_name"
    __table_args__ = (one_of("lang", *LANGUAGES), CheckConstraint("name <> ''", name="name"))
    SEARCHED = ("name",)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class Organisation(Searched, Base):
    """A municipality, a region or another body, with its place on the map and its clock."""

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", "municipality", "region", "other"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )
    SEARCHED = ("place",)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    place: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float]
    longitude: Mapped[float]
    zone: Mapped[str] = mapped_column(String(64))

    names: Mapped[dict[str, OrganisationName]] = relationship(
        collection_class=attribute_keyed_dict("lang"), cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def name(self) -> str:
        """The name in the language in force."""
        return in_language(self.names, "en").name


class NetworkName(Base):
    """What a network is called, and is for, in one language."""

    __tablename__ = "network_name"
    __table_args__ = (one_of("lang", *LANGUAGES), CheckConstraint("name <> ''", name="name"))

    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(2000), default="")
    why: Mapped[str] = mapped_column(String(4000), default="", server_default="")  # the facts behind it
    joining: Mapped[str] = mapped_column(String(4000), default="", server_default="")  # who may join, and what is asked of them
    call: Mapped[str] = mapped_column(String(2000), default="", server_default="")  # said while a call is open


class Network(Base):
    """Organisations that learn together for a period; its workshops lie inside it.

    `themes` are codes of the list of areas; `contact` is an address to write to.
    """

    __tablename__ = "network"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    themes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    contact: Mapped[str] = mapped_column(String(320), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    names: Mapped[dict[str, NetworkName]] = relationship(
        collection_class=attribute_keyed_dict("lang"), cascade="all, delete-orphan", lazy="selectin"
    )
    members: Mapped[list[NetworkMember]] = relationship(back_populates="network", cascade="all, delete-orphan")
    calls: Mapped[list[NetworkCall]] = relationship(order_by="NetworkCall.opens_on", cascade="all, delete-orphan")
    links: Mapped[list[NetworkLink]] = relationship(order_by="NetworkLink.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way

    @property
    def name(self) -> str:
        """The name in the language in force."""
        return in_language(self.names, "en").name


class NetworkCall(Base):
    """A round in which municipalities may say that they want to join: from a day to a day, both included, on the clock of whoever asks."""

    __tablename__ = "network_call"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    opens_on: Mapped[date]
    closes_on: Mapped[date]


class NetworkLink(Base):
    """A document somewhere else that tells of the network, such as its brochure; nothing is fetched from there."""

    __tablename__ = "network_link"
    __table_args__ = (CheckConstraint("url <> ''", name="url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    titles: Mapped[dict[str, str]] = mapped_column(JSON)  # by language; at least one
    url: Mapped[str] = mapped_column(String(500))


class NetworkMember(Base):
    """An organisation in a network, from a day, perhaps to a day."""

    __tablename__ = "network_member"
    __table_args__ = (
        UniqueConstraint("network_id", "organisation_id", "joined_on"),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]

    network: Mapped[Network] = relationship(back_populates="members")
    organisation: Mapped[Organisation] = relationship()
