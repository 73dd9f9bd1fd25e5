"""Draw where the modalities of a network meet: the kinds of fusion as boxes, to be read from below."""
from collections.abc import Mapping, Sequence

import numpy as np

from ..modalities import color_of
from .palette import INK, INSCRIBED
from .picture import Picture, axes


def fusion_diagram(kinds: Mapping[str, tuple[int, str]], modalities: Sequence[str]) -> Picture:
    """Draw kinds of fusion next to one another, four in a row, as a figure.

    kinds: {name: (stages, text)}: how many stages, from 1 to 3, each modality has for itself (its input, its embedding,
    its decision), and what happens in the box on top, where they meet. modalities: one column each.

    >>> fusion_diagram({"early": (1, "one GRU"), "late": (3, "mean")}, ["video", "sound"])
    <Picture: where video and sound meet: early, late>
    """
    columns = min(4, len(kinds))
    rows = -(-len(kinds) // columns)
    figure, grid = axes(f"where {' and '.join(modalities)} meet: {', '.join(kinds)}", rows=rows, columns=columns,
                        height=2.5 * rows)
    for axis in np.ravel(grid):
        axis.axis("off")
    for axis, (kind, (stages, text)) in zip(np.ravel(grid), kinds.items()):
        boxes = [(x, y, 0.94, label, color_of(name)) for x, name in enumerate(modalities)
                 for y, label in enumerate((name, "embedding", "decision")[:stages])]
        boxes.append((0, stages, len(modalities) - 0.06, text, color_of("fusion")))
        axis.plot(np.add.outer([0.47, 0.47], range(len(modalities))), [0, stages], color=INK, zorder=0)
        for left, y, wide, label, color in boxes:
            axis.barh(y, wide, height=0.66, left=left, color=color, edgecolor=INK)
            axis.text(left + wide / 2, y, label, ha="center", va="center", fontsize=8, color=INSCRIBED)
        axis.set(xlim=(-0.05, len(modalities)), ylim=(-0.4, 3.45))
        axis.set_title(kind, fontsize=11)
    return figure
