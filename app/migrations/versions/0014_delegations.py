"""delegations: who is vouched for, as what somebody comes, and a delegation's mix as numbers."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

COMES_AS = "VARCHAR(12) CONSTRAINT ck_registration_comes_as CHECK (comes_as IN ('official', 'politician'))"


def upgrade() -> None:
    """Applies the change."""
    op.add_column('registration', sa.Column('vouched', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(f'ALTER TABLE registration ADD COLUMN comes_as {COMES_AS}')
    op.create_table('delegation_mix',
    sa.Column('workshop_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('organisation_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('majority', sa.Integer(), nullable=False),
    sa.Column('opposition', sa.Integer(), nullable=False),
    sa.CheckConstraint('majority >= 0 AND opposition >= 0', name=op.f('ck_delegation_mix_numbers')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_delegation_mix_organisation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_delegation_mix_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workshop_id', 'organisation_id', name=op.f('pk_delegation_mix'))
    )
    op.create_index(op.f('ix_delegation_mix_organisation_id'), 'delegation_mix', ['organisation_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('delegation_mix')
    op.drop_column('registration', 'comes_as')
    op.drop_column('registration', 'vouched')
