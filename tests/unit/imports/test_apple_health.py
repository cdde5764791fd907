import tracemalloc

import pytest

from mindhaven.errors import InvalidInputError
from mindhaven.sdk.imports import Imported, Problem
from mindhaven.sdk.imports.apple_health import AppleHealth

START = '<?xml version="1.0" encoding="UTF-8"?>\n'
SLEEP = 'type="HKCategoryTypeIdentifierSleepAnalysis"'


def sleep(start, end, *, value="AsleepCore", source="W"):
    return (
        f'<Record {SLEEP} sourceName="{source}" startDate="2026-03-{start} +0000" endDate="2026-03-{end} +0000"'
        f' value="HKCategoryValueSleepAnalysis{value}"/>\n'
    )


@pytest.fixture
def read(tmp_path):
    def run(content):
        path = tmp_path / "export.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(AppleHealth().read(path))

    return run


def nights(rows):
    return [len(row.record.body["stages"]) for row in rows if isinstance(row, Imported)]


def test_records_that_touch_are_one_night_and_sources_stay_apart(read):
    body = (
        sleep("01 23:00:00", "02 01:00:00")
        + sleep("02 01:30:00", "02 06:00:00", value="AsleepREM")
        + sleep("02 14:00:00", "02 14:30:00")
        + sleep("02 14:00:00", "02 14:20:00", source="Phone", value="InBed")
    )
    rows = read(f"{START}<HealthData>{body}</HealthData>")
    assert nights(rows) == [2, 1, 1]
    assert (rows[0].record.body["start"], rows[0].record.body["end"]) == (1_772_406_000_000, 1_772_431_200_000)


def test_running_twice_gives_the_same_keys_and_another_night_another_key(read):
    one = sleep("01 23:00:00", "02 06:00:00")
    first = read(f"{START}<HealthData>{one}</HealthData>")
    assert [row.key for row in read(f"{START}<HealthData>{one}</HealthData>")] == [row.key for row in first]
    later = read(f"{START}<HealthData>{one}{sleep('02 23:00:00', '03 06:00:00')}</HealthData>")
    assert later[0].key == first[0].key
    assert later[1].key != first[0].key


BOMB = """<!DOCTYPE HealthData [
<!ELEMENT HealthData (Record*)>
<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<HealthData><Record type="&c;"/></HealthData>"""


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE HealthData [<!ENTITY x SYSTEM "file:///etc/passwd">]><HealthData><Record type="&x;"/></HealthData>',
        '<!DOCTYPE HealthData [<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;]><HealthData/>',
        "<!DOCTYPE HealthData [ %p; ]><HealthData/>",
        '<!DOCTYPE HealthData SYSTEM "http://example.org/x.dtd"><HealthData/>',
        "<!DOCTYPE HealthData><HealthData/>",
        '<!DOCTYPE HealthData [<!ELEMENT a (b)>]><!DOCTYPE HealthData [<!ENTITY x "y">]><HealthData/>',
        '<!DOCTYPE HealthData [<!-- ]> -->\n<!ENTITY x "y">]><HealthData/>',
        "<!DOCTYPE HealthData [<!ATTLIST a b CDATA ']>'>\n<!ENTITY x 'y'>]><HealthData/>",
    ],
)
def test_entities_and_anything_external_are_refused(read, doctype):
    with pytest.raises(InvalidInputError) as caught:
        read(START + doctype)
    assert caught.value.reason == "import-xml-entity"


@pytest.mark.parametrize(
    "content",
    [
        b"<HealthData><Record></HealthData>",
        b"<HealthData>",
        b"<!DOCTYPE HealthData [ <!ELEMENT a (b)>",
        b"<!DOCTYPE HealthData [" + b" " * 700_000 + b"]><HealthData/>",
        b"<!DOCTYPE HealthData [" + b" " * 300_000 + b"]><HealthData/>",
        b"<HealthData>" + b"<a>" * 40 + b"</a>" * 40 + b"</HealthData>",
        f"{START}<HealthData/>".encode("utf-16"),
        f"{START}<HealthData/>".encode("utf-16-le"),
        b'<HealthData><Record type="' + b"x" * 6_000_000,
        b"<HealthData>&unheard;</HealthData>",
        b"",
    ],
)
def test_other_xml_is_refused_and_not_repaired(read, content):
    with pytest.raises(InvalidInputError) as caught:
        read(content)
    assert caught.value.reason == "import-xml"


def test_apples_own_dtd_is_skipped_even_where_it_is_not_well_formed(read):
    dtd = "<!DOCTYPE HealthData [\n<!-- HealthKit Export Version: 12 -->\n"
    dtd += "<!ATTLIST Broken\n  x CDATA #IMPLIED\n   y\n>>\n]>\n"
    rows = read(f"{START}{dtd}<HealthData>\n<Record {SLEEP} startDate='x' endDate='y'/></HealthData>")
    assert [(row.line, row.field) for row in rows] == [(10, "startDate, endDate")]


@pytest.mark.parametrize(
    "date",
    ["2026-02-30 10:00:00 +0000", "2026-03-01 10:00:00", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00 +9999"],
)
def test_a_date_that_cannot_be_read_is_told(read, date):
    rows = read(
        f'<HealthData><Record type="HKCategoryTypeIdentifierMindfulSession" startDate="{date}" endDate="{date}"/>'
        "</HealthData>"
    )
    assert [type(row) for row in rows] == [Problem]


def test_an_unknown_zone_name_falls_back_to_the_offset(read):
    rows = read(
        '<HealthData><Record type="HKCategoryTypeIdentifierMindfulSession" startDate="2026-03-01 10:00:00 +0530" '
        'endDate="2026-03-01 10:10:00 +0530"><MetadataEntry key="HKTimeZone" value="Mars/Base"/></Record></HealthData>'
    )
    assert (rows[0].record.zone, rows[0].record.body["minutes"]) == ("+05:30", 10)


@pytest.mark.slow
def test_memory_stays_flat_on_a_large_export(tmp_path):
    steps = (
        '<Record type="HKQuantityTypeIdentifierStepCount" sourceName="P" unit="count" '
        'startDate="2026-03-01 09:00:00 +0000" endDate="2026-03-01 09:05:00 +0000" value="312">'
        '<MetadataEntry key="k" value="v"/></Record>\n'
    ) * 2_000
    path = tmp_path / "export.xml"
    with path.open("w") as file:
        file.write(f"{START}<!DOCTYPE HealthData [\n<!ELEMENT a (b)>\n]>\n<HealthData>")
        for hour in range(130):
            file.write(steps)
            file.write(
                sleep(f"{1 + hour // 24:02d} {hour % 24:02d}:00:00", f"{1 + hour // 24:02d} {hour % 24:02d}:30:00")
            )
        file.write("</HealthData>")
    assert path.stat().st_size > 50_000_000
    tracemalloc.start()
    made = sum(1 for row in AppleHealth().read(path) if isinstance(row, Imported))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made == 1
    assert peak < 8_000_000, f"{peak:,} bytes for a file of {path.stat().st_size:,}"
