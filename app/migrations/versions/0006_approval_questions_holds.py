"""approval, questions, holds."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change. Columns are added in place: SQLite would make the tables anew, and what hangs on their rows would go."""
    op.add_column('workshop', sa.Column('approval', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('registration', sa.Column('hold_id', sa.Integer(), nullable=True))
    op.add_column('registration', sa.Column('reason', sa.String(length=600), server_default='', nullable=False))
    op.create_table('seat_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('unused', sa.Integer(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('lapses_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('seats > 0', name=op.f('ck_seat_hold_seats')),
    sa.CheckConstraint('unused >= 0 AND unused <= seats', name=op.f('ck_seat_hold_unused')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_seat_hold_organisation_id')),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_seat_hold_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat_hold')),
    sa.UniqueConstraint('workshop_id', 'organisation_id', name=op.f('uq_seat_hold_workshop_id_organisation_id')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_seat_hold_lapses_at'), 'seat_hold', ['lapses_at'], unique=False)
    op.create_index(op.f('ix_seat_hold_organisation_id'), 'seat_hold', ['organisation_id'], unique=False)
    op.create_table('question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('codes', sa.Integer(), nullable=False),
    sa.Column('condition_id', sa.Integer(), nullable=True),
    sa.Column('condition_value', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(condition_id IS NULL) = (condition_value = '')", name=op.f('ck_question_condition')),
    sa.CheckConstraint("kind IN ('text', 'long', 'choice', 'choices', 'yesno', 'date')", name=op.f('ck_question_kind')),
    sa.ForeignKeyConstraint(['condition_id'], ['question.id'], name=op.f('fk_question_condition_id')),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_question_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_question_condition_id'), 'question', ['condition_id'], unique=False)
    op.create_index(op.f('ix_question_workshop_id_question_position'), 'question', ['workshop_id', 'position'], unique=False)
    op.create_table('question_text',
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('hint', sa.String(length=300), nullable=False),
    sa.CheckConstraint("lang IN ('sv', 'es', 'en')", name=op.f('ck_question_text_lang')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_text_question_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('question_id', 'lang', name=op.f('pk_question_text'))
    )
    op.create_table('answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('asked', sa.String(length=300), nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("lang IN ('sv', 'es', 'en')", name=op.f('ck_answer_lang')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_answer_question_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_answer_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('registration_id', 'question_id', name=op.f('uq_answer_registration_id_question_id')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_answer_question_id'), 'answer', ['question_id'], unique=False)


def downgrade() -> None:
    """Takes the change back. What nobody sits on of the held seats counts as taken, and would be taken for ever: it is free again."""
    op.execute(
        'UPDATE workshop SET taken = taken - (SELECT SUM(unused) FROM seat_hold WHERE seat_hold.workshop_id = workshop.id)'
        ' WHERE id IN (SELECT workshop_id FROM seat_hold)'
    )
    op.drop_table('answer')
    op.drop_table('question_text')
    op.drop_table('question')
    op.drop_table('seat_hold')
    op.drop_column('registration', 'reason')
    op.drop_column('registration', 'hold_id')
    op.drop_column('workshop', 'approval')
