"""commitments are asked of organisations or of people, online counts or not, and several stand at once."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0020'
branch_labels = None
depends_on = None

OLD = 'id, network_id, starts_on, ends_on, latin_america, sweden, people'
IS_SCOPE = "scope IN ('organisation', 'person')"
UNIQUE = 'uq_commitment_rule_network_id_scope_starts_on_ends_on'
BEFORE = 'uq_commitment_rule_network_id_starts_on'


def upgrade() -> None:
    """Applies the change."""
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_constraint(op.f(BEFORE), 'commitment_rule')
        for column in _new():
            op.add_column('commitment_rule', column)
        op.create_check_constraint(op.f('ck_commitment_rule_scope'), 'commitment_rule', IS_SCOPE)
        op.create_unique_constraint(op.f(UNIQUE), 'commitment_rule', ['network_id', 'scope', 'starts_on', 'ends_on'])
    else:
        is_scope = sa.CheckConstraint(IS_SCOPE, name=op.f('ck_commitment_rule_scope'))
        unique = sa.UniqueConstraint('network_id', 'scope', 'starts_on', 'ends_on', name=op.f(UNIQUE))
        _made_anew(*_new(), is_scope, unique)


def downgrade() -> None:
    """Takes the change back; of several that begin on one day the first stays."""
    op.execute('DELETE FROM waiver WHERE rule_id NOT IN (SELECT min(id) FROM commitment_rule GROUP BY network_id, starts_on)')
    op.execute('DELETE FROM commitment_rule WHERE id NOT IN (SELECT min(id) FROM commitment_rule GROUP BY network_id, starts_on)')
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_constraint(op.f(UNIQUE), 'commitment_rule')
        op.drop_constraint(op.f('ck_commitment_rule_scope'), 'commitment_rule')
        for name in ('version', 'online', 'scope'):
            op.drop_column('commitment_rule', name)
        op.create_unique_constraint(op.f(BEFORE), 'commitment_rule', ['network_id', 'starts_on'])
    else:
        _made_anew(sa.UniqueConstraint('network_id', 'starts_on', name=op.f(BEFORE)))


def _new() -> list[sa.Column[Any]]:
    return [
        sa.Column('scope', sa.String(length=12), server_default='organisation', nullable=False),
        sa.Column('online', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    ]


def _made_anew(*more: sa.Column[Any] | sa.Constraint) -> None:
    """SQLite cannot drop a constraint. Waivers step aside, for they would go with the table that they point to."""
    for table in ('waiver', 'commitment_rule'):
        op.execute(f'CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table}')  # noqa: S608  our own names
        op.drop_table(table)
    op.create_table('commitment_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('network_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('latin_america', sa.Integer(), nullable=False),
    sa.Column('sweden', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    *more,
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_commitment_rule_period')),
    sa.CheckConstraint('latin_america >= 0 AND sweden >= 0 AND people >= 1', name=op.f('ck_commitment_rule_counts')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_commitment_rule_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment_rule')),
    sqlite_autoincrement=True
    )
    op.create_table('waiver',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('half', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=600), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.CheckConstraint("half IN ('latin_america', 'sweden')", name=op.f('ck_waiver_half')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_waiver_organisation_id')),
    sa.ForeignKeyConstraint(['rule_id'], ['commitment_rule.id'], name=op.f('fk_waiver_rule_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiver')),
    sa.UniqueConstraint('rule_id', 'organisation_id', 'half', name=op.f('uq_waiver_rule_id_organisation_id_half')),
    sqlite_autoincrement=True
    )
    op.execute(f'INSERT INTO commitment_rule ({OLD}) SELECT {OLD} FROM kept_commitment_rule')  # noqa: S608
    op.execute('INSERT INTO waiver SELECT * FROM kept_waiver')
    for table in ('waiver', 'commitment_rule'):
        op.drop_table(f'kept_{table}')
