"""municipalities say that they want to join a network, with the people behind it and what is said between them and staff."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('interest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('network_id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('whose', sa.String(length=260), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('challenge', sa.Text(), nullable=False),
    sa.Column('themes', sa.JSON(), nullable=False),
    sa.Column('politicians', sa.Integer(), nullable=True),
    sa.Column('officials', sa.Integer(), nullable=True),
    sa.Column('support', sa.Text(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=True),
    sa.Column('partner', sa.String(length=300), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('assigned_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("kind IN ('municipality', 'region', 'other')", name=op.f('ck_interest_kind')),
    sa.CheckConstraint("organisation_id IS NOT NULL OR name <> ''", name=op.f('ck_interest_who')),
    sa.CheckConstraint("sent_at IS NOT NULL OR state IN ('draft', 'withdrawn')", name=op.f('ck_interest_sent')),
    sa.CheckConstraint("state IN ('draft', 'sent', 'asked', 'accepted', 'declined', 'withdrawn')", name=op.f('ck_interest_state')),
    sa.ForeignKeyConstraint(['assigned_id'], ['person.id'], name=op.f('fk_interest_assigned_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['call_id'], ['network_call.id'], name=op.f('fk_interest_call_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_interest_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_interest_organisation_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['organisation.id'], name=op.f('fk_interest_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_interest_alive', 'interest', ['network_id', 'whose'], unique=True, sqlite_where=sa.text("state IN ('draft', 'sent', 'asked')"), postgresql_where=sa.text("state IN ('draft', 'sent', 'asked')"))
    op.create_index(op.f('ix_interest_organisation_id'), 'interest', ['organisation_id'], unique=False)
    op.create_index(op.f('ix_interest_state_interest_sent_at'), 'interest', ['state', 'sent_at'], unique=False)
    op.create_table('interest_colleague',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('comes_as', sa.String(length=12), nullable=False),
    sa.CheckConstraint("comes_as IN ('official', 'politician')", name=op.f('ck_interest_colleague_comes_as')),
    sa.CheckConstraint("name <> '' AND address <> ''", name=op.f('ck_interest_colleague_words')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_colleague_interest_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest_colleague')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_interest_colleague_interest_id'), 'interest_colleague', ['interest_id'], unique=False)
    op.create_table('interest_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(length=12), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("lang IN ('sv', 'es', 'en')", name=op.f('ck_interest_message_lang')),
    sa.CheckConstraint("side IN ('applicant', 'staff', 'note')", name=op.f('ck_interest_message_side')),
    sa.CheckConstraint("words <> ''", name=op.f('ck_interest_message_words')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_message_interest_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest_message')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_interest_message_interest_id'), 'interest_message', ['interest_id'], unique=False)
    op.create_table('interest_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=12), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role <> 'applicant' OR agreed_at IS NOT NULL", name=op.f('ck_interest_person_applicant')),
    sa.CheckConstraint("role IN ('applicant', 'colleague')", name=op.f('ck_interest_person_role')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_person_interest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_interest_person_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest_person')),
    sa.UniqueConstraint('interest_id', 'person_id', name=op.f('uq_interest_person_interest_id_person_id')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_interest_person_person_id'), 'interest_person', ['person_id'], unique=False)
    op.create_table('interest_workshop',
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_workshop_interest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_interest_workshop_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interest_id', 'workshop_id', name=op.f('pk_interest_workshop')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_interest_workshop_workshop_id'), 'interest_workshop', ['workshop_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('interest_workshop')
    op.drop_table('interest_person')
    op.drop_table('interest_message')
    op.drop_table('interest_colleague')
    op.drop_table('interest')
