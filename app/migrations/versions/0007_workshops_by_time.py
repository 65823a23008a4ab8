"""the order and the signs of long lists in one index."""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    columns = ['starts_at', 'id', 'ends_at', 'state', 'version', 'changed_at']
    op.create_index('ix_workshop_by_time', 'workshop', columns, unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index('ix_workshop_by_time', table_name='workshop')
