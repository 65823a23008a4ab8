"""What a coordinator says of a delegation as a whole."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Mix(Base):
    """How many of those whom an organisation sends to a workshop are of its majority and of its opposition: two numbers, which
    say nothing of anybody in particular. Which side a person is on is never kept."""

    __tablename__ = "delegation_mix"
    __table_args__ = (CheckConstraint("majority >= 0 AND opposition >= 0", name="numbers"),)

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    majority: Mapped[int]
    opposition: Mapped[int]
