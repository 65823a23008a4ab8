"""Names and lists as people say them in each language."""

from __future__ import annotations

import pytest

from app.languages import city, listed, using


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
