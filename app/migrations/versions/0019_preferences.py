"""preferences: which kinds of mail somebody wants, and which of the staff's mails are necessary."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    for name in ('reminders_off', 'bulletins_off', 'digest'):
        op.add_column('person', sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('person', sa.Column('digest_week', sa.String(length=8), nullable=True))
    op.add_column('bulletin', sa.Column('necessary', sa.Boolean(), server_default=sa.false(), nullable=False))
    # Whoever has stopped reminders was told that there are no more: that holds for what they register for next, too.
    # Who has had them again since has it at a registration that is still alive.
    op.execute("""UPDATE person SET reminders_off = true
        WHERE id IN (SELECT person_id FROM registration WHERE reminders_off) AND id NOT IN (
            SELECT person_id FROM registration JOIN workshop ON workshop.id = registration.workshop_id
            WHERE NOT reminders_off AND registration.state IN ('unconfirmed', 'requested', 'confirmed', 'waitlisted', 'offered')
            AND workshop.ends_at > CURRENT_TIMESTAMP)""")


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('bulletin', 'necessary')
    for name in ('digest_week', 'digest', 'bulletins_off', 'reminders_off'):
        op.drop_column('person', name)
