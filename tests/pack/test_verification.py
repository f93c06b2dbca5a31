"""A pack is verified from its own lines: a change of any byte, table, report or list of it is found and named."""

import json
import re
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.pack.manifest import NAME, sha256
from pipeline.pack.tables import Subject
from pipeline.settings import Settings
from pipeline.tasks import verify as verifying
from pipeline.tasks.home import read_zones
from tests.pack.conftest import again, fitting, read_tables, written


def test_the_pdf_and_the_page_ask_for_nothing_from_outside(made):
    page = made.members["report.html"].decode()

    assert made.members["report.pdf"].startswith(b"%PDF-")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", page)
    assert "<script" not in page


def test_a_change_of_any_member_is_found(made, tmp_path):
    members = made.members
    for name in members:
        at = len(members[name]) // 2
        changed = members | {name: members[name][:at] + bytes([members[name][at] ^ 1]) + members[name][at + 1 :]}
        path = written(changed, tmp_path)

        try:
            found = again(path, digest=made.packed.digest)
        except InputError:
            assert name == NAME  # no manifest any more
            continue
        assert any(line.startswith(f"{name}:") for line in found.differences), name


def test_a_member_too_many_or_too_few_is_found(made, tmp_path):
    members = made.members
    without = {name: content for name, content in members.items() if name != "tables/voyage.csv"}

    assert again(written(without, tmp_path)).differences == ["tables/voyage.csv: in the manifest, and not in the pack"]
    more = again(written(members | {"tables/more.csv": b"a"}, tmp_path))
    assert more.differences == ["tables/more.csv: in the pack, and not in the manifest"]


def test_the_digest_that_was_noted_is_compared(made):
    found = again(made.path, digest="0" * 64)

    assert len(found.differences) == 1
    assert found.digest in found.differences[0]


@pytest.mark.long
def test_a_table_changed_with_its_manifest_is_found_by_deriving_it_again(made, tmp_path):
    members = made.members
    said = members["tables/alert.csv"].replace(b",strong,", b",weak,")
    changed = fitting(members | {"tables/alert.csv": said}, json.loads(members[NAME]))

    found = again(written(changed, tmp_path))

    assert found.differences == [f'alert {made.alert_id}: grade is "weak" in the pack, and "strong" recomputed']


@pytest.mark.long
def test_a_report_changed_with_its_manifest_is_found_by_drawing_it_again(made, tmp_path):
    members = made.members
    page = members["report.html"].replace(b"DEMO COAL", b"DEMO GOLD")

    found = again(written(fitting(members | {"report.html": page}, json.loads(members[NAME])), tmp_path))

    assert found.differences == ["report.html: not what its tables give when it is drawn again"]


@pytest.mark.long
def test_a_table_that_the_manifest_excuses_is_never_equal(made, tmp_path):
    """A forger who draws the report anew as well: all of the pack fits, and one cell is its own word."""
    members, manifest = made.members, json.loads(made.members[NAME])
    members["tables/alert.csv"] = members["tables/alert.csv"].replace(b",strong,", b",weak,")
    line = f'alert {made.alert_id}: grade is "weak" in the pack, and "strong" recomputed'
    manifest["not_recomputed"] = [line]
    subject = Subject.from_dict(manifest["subject"])
    members |= verifying.contents(subject, *read_tables(members, manifest), read_zones(), manifest)

    found = again(written(fitting(members, manifest), tmp_path))

    assert (found.differences, found.stated) == ([], [line])
    assert not found.equal


@pytest.fixture
def drawn_again(monkeypatch):
    """Verify without deriving again: the tables are what the pack has."""

    def derived(manifest, members, subject, raw, found, now, progress):
        verifying._redraw(manifest, members, subject, *read_tables(members, manifest), read_zones(), found)

    monkeypatch.setattr(verifying, "_derive_again", derived)


