"""mails that came back, and the addresses at which mail fails."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('bounce',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=True),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('kind', sa.String(length=4), nullable=False),
    sa.Column('source', sa.String(length=8), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('hard', 'soft')", name=op.f('ck_bounce_kind')),
    sa.CheckConstraint("source IN ('sending', 'report')", name=op.f('ck_bounce_source')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_bounce_message_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bounce')),
    sa.UniqueConstraint('key', name=op.f('uq_bounce_key')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_bounce_address_bounce_at'), 'bounce', ['address', 'at'])
    op.create_index(op.f('ix_bounce_message_id'), 'bounce', ['message_id'])
    op.create_table('address_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('marked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_mark')),
    sa.UniqueConstraint('address', name=op.f('uq_address_mark_address')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('address_mark')
    op.drop_table('bounce')
