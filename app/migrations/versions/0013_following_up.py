"""lines of the audit say which registration they are about, and runs of certificates rest after an error."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('audit_entry', sa.Column('about', sa.String(length=40), nullable=True))
    op.add_column('paper_run', sa.Column('tries', sa.Integer(), server_default='0', nullable=False))
    op.add_column('paper_run', sa.Column('next_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('paper_run', sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('paper_run', 'failed_at')
    op.drop_column('paper_run', 'next_at')
    op.drop_column('paper_run', 'tries')
    op.drop_column('audit_entry', 'about')
