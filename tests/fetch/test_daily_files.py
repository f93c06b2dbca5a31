"""Daily files by URL, from local servers that publish as MarineCadastre and the Danish Maritime Authority do."""

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.providers.daily_files import fetch_file, place_of
from pipeline.fetch.sources import load_sources
from pipeline.fetch.web import AddressChanged, NotPublished
from pipeline.origin import read_origin
from pipeline.settings import Settings
from pipeline.tasks.fetch import fetch_day

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NOAA, DMA = load_sources()["noaa"], load_sources()["dma"]
DAY = date(2023, 1, 11)
PATH = "/2023/AIS_2023_01_11.zip"


def zipped(text: str = "MMSI,BaseDateTime\n") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("AIS_2023_01_11.csv"), text)  # without the time of day
    return packed.getvalue()


@pytest.fixture
def installation(tmp_path, httpserver):
    """Settings whose sources are mirrored by the local server."""
    url = httpserver.url_for("").rstrip("/")
    return Settings(home=tmp_path / "home", source_urls={"noaa": url, "dma": url})


def fetch(installation, day=DAY, spec=NOAA, **options):
    return fetch_file(spec, installation, day, now=NOW, progress=lambda line: None, **options)


@pytest.mark.parametrize(
    ("spec", "day", "url"),
    [
        (NOAA, date(2015, 1, 1), "https://coast.noaa.gov/htdata/CMSP/AISDataHandler/2015/AIS_2015_01_01.zip"),
        (NOAA, date(2024, 12, 31), "https://coast.noaa.gov/htdata/CMSP/AISDataHandler/2024/AIS_2024_12_31.zip"),
        (NOAA, date(2025, 1, 1), "https://coast.noaa.gov/htdata/CMSP/AISDataHandler/2025/ais-2025-01-01.csv.zst"),
        (DMA, date(2024, 3, 1), "http://aisdata.ais.dk/2024/aisdk-2024-03-01.zip"),
        (DMA, date(2025, 2, 26), "http://aisdata.ais.dk/2025/aisdk-2025-02-26.zip"),
        (DMA, date(2025, 2, 27), "http://aisdata.ais.dk/aisdk-2025-02-27.zip"),
    ],
)
def test_a_days_address_follows_from_the_day(spec, day, url):
    assert place_of(spec, Settings(), day).url == url


@pytest.mark.parametrize(("spec", "day"), [(NOAA, date(2014, 12, 31)), (DMA, date(2024, 2, 29))])
def test_a_day_without_an_address_says_which_days_have_one(spec, day):
    with pytest.raises(InputError, match=f"no address is known for the file of {day}; known are days from 20"):
        place_of(spec, Settings(), day)


def test_a_days_file_lands_with_its_origin(installation, httpserver):
    httpserver.expect_request(PATH).respond_with_data(zipped())

    file = fetch(installation)

    assert file.state == "fetched"
    assert file.path == installation.home / "landing" / "noaa" / "AIS_2023_01_11.zip"
    assert file.path.read_bytes() == zipped()
    assert read_origin(file.path) == {"url": httpserver.url_for(PATH), "fetched_at": NOW.isoformat()}


def test_a_file_that_lies_there_is_not_fetched_again(installation, httpserver):
    httpserver.expect_request(PATH).respond_with_data(zipped())
    fetch(installation)

    assert fetch(installation).state == "there"
    assert len(httpserver.log) == 1


def test_unless_it_is_asked_for(installation, httpserver):
    httpserver.expect_request(PATH).respond_with_data(zipped())
    fetch(installation)

    file = fetch(installation, again=True)

    assert (file.state, file.replaces) == ("unchanged", None)
    assert len(httpserver.log) == 2


def test_another_edition_takes_its_place_and_says_of_which(installation, httpserver):
    httpserver.expect_oneshot_request(PATH).respond_with_data(zipped())
    httpserver.expect_request(PATH).respond_with_data(zipped("another"))
    fetch(installation)

    file = fetch(installation, again=True)

    assert file.state == "changed"
    assert file.replaces == hashlib.sha256(zipped()).hexdigest()[:16]
    assert file.path.read_bytes() == zipped("another")


