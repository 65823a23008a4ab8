"""what is searched stands beside itself without case, accents and ligatures."""

from unicodedata import category, normalize

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# table -> (its key, the columns that are searched)
TABLES = {
    'organisation': (('id',), ('place',)),
    'organisation_name': (('organisation_id', 'lang'), ('name',)),
    'person': (('id',), ('name', 'address')),
    'workshop': (('id',), ('venue', 'street_address', 'place')),
    'workshop_text': (('workshop_id', 'lang'), ('title', 'summary')),
}
AT_ONCE = 1000
PLAIN = str.maketrans(
    dict(pair.split('=') for pair in 'ø=o æ=ae œ=oe đ=d ð=d ł=l þ=th ħ=h ı=i ŋ=n'.split())
    | dict.fromkeys('‐‑‒–—―−', '-')
    | dict.fromkeys('‘’ʼ', "'")
)


def upgrade() -> None:
    """Applies the change. A column is added in place: SQLite would make the table anew, and lose what hangs on its rows."""
    for table, (key, columns) in TABLES.items():
        op.add_column(table, sa.Column('folded', sa.Text(), server_default='', nullable=False))
        fill(table, key, columns)


def fill(table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """What stands there already, folded; nobody's version or change date rises by it."""
    rows = sa.table(table, *(sa.column(name) for name in (*key, *columns, 'folded')))
    wanted = sa.update(rows).where(*(rows.c[name] == sa.bindparam(f'the_{name}') for name in key)).values(folded=sa.bindparam('words'))
    connection = op.get_bind()
    found = connection.execute(sa.select(*(rows.c[name] for name in (*key, *columns)))).mappings().all()
    values = [{f'the_{name}': row[name] for name in key} | {'words': fold(*(row[name] for name in columns))} for row in found]
    for start in range(0, len(values), AT_ONCE):
        connection.execute(wanted, values[start : start + AT_ONCE])


def fold(*texts: str) -> str:
    """As the application folded on the day of this migration."""
    apart = normalize('NFKD', normalize('NFKD', ' '.join(text for text in texts if text)).casefold())
    return ' '.join(''.join(letter for letter in apart if category(letter) not in {'Mn', 'Me', 'Cf'}).translate(PLAIN).split())


def downgrade() -> None:
    """Takes it back."""
    for table in TABLES:
        op.drop_column(table, 'folded')
