"""own calendars: what each device shows, and up to when entries have left by time."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

LEVEL = "VARCHAR(8) DEFAULT 'days' NOT NULL CONSTRAINT ck_feed_token_level CHECK (level IN ('days', 'overview', 'sessions'))"


def upgrade() -> None:
    """Applies the change."""
    op.execute(f'ALTER TABLE feed_token ADD COLUMN level {LEVEL}')
    op.add_column('feed_token', sa.Column('deadlines', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table('calendar_horizon',
    sa.Column('name', sa.String(length=8), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("name IN ('left', 'past')", name=op.f('ck_calendar_horizon_name')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_calendar_horizon'))
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('calendar_horizon')
    op.drop_column('feed_token', 'deadlines')
    op.drop_column('feed_token', 'level')
