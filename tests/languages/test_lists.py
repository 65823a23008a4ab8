"""Names and lists as people say them in each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.languages import city, fingerprint, listed, using


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["español", "sueco"], "español y sueco"),
        (["español", "inglés"], "español e inglés"),
        (["español", "sueco", "inglés"], "español, sueco e inglés"),
        (["Umeå", "Ibagué"], "Umeå e Ibagué"),
        (["nieve", "hielo"], "nieve y hielo"),
        (["madre", "hija"], "madre e hija"),
        (["inglés"], "inglés"),
        ([], ""),
    ],
)
def test_spanish_says_e_before_the_sound_of_an_i(words: list[str], said: str) -> None:
    with using("es"):
        assert listed(words) == said


def test_other_languages_keep_their_and() -> None:
    with using("sv"):
        assert listed(["spanska", "italienska"]) == "spanska och italienska"
    with using("en"):
        assert listed(["Spanish", "Italian"]) == "Spanish and Italian"


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_a_zone_is_named_by_its_city_alone(lang: str) -> None:
    with using(lang):
        assert city("America/Argentina/Buenos_Aires") == "Buenos Aires"


def test_other_words_are_another_fingerprint(tmp_path: Path) -> None:
    for name, words in (("a", "hej"), ("b", "hej"), ("c", "hejsan")):
        (tmp_path / name / "sv").mkdir(parents=True)
        (tmp_path / name / "sv" / "messages.po").write_text(f'msgid "hello"\nmsgstr "{words}"\n', encoding="utf-8")
    same, again, other = (fingerprint(tmp_path / name) for name in "abc")
    assert same == again != other
