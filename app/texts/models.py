"""A recurring text, and its name and words in each language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES, in_language


class RecurringText(Base):
    """Something that stands in many workshops. They take a copy: what is changed here changes none of them.

    `version` rises with every change, so that two people editing see each other.
    """

    __tablename__ = "recurring_text"
    __table_args__ = (one_of("original_lang", *LANGUAGES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    original_lang: Mapped[str] = mapped_column(String(2))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    words: Mapped[dict[str, RecurringWords]] = relationship(
        collection_class=attribute_keyed_dict("lang"), cascade="all, delete-orphan", lazy="selectin", back_populates="text"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own way

    @property
    def named(self) -> RecurringWords:
        """The row whose name stands for it in the language in force, else in the original; its `.lang` says which."""
        return in_language({lang: row for lang, row in self.words.items() if row.name}, self.original_lang)


class RecurringWords(Base):
    """Name and words in one language; any may be missing, but for one name and one body."""

    __tablename__ = "recurring_words"
    __table_args__ = (one_of("lang", *LANGUAGES),)

    text_id: Mapped[int] = mapped_column(ForeignKey("recurring_text.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = mapped_column(Text, default="")  # Markdown
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    text: Mapped[RecurringText] = relationship(back_populates="words")
