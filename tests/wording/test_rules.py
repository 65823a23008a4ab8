"""The format of texts: what is filled in, what is refused, and that nothing else means anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wording.rules import Unfit, fill, left_out, names_in, parse, typed

KNOWN = ("title", "when")
VALUES = {"title": "{when} 7% %(x)s", "when": "3 June"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Plain.", "Plain."),
        ("", ""),
        ("{title}", "{when} 7% %(x)s"),
        ("{when}: {when}", "3 June: 3 June"),
        ("{{title}}", "{title}"),
        ("{{{when}}}", "{3 June}"),
        ("{{7*7}} 100 % %(title)s %s", "{7*7} 100 % %(title)s %s"),
        ("a }} b {{ c", "a } b { c"),
    ],
)
def test_known_names_are_filled_in_and_what_fills_them_is_never_read_again(words: str, said: str) -> None:
    assert fill(parse(words, KNOWN), VALUES) == said


@pytest.mark.parametrize(
    ("words", "what", "is_brace"),
    [
        ("{titel}", "titel", False),
        ("{}", "", False),
        ("{0}", "0", False),
        ("{ title }", " title ", False),
        ("{title!r}", "title!r", False),
        ("{title:>900}", "title:>900", False),
        ("{title.__class__}", "title.__class__", False),
        ("{title[0]}", "title[0]", False),
        ("{{{7*7}}}", "7*7", False),
        ("{title", "{", True),
        ("title}", "}", True),
        ("{ti{tle}", "{", True),
    ],
)
def test_everything_else_in_braces_is_refused_by_its_name(words: str, what: str, is_brace: bool) -> None:
    with pytest.raises(Unfit) as refused:
        parse(words, KNOWN)
    assert (refused.value.what, refused.value.is_brace) == (what, is_brace)


@given(st.text())
def test_any_text_is_said_or_refused(words: str) -> None:
    try:
        parts = parse(words, KNOWN)
    except Unfit:
        assert "{" in words or "}" in words
    else:
        assert "{" not in "".join(plain for plain, _name in parts) or "{{" in words


@given(st.text(alphabet=st.characters(blacklist_characters="%"), max_size=30), st.text(alphabet="{}ab ", max_size=30))
def test_a_message_of_the_catalogues_comes_back_as_it_is(before: str, after: str) -> None:
    template = f"{before}%(title)s 5%%{after}"
    assert fill(parse(typed(template, KNOWN), KNOWN), VALUES) == template % VALUES


def test_what_is_left_out_is_named() -> None:
    assert left_out("On {when}", KNOWN) == ["title"]
    assert names_in("%(title)s, %(when)s, %(title)s: 5%%") == KNOWN