@pytest.mark.parametrize(
    ("served", "said"),
    [
        (b"", "came empty; not published"),
        (b"<html>Maintenance</html>\n", 'is no .zip file (begins "<html>Maintenance</html>"'),
        (zipped()[:-20], "came torn"),
    ],
)
def test_what_is_no_archive_leaves_things_as_they_were(installation, httpserver, served, said):
    httpserver.expect_oneshot_request(PATH).respond_with_data(served)
    httpserver.expect_oneshot_request(PATH).respond_with_data(zipped())
    httpserver.expect_oneshot_request(PATH).respond_with_data(served)
    with pytest.raises(SourceUnavailable) as error:
        fetch(installation)
    assert said in str(error.value)
    assert list((installation.landing / "noaa").iterdir()) == []
    fetch(installation)

    with pytest.raises(SourceUnavailable):
        fetch(installation, again=True)

    assert {path.name for path in (installation.landing / "noaa").iterdir()} == {
        "AIS_2023_01_11.zip", "AIS_2023_01_11.zip.origin.json",
    }  # fmt: skip
    assert (installation.landing / "noaa" / "AIS_2023_01_11.zip").read_bytes() == zipped()


def test_a_step_gives_the_files_of_a_day_to_be_ingested(installation, httpserver):
    httpserver.expect_request(PATH).respond_with_data(zipped())

    files = fetch_day(installation, "noaa", "2023-01-11", secrets={}, now=NOW, progress=lambda line: None)

    assert files == [installation.landing / "noaa" / "AIS_2023_01_11.zip"]


@pytest.mark.parametrize("source", ["folder", "aisstream", "aishub"])
def test_of_what_is_not_asked_by_the_day_it_gives_the_closed_files_of_the_day(installation, source):
    folder = installation.landing / source
    folder.mkdir(parents=True)
    for name in (
        f"{source}_2026-11-26T05.jsonl",
        f"{source}_2026-11-26T06.jsonl.part",
        f"{source}_2026-11-25T23.jsonl",
    ):
        (folder / name).write_text("{}")

    given = {"secrets": {}, "now": NOW, "progress": lambda line: None}

    assert fetch_day(installation, source, "2026-11-26", **given) == [folder / f"{source}_2026-11-26T05.jsonl"]
    with pytest.raises(SourceUnavailable, match="no file whose name holds 2026-11-24"):
        fetch_day(installation, source, "2026-11-24", **given)


def test_a_file_of_2025_is_told_by_its_own_magic(installation, httpserver):
    path = "/2025/ais-2025-01-01.csv.zst"
    httpserver.expect_request(path).respond_with_data(b"\x28\xb5\x2f\xfd and so on")

    assert fetch(installation, date(2025, 1, 1)).path.name == "ais-2025-01-01.csv.zst"


ZIP, CSV2 = "/2024/AIS_2024_06_01.zip", "/csv2/csv2024/ais-2024-06-01.csv.zst"
ZSTD = b"\x28\xb5\x2f\xfd and so on"


@pytest.fixture
def gone(httpserver):
    """Let addresses answer 404."""

    def answer(*paths):
        for path in paths:
            httpserver.expect_request(path).respond_with_data(status=404)

    return answer


@pytest.mark.parametrize(
    ("spec", "day", "paths"),
    [
        (NOAA, date(2026, 6, 1), ["/2026/ais-2026-06-01.csv.zst", "/csv2/csv2026/ais-2026-06-01.csv.zst"]),
        (DMA, date(2026, 11, 25), ["/aisdk-2026-11-25.zip", "/2026/aisdk-2026-11-25.zip"]),
    ],
)
def test_a_day_that_is_not_there_is_not_published_yet(installation, gone, spec, day, paths):
    gone(*paths)

    with pytest.raises(NotPublished, match=r"404.*not published \(yet\)"):
        fetch(installation, day, spec)


@pytest.mark.parametrize(
    ("spec", "day", "paths"),
    [
        (NOAA, date(2024, 6, 1), [ZIP, CSV2]),
        (DMA, date(2024, 6, 1), ["/2024/aisdk-2024-06-01.zip", "/aisdk-2024-06-01.zip"]),
        (NOAA, date(2025, 6, 1), ["/2025/ais-2025-06-01.csv.zst", "/csv2/csv2025/ais-2025-06-01.csv.zst"]),
        (DMA, date(2026, 11, 21), ["/aisdk-2026-11-21.zip", "/2026/aisdk-2026-11-21.zip"]),
    ],
)
def test_a_day_that_should_be_there_and_is_not_says_that_its_address_may_have_changed(
    installation, gone, spec, day, paths
):
    gone(*paths)

    with pytest.raises(AddressChanged) as error:
        fetch(installation, day, spec)

    assert f"the catalogue says that {day} is published" in str(error.value)
    assert "answered 404: the address may have changed" in str(error.value)
    assert all(path in str(error.value) for path in paths)
    assert "not published (yet)" not in str(error.value)


