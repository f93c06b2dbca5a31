"""The queue as a page: what waits, filters that are an address, and an answer to whatever an address says."""

import pytest


def headlines(text):
    return text.count('<th scope="row">')


def test_it_shows_what_waits(client):
    answer = client.get("/")

    assert "AIS-reported" in answer.text
    assert headlines(answer.text) >= 1


@pytest.mark.parametrize("ship", ["demo coal", "2990027", "351990002", "DEMO"])
def test_a_ship_is_found_by_name_number_and_call_sign(client, ship):
    answer = client.get("/", params={"q": ship, "status": "standing"})

    assert "2990027" in answer.text.partition("<tbody>")[2]


def test_a_ship_that_nobody_is_matches_nothing(client):
    assert "No alert matches" in client.get("/", params={"q": "nobody of this name"}).text


def test_a_filter_stays_in_the_form_and_in_the_address(client):
    answer = client.get("/", params={"status": "standing", "grade": "strong", "col": ["pattern", "score"]})

    assert "<option selected>strong</option>" in answer.text
    assert '<th scope="col">Pattern</th>' in answer.text
    assert '<th scope="col">Ship</th>' not in answer.text


@pytest.mark.parametrize(
    "address",
    ["/?status=nosuch", "/?grade=huge", "/?since=yesterday", "/?after=1~2", "/?after=0~nan~x~y", "/?pattern=nosuch",
     "/?claim=Z99", "/?port=nowhere", "/?since=2018-13-40", "/?q=%00", "/alerts/%00", "/ships/a%00b",
     "/?after=-1~1.0~2018-01-01~x", "/?after=0~nan~2018-01-01~x", "/?after=0~1e999~2018-01-01~x"],
)  # fmt: skip
def test_an_address_that_cannot_be_meant_is_no_fault_of_ours(client, address):
    answer = client.get(address)

    assert answer.status_code in (400, 404)
    assert "expected" in answer.text
    assert client.get("/?after=99~1.0~2018-01-01~x").status_code == 200  # a page beyond the last


def test_what_an_address_says_does_nothing_on_the_page(client):
    answer = client.get("/", params={"q": "<b>NAME</b>\u202e\x07"})

    assert "<b>NAME</b>" not in answer.text
    assert "&lt;b&gt;NAME&lt;/b&gt;" in answer.text
    assert not {"\u202e", "\x07"} & set(answer.text)
