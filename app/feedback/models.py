"""What people thought of a workshop."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, one_of
from app.feedback.rules import SPOKEN
from app.languages import LANGUAGES


class Feedback(Base):
    """One person's answers, with neither name nor time: nothing in the database alone says whose they are.

    `key` follows from the secret in that person's link, so that they can change the answers while the form is open. After that it is
    drawn anew (`loose`), and nobody finds the way back. Rows are read in its order, which is nobody's.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        one_of("lang", *LANGUAGES),
        one_of("spoken", "", *SPOKEN),
        CheckConstraint("overall BETWEEN 1 AND 5", name="overall"),
        CheckConstraint("useful BETWEEN 1 AND 4", name="useful"),
        CheckConstraint("words <> '' OR NOT quotable", name="quotable"),
    )

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), index=True)
    loose: Mapped[bool] = mapped_column(default=False, server_default=false())
    lang: Mapped[str] = mapped_column(String(2))  # in which it was answered
    overall: Mapped[int]  # 5 is the best
    useful: Mapped[int | None]  # 4 is the best
    spoken: Mapped[str] = mapped_column(String(8), default="")  # whether languages and interpretation worked
    words: Mapped[str] = mapped_column(Text, default="")
    quotable: Mapped[bool] = mapped_column(default=False)
