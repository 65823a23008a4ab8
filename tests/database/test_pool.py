"""A database that has served one test is as a new one for the next, or is not given to it."""

from __future__ import annotations

import psycopg
import pytest

from tests.databases import Pool

ROW = "INSERT INTO organisation_name (organisation_id, lang, name) VALUES (currval('organisation_id_seq'), 'sv', 'Umeå')"
ORGANISATION = (
    "INSERT INTO organisation (slug, kind, country, place, latitude, longitude, zone, folded) "
    "VALUES ('umea', 'municipality', 'SE', 'Umeå', 63.8, 20.3, 'Europe/Stockholm', '') RETURNING id"
)
ORGANISATIONS = ORGANISATION.replace("VALUES ('umea'", "SELECT 'umea-' || n").replace(") RETURNING id", " FROM generate_series(1, 30000) n")


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_the_next_test_finds_neither_rows_nor_numbers_of_the_last(postgres_pool: Pool) -> None:
    with postgres_pool.database() as url, connected(url) as connection:
        first = connection.execute(ORGANISATION).fetchone()
        connection.execute(ROW)
    spare = len(postgres_pool.spare)
    with postgres_pool.database() as url, connected(url) as connection:
        assert len(postgres_pool.spare) == spare - 1
        assert connection.execute("SELECT count(*) FROM organisation").fetchone() == (0,)
        assert connection.execute(ORGANISATION).fetchone() == first == (1,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_keys_hold_in_a_database_that_was_emptied(postgres_pool: Pool) -> None:
    for _time in range(2):
        with postgres_pool.database() as url, connected(url) as connection:
            connection.execute(ORGANISATION)
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                connection.execute(ROW.replace("currval('organisation_id_seq')", "99"))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE organisation ADD COLUMN more integer",
        "ALTER TABLE organisation ALTER COLUMN place DROP NOT NULL",
        "ALTER TABLE organisation DISABLE TRIGGER ALL",
        "CREATE INDEX more ON organisation (place)",
        "CREATE SEQUENCE more",
        "DROP TABLE organisation CASCADE",
        "UPDATE alembic_version SET version_num = version_num",
        "DELETE FROM alembic_version",
        ORGANISATIONS,
    ],
)
def test_a_database_that_is_no_longer_as_it_was_is_given_to_nobody(postgres_pool: Pool, change: str) -> None:
    with postgres_pool.database() as url, connected(url) as connection:
        spare = [*postgres_pool.spare]
        connection.execute(change.encode())
    assert postgres_pool.spare == spare


def test_whoever_outlives_a_test_is_put_out_and_does_not_find_back(postgres_pool: Pool) -> None:
    with postgres_pool.database() as url:
        left = connected(url)
        left.execute("BEGIN")
        left.execute(ORGANISATION)
    with pytest.raises(psycopg.OperationalError):
        left.execute("COMMIT")
    with postgres_pool.database(), pytest.raises(psycopg.OperationalError, match="does not exist"):
        connected(url)
