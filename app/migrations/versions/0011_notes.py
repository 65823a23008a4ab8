"""notes about registrations, and mails to many."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        'registration_note',
        sa.Column('registration_id', sa.Integer(), nullable=False),
        sa.Column('words', sa.String(length=600), nullable=False),
        sa.Column('by', sa.String(length=200), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f('ck_registration_note_words')),
        sa.ForeignKeyConstraint(
            ['registration_id'], ['registration.id'], name=op.f('fk_registration_note_registration_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('registration_id', name=op.f('pk_registration_note')),
    )
    op.create_table(
        'bulletin',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('workshop_id', sa.Integer(), nullable=False),
        sa.Column('original_lang', sa.String(length=2), nullable=False),
        sa.Column('subjects', sa.JSON(), nullable=False),
        sa.Column('texts', sa.JSON(), nullable=False),
        sa.Column('chosen', sa.String(length=400), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('by', sa.String(length=200), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("original_lang IN ('sv', 'es', 'en')", name=op.f('ck_bulletin_original_lang')),
        sa.CheckConstraint('count > 0', name=op.f('ck_bulletin_count')),
        sa.ForeignKeyConstraint(['workshop_id'], ['workshop.id'], name=op.f('fk_bulletin_workshop_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bulletin')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_bulletin_workshop_id'), 'bulletin', ['workshop_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index(op.f('ix_bulletin_workshop_id'), table_name='bulletin')
    op.drop_table('bulletin')
    op.drop_table('registration_note')
