"""The colours of the web app, recomputed from its token file: contrasts by WCAG 2.2, distances of moods as three kinds
of colour blindness see them. Expected limits and matrices come from outside the code: WCAG 2.2 (1.4.3, 1.4.6, 1.4.11),
Machado, Oliveira and Fernandes 2009 (severity 1.0), Ottosson 2020 (OKLab)."""

import itertools
import re
from pathlib import Path
from typing import Final, TypeAlias

import pytest

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "web" / "apps" / "person" / "src"
DOC: Final = ROOT / "docs" / "explanation" / "design-language.md"
Triple: TypeAlias = tuple[float, float, float]

GROUNDS: Final = ("paper", "raised", "sunken")
MOODS: Final = tuple(f"mood-{step}" for step in range(1, 6))
INK, TEXT, EDGE, APART = 7.0, 4.5, 3.0, 6.0
"""Ink on any ground; other text; marks and edges; OKLab distance times 100 between any two moods, as simulated."""
MACHADO: Final[dict[str, tuple[Triple, Triple, Triple]]] = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def tokens(scheme: int) -> dict[str, Triple]:
    """Return every colour of the token file in linear light; `scheme` 0 is light, 1 dark."""
    css = (SOURCES / "tokens.css").read_text("utf-8")
    found = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)
    assert len(found) >= 17
    return {name: linear(pair[scheme]) for name, *pair in found}


def linear(code: str) -> Triple:
    """Return a colour (#rrggbb) in linear light, 0 to 1."""
    values = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in values)
    return red, green, blue


def contrast(one: Triple, other: Triple) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    lights = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def turned(matrix: tuple[Triple, Triple, Triple], colour: Triple) -> Triple:
    """Return a matrix times a colour."""
    one, two, three = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return one, two, three


def oklab(colour: Triple) -> Triple:
    """Return a colour in OKLab."""
    cones = turned(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        colour,
    )
    roots = tuple(abs(one) ** (1 / 3) * (1 if one >= 0 else -1) for one in cones)
    assert len(roots) == 3
    return turned(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        (roots[0], roots[1], roots[2]),
    )


def apart(one: Triple, other: Triple) -> float:
    """Return the OKLab distance of two colours, times 100."""
    return 100 * sum((a - b) ** 2 for a, b in zip(oklab(one), oklab(other), strict=True)) ** 0.5


def simulated(kind: str, colour: Triple) -> Triple:
    """Return a colour as somebody with this colour blindness sees it."""
    red, green, blue = (min(1.0, max(0.0, one)) for one in turned(MACHADO[kind], colour))
    return red, green, blue


def smallest(scheme: int) -> float:
    """Return the smallest distance between two moods, over the three kinds."""
    colours = tokens(scheme)
    pairs = itertools.combinations(MOODS, 2)
    return min(
        apart(simulated(kind, colours[one]), simulated(kind, colours[other]))
        for one, other in pairs
        for kind in MACHADO
    )


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_marks_and_edges_can_be_seen(scheme: int) -> None:
    colours = tokens(scheme)
    for ground in (*GROUNDS, "wash", "mark"):
        assert contrast(colours["ink"], colours[ground]) >= INK, ground
    for text, ground in itertools.product(("ink-soft", "accent", "accent-press", "stop"), GROUNDS):
        assert contrast(colours[text], colours[ground]) >= TEXT, (text, ground)
    for ground in ("accent", "accent-press"):
        assert contrast(colours["paper"], colours[ground]) >= TEXT, ground
    for mark, ground in itertools.product((*MOODS, "control"), GROUNDS):
        assert contrast(colours[mark], colours[ground]) >= EDGE, (mark, ground)


@pytest.mark.parametrize("scheme", [0, 1])
def test_moods_stay_apart_for_every_eye_and_in_grey(scheme: int) -> None:
    assert smallest(scheme) >= APART
    colours = tokens(scheme)
    lights = [oklab(colours[one])[0] for one in MOODS]
    assert lights == sorted(lights), "grey print needs a lightness that rises at every step"


def test_no_low_mood_is_red() -> None:
    for scheme in (0, 1):
        for one in ("mood-1", "mood-2"):
            red, green, blue = tokens(scheme)[one]
            assert red < max(green, blue)


def test_no_colour_stands_outside_the_token_file() -> None:
    scanned = {"#fff", "#000"}  # a square that cameras read is black on white in every scheme
    for file in [*SOURCES.rglob("*.css"), *SOURCES.rglob("*.tsx")]:
        if file.name != "tokens.css":
            assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", file.read_text("utf-8"))) <= scanned, file


def test_the_page_tells_the_figures_that_are_computed() -> None:
    page = DOC.read_text("utf-8")
    for scheme, name in enumerate(("light", "dark")):
        colours = tokens(scheme)
        assert f"ink on paper, {name}: {contrast(colours['ink'], colours['paper']):.2f}" in page
        assert f"smallest distance of two moods, {name}: {smallest(scheme):.1f}" in page
    assert all(f"`{name}`" in page for name in tokens(0) if not name.startswith("mood-"))
