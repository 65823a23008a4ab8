"""Groups counted, and women and men told only where no subtraction tells of somebody."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.reports.rules import GENDERS, Group, Took, groups, is_safe, tables, told


def took(person: int, country: str = "SE", organisation: int = 1, gender: str = "woman", workshop: int = 1) -> Took:
    return Took(person, workshop, 2024, organisation, country, "sweden", "official", gender, 360)


def group(women: int, men: int, other: int = 0) -> Group:
    return Group(women + men + other, 0, 0, Counter({"woman": women, "man": men, "": other}))


def test_people_count_once_and_their_hours_each_time() -> None:
    found = groups([took(1), took(1, workshop=2), took(2)], lambda one: one.country)["SE"]
    assert (found.people, found.times, found.minutes, found.split["woman"]) == (2, 3, 1080, 2)


def test_four_are_somebody_and_five_are_not() -> None:
    assert [is_safe({"woman": number}) for number in (0, 1, 4, 5)] == [True, False, False, True]


def test_one_hidden_group_takes_another_with_it() -> None:
    """Three women of Guatemala would be what is left of eighteen when eight and seven are taken away."""
    parts = {"SE": group(8, 9), "CO": group(7, 6), "GT": group(3, 5)}
    whole = {"woman": 18, "man": 20}
    assert told(parts, whole) == {"SE"}


def test_nothing_is_told_of_parts_of_what_is_not_told() -> None:
    assert told({"SE": group(8, 9)}, None) == frozenset()
    assert told({"SE": group(8, 9)}, {"woman": 8, "man": 3}) == frozenset()


PARTS = st.dictionaries(st.sampled_from("abcdefgh"), st.builds(group, *(st.integers(0, 12),) * 3), min_size=1)


@given(PARTS)
def test_no_subtraction_reveals_a_group_of_one_to_four(parts: dict[str, Group]) -> None:
    whole = Counter[str]()
    for part in parts.values():
        whole.update(part.split)
    shown = told(parts, whole)
    left = Counter(whole)
    for key in shown:
        assert is_safe(parts[key].split)
        left.subtract(parts[key].split)
    if shown:
        assert is_safe(whole)
        assert is_safe(left)
        assert all(left[gender] >= 0 for gender in GENDERS)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from(["SE", "CO"]), st.integers(1, 3), st.sampled_from(["woman", "man", "other"])))
)
def test_no_organisation_is_told_of_a_country_that_is_not(rows: list[tuple[int, str, int, str]]) -> None:
    seen: dict[int, Took] = {}
    for person, country, organisation, gender in rows:
        seen.setdefault(person, took(person, country, organisation + (10 if country == "CO" else 0), gender))
    made = tables(list(seen.values()), with_genders=True)
    for kind, key in made.told:
        if kind == "organisation":
            assert isinstance(key, tuple)
            assert ("country", key[0]) in made.told
    for country, parent in made.countries.items():
        if ("country", country) in made.told:
            left = Counter(parent.split)
            inside = [key for kind, key in made.told if kind == "organisation" and isinstance(key, tuple) and key[0] == country]
            for key in inside:
                left.subtract(made.organisations[key].split)
            assert is_safe(left) or not inside
    assert not tables(list(seen.values()), with_genders=False).told
