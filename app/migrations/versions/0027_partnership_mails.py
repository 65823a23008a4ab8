"""a date of a partnership knows since when it stands on its days; mails of it can be turned off; what closes stands in calendars."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('partnership_event', sa.Column('moved_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('calendar_closing',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_calendar_closing_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_calendar_closing_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'workshop_id', name=op.f('pk_calendar_closing'))
    )
    op.create_index(op.f('ix_calendar_closing_workshop_id'), 'calendar_closing', ['workshop_id'], unique=False)
    op.add_column('person', sa.Column('partnerships_off', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('person', 'partnerships_off')
    op.drop_table('calendar_closing')
    op.drop_column('partnership_event', 'moved_at')
