"""what an expression of interest said when staff asked for more, so that they see what has changed since."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('interest', sa.Column('before', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('interest', 'before')
