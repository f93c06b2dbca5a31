"""What an answer about a ship rests on, in words: which AIS, which particulars and which lists were searched."""

from __future__ import annotations

from pipeline.plain import Record


def searched_in_words(searched: Record) -> str:
    """What was searched, with dates, in a line.

    searched  `lists` (watchlist_id, edition), `providers` of particulars, and `ais`: days, from_day, to_day,
              days_heard_in_kp, waiting, held_back
    """
    ais = searched["ais"]
    heard = f"AIS of {ais['days']} days from {ais['from_day']} to {ais['to_day']}" if ais["days"] else "no AIS at all"
    if ais["days"]:
        heard += f" (in North Korean waters anybody was heard on {ais['days_heard_in_kp']} of them)"
    heard += f" ({ais['waiting']} landed and not derived yet: coalwatch run)" if ais["waiting"] else ""
    heard += f" (events of {ais['held_back']} held back by the quality gate, left out)" if ais["held_back"] else ""
    editions = [f"{one['watchlist_id']} of {one['edition']}" for one in searched["lists"] if one["edition"]]
    empty = [one["watchlist_id"] for one in searched["lists"] if not one["edition"]]
    without = f" (not {', '.join(empty)}: no edition available)" if empty else ""
    told = f", particulars of {', '.join(searched['providers'])}" if searched["providers"] else ""
    return f"{heard}{told}, lists {', '.join(editions) or 'none'}{without}"
