"""for how many people each reminder was, to know one that is for far more; and when staff let it go ahead of its hour.

Who wants no mails about the commitment."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('occurrence', sa.Column('people', sa.Integer(), nullable=True))
    op.add_column('occurrence', sa.Column('hurried_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('person', sa.Column('commitment_off', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('person', 'commitment_off')
    op.drop_column('occurrence', 'hurried_at')
    op.drop_column('occurrence', 'people')
