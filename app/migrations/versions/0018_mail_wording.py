"""the words of mails: what staff have put in the place of the original, by mail, text and language."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('mail_wording',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_mail_wording'))
    )
    op.create_table('mail_text',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('changed_by', sa.String(length=200), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("lang IN ('sv', 'es', 'en')", name=op.f('ck_mail_text_lang')),
    sa.CheckConstraint("words <> ''", name=op.f('ck_mail_text_words')),
    sa.ForeignKeyConstraint(['kind'], ['mail_wording.kind'], name=op.f('fk_mail_text_kind'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('kind', 'name', 'lang', name=op.f('pk_mail_text'))
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('mail_text')
    op.drop_table('mail_wording')
