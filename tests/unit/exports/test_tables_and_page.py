import base64
import csv
import hashlib
import io
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mindhaven.crypto import age
from mindhaven.errors import InvalidInputError
from mindhaven.kinds import KINDS
from mindhaven.sdk.exports import Owner, write_archive, write_csv_directory, write_csv_zip, write_html, write_sealed
from mindhaven.sdk.exports.csv import COMMON, _columns, defused, headers
from mindhaven.sdk.exports.model import local_text

T = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def tables(items):
    target = io.BytesIO()
    write_csv_zip(items, target)
    archive = zipfile.ZipFile(target)
    return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def page(items, **more):
    target = io.BytesIO()
    write_html(items, target, made_at=T, **more)
    return target.getvalue().decode()


def test_each_kind_has_its_table(everything, tmp_path):
    made = tables(everything)
    assert set(made) == {
        "mood.csv", "mood-2.csv", "journal.csv", "checkup.csv", "plan.csv", "sleep.csv", "mindful.csv",
        "medication.csv",
        "symptom.csv", "factor.csv", "craving.csv", "history.csv", "org.example-dream.csv",
        "README.txt",
    }  # fmt: skip
    (mood,) = rows(made["mood.csv"])
    assert mood["when"] == "2026-01-01T01:00:00+01:00"
    assert (mood["valence"], mood["labels"], mood["raw.name"], mood["revision"]) == ("-0.5", "heavy", "foggy", "3")
    assert rows(made["org.example-dream.csv"])[0]["body"] == '{"n":{"a":[1,2.5,null]},"text":"Flying","vivid":true}'
    assert rows(made["mood-2.csv"])[0]["conflict_of"] == "02" * 16
    assert [row["taken"] for row in rows(made["medication.csv"])] == ["true", "false", ""]
    written = write_csv_directory(everything, tmp_path)
    assert {path.name: path.read_bytes().decode("utf-8-sig") for path in written} == made


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-milk", "'-milk"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=x", "''=x"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_cell_runs_as_a_formula(one, text, cell):
    assert defused(text) == cell
    made = tables([one("mindhaven/mood", {"valence": -1, "note": text, "labels": [text]})])
    (row,) = rows(made["mood.csv"])
    assert (row["note"], row["labels"]) == (cell, cell)
    assert row["valence"] == "-1", "a number stays a number"
    assert "apostrophe" in made["README.txt"]


def test_names_of_kinds_never_leave_the_archive(one):
    made = tables([one("a.b/c"[:5], {"x": 1})])
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+", name) for name in made)


class Reader(HTMLParser):
    void = frozenset({"meta", "circle", "line"})

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.attributes, self.headings = [], [], [], set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag, f"</{tag}> closes something else"


def test_the_page_is_whole_and_reaches_for_nothing(everything):
    text = page(everything)
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert reader.tags.isdisjoint({"script", "img", "link", "iframe", "form", "object", "embed", "base"})
    assert not {name for name in reader.attributes if name.startswith("on") or name in {"style", "src"}}
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    assert len(set(reader.ids)) == len(reader.ids)
    assert "http://" not in text
    assert "https://" not in text
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    assert all(below <= above + 1 for above, below in zip(reader.headings, reader.headings[1:], strict=False))


def test_the_policy_allows_the_pages_own_style_and_nothing_else(everything):
    text = page(everything)
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


EVIL = "<script>alert(1)</script><img src=x onerror=1>\"'&"


