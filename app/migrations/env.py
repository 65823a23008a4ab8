"""How Alembic finds the tables and compares them; plain column types, so that a migration imports nothing of ours."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from app.database import Base, UtcDateTime, db


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Writes our column type as what the database sees."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Runs the migrations on this connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


with db.engine.connect() as opened:
    run(opened)
    opened.commit()
