"""The command line: parse, make one call, print."""

from __future__ import annotations

import gc
import logging

import click

from pipeline.cli.alerts import alerts
from pipeline.cli.browse import browse
from pipeline.cli.db import db
from pipeline.cli.desk import desk
from pipeline.cli.export import export
from pipeline.cli.feeds import fetch, sources
from pipeline.cli.gate import gate
from pipeline.cli.keep import backup, restore
from pipeline.cli.listening import listen
from pipeline.cli.lists import lists
from pipeline.cli.observe import observe
from pipeline.cli.pack import pack_command, verify_command
from pipeline.cli.positions import positions
from pipeline.cli.query import answer, claims, network, sql, vessel, zones
from pipeline.cli.rejects import rejects
from pipeline.cli.report import report
from pipeline.cli.screen import screen
from pipeline.cli.space import move, prune, status
from pipeline.cli.work import demo, ingest, run
from pipeline.options import CommandGroup, is_verbose, shared

# Python looks for rings of objects that nothing holds whenever 700 new ones are there, and walks all that is imported
# again and again: an eighth of a small run, which leaves hardly any.
_NEW_OBJECTS = 5_000


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@shared
@click.version_option(package_name="coalwatch", message="%(prog)s %(version)s")
def main() -> None:
    """Which ships' AIS-reported movements are consistent with North Korean coal leaving Nampo, and what speaks against.

    \b
    First steps:
      coalwatch demo                     a synthetic month, from files to alerts
      coalwatch claims                   verdicts on the article's claims; needs no positions
      coalwatch ingest auto FILE…        land AIS files of your own
      coalwatch run                      derive events, alerts and claims
      coalwatch alerts list              the alerts to read today

    \b
    Exit codes:
      0    done
      2    the input is wrong: the message says what to correct
      3    a disk, a server or another process got in the way: try again
      4    a fault of coalwatch: please report it
      130  interrupted: run the same command again to continue
    """
    gc.set_threshold(max(_NEW_OBJECTS, gc.get_threshold()[0]))
    logging.basicConfig(format="%(asctime)s %(name)s %(message)s")
    logging.getLogger().setLevel(logging.INFO if is_verbose(click.get_current_context()) else logging.WARNING)


for command in (
    sources,
    fetch,
    listen,
    ingest,
    rejects,
    run,
    demo,
    gate,
    alerts,
    desk,
    report,
    pack_command,
    verify_command,
    observe,
    answer,
    claims,
    vessel,
    network,
    screen,
    zones,
    positions,
    sql,
    browse,
    export,
    lists,
    status,
    prune,
    move,
    db,
    backup,
    restore,
):
    main.add_command(command)