def test_everything_that_a_person_wrote_is_escaped(everything, one):
    def poison(value):
        if isinstance(value, dict):
            return {key: poison(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [poison(entry) for entry in value]
        return EVIL if isinstance(value, str) else value

    kept = {"span", "stage", "instrument", "version", "language"}
    for item in everything:
        body = {
            key: value if key in kept or key == "stages" else poison(value) for key, value in item.record.body.items()
        }
        text = page([one(item.record.kind, body, version=item.record.version)], title=EVIL)
        assert "<script" not in text
        assert "<img" not in text
        Reader().feed(text)


def test_every_record_is_on_the_page(everything, leaves):
    text = page(everything)
    for item in everything:
        for leaf in leaves({key: value for key, value in item.record.body.items() if key != "source"}):
            if isinstance(leaf, str) and item.record.kind not in {"mindhaven/checkup"}:
                assert leaf in text or leaf.capitalize() in text, f"{item.record.kind}: {leaf}"
    assert "PHQ-9: 9 of 27, mild" in text
    assert "Somewhat difficult (1)" in text
    assert "PCL-5: no total, some answers are missing" in text
    assert "another app as <code>org.example/dream</code>" in text
    assert text.index("silent phone") < text.index("foggy"), "the plan for hard times comes first"
    assert "Brought in from daylio-csv" in text


def test_the_page_neither_praises_nor_blames(everything):
    words = re.sub(r"<[^>]+>", " ", page(everything)).lower()
    assert not re.search(r"\b(streak|well done|failed|great job|too low)\b", words)


def test_a_page_without_records_says_so():
    assert "There are no records" in page([])


def test_moods_are_drawn_and_told_in_words(one):
    def moods(count):
        return [
            one("mindhaven/mood", {"valence": (place % 5 - 2) / 2}, at=T + place * 3_600_000) for place in range(count)
        ]

    assert "<svg" not in page(moods(2))
    drawn = page(moods(20))
    assert drawn.count("<circle") == 20
    assert "20 moods from 2026-01-01 to 2026-01-01" in drawn
    many = page(moods(6001))
    assert many.count("<circle") == 2001
    assert "One dot in 3 is drawn" in many


def test_an_unknown_zone_does_not_stop_an_export(one):
    item = one("mindhaven/mood", {"valence": 0})
    object.__setattr__(item.record, "zone", "Mars/Base")
    assert local_text(item.record) == "2026-01-01T00:00:00+00:00"
    assert "Mars/Base" in page([item])
    assert "Mars/Base" in tables([item])["mood.csv"]


def test_a_sealed_archive_opens_to_the_same_bytes(everything):
    identity = age.generate_identity()
    plain, sealed, opened = io.BytesIO(), io.BytesIO(), io.BytesIO()
    write_archive(everything, plain, made_at=T, include_journal=False)
    write_sealed(io.BytesIO(plain.getvalue()), sealed, [age.recipient_of(identity)])
    assert b"records.html" not in sealed.getvalue()
    age.decrypt(io.BytesIO(sealed.getvalue()), opened, identity)
    archive = zipfile.ZipFile(opened)
    assert archive.namelist() == ["records.html", "tables.zip", "fhir.json", "README.txt"]
    assert b"It rained" not in archive.read("fhir.json")
    assert b"It rained" in archive.read("records.html")
    again = io.BytesIO()
    write_archive(everything, again, made_at=T, include_journal=False)
    assert again.getvalue() == plain.getvalue()
    with pytest.raises(InvalidInputError):
        write_sealed(io.BytesIO(b"x"), io.BytesIO(), [])


def test_no_two_columns_have_one_name(everything):
    made = tables(everything)
    for name, text in made.items():
        if name.endswith(".csv"):
            head = [cell.casefold() for cell in next(csv.reader(io.StringIO(text, newline="")))]
            assert len(head) == len(set(head)), name
    own_form = next(row for row in rows(made["checkup.csv"]) if row["instrument"] == "own-form")
    assert (own_form["version"], own_form["body.version"]) == ("1", "7")
    assert {row["version"] for row in rows(made["org.example-dream.csv"])} == {"1"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_columns_of_every_kind_are_distinct(kind):
    names = headers(list(_columns(kind.fields)))
    assert len({name.casefold() for name in names}) == len(names)
    assert names[: len(COMMON)] == list(COMMON)


def test_a_field_that_takes_a_name_of_the_rule_itself_is_still_told_apart():
    paths = [("version",), ("body.version",), ("body", "version"), ("Version",), ("mood",)]
    assert headers(paths)[len(COMMON) :] == [
        "body.version",
        "body.body.version",
        "body.body.body.version",
        "body.body.body.body.Version",
        "mood",
    ]


def test_an_entry_of_somebody_else_says_by_whom(one):
    mine = [replace(one("mindhaven/mood", {"valence": 0.5}), item=bytes([n]) * 16) for n in range(3)]
    theirs = replace(one("mindhaven/mood", {"valence": -1}), item=b"\x09" * 16, author_name="Dr <B>")
    made = page([*mine, theirs])
    assert made.count("written by Dr &lt;B&gt;") == 1
    chart = re.search(r"<figure.*?</figure>", made, re.DOTALL)
    assert chart is not None
    assert len(re.findall("<circle", chart[0])) == 3  # the drawing is of one's own moods
    assert [row["author_name"] for row in rows(tables([*mine, theirs])["mood.csv"])] == ["", "", "", "Dr <B>"]
    plan = replace(one("mindhaven/plan", {"signs": ["x"]}), author_name="Dr B")
    assert "written by Dr B" in page([plan])


def test_what_another_shares_says_whose_it_is(one):
    owner = Owner(b"\xb2" * 32, "Ana")
    theirs = replace(one("mindhaven/mood", {"valence": 0.5}), owner=owner, author=owner.uid)
    assert [row["owner_name"] for row in rows(tables([theirs])["mood.csv"])] == ["Ana"]
    assert "<title>Records of Ana</title>" in page([theirs], title="Records of Ana")
