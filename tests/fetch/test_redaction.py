"""What is cut out of addresses before they are told or kept."""

import pytest

from pipeline.fetch.redaction import Redaction


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://joe:p@ss@host:80/a@b.csv", "http://***@host:80/a@b.csv"),
        ("https://host/a?key=top&format=csv&secret", "https://host/a?key=***&format=***&***"),
        ("http://u:p@host/a?key=t@p/s?x: refused; try later", "http://***@host/a?key=***: refused; try later"),
        ('GET https://host/a?key=top "HTTP/1.1 200 OK"', 'GET https://host/a?key=*** "HTTP/1.1 200 OK"'),
        ("is https://host/a there? say=so, a@b", "is https://host/a there? say=so, a@b"),
        ("https://host/a.csv", "https://host/a.csv"),
    ],
)
def test_passwords_and_query_values_of_addresses_are_cut(text: str, shown: str):
    assert Redaction()(text) == shown
