"""Each format, written from one hand-made export and opened again by the libraries that others open it with."""

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
import zipfile

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import yaml

from pipeline.export.claimreview import RATINGS, load_ratings
from pipeline.export.formats import FORMATS
from pipeline.export.names import FORMAT_NAMES, SUBJECTS
from pipeline.publish.notices import NOTE, SYNTHETIC_NOTE
from tests.export.contents import SHOWN, contents

OGRINFO = shutil.which("ogrinfo")
KML = "{http://www.opengis.net/kml/2.2}"
BEGAN = "2024-06-03 01:02:03+00:00"


def written(tmp_path, form, *names, empty=False):
    """The path of a file in this format."""
    path = tmp_path / f"file{FORMATS[form].endings[0]}"
    FORMATS[form].write(contents(*(names or FORMATS[form].holds), empty=empty), path)
    return path


def test_every_format_has_a_name_on_the_command_line():
    assert tuple(FORMATS) == FORMAT_NAMES


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_rows_give_the_same_bytes(tmp_path, form):
    names = ("alerts",) if FORMATS[form].single else ()
    (tmp_path / "again").mkdir()

    assert written(tmp_path, form, *names).read_bytes() == written(tmp_path / "again", form, *names).read_bytes()


def test_a_geopackage_has_every_layer_with_its_rows_and_types(tmp_path):
    path = written(tmp_path, "gpkg")

    layers = dict(pyogrio.list_layers(path).tolist())
    assert layers == {
        "alerts": "Point", "ships": "Point", "events": "Point", "tracks": "MultiLineString", "zones": "MultiPolygon",
        "claims": None, "about": None, "layer_styles": None,
    }  # fmt: skip
    alert = gpd.read_file(path, layer="alerts").iloc[0]
    assert alert["vessel_name"] == SHOWN
    assert str(alert["began_at"]) == BEGAN
    assert alert["synthetic"] is True or alert["synthetic"] == 1
    assert (alert["placed_by"], alert.geometry.coords[0]) == ("position", (-178.0, 40.0))
    assert alert["speaks_for"] == "+4.0 at the berth"
    event = gpd.read_file(path, layer="events").iloc[0]
    assert str(event["to_at"]) == "NaT"
    with sqlite3.connect(path) as file:
        times = {row[0] for row in file.execute("select ended_at from alerts union select from_at from tracks")}
    assert {len(time) for time in times} == {len("2024-06-03T01:02:03.000Z")}  # one form: filters compare text


def test_a_geopackage_says_what_it_rests_on_and_how_it_is_drawn(tmp_path):
    path = written(tmp_path, "gpkg")

    with sqlite3.connect(path) as file:
        said = file.execute("select item, value from about").fetchall()
        styles = file.execute(
            "select f_table_name, f_table_schema, f_geometry_column, styleQML from layer_styles"
        ).fetchall()
    assert {("note", NOTE), ("note", SYNTHETIC_NOTE), ("synthetic", "true"), ("selection", "--grade strong")} <= set(
        said
    )
    assert ("licence", "Terms of the data from dma: for members") in said
    assert any("2024-06-30" in value for item, value in said if item == "data")
    assert [name for name, *_ in styles] == ["alerts", "ships", "events", "tracks", "zones"]
    for name, schema, column, qml in styles:
        drawn = ET.fromstring(qml)
        assert (schema, column, drawn.tag) == ("", "geom", "qgis")
        attribute = drawn.find("renderer-v2").get("attr")
        assert attribute is None or attribute in gpd.read_file(path, layer=name).columns


def test_the_project_opens_the_layers_of_the_geopackage_beside_it(tmp_path):
    path = written(tmp_path, "gpkg")
    beside = FORMATS["gpkg"].beside(contents(), path)

    ((name, content),) = beside.items()
    name.write_bytes(content)
    with zipfile.ZipFile(name) as archive:
        (inside,) = archive.namelist()
        project = ET.fromstring(archive.read(inside).split(b"\n", 1)[1])
    assert (name.name, inside) == ("file.qgz", "file.qgs")
    layers = {one.findtext("layername"): one.findtext("datasource") for one in project.iter("maplayer")}
    assert layers == {name: f"./file.gpkg|layername={name}" for name in SUBJECTS}
    assert {one.get("id") for one in project.iter("layer-tree-layer")} == set(layers)
    assert NOTE in project.findtext("projectMetadata/abstract")
    spans = {one.findtext("layername"): one.find("temporal") for one in project.iter("maplayer")}
    keys = ("startField", "endField", "mode")
    ends = {name: [one.get(key) for key in keys] for name, one in spans.items() if one is not None}
    assert {name for name, one in spans.items() if one is None} == {"zones", "claims"}
    assert ends["alerts"] == ["began_at", "ended_at", "2"]  # mode 2: from one field to another
    assert ends["tracks"] == ["from_at", "to_at", "2"]


