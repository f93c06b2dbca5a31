"""Tables that show the knowledge files: law, lists, articles, observations, patterns."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

MEASURE = Table(
    "measure",
    "rule of one authority over one interval of time",
    columns("""
        measure_id  text   short name, like un-2371-coal
        authority   text   UN, CN, US, EU, KR, JP or MSMT (a coalition of States, not a UN body)
        instrument  text   resolution, announcement or regulation
        paragraph   text?  paragraph or article
        title       text   what it says, in a sentence
        subject     text   what it bears on: coal, listed_vessel, ship_to_ship, port_entry, labour, inspection, vessel_supply or advisory
        effect      text   forbidden, conditional, capped, suspended or none
        from_at     time   first moment in force (UTC)
        to_at       time?  first moment no longer in force
        time_zone   text   time zone the authority counts in
        exemptions  text?  exemptions, comma separated
        verified    bool   whether the primary text was seen
        source      text   where this is known from
    """),
    key=("measure_id",),
)

WATCHLIST = Table(
    "watchlist",
    "list of ships kept by one authority",
    columns("""
        watchlist_id  text   short name, like ofac-sdn
        authority     text   UN, UK, EU, US, KR
        title         text   name of the list
        list_date     date?  day of the newest edition at hand; null while there is none
        source        text   where the first edition comes from
        licence       text   licence or terms
        verified      bool   whether the official publication was seen
        url           text?  address the list is fetched from; not tried out by us
    """),
    key=("watchlist_id",),
)

_SAID = """
        imo            int?   IMO number as listed, also where its check digit fails (the note says so)
        mmsi           int?   MMSI as listed
        name           text   name as listed
        other_names    text?  former or alternative names, separated by a bar
        listed_on      date?  day of listing, where the list publishes it
        delisted_on    date?  day of removal, where the list publishes it
        measures       text?  what the list imposes
        programme      text?  programme, regime or annex she is listed under
        note           text?  what the list says of the ship besides
        ship_kind      text?  type of ship as listed, in words
        flag           text?  flag as listed, in words
        gross_tonnage  real?  gross tonnage as listed
        dead_weight_t  real?  dead weight as listed, tonnes
        length_m       real?  length as listed, metres
        built          int?   year built as listed
        owner          text?  owner or operator as listed
"""

LISTED = Table(
    "listed",
    "ship that one edition of a list names",
    columns(
        """
        entry_id       text   the list's own id of the entry, the same in every edition
        """
        + _SAID
    ),
    key=("entry_id",),
)

WATCHLIST_EDITION = Table(
    "watchlist_edition",
    "edition of a list that is at hand",
    columns("""
        watchlist_id  text   the list
        published_on  date   day of the edition: the one the file states, else the one on which it was seen
        origin        text   seeds (drawn from a publication, shipped with coalwatch) or the form of the file that was imported
        sha256        text?  SHA-256 of the published file; null for seeds
        entries       int    ships it names
        left_out      int    records of the file that are none: persons, firms, ships of other programmes
    """),
    key=("watchlist_id", "published_on"),
)

WATCHLIST_HISTORY = Table(
    "watchlist_history",
    "entry of a list, as consecutive editions word it alike",
    columns(
        """
        watchlist_id   text   the list
        entry_id       text   the list's own id of the entry
        from_edition   date   first edition that says this
        after_edition  date?  edition before it, which does not; null if from_edition is the first edition at hand
        last_edition   date?  last edition that says this; null while the newest edition does
        to_edition     date?  edition after it, which does not; null while the newest edition does
        change         text   listed, changed (other words than before) or returned (the edition before lacks her)
        """
        + _SAID
    ),
    key=("watchlist_id", "entry_id", "from_edition"),
)

WATCHLIST_VESSEL = Table(
    "watchlist_vessel",
    "entry of a list, as the last edition that names it words it",
    columns(
        """
        watchlist_id    text   the list
        entry_id        text   the list's own id of the entry
        listed_after    date?  last edition before her listing, which lacks her; null if the first edition at hand names her
        listed_by       date   first edition that names her; before it unknown when listed_on is null
        delisted_after  date?  last edition that names her, once she has vanished; from the day after unknown
        delisted_by     date?  first edition that lacks her again; null while she is listed
        """
        + _SAID
    ),
    key=("watchlist_id", "entry_id"),
)

ARTICLE = Table(
    "article",
    "published article",
    columns("""
        article_id              text   short name
        title                   text   title
        publisher               text   publisher
        author                  text?  author
        url                     text?  address
        published_at            time   publication, best estimate
        published_at_precision  text   how well that is known
        synthetic               bool   true for an article made up for demonstration
        weaknesses              text?  errors and weak spots of the article, one a line
    """),
    key=("article_id",),
)

CLAIM = Table(
    "claim",
    "separate assertion of an article",
    columns("""
        claim_id           text   <article_id>/<label>
        article_id         text   the article
        label              text   short label, like C16
        statement          text   paraphrase
        speaker            text   who says it
        testability        text   A = by AIS, B = partly, D = by documents, N = not by open data
        source_grade       text   Admiralty source grade A-F
        information_grade  text   Admiralty information grade 1-6
        tested_by          text?  what would test it
    """),
    key=("claim_id",),
)

OBSERVATION = Table(
    "observation",
    "documented observation of a place over a time by others",
    columns("""
        observation_id     text   short name
        kind               text   imagery, panel, official, statistics, court, press
        place              text   place as documented
        zone_id            text?  zone it bears on
        from_at            time   observed interval [from_at, to_at)
        to_at              time   observed interval [from_at, to_at)
        extent             text   throughout: true of every part of the interval (a state, an absence); somewhere: true of it as a whole
        quantity           real?  number, where one is given
        unit               text?  of what
        statement          text   what was observed, in a sentence
        source             text   who published it
        published_at       time   when it became known
        source_grade       text   Admiralty source grade A-F
        information_grade  text   Admiralty information grade 1-6
        verified           bool   whether the publication itself was seen
    """),
    key=("observation_id",),
)

PATTERN = Table(
    "pattern",
    "pattern that events are recognised by",
    columns("""
        pattern_id            text  short name, like direct-call
        title                 text  title
        raises                text  alert or record
        description           text  what it looks for
        innocent_explanation  text  best innocent explanation of a match
        missing_evidence      text  what evidence is missing from a match
    """),
    key=("pattern_id",),
)

CALIBRATION = Table(
    "calibration",
    "how often alerts of a pattern and score were right in synthetic worlds; no probability that an alert of yours is",
    columns("""
        pattern_id    text  the pattern
        score_from    real  scores from this one
        score_to      real  to less than this one
        alerts        int   synthetic alerts of the pattern with such a score
        alerts_right  int   how many of these told what the worlds' hidden truth says
        low           real  lower end of the 95 % interval of their share (Wilson)
        high          real  upper end
        conditions    text  what was drawn, and what the numbers do not say
    """),
    key=("pattern_id", "score_from"),
)
