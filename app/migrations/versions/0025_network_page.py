"""a network tells why it is, who may join and what it works with, opens calls, and links documents."""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('network', sa.Column('themes', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('network', sa.Column('contact', sa.String(length=320), server_default='', nullable=False))
    op.add_column('network', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('network_name', sa.Column('why', sa.String(length=4000), server_default='', nullable=False))
    op.add_column('network_name', sa.Column('joining', sa.String(length=4000), server_default='', nullable=False))
    op.add_column('network_name', sa.Column('call', sa.String(length=2000), server_default='', nullable=False))
    op.create_table('network_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('network_id', sa.Integer(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.CheckConstraint('closes_on >= opens_on', name=op.f('ck_network_call_days')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_network_call_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_call')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_network_call_network_id'), 'network_call', ['network_id'], unique=False)
    op.create_table('network_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('network_id', sa.Integer(), nullable=False),
    sa.Column('titles', sa.JSON(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.CheckConstraint("url <> ''", name=op.f('ck_network_link_url')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_network_link_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network_link')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_network_link_network_id'), 'network_link', ['network_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('network_link')
    op.drop_table('network_call')
    op.drop_column('network_name', 'call')
    op.drop_column('network_name', 'joining')
    op.drop_column('network_name', 'why')
    op.drop_column('network', 'version')
    op.drop_column('network', 'contact')
    op.drop_column('network', 'themes')
