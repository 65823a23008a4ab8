"""What an organisation may be, on plain values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

KINDS = ("municipality", "region", "other")
LONGEST_NAME, LONGEST_PLACE = 200, 120


def problems(
    *,
    names: Mapping[str, str],
    languages: Collection[str],
    kind: str,
    zones: Collection[str],
    zone: str,
    place: str,
    point: tuple[float, float],
) -> dict[str, str]:
    """What is wrong, as codes by field. `zones` are those of its country, none if there is no such country."""
    found = {f"name_{lang}": "name" for lang in languages if not 0 < len(names.get(lang, "")) <= LONGEST_NAME}
    if kind not in KINDS:
        found["kind"] = "list"
    if not zones:
        found["country"] = "country"
    elif zone not in zones:
        found["zone"] = "elsewhere"
    if not 0 < len(place) <= LONGEST_PLACE:
        found["place"] = "place"
    latitude, longitude = point
    if not -90 <= latitude <= 90:
        found["latitude"] = "latitude"
    if not -180 <= longitude <= 180:
        found["longitude"] = "longitude"
    return found
