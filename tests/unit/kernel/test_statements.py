"""SQL text for two databases."""

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.kernel.statements import MAX_VARIABLES, ddl, insert, statement, values_text


def test_arguments_keep_their_numbers() -> None:
    assert statement("SELECT $2, $1, $10, $1").sqlite == "SELECT ?2, ?1, ?10, ?1"


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("SELECT updated_at FROM t", False),
        ("INSERT INTO t (a) VALUES ($1)", True),
        ("  update t SET a = 1", True),
        ("WITH x AS (SELECT 1) DELETE FROM t", True),
        ("INSERT  INTO t (a) SELECT 1 RETURNING a", True),
    ],
)
def test_writes_are_told_from_reads(sql: str, writes: bool) -> None:
    assert statement(sql).writes is writes


def test_an_insert_is_cut_under_the_limit_of_variables() -> None:
    head, columns, chunk = insert("INSERT INTO t (a, b, c) VALUES")
    assert columns == 3
    assert chunk * columns <= MAX_VARIABLES
    assert values_text(head, columns, 2) == "INSERT INTO t (a, b, c) VALUES (?,?,?),(?,?,?)"


@pytest.mark.parametrize("sql", ["INSERT INTO t VALUES", "INSERT INTO t (a) VALUES (1)", "DELETE FROM t"])
def test_run_many_takes_the_head_of_an_insert_only(sql: str) -> None:
    with pytest.raises(InvalidInputError):
        insert(sql)


def test_tokens_become_each_databases_types() -> None:
    text = "CREATE TABLE t (id {ID}, a {BYTES}, b {BIGINT}) {STRICT}"
    assert ddl(text, "sqlite") == "CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB, b INTEGER) STRICT"
    assert "BYTEA" in ddl(text, "postgres")
    with pytest.raises(InvalidInputError):
        ddl("{NONSENSE}", "sqlite")