def test_geojson_is_that_of_rfc_7946(tmp_path):
    path = written(tmp_path, "geojson")

    found = json.loads(path.read_text(encoding="utf-8"))
    of = {feature["properties"]["layer"]: feature for feature in found["features"]}
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    assert set(of) == set(SUBJECTS)
    assert found["coalwatch"]["synthetic"] is True
    assert NOTE in found["coalwatch"]["notes"]
    assert found["coalwatch"]["data_to"] == "2024-06-30"
    assert of["alerts"]["properties"]["vessel_name"] == SHOWN
    assert of["alerts"]["properties"]["began_at"] == "2024-06-03T01:02:03Z"
    assert of["claims"]["geometry"] is None
    outline = shapely.from_geojson(json.dumps(of["zones"]["geometry"])).geoms[0]
    assert outline.exterior.is_ccw
    assert not outline.interiors[0].is_ccw
    assert len(gpd.read_file(path)) == len(found["features"])


def test_a_track_across_the_180th_meridian_is_cut_there(tmp_path):
    first = gpd.read_file(written(tmp_path, "geojson", "tracks")).iloc[0]

    assert first.geometry.wkt == "MULTILINESTRING ((179 38, 180 38.5), (-180 38.5, -179 39))"


def test_a_track_on_one_side_is_not_cut(tmp_path):
    second = gpd.read_file(written(tmp_path, "geojson", "tracks")).iloc[1]

    assert second.geometry.wkt == "MULTILINESTRING ((-179 39, -178 39))"


def test_a_way_is_what_she_did_on_it_not_the_stop_it_began_with(tmp_path):
    motions = gpd.read_file(written(tmp_path, "geojson", "tracks"))["motion"].tolist()

    assert motions == ["silence", "slow", "under_way", "under_way", "stopped"]


def test_kml_has_times_for_the_slider_and_no_html_of_a_ship(tmp_path):
    path = written(tmp_path, "kml")

    document = ET.parse(path).getroot().find(f"{KML}Document")
    assert "AIS-reported movements" in document.findtext(f"{KML}description")
    folders = {folder.findtext(f"{KML}name"): folder for folder in document.iter(f"{KML}Folder")}
    assert list(folders) == list(SUBJECTS)
    alert, event = (folders[name].find(f"{KML}Placemark") for name in ("alerts", "events"))
    assert alert.findtext(f"{KML}TimeSpan/{KML}begin") == "2024-06-03T01:02:03Z"
    assert event.find(f"{KML}TimeSpan/{KML}end") is None
    assert "<b>&amp;amp;" not in alert.findtext(f"{KML}description").replace("<b>vessel_name</b>", "")
    assert "=1+1&lt;b&gt;" in alert.findtext(f"{KML}description")
    styles = {f"#{style.get('id')}" for style in document.iter(f"{KML}Style")}
    assert {one.text for one in document.iter(f"{KML}styleUrl")} <= styles
    read = pyogrio.read_dataframe(path, layer="alerts").iloc[0]
    assert (read["vessel_name"], str(read["begin"])) == (SHOWN, BEGAN)


def test_geoparquet_has_a_box_to_read_by_and_says_what_it_rests_on(tmp_path):
    path = written(tmp_path, "geoparquet", "events")

    schema = pq.read_schema(path)
    geo, said = (json.loads(schema.metadata[key]) for key in (b"geo", b"coalwatch"))
    assert (geo["version"], geo["columns"]["geometry"]["encoding"]) == ("1.1.0", "WKB")
    assert "bbox" in geo["columns"]["geometry"]["covering"]
    assert said["notes"] == [NOTE, SYNTHETIC_NOTE]
    assert schema.field("from_at").type == pa.timestamp("us", "UTC")
    assert len(gpd.read_parquet(path, bbox=(123, 38, 125, 39))) == 1
    assert len(gpd.read_parquet(path, bbox=(10, 38, 11, 39))) == 0


def test_csv_does_nothing_in_a_spreadsheet_and_has_a_readme(tmp_path):
    path = written(tmp_path, "csv", "ships")

    (row,) = csv.DictReader(path.open(encoding="utf-8", newline=""))
    assert (row["name"], row["call_sign"]) == (f"'{SHOWN}", "'@SUM(A1)")
    assert (row["imo"], row["width_m"], row["other_names"]) == ("9000003", "", "BEFORE")
    assert (row["longitude"], row["latitude"], row["placed_by"]) == ("124.0", "38.5", "encounter")
    assert row["listed"] == "un-1718 since 2018-03-30"
    (readme,) = FORMATS["csv"].beside(contents("ships"), path).values()
    assert f"note: {NOTE}" in readme.decode().splitlines()


def test_lines_and_areas_are_well_known_text_in_csv(tmp_path):
    (row,) = csv.DictReader(written(tmp_path, "csv", "zones").open(encoding="utf-8", newline=""))

    assert shapely.from_wkt(row["geometry"]).area == pytest.approx(0.96)


