"""partnerships have people, dates and documents, and a day on which the project begins."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column('partnership', sa.Column('project_on', sa.Date(), nullable=True))
    op.add_column('partnership', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.create_table('partnership_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partnership_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=12), nullable=False),
    sa.CheckConstraint("role IN ('coordinator', 'steering', 'mentor')", name=op.f('ck_partnership_person_role')),
    sa.CheckConstraint("person_id IS NOT NULL OR name <> ''", name=op.f('ck_partnership_person_who')),
    sa.ForeignKeyConstraint(['partnership_id'], ['partnership.id'], name=op.f('fk_partnership_person_partnership_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_partnership_person_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partnership_person')),
    sa.UniqueConstraint('partnership_id', 'person_id', 'role', name=op.f('uq_partnership_person_partnership_id_person_id_role')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_partnership_person_partnership_id'), 'partnership_person', ['partnership_id'], unique=False)
    op.create_index(op.f('ix_partnership_person_person_id'), 'partnership_person', ['person_id'], unique=False)
    op.create_table('partnership_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partnership_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('titles', sa.JSON(), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.Column('cancelled', sa.Boolean(), nullable=False),
    sa.Column('uid', sa.String(length=120), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('visit', 'meeting', 'milestone', 'report')", name=op.f('ck_partnership_event_kind')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_partnership_event_days')),
    sa.CheckConstraint('(starts IS NULL) = (ends IS NULL)', name=op.f('ck_partnership_event_hours')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_partnership_event_instants')),
    sa.ForeignKeyConstraint(['partnership_id'], ['partnership.id'], name=op.f('fk_partnership_event_partnership_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partnership_event')),
    sa.UniqueConstraint('uid', name=op.f('uq_partnership_event_uid')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_partnership_event_partnership_id'), 'partnership_event', ['partnership_id'], unique=False)
    op.create_index(op.f('ix_partnership_event_starts_at'), 'partnership_event', ['starts_at'], unique=False)
    op.create_table('partnership_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partnership_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=160), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.CheckConstraint("title <> '' AND url <> ''", name=op.f('ck_partnership_link_words')),
    sa.ForeignKeyConstraint(['partnership_id'], ['partnership.id'], name=op.f('fk_partnership_link_partnership_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partnership_link')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_partnership_link_partnership_id'), 'partnership_link', ['partnership_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('partnership_link')
    op.drop_table('partnership_event')
    op.drop_table('partnership_person')
    op.drop_column('partnership', 'version')
    op.drop_column('partnership', 'project_on')
