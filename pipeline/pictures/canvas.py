"""The canvas of all pictures: how they look, and how one becomes SVG whose bytes are a function of what is drawn.

Texts are drawn as outlines (the same letters everywhere, and nothing of a ship's name is ever markup), Korean and
Chinese ones with the first of `_MORE_LETTERS` that is installed. Matplotlib is loaded here and nowhere at import: it
takes a second.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from pipeline.plain import plain_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, QUIET, FAINT = "#1d2733", "#5b6875", "#c9d1d8"
SEA, LAND, SHORE = "#f4f8fb", "#e6e2d6", "#a79f8b"
TRACK, SILENT, ZONE, CALL, MEETING = "#0b5394", "#b3261e", "#2e7d6b", "#2e7d6b", "#7b4fa3"
_STYLE = {
    "svg.hashsalt": "coalwatch",
    "svg.fonttype": "path",
    "font.size": 8.0,
    "text.parse_math": False,  # a ship's name may hold dollar signs
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "path.simplify": False,
    "timezone": "UTC",
}
_LETTERS = "DejaVu Sans"  # comes with Matplotlib
# Families with Hangul and Han and their files: Debian's fonts-noto-cjk and fonts-nanum, Windows, macOS.
_MORE_LETTERS = {
    "Noto Sans CJK KR": ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    "NanumGothic": ("NanumGothic.ttf", "NanumGothicBold.ttf"),
    "Malgun Gothic": ("malgun.ttf", "malgunbd.ttf"),
    "Apple SD Gothic Neo": ("AppleSDGothicNeo.ttc",),
}
_LONGEST = 60


@cache
def more_letters() -> tuple[str, int] | None:
    """The family that letters outside `_LETTERS` are drawn with, and the bytes of its files; None: they are boxes."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # that one has no bold is no matter
    installed = {path.name: path for path in map(Path, findSystemFonts())}
    for family, names in _MORE_LETTERS.items():
        files = [installed[name] for name in names if name in installed]
        for path in files:
            fontManager.addfont(path)  # the list that Matplotlib keeps is as old as its first use on this machine
        if any(font.name == family and Path(font.fname) in files for font in fontManager.ttflist):
            return family, sum(path.stat().st_size for path in files)
    return None


@contextmanager
def drawing(width_in: float, height_in: float) -> Iterator[Figure]:
    """A figure to draw on, in the one style; inches at 72 points."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    more = more_letters()
    letters = {"font.family": [_LETTERS, *([more[0]] if more else [])]}
    with rc_context(_STYLE | letters), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # drawn as a box: a picture is no place to stop
        yield Figure(figsize=(width_in, height_in), facecolor="white")


def as_svg(figure: Figure, title: str, description: str) -> str:
    """The figure as SVG: equal drawings give equal bytes. For use inside `drawing`.

    title, description  what a reader who cannot see it is told
    """
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue().decode("utf-8")
    told = f"<title>{escape(plain_text(title))}</title><desc>{escape(plain_text(description))}</desc>"
    label = f" role='img' aria-label={quoteattr(plain_text(title))}"
    return re.sub(r"(<svg\b[^>]*)>", lambda found: f"{found[1]}{label}>{told}", text, count=1)


def as_png(figure: Figure, title: str, description: str) -> bytes:
    """The figure as PNG in print quality, 300 dots an inch: equal drawings give equal bytes, with equal libraries."""
    written = io.BytesIO()
    told = {"Software": None, "Title": plain_text(title), "Description": plain_text(description)}
    figure.savefig(written, format="png", dpi=300, metadata=told)
    return written.getvalue()


def short(text: Any, most: int = _LONGEST) -> str:
    """A text on one line, cut where it is too long for a picture; a sign that no letters here have is a box."""
    line = " ".join(plain_text(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def wrapped(lines: Sequence[str], most: int = 145) -> list[str]:
    """The lines at the foot of a picture, those that are too long for it on several."""
    from textwrap import wrap

    return [piece for line in lines for piece in wrap(plain_text(line), most)]


def notes(figure: Figure, lines: list[str], size: float = 6.5) -> None:
    """Lines at the foot of a picture: sources, and what it cannot prove."""
    for number, line in enumerate(reversed(lines)):
        figure.text(0.012, 0.012 + number * size * 1.35 / 72 / figure.get_figheight(), line, fontsize=size, color=QUIET)
