"""for how many people each reminder was: one for many times as many as any before waits for a second look."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('occurrence', sa.Column('people', sa.Integer(), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('occurrence', 'people')