def test_followthemoney_reads_every_entity_as_it_was_written(tmp_path):
    followthemoney = pytest.importorskip("followthemoney", reason="followthemoney is not installed: make .venv/.ftm")

    lines = [json.loads(line) for line in written(tmp_path, "ftm").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        read = followthemoney.model.get_proxy(line, cleaned=False)
        known = {name: sorted(values) for name, values in read.to_dict()["properties"].items()}
        assert known == {name: sorted(values) for name, values in line["properties"].items()}, line["id"]
        read.schema.validate(read.to_dict())
        for prop, value in read.itervalues():
            if prop.type.name == "entity":
                (of,) = (one for one in lines if one["id"] == value)
                assert followthemoney.model.get(of["schema"]).is_a(prop.range), (line["id"], prop.name)


def test_entities_tell_how_ship_alert_list_and_article_hang_together(tmp_path):
    lines = [json.loads(line) for line in written(tmp_path, "ftm").read_text(encoding="utf-8").splitlines()]

    of = {line["id"]: line for line in lines}
    assert {line["schema"] for line in lines} == {
        "Vessel", "Event", "UnknownLink", "Sanction", "Article", "Documentation", "Note",
    }  # fmt: skip
    vessel = of["coalwatch-vessel-mmsi-1"]["properties"]
    assert (vessel["name"], vessel["imoNumber"], vessel["flag"]) == ([SHOWN], ["IMO9000003"], ["kp"])
    alert = of["coalwatch-alert-a1"]["properties"]
    assert alert["startDate"] == ["2024-06-03T01:02:03"]
    assert NOTE in alert["notes"]
    assert SYNTHETIC_NOTE in alert["notes"]
    assert "Terms: for members" in alert["notes"]
    sanction = next(line for line in lines if line["schema"] == "Sanction")["properties"]
    assert (sanction["entity"], sanction["listingDate"]) == (["coalwatch-vessel-mmsi-1"], ["2018-03-30"])
    documents = next(line for line in lines if line["schema"] == "Documentation")["properties"]
    assert (documents["document"], documents["entity"]) == (["coalwatch-article-article"], ["coalwatch-alert-a1"])
    assert documents["role"] == ["supports claim C1"]
    assert of["coalwatch-article-article"]["properties"]["notes"] == [
        NOTE, "Terms of the data from dma: for members",
    ]  # fmt: skip


def test_a_ship_that_an_alert_names_is_there_without_being_asked_for(tmp_path):
    lines = written(tmp_path, "ftm", "alerts").read_text(encoding="utf-8").splitlines()

    assert "Vessel" in {json.loads(line)["schema"] for line in lines}


def test_a_claim_review_calls_nothing_true_or_false(tmp_path):
    graph = json.loads(written(tmp_path, "claimreview").read_text(encoding="utf-8"))["@graph"]

    dataset, review = graph
    assert NOTE in dataset["description"]
    assert (review["@type"], review["claimReviewed"]) == ("ClaimReview", "Coal leaves.")
    assert review["reviewRating"]["alternateName"] == "Weakened by the evidence at hand"
    assert (review["reviewRating"]["ratingValue"], review["reviewRating"]["bestRating"]) == (2, 5)
    assert "2024-06-01 to 2024-07-01" in review["reviewBody"]
    assert NOTE in review["reviewBody"]
    assert SYNTHETIC_NOTE not in review["reviewBody"]  # the article is a real one, whatever else is in the file


def test_every_verdict_has_a_rating_that_is_neither_true_nor_false():
    from pipeline.contracts import CLAIM_WINDOW

    told = next(column.doc for column in CLAIM_WINDOW.columns if column.name == "verdict")
    ratings = load_ratings()

    assert set(ratings) == set(told.replace(" or ", ", ").split(", "))
    for verdict, rating in ratings.items():
        assert not {"true", "false"} & set(rating.name.lower().split())
        assert rating.value in ((None,) if verdict.startswith(("INCONCLUSIVE", "NOT_")) else (2, 3, 4))
    assert yaml.safe_load(RATINGS.read_text(encoding="utf-8"))["WEAKENED"]["value"] == 2


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_without_rows_is_a_file_that_opens(tmp_path, form):
    path = written(tmp_path, form, *(("alerts",) if FORMATS[form].single else ()), empty=True)

    if form in ("gpkg", "geojson", "kml"):
        for name in (None,) if form == "geojson" else ("alerts", "tracks", "zones"):
            assert len(pyogrio.read_dataframe(path, layer=name)) == 0
    elif form == "geoparquet":
        assert len(gpd.read_parquet(path)) == 0
    elif form == "csv":
        assert list(csv.DictReader(path.open(encoding="utf-8"))) == []
        assert path.read_text(encoding="utf-8").startswith("alert_id,status,")
    elif form == "ftm":
        assert path.read_bytes() == b""
    else:
        assert [one["@type"] for one in json.loads(path.read_bytes())["@graph"]] == ["Dataset"]


@pytest.mark.skipif(OGRINFO is None, reason="ogrinfo is not installed: apt-get install gdal-bin")
@pytest.mark.parametrize("form", ["gpkg", "geojson", "kml"])
def test_a_strangers_gdal_opens_it_without_a_warning(tmp_path, form):
    path = written(tmp_path, form)

    done = subprocess.run([OGRINFO, "-ro", "-al", "-so", path], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert sum(map(int, re.findall(r"Feature Count: (\d+)", done.stdout))) >= len(SUBJECTS)
