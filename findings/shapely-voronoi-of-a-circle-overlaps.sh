#!/usr/bin/env bash
# Voronoi cells of points evenly on a circle overlap, each of them valid, without a word.
#
# Cells say which of several points is nearest, so together they cover the plane once. Of eight points evenly on a circle
# the middle is as far from each, and rounding decides where the edges meet there: shapely's `voronoi_polygons` (GEOS)
# gives eight valid cells that cover ground twice, and some hold ground that is nearer to another point. Whoever cuts
# waters between neighbours by such cells gives the same water to two of them. `coverage_is_valid` tells; `is_valid` of
# the cells does not; `coverage_union_all` refuses them with an error about noding. Moved by a thousandth, the points give
# a clean partition.
#
# Seen with shapely 2.2.0 (GEOS 3.14.1), numpy 2.4.6, Python 3.11. Fails when a later reading of these points differs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6

"$work/env/bin/python" - <<'PYTHON'
import numpy as np
import shapely

angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
circle = np.c_[np.cos(angles), np.sin(angles)]


def seen(points: np.ndarray) -> tuple[bool, bool, bool]:
    """Whether each cell is valid, whether the cells are a coverage, whether their areas add up to what they cover."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    twice = shapely.area(cells).sum() - shapely.area(shapely.union_all(cells))
    print(f"{len(cells)} cells, ground covered twice: {twice:.3f} of {shapely.area(shapely.union_all(cells)):.3f}")
    return bool(shapely.is_valid(cells).all()), bool(shapely.coverage_is_valid(cells)), bool(abs(twice) < 1e-6)


print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
even = seen(circle)
moved = seen(circle + np.random.default_rng(1).normal(0, 1e-3, circle.shape))
assert even == (True, False, False), f"changed: {even}"
assert moved == (True, True, True), f"changed: {moved}"
print("as described")
PYTHON
