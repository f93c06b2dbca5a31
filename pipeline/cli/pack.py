"""Commands on evidence packs: write one, verify one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.errors import InputError
from pipeline.options import as_json_option, common, print_json
from pipeline.show.progress import Progress

if TYPE_CHECKING:
    from pipeline.settings import Settings

_QUIET = click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")


@click.command("pack")
@click.argument("alert_id", required=False)
@click.option("--claim", help="Instead: a claim, by its label or id, in one of its windows.")
@click.option("--window", help="The window of the claim, such as W0.")
@click.option("--ship", help="Instead: a ship, by IMO number or MMSI.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="The zip to write (default: named after what it is of, in this folder).",
)  # fmt: skip
@click.option("--whole", is_flag=True, help="Hold whole raw files, even where lines of them suffice.")
@_QUIET
@as_json_option
@common
def pack_command(
    settings: Settings,
    alert_id: str | None,
    claim: str | None,
    window: str | None,
    ship: str | None,
    output: Path | None,
    whole: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write an evidence pack: one zip with the report, its tables, and the raw lines that it can be derived again from.

    ALERT_ID may be shortened to any prefix that no other alert shares. Note the digest that is printed: `coalwatch
    verify` prints it again, and only the two together show that nobody changed the pack. docs/packs.md says what a pack
    holds, and what verifying can and cannot prove.

    \b
    Examples:
      coalwatch pack 93ed2bb2767cee0e --home coalwatch-demo
      coalwatch pack --claim D01 --window W0 --home coalwatch-demo
      coalwatch pack --ship 2990027 --output ship.zip --home coalwatch-demo

    Next: `coalwatch verify PACK` derives it again from the raw lines in it.
    """
    if sum(one is not None for one in (alert_id, claim, ship)) != 1 or (claim is None) != (window is None):
        raise InputError("expected one of ALERT_ID, --claim with --window, or --ship: what the pack is of")
    from pipeline.pack.report import drawn_with

    drawn_with()
    from pipeline.show.pack import show_packed
    from pipeline.tasks.pack import pack

    progress = Progress(quiet=quiet, plain=False)
    try:
        packed = pack(
            settings, output, alert=alert_id, claim=(claim, window or "") if claim else None, ship=ship, whole=whole,
            now=datetime.now(UTC), progress=progress,
        )  # fmt: skip
    finally:
        progress.close()
    print_json(packed.__dict__) if as_json else show_packed(packed)


@click.command("verify")
@click.argument("pack", type=click.Path(path_type=Path))
@click.option("--digest", help="The digest that was noted when the pack was written; verifying compares it.")
@_QUIET
@as_json_option
@common
def verify_command(settings: Settings, pack: Path, digest: str | None, quiet: bool, as_json: bool) -> None:
    """Verify an evidence pack: check every byte, derive what it says again from its raw lines, and say "equal" or show
    each difference.

    Nothing is written but to a temporary folder. Where the home's lake still has the raw files, the pack's lines are
    compared with theirs. Exit code 2: not equal, or no pack.

    \b
    Example:
      coalwatch verify coalwatch-alert-93ed2bb2767cee0e.zip

    Next: compare the digest it prints with the one noted when the pack was written (or give it as --digest).
    """
    from pipeline.show.pack import show_verified
    from pipeline.tasks.verify import verify

    progress = Progress(quiet=quiet, plain=False)
    try:
        found = verify(settings, pack, digest=digest, now=datetime.now(UTC), progress=progress)
    finally:
        progress.close()
    said = {**found.__dict__, "as_stated": found.as_stated, "equal": found.equal}
    print_json(said) if as_json else show_verified(found)
    if not found.as_stated:
        count = len(found.differences)
        raise InputError(f"{pack}: not equal: {count} difference{'' if count == 1 else 's'}, listed above")
