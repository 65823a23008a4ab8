"""the last moment to ask for a letter for a visa: of a workshop, for the rules of reminders, and in one's own calendar."""

from datetime import time

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

UNTIL = "CONSTRAINT ck_workshop_letters_until CHECK (letters_until <= starts_at)"
ANCHORS = ("'closes', 'offer_lapses'", "'closes', 'letters', 'offer_lapses'")
HORIZONS = ("'left', 'past'", "'left', 'past', 'letters'")
RULES = {  # table: the name of its check, its words before and after
    "reminder_rule": ("ck_reminder_rule_anchor", "anchor IN ('start', 'end', 'opens', {}, 'milestone', 'instant')", ANCHORS),
    "calendar_horizon": ("ck_calendar_horizon_name", "name IN ({})", HORIZONS),
}
REMINDER = sa.table(
    "reminder_rule",
    *(sa.column(name) for name in ("network_id", "anchor", "offset", "unit", "zone_of", "audience", "applies_to", "enabled")),
    sa.column("at_local", sa.Time()),
)


def upgrade() -> None:
    """Applies the change. Networks that are there begin with the usual reminder, as new ones do."""
    _reword(0, 1)
    kind = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(f"ALTER TABLE workshop ADD COLUMN letters_until {kind} {UNTIL}")
    usual = {"anchor": "letters", "offset": -7, "unit": "days", "at_local": time(9), "zone_of": "workshop"}
    usual |= {"audience": "confirmed", "applies_to": "all", "enabled": True}
    networks = op.get_bind().execute(sa.text("SELECT id FROM network ORDER BY id")).scalars().all()
    if networks:
        op.bulk_insert(REMINDER, [usual | {"network_id": number} for number in networks])


def downgrade() -> None:
    """Takes the change back. A rule that has written stays known, switched off, on an anchor that nothing hangs on."""
    op.execute("UPDATE reminder_rule SET enabled = false, anchor = 'milestone' WHERE anchor = 'letters'")
    op.execute("DELETE FROM calendar_horizon WHERE name = 'letters'")
    _reword(1, 0)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("workshop", "letters_until")
    else:
        op.execute("ALTER TABLE workshop DROP COLUMN letters_until")


def _reword(before: int, after: int) -> None:
    """Other words in a check, in place. SQLite has no statement for that and would make the table anew, and what hangs on its rows
    would go; so its own words are edited, as its documentation of ALTER TABLE says for checks (section 7). What follows alters another
    table, so that whoever has the file open reads all words anew. Raises RuntimeError for a check with words that we never wrote.
    """
    if op.get_bind().dialect.name == "postgresql":
        for table, (name, words, both) in RULES.items():
            op.drop_constraint(op.f(name), table)
            op.create_check_constraint(op.f(name), table, words.format(both[after]))
        return
    edits = [_edit(table, words.format(both[before]), words.format(both[after])) for table, (_name, words, both) in RULES.items()]
    op.execute("PRAGMA writable_schema = ON")
    try:
        for facts in filter(None, edits):
            op.get_bind().execute(sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table"), facts)
    finally:
        op.execute("PRAGMA writable_schema = RESET")


def _edit(table: str, old: str, new: str) -> dict[str, str] | None:
    """The table's words with that check; None if it has it already."""
    said = op.get_bind().execute(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table})
    sql = said.scalar_one()
    if (sql.count(old), sql.count(new)) == (0, 1):
        return None
    if sql.count(old) != 1:
        message = f'The table {table} has no check with the words "{old}", so nothing was changed. It reads:\n{sql}'
        raise RuntimeError(message)
    return {"table": table, "sql": sql.replace(old, new)}
