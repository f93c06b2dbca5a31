"""Payloads decoded as others decode them: gpsd's and libais' published examples, and pyais over whole sample files."""

import json
import re

import numpy as np
import pytest

from pipeline.formats.ais_messages import LONGEST, decode

# sentences' payload, fill bits -> what gpsd's AIVDM document and test suite say of them
EXAMPLES = [
    ("15N1u<PP1FJuvSRHOE6QIwwh0HQ6", 0, {"type": 1, "mmsi": 367033650, "sog_kn": 8.6, "longitude": -70.346908, "latitude": 42.798550,  # noqa: E501
                                         "cog_deg": 35.9, "heading_deg": 511, "second": 56, "nav_status": 0}),
    ("B5MiOp0006g4up6:EV403wr5oP06", 0, {"type": 18, "mmsi": 366764000, "sog_kn": 0.0, "longitude": -70.711067, "latitude": 43.072159,  # noqa: E501
                                         "cog_deg": 0.0, "heading_deg": 511, "second": 52}),
    ("H5MiOp1:uJ0MDhJ0<P4hhDpLE80", 2, {"type": 24, "mmsi": 366764000, "name": b"R/V GULF CHALLENGER"}),
    ("55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD`88888888888880", 2,
     {"type": 5, "mmsi": 371255000, "imo": 9266633, "call_sign": b"HP6683", "name": b"SEA ENTERPRISE", "ship_type": 90, "length_m": 28,  # noqa: E501
      "width_m": 7, "draught_m": 1.4, "destination": b"LEMMER"}),
]  # fmt: skip


def decode_one(payload: str, fill: int) -> dict:
    matrix = np.zeros((1, LONGEST + 11), dtype=np.uint8)
    matrix[0, : len(payload)] = list(payload.encode())
    return {name: values[0] for name, values in decode(matrix, np.array([len(payload) * 6 - fill])).items()}


def text(value: bytes) -> bytes:
    return value.split(b"@")[0].rstrip()


@pytest.mark.parametrize(("payload", "fill", "expected"), EXAMPLES, ids=[f"type {row[2]['type']}" for row in EXAMPLES])
def test_a_published_example_decodes_to_its_published_values(payload, fill, expected):
    found = decode_one(payload, fill)

    assert found["readable"]
    for name, value in expected.items():
        assert text(found[name]) == value if isinstance(value, bytes) else found[name] == pytest.approx(value, abs=5e-6)


def test_a_payload_cut_short_is_unreadable():
    assert decode_one("15N1u<PP1FJuvSRHOE6QIwwh0HQ6", 0)["readable"]
    assert not decode_one("15N1u<PP1FJuvSRHOE6Q", 0)["readable"]


def static_data(characters: int) -> dict:
    payload = EXAMPLES[3][0][:60] + "b" * 11  # the destination is all of one letter
    return decode_one(payload[:characters], 0)


def test_static_data_may_lack_the_last_character_of_the_destination_and_no_more():
    whole, cut = static_data(71), static_data(70)

    assert (whole["readable"], len(whole["destination"])) == (True, 20)
    assert (cut["readable"], cut["destination"]) == (True, whole["destination"][:19] + b"@")
    assert not static_data(69)["readable"]


@pytest.mark.parametrize("ship_type", [1, 12, 19, 29, 57, 99])
def test_a_ship_type_is_given_as_sent_whatever_edition_names_it(ship_type):
    payload = EXAMPLES[3][0]
    bits = "".join(f"{ord(c) - (48 if c < '`' else 56):06b}" for c in payload)
    bits = bits[:232] + f"{ship_type:08b}" + bits[240:]
    codes = [int(bits[at : at + 6], 2) for at in range(0, len(bits), 6)]

    assert decode_one("".join(chr(c + (48 if c < 40 else 56)) for c in codes), 2)["ship_type"] == ship_type


def test_the_aid_to_navigation_of_the_newest_edition_is_a_known_message():
    assert decode_one("L>M4nf@P1T8t=60F1rH3Q2lD0000", 0)["readable"]
    assert not decode_one("M>M4nf@P1T8t=60F1rH3Q2lD0000", 0)["readable"]


def test_a_payload_with_a_character_outside_the_alphabet_is_unreadable():
    assert not decode_one("15N1u<PP1FJuvSR!OE6QIwwh0HQ6", 0)["readable"]


def test_every_decode_that_gpsd_publishes_is_ours(samples):
    checked = 0
    payloads: list[str] = []
    for line in (samples / "nmea/gpsd-ais.log.chk").read_text().splitlines():
        if line.startswith("!"):
            fields = line.split(",")
            payloads = [*payloads, fields[5]] if fields[2] != "1" else [fields[5]]
            fill = int(fields[6][0])
        elif '"class":"AIS"' in line and payloads:
            expected = json.loads(line)
            if expected["type"] not in (1, 2, 3, 5, 18, 19, 27) or expected["scaled"]:
                continue
            found = decode_one("".join(payloads), fill)
            assert (found["type"], found["mmsi"]) == (expected["type"], expected["mmsi"])
            scales = {"lon": ("longitude", 600 if expected["type"] == 27 else 600_000), "lat": ("latitude", 600 if expected["type"] == 27 else 600_000),  # noqa: E501
                      "heading": ("heading_deg", 1), "second": ("second", 1), "status": ("nav_status", 1), "shiptype": ("ship_type", 1),  # noqa: E501
                      "imo": ("imo", 1), "draught": ("draught_m", 10), "course": ("cog_deg", 1 if expected["type"] == 27 else 10)}  # fmt: skip  # noqa: E501
            for theirs, (ours, scale) in scales.items():
                if theirs in expected:
                    assert found[ours] == pytest.approx(expected[theirs] / scale, abs=1e-9), (line, ours)
            for theirs, ours in (("shipname", "name"), ("callsign", "call_sign"), ("destination", "destination")):
                if theirs in expected:
                    assert text(found[ours]).decode().strip() == expected[theirs].strip(), line
            checked += 1
    assert checked > 130


def test_every_single_sentence_of_the_samples_decodes_as_pyais_decodes_it(samples):
    import pyais

    checked = 0
    for name in ("gfw-tagblock.nmea", "uscg-2006.ais", "kystverket-1000.nm4"):
        for sentence in re.findall(r"![A-Z]{2}VDM,1,1,[^*]*\*[0-9A-F]{2}", (samples / "nmea" / name).read_text())[
            :1500
        ]:
            fields = sentence.split(",")
            found = decode_one(fields[5], int(fields[6][0]))
            if not (found["readable"] and found["type"] in (1, 2, 3, 18, 19, 27)):
                continue
            theirs = pyais.decode(sentence)
            assert found["mmsi"] == theirs.mmsi
            assert found["longitude"] == pytest.approx(theirs.lon, abs=2e-6)
            assert found["latitude"] == pytest.approx(theirs.lat, abs=2e-6)
            if found["type"] != 27:
                assert found["sog_kn"] == pytest.approx(theirs.speed)
                assert found["heading_deg"] == theirs.heading
            checked += 1
    assert checked > 2000
