"""The words to which people agree before their needs are kept: each version for ever, as it was read.

A version that was ever published is never edited: what people agreed to is looked up here. Other words are a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Version:
    """The words in each language; `{days}` is how long after the workshop's end the needs are kept."""

    name: str
    since: date
    words: Mapping[str, str]


VERSIONS = (
    Version(
        "2026-11",
        date(2026, 11, 25),
        {
            "sv": (
                "ICLD får spara det jag har skrivit om mat, tillgänglighet, tolkning och visum, också om det säger något om min "
                "hälsa eller min tro. Det används för att jag ska kunna delta i den här workshoppen och inte till något annat. "
                "Programhandläggarna och administratörerna på ICLD kan se det med mitt namn, och varje gång antecknas det. Köket får"
                " antal, inga namn. Allt raderas {days} dagar efter att workshoppen är slut, och genast om jag tar tillbaka mitt "
                "samtycke. Det kan jag göra när som helst på sidan för min anmälan."
            ),
            "es": (
                "ICLD puede conservar lo que he escrito sobre alimentación, accesibilidad, interpretación y visa, aunque diga algo "
                "de mi salud o de mis creencias. Se usa para que yo pueda participar en este taller y para nada más. Las y los "
                "oficiales de programa y quienes administran el servicio en ICLD pueden verlo con mi nombre, y cada vez queda "
                "registrado. La cocina recibe cantidades, sin nombres. Todo se borra {days} días después del final del taller, y de "
                "inmediato si retiro mi consentimiento. Puedo hacerlo en cualquier momento en la página de mi inscripción."
            ),
            "en": (
                "ICLD may keep what I have written about food, access, interpretation and a visa, also where it says something about"
                " my health or my beliefs. It is used to let me take part in this workshop, and for nothing else. The programme "
                "officers and administrators at ICLD can see it with my name, and each time that is recorded. The kitchen gets "
                "numbers, no names. All of it is erased {days} days after the workshop ends, and at once if I take my consent back. "
                "I can do that at any time on the page of my registration."
            ),
        },
    ),
)
NEWEST = VERSIONS[-1]


def words(version: str, lang: str, days: int) -> str:
    """What somebody read who agreed to this version in this language."""
    found = next(one for one in VERSIONS if one.name == version)
    return found.words[lang].format(days=days)
