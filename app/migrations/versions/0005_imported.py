"""what has been imported."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('imported_workshop',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_imported_workshop_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_imported_workshop')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('imported_workshop', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_imported_workshop_workshop_id'), ['workshop_id'], unique=False)


def downgrade() -> None:
    """Takes it back."""
    with op.batch_alter_table('imported_workshop', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_imported_workshop_workshop_id'))

    op.drop_table('imported_workshop')
