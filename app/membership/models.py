"""What a network asks of its members, who is let off, and which two organisations work together."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, one_of
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
    """Two organisations of different countries that work in one area; `left` is the Latin American one, as on the map."""

    __tablename__ = "partnership"
    __table_args__ = (
        one_of("phase", "preparation", "project", "ended"),
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
    ends_on: Mapped[date | None]

    left: Mapped[Organisation] = relationship(foreign_keys=left_id)
    right: Mapped[Organisation] = relationship(foreign_keys=right_id)
