"""Tables of what was judged: law, alerts with their evidence, verdicts, reviews."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

LEGAL_ASSESSMENT = Table(
    "legal_assessment",
    "event or alert and measure in force on its date",
    columns("""
        subject_table  text   alert, voyage or port_call
        subject_id     text   its id
        measure_id     text   the measure
        authority      text   UN, CN, US, EU, KR or JP
        judged_at      time   the moment whose law was asked
        answer         text   forbidden, conditional, capped, exempt_possible or none; of a measure on coal: what holds if North Korean coal is what she carried, which AIS does not report
        paragraph      text?  paragraph
        reason         text   why, in a sentence
        verified       bool   whether the primary text was seen
    """),
    key=("subject_table", "subject_id", "measure_id"),
)

CLAIM_WINDOW = Table(
    "claim_window",
    "claim and time window it is judged for",
    columns("""
        claim_id              text   the claim
        window_id             text   W0, Wpre, Wpost …
        from_at               time   window [from_at, to_at)
        to_at                 time   window [from_at, to_at)
        verdict               text   SUPPORTED, PARTLY_SUPPORTED, INCONCLUSIVE_COVERAGE, INCONCLUSIVE_CONFLICT, WEAKENED, CONTRADICTED or NOT_TESTABLE
        as_of                 time?  only what was known by then; null: everything known
        coverage_share        real?  share of the window's hours in which any vessel was heard in the claim's zones; null without positions
        alerts_for            int    alerts in the window that support it and were not dismissed
        alerts_against        int    alerts in the window that weaken it and were not dismissed
        alerts_confirmed      int    of these, alerts that a reviewer confirmed
        alerts_dismissed      int    alerts in the window that would bear on it and that a reviewer dismissed: they count for nothing
        observations_for      int    observations of the window that support it; images read together and radar count as one each
        observations_against  int    observations of the window that weaken it; likewise
        voyages_estimated     int?   of a claim about tonnage: voyages in the window whose cargo is estimated (alert_cargo); null without positions
        tonnes_low            real?  the least they carried together if it was coal; null likewise
        tonnes_high           real?  the most
        reason                text   why, in sentences
        would_change_it       text   what would change the verdict
    """),
    key=("claim_id", "window_id"),
)

ALERT = Table(
    "alert",
    "match of a pattern, standing or withdrawn",
    columns("""
        alert_id              text   deterministic: pattern and id of the event it rests on
        pattern_id            text   the pattern
        vessel_id             text   the hull
        mmsi                  int    MMSI as transmitted
        imo                   int?   IMO number, check digit valid
        vessel_name           text?  name reported at the time
        voyage_id             text?  the voyage it rests on
        began_at              time   first moment of what it rests on
        ended_at              time   last moment of what it rests on
        origin_zone_id        text?  where it began
        destination_zone_id   text?  where it ended
        score                 real   sum of evidence weights
        grade                 text   strong, moderate or weak
        headline              text   what AIS reported, in a sentence
        innocent_explanation  text   best innocent explanation
        missing_evidence      text   what evidence is missing
        synthetic             bool   true when it rests on generated data
        licence               text?  terms that bind whoever passes it on, where it rests on data that is not free for every use
        known_at              time   when the data it rests on was known
        evidence_hash         text   hash of its evidence; a review is of this
        first_raised_at       time   when we first raised it (wall clock)
        withdrawn_at          time?  when we withdrew it (wall clock)
        withdrawn_reason      text?  why
        pipeline_run_id       text   run that last changed it
    """),
    key=("alert_id",),
    lifecycle=("first_raised_at", "withdrawn_at", "withdrawn_reason", "pipeline_run_id"),
)

ALERT_EVIDENCE = Table(
    "alert_evidence",
    "piece of evidence for or against an alert",
    columns("""
        alert_id     text   the alert
        role         text   what it is evidence of, as in the evidence weights
        event_table  text?  table of the event it rests on
        event_id     text?  id of that event
        weight       real   signed weight
        statement    text   the evidence, in a sentence
    """),
    key=("alert_id", "role"),
)

ALERT_CARGO = Table(
    "alert_cargo",
    "alert that rests on a voyage from where coal is loaded: what she may have carried, if it was coal; a bound, and no finding that she did",
    columns("""
        alert_id             text   the alert
        voyage_id            text   the voyage
        departed_at          time   first fix outside the origin
        arrived_at           time?  first fix inside the destination
        origin_zone_id       text?  where it began
        destination_zone_id  text?  where it ended
        destination_country  text?  ISO 3166 alpha-2
        cargo_state          text   laden, ballast or unknown, by the draughts around both calls
        draught_change_m     real?  by how much a cargo sank her: a rise at the origin, else a fall at the destination; null where nothing says
        dead_weight_low_t    real   what she can carry with fuel and stores: the least it may be, tonnes
        dead_weight_high_t   real   the most it may be, tonnes
        dead_weight_basis    text   listed (a sanctions list gives it), gross_tonnage (listed, by a published regression), dimensions (reported length and beam, by a published block coefficient) or trade (nothing is known of her size: the ships known in this trade)
        low_t                real   the least she carried if it was a cargo of coal, tonnes; 0 where nothing shows a cargo
        high_t               real   the most, tonnes
        basis                text   draught (tonnes per centimetre times the change), dead_weight (up to nine tenths of it) or none (she left in ballast by her draughts, or is a tanker)
    """),
    key=("alert_id",),
)

ALERT_CLAIM = Table(
    "alert_claim",
    "alert and claim it bears on",
    columns("""
        alert_id  text  the alert
        claim_id  text  the claim
        relation  text  supports, weakens or context
        reason    text  why
    """),
    key=("alert_id", "claim_id"),
)

ALERT_SUCCESSION = Table(
    "alert_succession",
    "withdrawn alert and standing alert that took its place",
    columns("""
        alert_id            text  the withdrawn alert
        successor_alert_id  text  its successor: same pattern, same ship, overlapping time
    """),
    key=("alert_id", "successor_alert_id"),
)

ALERT_TRACK = Table(
    "alert_track",
    "point of the simplified track around an alert",
    columns("""
        alert_id   text   the alert
        sequence   int    order of the point
        timestamp  time   when (UTC)
        longitude  real   degrees
        latitude   real   degrees
        motion     text   stopped, slow, drifting, under_way, unknown or silence (the leg to the next point was silent)
        zone_id    text?  innermost zone
    """),
    key=("alert_id", "sequence"),
)

REVIEW_REQUEST = Table(
    "review_request",
    "alert and state of its evidence for which a person was asked to decide; taken out where the evidence changed before an answer",
    columns("""
        alert_id       text  the alert
        evidence_hash  text  its evidence as it was put to the reviewer
        asked_at       time  when (wall clock)
    """),
    key=("alert_id", "evidence_hash"),
    lifecycle=("asked_at",),
)

REVIEW = Table(
    "review",
    "decision of a reviewer; append-only",
    columns("""
        review_id      text   id
        alert_id       text   the alert
        reviewer       text   who
        decided_at     time   when (wall clock)
        decision       text   confirmed, dismissed, escalated, needs_more or undone (no decision stands any more); would_confirm or would_dismiss: counts once a second person agrees
        reason         text?  why, from the short list in seeds/review
        note           text?  why, in words
        evidence_hash  text   evidence of the alert as it was reviewed
    """),
    key=("review_id",),
    lifecycle=("decided_at",),
)

REVIEWED_ALERT = Table(
    "reviewed_alert",
    "alert and state of its evidence that a person decided on, or was asked about, as it was then; append-only",
    columns("""
        alert_id       text  the alert
        evidence_hash  text  that state of its evidence
        headline       text  what AIS reported, in a sentence
        score          real  sum of evidence weights
        grade          text  strong, moderate or weak
    """),
    key=("alert_id", "evidence_hash"),
)

REVIEWED_EVIDENCE = Table(
    "reviewed_evidence",
    "piece of evidence of a state in reviewed_alert; append-only",
    columns("""
        alert_id       text   the alert
        evidence_hash  text   that state of its evidence
        role           text   what it is evidence of, as in the evidence weights
        event_table    text?  table of the event it rested on
        event_id       text?  id of that event, which may not be there any more
        weight         real   signed weight
        statement      text   the evidence, in a sentence
    """),
    key=("alert_id", "evidence_hash", "role"),
)

SIGN_OFF = Table(
    "sign_off",
    "word of an admin on whether the name of an alert's ship may leave the home; append-only, the last one counts",
    columns("""
        sign_off_id    text   id
        alert_id       text   the alert
        admin          text   who
        decided_at     time   when (wall clock)
        granted        bool   whether she may be named outside; false takes it back
        note           text?  why, in words
        evidence_hash  text   evidence of the alert as it was signed off; with other evidence it counts no more
    """),
    key=("sign_off_id",),
    lifecycle=("decided_at",),
)
