"""the texts that recur in many workshops."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('recurring_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('original_lang', sa.String(length=2), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("original_lang IN ('sv', 'es', 'en')", name=op.f('ck_recurring_text_original_lang')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recurring_text')),
    sqlite_autoincrement=True
    )
    op.create_table('recurring_words',
    sa.Column('text_id', sa.Integer(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("lang IN ('sv', 'es', 'en')", name=op.f('ck_recurring_words_lang')),
    sa.ForeignKeyConstraint(['text_id'], ['recurring_text.id'], name=op.f('fk_recurring_words_text_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('text_id', 'lang', name=op.f('pk_recurring_words'))
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_table('recurring_words')
    op.drop_table('recurring_text')
