"""a date of a partnership knows since when it stands on its days; mails about partnerships can be turned off."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('partnership_event', sa.Column('moved_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('person', sa.Column('partnerships_off', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('person', 'partnerships_off')
    op.drop_column('partnership_event', 'moved_at')
