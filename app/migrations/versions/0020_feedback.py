"""feedback: what people thought of a workshop, with neither name nor time."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('feedback',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('workshop_id', sa.Integer(), nullable=False),
    sa.Column('loose', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('overall', sa.Integer(), nullable=False),
    sa.Column('useful', sa.Integer(), nullable=True),
    sa.Column('spoken', sa.String(length=8), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('quotable', sa.Boolean(), nullable=False),
    sa.CheckConstraint("lang IN ('sv', 'es', 'en')", name=op.f('ck_feedback_lang')),
    sa.CheckConstraint("spoken IN ('', 'yes', 'partly', 'no', 'unneeded')", name=op.f('ck_feedback_spoken')),
    sa.CheckConstraint('overall BETWEEN 1 AND 5', name=op.f('ck_feedback_overall')),
    sa.CheckConstraint('useful BETWEEN 1 AND 4', name=op.f('ck_feedback_useful')),
    sa.CheckConstraint("words <> '' OR NOT quotable", name=op.f('ck_feedback_quotable')),
    sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_feedback_workshop_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_feedback')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_feedback_workshop_id'), 'feedback', ['workshop_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('feedback')
