"""The folded columns follow what the session writes; nothing writes a searched word past it, where they would stay behind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sqlalchemy.orm import configure_mappers

from app.folding import Searched


def past_the_session(tree: ast.Module) -> Iterator[str]:
    """Statements of our own that write a searched column: UPDATEs that name it, and any INSERT into its table."""
    searched = {model.__name__: model.SEARCHED for model in Searched.__subclasses__()}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        said = ast.unparse(node)
        for model, columns in searched.items():
            if said == f"insert({model})":
                yield said
            if said.startswith(f"update({model})") and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
                named = {str(keyword.arg) for keyword in node.keywords}
                yield from (f"update({model}) {column}" for column in columns if named & {column, "None"})


def test_nothing_writes_searched_words_past_the_session(modules: dict[str, ast.Module]) -> None:
    configure_mappers()
    assert len(Searched.__subclasses__()) >= 5
    found = {path: list(past_the_session(tree)) for path, tree in modules.items() if "migrations" not in path}
    assert {path: said for path, said in found.items() if said} == {}


def test_the_guard_sees_such_a_statement() -> None:
    bad = "session.execute(insert(Person), rows)\nchanged(update(Person).where(True).values(name='Å'))\nupdate(Workshop).values(**facts)"
    assert set(past_the_session(ast.parse(bad))) >= {"insert(Person)", "update(Person) name", "update(Workshop) place"}
    assert list(past_the_session(ast.parse("update(Workshop).values(taken=1)"))) == []
