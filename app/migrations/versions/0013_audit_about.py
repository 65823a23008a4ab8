"""lines of the audit say which registration they are about; older ones have a name alone."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('audit_entry', sa.Column('about', sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('audit_entry', 'about')
