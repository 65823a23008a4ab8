"""reminder rules that staff edit: for whom in particular, who was not there, and switched off for one workshop."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

RULE = {
    'absent': "BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_reminder_rule_absent CHECK (NOT absent OR audience = 'confirmed')",
    'comes_as': "VARCHAR(12) CONSTRAINT ck_reminder_rule_comes_as CHECK (comes_as IN ('official', 'politician'))",
    'organisation_id': 'INTEGER',
    'beside': 'BOOLEAN DEFAULT false NOT NULL',
    'version': 'INTEGER DEFAULT 1 NOT NULL',
}


def upgrade() -> None:
    """Applies the change. Columns are added in place: SQLite would make the table anew, and what hangs on its rows would go."""
    for name, words in RULE.items():
        op.execute(f'ALTER TABLE reminder_rule ADD COLUMN {name} {words}')
    op.create_table('reminder_rule_skipped',
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['rule_id'], ['reminder_rule.id'], name=op.f('fk_reminder_rule_skipped_rule_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_reminder_rule_skipped_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rule_id', 'workshop_id', name=op.f('pk_reminder_rule_skipped'))
    )
    op.create_index(op.f('ix_reminder_rule_skipped_workshop_id'), 'reminder_rule_skipped', ['workshop_id'], unique=False)


def downgrade() -> None:
    """Takes the change back. A rule for few would be one for all: it is switched off."""
    op.execute("UPDATE reminder_rule SET enabled = false WHERE absent OR comes_as IS NOT NULL OR organisation_id IS NOT NULL")
    op.drop_index(op.f('ix_reminder_rule_skipped_workshop_id'), table_name='reminder_rule_skipped')
    op.drop_table('reminder_rule_skipped')
    for name in reversed(RULE):
        op.drop_column('reminder_rule', name)
