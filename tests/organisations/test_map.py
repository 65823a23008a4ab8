"""The map: where places stand, and which names find room."""

from __future__ import annotations

from app.organisations.map import HEIGHT, WIDTH, Country, Dot, Drawing, Partnership, Place, draw, project

UMEA = Place("Umeå", 63.8258, 20.2630)
BOGOTA = Place("Bogotá", 4.7110, -74.0721)
PARTNERS = Partnership("Umeå", "Bogotá", "Umeå and Bogotá", "urban planning", "/en/partnerships/")


def _labels(drawing: Drawing) -> set[str]:
    return {dot.label for dot in drawing.dots if dot.label}


def _dot(drawing: Drawing, label: str) -> Dot:
    return next(dot for dot in drawing.dots if dot.label == label)


def test_latin_america_stands_left_of_sweden() -> None:
    assert project(4.7110, -74.0721) == (433, 268)
    assert project(63.8258, 20.263) == (971, 181)


def test_partners_are_ringed_and_joined_by_an_arc() -> None:
    drawing = draw([UMEA, BOGOTA, Place("Borås", 57.7210, 12.9401)], [PARTNERS], [])

    assert _dot(drawing, "Umeå").ring
    assert not _dot(drawing, "Borås").ring
    assert drawing.arcs[0].path.startswith("M433 268C")
    assert drawing.arcs[0].path.endswith("971 181")


def test_a_partnership_whose_place_is_unknown_draws_no_arc() -> None:
    assert draw([UMEA], [PARTNERS], []).arcs == []


def test_two_places_near_each_other_share_a_plate_and_three_have_none() -> None:
    pair = draw([Place("Leticia", -4.2153, -69.9406), Place("Puerto Nariño", -3.7703, -70.3831)], [], [])
    three = draw([Place("A", 14.91, -91.36), Place("B", 14.69, -91.28), Place("C", 14.74, -91.15)], [], [])

    assert _labels(pair) == {"Leticia, Puerto Nariño"}
    assert len(pair.dots) == 2
    assert _labels(three) == set()
    assert len(three.dots) == 3


def test_a_name_moves_to_the_other_side_of_its_dot_rather_than_onto_the_arc() -> None:
    drawing = draw([UMEA, BOGOTA, Place("Barranquilla", 10.9685, -74.7813)], [PARTNERS], [])

    assert _dot(drawing, "Barranquilla").anchor == "end"


def test_a_place_outside_the_drawing_is_left_out_and_its_country_is_still_listed() -> None:
    drawing = draw([Place("Nairobi", -1.29, 36.82)], [], [Country("KE", "Kenya", ["1 municipality"], "/en/")])

    assert drawing.dots == []
    assert drawing.corners == []
    assert [country.name for country in drawing.countries] == ["Kenya"]


def test_every_label_lies_inside_the_drawing() -> None:
    drawing = draw([UMEA, BOGOTA], [PARTNERS], [])

    assert all(0 <= dot.label_x <= WIDTH and 0 <= dot.label_y <= HEIGHT for dot in drawing.dots)
