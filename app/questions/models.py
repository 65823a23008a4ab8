"""A workshop's questions, and the answers of those who register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from app.database import Base, UtcDateTime, one_of
from app.languages import LANGUAGES, current
from app.questions.rules import KINDS


class Question(Base):
    """One question of a workshop. One that was answered is never deleted, only retired: it is asked of nobody any more.

    `options` are [{"code": …, "words": {language: …}}]; a code is never given twice, because answers name it.
    It is asked of everybody, or only of those whose answer to `condition_id` is `condition_value`.
    """

    __tablename__ = "question"
    __table_args__ = (
        one_of("kind", *KINDS),
        CheckConstraint("(condition_id IS NULL) = (condition_value = '')", name="condition"),
        Index(None, "workshop_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    required: Mapped[bool] = mapped_column(default=False)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    codes: Mapped[int] = mapped_column(default=0)  # how many codes were ever given
    condition_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), index=True)
    condition_value: Mapped[str] = mapped_column(String(20), default="")
    version: Mapped[int] = mapped_column(default=1)  # two who change it see each other by it
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    texts: Mapped[dict[str, QuestionText]] = relationship(
        collection_class=attribute_keyed_dict("lang"), cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def text(self) -> QuestionText:
        """The words in the language in force; there are always all."""
        return self.texts[current()]


class QuestionText(Base):
    """A question's words in one language."""

    __tablename__ = "question_text"
    __table_args__ = (one_of("lang", *LANGUAGES),)

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    label: Mapped[str] = mapped_column(String(300))
    hint: Mapped[str] = mapped_column(String(300), default="")


class Answer(Base):
    """What somebody answered. `asked` and `said` are the words as that person read them, in `lang`: questions may change after.

    `value` is the text, the code or codes of what was chosen, yes or no, or a date (ISO 8601).
    """

    __tablename__ = "answer"
    __table_args__ = (one_of("lang", *LANGUAGES), UniqueConstraint("registration_id", "question_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="RESTRICT"), index=True)
    value: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(String(300))
    said: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(2))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    question: Mapped[Question] = relationship()
