"""waiting list."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

LINE = 'ix_registration_line'
OLD_LINE = 'ix_registration_workshop_id_registration_state_registration_queued_at'
WORKSHOP = {
    'waitlist': "VARCHAR(8) DEFAULT 'at_once' NOT NULL CONSTRAINT ck_workshop_waitlist CHECK (waitlist IN ('at_once', 'offer'))",
    'offer_hours': 'INTEGER CONSTRAINT ck_workshop_offer_hours CHECK (offer_hours > 0)',
    'promotion_ends_hours': 'INTEGER CONSTRAINT ck_workshop_promotion_ends_hours CHECK (promotion_ends_hours >= 0)',
}


def upgrade() -> None:
    """Applies the change. Columns are added in place, each with its check: SQLite would make the tables anew, and what hangs on their
    rows would go."""
    for name, words in WORKSHOP.items():
        op.execute(f'ALTER TABLE workshop ADD COLUMN {name} {words}')
    op.add_column('registration', sa.Column('priority', sa.Integer(), server_default='0', nullable=False))
    op.add_column('registration', sa.Column('lapses', sa.Integer(), server_default='0', nullable=False))
    for name in ('asked_at', 'answered_at', 'chased_at'):
        op.add_column('registration', sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f(OLD_LINE), table_name='registration')
    op.create_index(op.f('ix_registration_asked_at'), 'registration', ['asked_at'], unique=False)
    op.create_index(LINE, 'registration', ['workshop_id', 'state', 'priority', 'queued_at'], unique=False)


def downgrade() -> None:
    """Takes the change back. Who was offered a seat has it: nobody is left to say that it lapses."""
    op.execute("UPDATE registration SET state = 'confirmed', held_until = NULL WHERE state = 'offered'")
    op.drop_index(LINE, table_name='registration')
    op.drop_index('ix_registration_asked_at', table_name='registration')
    op.create_index(op.f(OLD_LINE), 'registration', ['workshop_id', 'state', 'queued_at'], unique=False)
    for name in ('chased_at', 'answered_at', 'asked_at', 'lapses', 'priority'):
        op.drop_column('registration', name)
    for name in reversed(WORKSHOP):
        op.drop_column('workshop', name)
