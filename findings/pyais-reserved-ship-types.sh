#!/usr/bin/env bash
# pyais gives a reserved or newer AIS ship type as another one, without a word.
#
# Ship type of message 5 is an integer of eight bits. ITU-R M.1371-5 reserves the second digits 5 to 8 of 2x, 4x and 6x
# to 9x for future use and leaves 1 to 19, 38, 39 and 100 to 255 open; edition 6 of 2026 gives meanings to some. pyais
# turns the number into the nearest member of an enumeration: 77 becomes 75, 57 becomes 56, 7 and 100 become 0, "not
# available". What the ship sent can no longer be seen in the decoded message, nor told from a ship that sent 0 or 75.
#
# Seen with pyais 3.3.1 (Python 3.11). Fails when a later reading of these sentences differs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pyais==3.3.1

"$work/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

from pyais import decode


def sentences(ship_type: int) -> list[bytes]:
    """Message 5 of MMSI 441234567 with a ship type, all else not available, in two sentences of a checksum that holds."""
    fields = ((5, 6), (0, 2), (441234567, 30), (0, 2), (0, 30), (0, 42), (0, 120), (ship_type, 8), (0, 184))
    bits = "".join(format(value, f"0{width}b") for value, width in fields) + "00"
    sixes = [int(bits[at : at + 6], 2) for at in range(0, len(bits), 6)]
    armoured = "".join(chr(six + (48 if six < 40 else 56)) for six in sixes)
    made = []
    for part, (payload, fill) in enumerate(((armoured[:56], 0), (armoured[56:], 2)), 1):
        body = f"AIVDM,2,{part},1,A,{payload},{fill}"
        checksum = 0
        for letter in body:
            checksum ^= ord(letter)
        made.append(f"!{body}*{checksum:02X}".encode())
    return made


EXPECTED = {7: 0, 38: 0, 48: 45, 57: 56, 77: 75, 86: 85, 100: 0, 70: 70, 80: 80}
found = {sent: int(decode(*sentences(sent)).ship_type) for sent in EXPECTED}
print("pyais", version("pyais"))
for sent, told in found.items():
    print(f"sent {sent:3}  told {told:3}{'' if sent == told else '  another type'}")
assert found == EXPECTED, "pyais reads these sentences in another way now"
PYTHON
