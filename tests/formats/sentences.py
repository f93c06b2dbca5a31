"""NMEA sentences made by hand."""

POSITION = "AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0"  # 367033650, second 56
OTHER = "AIVDM,1,1,,A,16TjlR0P1T8uTw0F1rH3Q2lD0000,0"  # 441234568 at 125.3 E 38.5 N
STATIC = ("AIVDM,2,1,9,B,55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD,0", "AIVDM,2,2,9,B,`88888888888880,2")


def checksum(body: str) -> str:
    """The two hexadecimal digits that belong behind the star."""
    value = 0
    for byte in body.encode():
        value ^= byte
    return f"{value:02X}"


def sentence(body: str, suffix: str = "", lead: str = "!") -> str:
    """A line with one sentence."""
    return f"{lead}{body}*{checksum(body)}{suffix}\n"


def tagged(tag: str, body: str) -> str:
    """A line with one sentence behind a tag block."""
    return f"\\{tag}*{checksum(tag)}\\{sentence(body)}"
