"""What staff have put in the place of a mail's own words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES


class MailWording(Base):
    """A mail whose texts somebody has edited. It stays when all of them are the original's again.

    `version` rises with every change, so that two people editing see each other, and every process sees that it must read anew.
    """

    __tablename__ = "mail_wording"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    texts: Mapped[list[MailText]] = relationship(cascade="all, delete-orphan", lazy="selectin", order_by="MailText.name, MailText.lang")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way


class MailText(Base):
    """One text in one language, in the format of rules.py; without a row the original stands."""

    __tablename__ = "mail_text"
    __table_args__ = (one_of("lang", *LANGUAGES), CheckConstraint("words <> ''", name="words"))

    kind: Mapped[str] = mapped_column(ForeignKey("mail_wording.kind", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    words: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
