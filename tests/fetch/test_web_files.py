"""Files over real sockets: cut, gone on from, packed, changed between; what comes is byte for byte what was served."""

import gzip
import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug import Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.web import Web
from pipeline.origin import read_origin
from tests.fetch.asking import CONTENT, NOW
from tests.fetch.conftest import FileServer, Told


def test_a_file_comes_whole_with_its_origin_and_leaves_nothing_else(web, told, file_server, tmp_path):
    file_server.content = CONTENT

    path = web().download(file_server.url, tmp_path / "new" / "a.bin", fetched_at=NOW)

    assert path.read_bytes() == CONTENT
    assert read_origin(path) == {"url": file_server.url, "fetched_at": NOW.isoformat()}
    assert {one.name for one in path.parent.iterdir()} == {"a.bin", "a.bin.origin.json"}
    assert told.lines[-1] == "fetching a.bin: 1.0 of 1.0 MB"


def test_a_cut_transfer_goes_on_where_it_was(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000, 500_000]

    path = web().download(file_server.url, tmp_path / "a.bin")

    assert path.read_bytes() == CONTENT
    assert [one.get("Range") for one in file_server.asked] == [None, "bytes=300000-", "bytes=800000-"]
    assert {one.get("If-Range") for one in file_server.asked[1:]} == {'"one"'}
    assert file_server.sent == len(CONTENT)


def test_a_later_call_goes_on_where_one_gave_up(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable, match="after 1 attempts"):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")
    assert not (tmp_path / "a.bin").exists()

    path = web().download(file_server.url, tmp_path / "a.bin")

    assert path.read_bytes() == CONTENT
    assert file_server.sent == len(CONTENT)


def test_ctrl_c_leaves_what_a_later_call_goes_on_from(web, file_server, tmp_path):
    file_server.content = CONTENT

    def interrupt(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        web(progress=interrupt).download(file_server.url, tmp_path / "a.bin")
    assert 0 < (tmp_path / "a.bin.part").stat().st_size < len(CONTENT)

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert "Range" in file_server.asked[-1]


def test_a_server_that_ignores_ranges_sends_it_all_again(web, file_server, tmp_path):
    file_server.content, file_server.cuts, file_server.ranges = CONTENT, [300_000], False

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert file_server.sent == len(CONTENT) + 300_000


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}])
def test_bytes_of_an_unnamed_edition_are_not_joined(web, file_server, tmp_path, headers):
    file_server.content, file_server.cuts, file_server.headers = CONTENT, [300_000], headers

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert all("Range" not in one for one in file_server.asked)


def test_a_date_names_an_edition_where_there_is_no_etag(web, file_server, tmp_path):
    file_server.headers = {"Last-Modified": "Thu, 26 Nov 2026 05:00:00 GMT"}
    file_server.content, file_server.cuts = CONTENT, [300_000]

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert file_server.sent == len(CONTENT)


def change(server, **how):
    """The file becomes another between two transfers."""
    server.content = CONTENT[::-1] + b"more"
    server.headers = {"ETag": '"two"'}
    for name, value in how.items():
        setattr(server, name, value)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"ranges": False},
        {"if_range": False},
        {"if_range": False, "names_edition_of_parts": False},
    ],
    ids=["it minds If-Range", "it ignores Range", "it ignores If-Range", "and does not even name the edition"],
)
def test_a_file_that_changed_between_comes_anew(web, file_server, tmp_path, how):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")

    change(file_server, **how)

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == file_server.content


def test_a_part_from_another_address_is_not_gone_on_from(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")

    web().download(file_server.url + "?mirror", tmp_path / "a.bin")

    assert "Range" not in file_server.asked[-1]


def test_a_part_that_begins_elsewhere_than_asked_is_not_joined(web, file_server, tmp_path):
    file_server.content, file_server.cuts, file_server.shift = CONTENT, [300_000], 7

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_finished_without_a_byte(web, file_server, tmp_path):
    """A process that ended between the last byte and the file's name."""
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")
    (tmp_path / "a.bin.part").write_bytes(CONTENT)

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert file_server.sent == 300_000


def test_a_part_longer_than_the_file_comes_anew(web, file_server, tmp_path):
    file_server.content, file_server.cuts = CONTENT, [300_000]
    with pytest.raises(SourceUnavailable):
        web(attempts=1).download(file_server.url, tmp_path / "a.bin")
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"x")

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=3000), st.lists(st.integers(0, 1000), max_size=4), st.booleans())
def test_wherever_it_is_cut_a_file_is_byte_for_byte_what_was_served(tmp_path_factory, content, cuts, ranges):
    server = FileServer()
    server.content, server.cuts, server.ranges = content, cuts, ranges
    try:
        with Web("acme", first_wait_s=0, sleep=Told().append) as web:
            path = web.download(server.url, tmp_path_factory.mktemp("files") / "a.bin")
    finally:
        server.close()

    assert path.read_bytes() == content


def test_a_file_packed_unasked_is_unpacked(web, file_server, tmp_path):
    file_server.content = gzip.compress(CONTENT)
    file_server.headers["Content-Encoding"] = "gzip"

    assert web().download(file_server.url, tmp_path / "a.csv").read_bytes() == CONTENT
    assert web().download(file_server.url, tmp_path / "a.csv.gz").read_bytes() == file_server.content


def test_a_file_packed_unasked_and_torn_leaves_nothing(web, file_server, tmp_path):
    file_server.content = gzip.compress(CONTENT)[:-9]
    file_server.headers["Content-Encoding"] = "gzip"

    with pytest.raises(SourceUnavailable, match=r"a\.csv came packed and torn"):
        web().download(file_server.url, tmp_path / "a.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_pass_its_check_leaves_nothing(web, file_server, tmp_path):
    file_server.content = b"<html>"
    (tmp_path / "a.zip").write_bytes(b"as it was")

    def check(whole):
        raise SourceUnavailable(f"{whole.read_bytes()!r} is no archive")

    with pytest.raises(SourceUnavailable, match="<html>"):
        web().download(file_server.url, tmp_path / "a.zip", check=check)

    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    assert (tmp_path / "a.zip").read_bytes() == b"as it was"


def test_a_file_too_large_for_the_disk_is_not_begun(web, httpserver, tmp_path):
    def huge(request):
        return Response(iter([b"x"]), headers={"Content-Length": str(10**18)})

    httpserver.expect_request("/").respond_with_handler(huge)

    with pytest.raises(SourceUnavailable, match="MB free, 1,000,000,000,000 MB to come; free some space"):
        web().download(httpserver.url_for("/"), tmp_path / "a.bin")


def test_a_disk_that_refuses_keeps_what_came(web, file_server, tmp_path):
    file_server.content = CONTENT
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(SourceUnavailable, match="File too large; what came is kept"):
            web().download(file_server.url, tmp_path / "a.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert web().download(file_server.url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert "Range" in file_server.asked[-1]


def test_a_folder_that_is_none_is_the_users_to_mend(web, file_server, tmp_path):
    (tmp_path / "landing").write_text("a file")

    with pytest.raises(InputError, match="cannot be written"):
        web().download(file_server.url, tmp_path / "landing" / "a.bin")
