"""attendance: how it is known, single sessions, taps."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change. Nothing hangs on the rows of `attendance`: SQLite may make that table anew."""
    with op.batch_alter_table('attendance', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(length=10), server_default='on_site', nullable=False))
        batch_op.add_column(sa.Column('source', sa.String(length=10), server_default='list', nullable=False))
        batch_op.create_check_constraint(op.f('ck_attendance_way'), "way IN ('on_site', 'online')")
        batch_op.create_check_constraint(op.f('ck_attendance_source'), "source IN ('scan', 'list', 'typed')")
    op.create_table('counted_session',
    sa.Column('session_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['workshop_session.id'], name=op.f('fk_counted_session_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', name=op.f('pk_counted_session'))
    )
    op.create_table('session_attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.CheckConstraint("way IN ('on_site', 'online')", name=op.f('ck_session_attendance_way')),
    sa.CheckConstraint("source IN ('scan', 'list', 'typed')", name=op.f('ck_session_attendance_source')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_session_attendance_registration_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['workshop_session.id'], name=op.f('fk_session_attendance_session_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_attendance')),
    sa.UniqueConstraint('registration_id', 'session_id', name=op.f('uq_session_attendance_registration_id_session_id')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_session_attendance_session_id'), 'session_attendance', ['session_id'], unique=False)
    op.create_table('attendance_tap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('slot', sa.String(length=24), nullable=False),
    sa.Column('present', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_attendance_tap_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance_tap')),
    sa.UniqueConstraint('key', name=op.f('uq_attendance_tap_key')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_attendance_tap_place'), 'attendance_tap', ['registration_id', 'slot', 'at'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('attendance_tap')
    op.drop_table('session_attendance')
    op.drop_table('counted_session')
    with op.batch_alter_table('attendance', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_constraint(op.f('ck_attendance_source'), type_='check')
        batch_op.drop_constraint(op.f('ck_attendance_way'), type_='check')
        batch_op.drop_column('source')
        batch_op.drop_column('way')
