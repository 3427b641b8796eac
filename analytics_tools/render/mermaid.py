"""The touched part of the graph in Mermaid's words; no name in it can be taken for syntax."""

from __future__ import annotations

from analytics_tools.render.markdown import mermaid_label
from analytics_tools.review.answer import Picture

_SHAPES = {
    "exposure": ("([", "])"),
    "metric": ("{{", "}}"),
    "saved_query": ("{{", "}}"),
    "source": ("[(", ")]"),
    "seed": ("[(", ")]"),
}
_LOOKS = {
    "breaks": "fill:#ffd7d5,stroke:#cf222e,color:#1f2328",
    "removed": "fill:#eaeef2,stroke:#cf222e,color:#1f2328,stroke-dasharray:4",
    "changed": "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
    "affected": "fill:#ffffff,stroke:#9a6700,color:#1f2328,stroke-dasharray:4",
    "added": "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    "around": "fill:#ffffff,stroke:#8c959f,color:#1f2328",
}
_WORDS = {
    "breaks": "breaks",
    "removed": "gone",
    "changed": "edited",
    "affected": "other values",
    "added": "new",
}


def drawing_of(picture: Picture) -> str:
    """Return a flowchart from left to right; empty where there is nothing to draw."""
    if not picture.nodes:
        return ""
    ids = {box.unique_id: f"n{place}" for place, box in enumerate(picture.nodes)}
    lines = ["flowchart LR"]
    for box in picture.nodes:
        left, right = _SHAPES.get(box.kind, ("[", "]"))
        word = _WORDS.get(box.state, "")
        label = mermaid_label(box.name) + (f"<br/>{word}" if word else "")
        lines.append(f'  {ids[box.unique_id]}{left}"{label}"{right}:::{box.state}')
    for above, below, is_direct in picture.edges:
        arrow = "-->" if is_direct else "-.->"
        lines.append(f"  {ids[above]} {arrow} {ids[below]}")
    states = {box.state for box in picture.nodes}
    lines += [f"  classDef {state} {look}" for state, look in _LOOKS.items() if state in states]
    return "\n".join(lines)