def test_what_is_gone_from_its_address_is_fetched_from_the_other_and_then_lies_there(installation, httpserver, gone):
    gone(ZIP)
    httpserver.expect_request(CSV2).respond_with_data(ZSTD)

    file = fetch(installation, date(2024, 6, 1))

    assert (file.state, file.path.name) == ("fetched", "ais-2024-06-01.csv.zst")
    assert read_origin(file.path)["url"] == httpserver.url_for(CSV2)
    assert fetch(installation, date(2024, 6, 1)).state == "there"
    assert len(httpserver.log) == 2


def test_the_other_address_is_not_asked_while_the_first_answers_or_is_unwell(installation, httpserver):
    httpserver.expect_oneshot_request(ZIP).respond_with_data(zipped())
    assert fetch(installation, date(2024, 6, 1)).path.name == "AIS_2024_06_01.zip"

    httpserver.expect_request(ZIP).respond_with_data(status=503, headers={"Retry-After": "0"})
    with pytest.raises(SourceUnavailable, match="503"):
        fetch(installation, date(2024, 6, 1), again=True)

    assert {request.path for request, _ in httpserver.log} == {ZIP}


def test_another_address_that_is_unwell_leaves_the_first_ones_answer(installation, httpserver, gone):
    gone(ZIP)
    httpserver.expect_request(CSV2).respond_with_data(status=403)

    with pytest.raises(NotPublished, match=r"404.*nor could its other address be asked: .*403"):
        fetch(installation, date(2024, 6, 1))


def test_the_edition_of_another_address_takes_the_place_of_the_older_file(installation, httpserver, gone):
    httpserver.expect_oneshot_request(ZIP).respond_with_data(zipped())
    fetch(installation, date(2024, 6, 1))
    gone(ZIP)
    httpserver.expect_request(CSV2).respond_with_data(ZSTD)

    file = fetch(installation, date(2024, 6, 1), again=True)

    assert (file.state, file.replaces) == ("changed", hashlib.sha256(zipped()).hexdigest()[:16])
    assert sorted(path.name for path in (installation.landing / "noaa").iterdir()) == [
        "ais-2024-06-01.csv.zst", "ais-2024-06-01.csv.zst.origin.json",
    ]  # fmt: skip


def test_a_danish_day_that_moved_to_the_folder_of_its_year_is_found_there(installation, httpserver, gone):
    gone("/aisdk-2026-01-31.zip")
    httpserver.expect_request("/2026/aisdk-2026-01-31.zip").respond_with_data(zipped())

    assert fetch(installation, date(2026, 1, 31), DMA).state == "fetched"


def test_the_days_that_the_publishers_listing_names_are_where_it_names_them(samples):
    listing = (samples / "providers" / "dma" / "s3-listing-2025.xml").read_text(encoding="utf-8")

    for day in (date(2025, 1, 1), date(2025, 2, 26)):
        assert f"<Key>{place_of(DMA, Settings(), day).url.removeprefix(f'{DMA.url}/')}</Key>" in listing


def test_without_a_mirror_the_other_address_may_be_another_host():
    url = NOAA.file_of(date(2024, 6, 1)).places[1].url

    assert NOAA.address(Settings(), url) == "https://noaaocm.blob.core.windows.net/ais"
    assert NOAA.address(Settings(source_urls={"noaa": "http://here"}), url) == "http://here"


def test_the_password_of_a_mirror_is_used_and_not_kept(tmp_path, httpserver):
    mirror = httpserver.url_for("").replace("://", "://me:pass%2Fword@").rstrip("/")
    httpserver.expect_request(PATH, headers={"Authorization": "Basic bWU6cGFzcy93b3Jk"}).respond_with_data(zipped())

    file = fetch(Settings(home=tmp_path, source_urls={"noaa": mirror}))

    assert "pass" not in str(read_origin(file.path))