def of_other_versions(members, manifest):
    """A pack as other versions of Matplotlib and WeasyPrint draw it: pictures and the PDF are other bytes."""
    manifest["drawn_with"] |= {"matplotlib": "1.0", "weasyprint": "1.0"}
    other = {name: members[name].replace(b"</svg>", b"<!-- 1.0 --></svg>") for name in members if name[-4:] == ".svg"}
    other["report.pdf"] = members["report.pdf"] + b"%"
    return members | other


@pytest.mark.long
def test_words_changed_in_a_report_are_found_whatever_the_manifest_says_it_was_drawn_with(
    made, tmp_path, drawn_again, monkeypatch
):
    manifest = json.loads(made.members[NAME])
    members = of_other_versions(made.members, manifest)
    with monkeypatch.context() as patch:  # as it is drawn by those versions
        patch.setattr("pipeline.pack.contents.as_pdf", lambda *_: members["report.pdf"])
        subject = Subject.from_dict(manifest["subject"])
        page = verifying.contents(subject, *read_tables(members, manifest), read_zones(), manifest)["report.html"]

    found = again(written(fitting(members | {"report.html": page}, manifest), tmp_path))
    assert found.equal, found.differences
    assert "do not rest on them" in " ".join(found.notes)
    assert "report.pdf" in " ".join(found.notes)

    forged = page.replace(b"DEMO COAL", b"DEMO GOLD")
    found = again(written(fitting(members | {"report.html": forged}, manifest), tmp_path))
    assert found.differences == ["report.html: not what its tables give when it is drawn again"]


@pytest.mark.parametrize("name", ["raw/more.pdf", "lists/uk-dprk/2018-01-01_0.edition.json"])
def test_a_file_that_the_manifest_gives_no_account_of_is_found(made, tmp_path, name):
    found = again(written(fitting(made.members | {name: b"a"}, json.loads(made.members[NAME])), tmp_path))

    assert found.differences == [f"{name}: no file that the manifest accounts for in raw or lists"]


@pytest.mark.long
def test_an_edition_of_a_list_that_is_not_the_homes_is_found(made, tmp_path, drawn_again):
    manifest, name = json.loads(made.members[NAME]), "lists/uk-dprk/2018-01-01_0.edition.json"
    manifest["lists"] = [{"member": name, "sha256": sha256(b"a")}]
    path = written(fitting(made.members | {name: b"a"}, manifest), tmp_path)
    kept = tmp_path / "home" / name
    kept.parent.mkdir(parents=True)

    for content, differences in ((b"a", []), (b"b", [f"{name}: not the edition of that name that this home keeps"])):
        kept.write_bytes(content)
        found = again(path, Settings(home=tmp_path / "home"))
        assert [line for line in found.differences if line.startswith("lists/")] == differences


def test_lines_that_are_not_the_lakes_are_found(made, tmp_path):
    members, manifest = made.members, json.loads(made.members[NAME])
    first = manifest["raw"][0]["member"]
    content = members[first].replace(b"DEMO COAL", b"DEMO GOLD")
    changed = written(fitting(members | {first: content}, manifest), tmp_path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.tasks.verify._derive_again", lambda *_: None)
        found = again(changed, made.settings)
        untouched = again(made.path, made.settings)

    assert found.in_lake == untouched.in_lake == 5
    assert len(found.differences) == 1
    assert "in the lake" in found.differences[0]
    assert untouched.equal


def test_a_pack_made_with_other_limits_is_refused_in_clear_words(made, tmp_path):
    manifest = json.loads(made.members[NAME])
    manifest["derived_with"]["limits"] = "0123456789abcdef"

    with pytest.raises(InputError, match=r"with other limits than those here \(limits: 0123456789abcdef, here"):
        again(written(fitting(made.members, manifest), tmp_path))


@pytest.mark.parametrize("changed", ["report.html", "report.py", "map.py", "alert_words.py"])
def test_a_pack_that_other_code_drew_is_refused_and_not_called_changed(made, tmp_path, monkeypatch, changed):
    path, read = written(made.members, tmp_path), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda file: read(file) + b"#" * (file.name == changed))

    with pytest.raises(InputError, match=r"with other reports than those here"):
        again(path)
