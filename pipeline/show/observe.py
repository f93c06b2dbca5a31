"""What became of a file of readings of imagery."""

from __future__ import annotations

from pipeline.show.paper import Paper, Record, text

_COUNTS = ("ships_of_any_length", "ships_under_80m", "ships_80_to_130m", "ships_over_130m", "holds_open")


def show_observed(found: Record, paper: Paper | None = None) -> None:
    """Readings with their places, rejected rows with reasons, and what others read off the same images."""
    paper = paper or Paper()
    others = {row["line"]: row["read_by"] for row in found["other_readings"]}
    for row in found["readings"]:
        seen = [f"{name.replace('_', ' ')} {row[name]}" for name in _COUNTS if row[name] is not None]
        seen += [f"{name.replace('_', ' ')} {row[name]}" for name in ("cargo_heaps", "ice") if row[name] is not None]
        seen += [f"visible: {row['visible']}"] if row["visible"] != "yes" else []
        where = row["zone_id"] or "in no zone of ours, so no claim hears of it"
        paper.line(
            f"line {row['line']}: {text(row['status'])}: {text(row['place'])} ({text(where)}), "
            f"{row['from_at'][:16]} UTC, {text(row['sensor'])}: {text('; '.join(seen))}; read by {text(row['read_by'])}"
        )
        if row["line"] in others:
            paper.line(f"also read by {text(others[row['line']])}: both readings are kept", indent=2)
    for row in found["rejected"]:
        paper.line(f"[yellow]line {row['line']}: rejected:[/] {text(row['reason'])}")
    new = sum(row["status"] == "new" for row in found["readings"])
    there = len(found["readings"]) - new
    done = "would be kept" if found["dry_run"] else "kept"
    paper.line(f"{new} readings {done}, {there} there already, {len(found['rejected'])} rows rejected")
