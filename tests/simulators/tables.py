"""Files that other apps, people and attackers write: what importers read beside
`vectors/imports`."""

import random
from collections.abc import Iterator
from typing import Any

DAYLIO = "full_date,date,weekday,time,mood,activities,scales,note_title,note\n"
BEARABLE = "date,date formatted,weekday,time of day,category,rating/amount,detail,notes\n"
TABLE = "Date;Hour;Feeling;Words;Slept;Drank;Note;When\n"
"""A night needs its start and end: refused."""
MAP = "Date=date,Hour=time,Feeling=mood.valence:1..10,Words=mood.labels:|,Slept=sleep.quality:1..5,Note=mood.note"
MAPS = (
    "Date=date, Hour=time, Feeling=mood.valence:1..10, Words=mood.labels:/, Note=mood.note",
    "Date=date:%d.%m.%Y,Feeling=mood.valence:10..1",
    "When=created_at,Feeling=mood.valence,Note=journal.text",
    "When=created_at:%Y-%m-%dT%H:%M:%S%z,Feeling=craving.strength,Drank=craving.acted",
    'When=created_at:"%d %b %Y, %I:%M %p",Feeling=mindful.minutes',
    "When=created_at:%A %d %B %y %j%%,Feeling=mindful.minutes",
    "When=created_at:%c,Feeling=mindful.minutes",
    "Date=date:%x,Hour=time,Feeling=mindful.minutes, Note = mindful.activity",
    "Date=date:%m/%d/%y %X %f,Feeling=mindful.minutes",
    "Date=date,Feeling=history.title",
    "Date=date,Feeling=mood.valence:١..٥",
)
WRONG_MAPS = (
    "",
    " ",
    "Date",
    "Date=date",
    "Date=date,Date=date,Note=mood.note",
    "Note=mood.note",
    "Date=date,Feeling=mood.nothing",
    "Date=date,Feeling=mood.valence:1",
    "Date=date,Feeling=mood.valence:1..1",
    "Date=date,Feeling=symptom.value:1..5",
    "Date=date,Note=mood.note",
    "Date=date:%Q,Note=journal.text",
    "Date=date:%,Note=journal.text",
    "Date=date:%d%d,Note=journal.text",
    "Date=date:% d,Note=journal.text",
    "Date=date,Note=mood.raw",
    "='\"\n,,,",
    MAP,
    "Missing=date,Note=journal.text",
    "It's \"so=date",
    "Date=time,Note=journal.text",
)
MOMENTS = (
    "2026-01-01",
    "2026-01-01T",
    "20260101",
    "2026-W01-4",
    "2026W014",
    "2026-W53",
    "2020-W53-7",
    "2021-W53",
    "2026-01-01 10",
    "2026-01-01T10:30",
    "2026-01-01x103000",
    "2026-01-01T10:30:00.5",
    "2026-01-01T10:30:00,1234567",
    "2026-01-01T10:30.5",
    "2026-01-01T10:30:00Z",
    "2026-01-01T10:30:00+02:00",
    "2026-01-01T10:30:00-0930",
    "2026-01-01T10:30:00+02:00:30.5",
    "2026-01-01T25:00",
    "2026-02-30",
    "2026-01-01T10:60",
    "2026-1-1",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31T23:59:59",
    "2026-01-01T10:30:00.0005",
    "2026-01-01T10:30:00.0015+00:00",
    "2026-01-01T10:30:00+24:00",
    "2026-03-29T02:30",
    "2026-10-25T02:30",
    "1899-12-31",
    "2200-01-01",
    "2026-01-01T10:3",
    "2026-0101",
    "202601-01",
    "٢٠٢٦-01-01",
    "",
    "x" * 40,
    "2026-01-01T10:30:00+0200",
    "01 Jan 2026, 10:30 pm",
    "1 jan 2026,  9:05 AM",
    "31 Feb 2026, 1:00 am",
    "Thu Jan  1 10:30:00 2026",
    "Thursday 01 January 26 001%",
    "thursday 1 january 68 366%",
    "01.02.2026",
    "1.2.2026",
    "31.04.2026",
    "01/02/26",
    "12/31/69",
    "01/02/26 10:30:00 5",
    "01/02/26 23:59:60 123456",
)
CELLS = (
    "",
    " ",
    "3",
    "7,5",
    "1.000",
    "-2",
    "+4",
    "٣",
    "10",
    "11",
    "0.123456789012345",
    "1e5",
    "nan",
    "x",
    "yes",
    "NO",
    "1",
    "walk | read | walk",
    "a/b/a",
    "=1+1",
    "<p>one</p><ul><li>two<br/>three</ul>",
    "&amp;&lt;b&gt;&nbsp;&#39;&#x1F642;&notit;&#0;",
    "&#128;&#xD800;&#99999999;&unknown;&ampx;&",
    "&#" + "9" * 4301,
    "<liü><b onclick=1>x",
    "a\u2028b",
    "\ufeffx",
    "ß",
    "🙂" * 3,
    "\x1cx\x1f",
    "line\none",
    "tab\there",
    'say ""so""',
)
TIMES = (
    "10:30",
    "9:05 pm",
    "12:00 AM",
    "9.05 p.m.",
    "24:00",
    "9:5",
    "",
    "10:30:45",
    "1\u202fpm",
    "٠٩:٣٠",
    "am",
    "all day",
    "x",
)
MOODS = (
    "rad",
    "GOOD",
    "meh",
    "bad",
    "awful",
    "Super",
    "Einfach scheiße",
    "EINFACH SCHEISSE",
    "così così",
    "",
    "fine",
    " meh ",
)
CATEGORIES = ("Mood", "mood", "Symptom", "Factors", "Sleep", "Sleep quality", "Meds/Supplements", "", "Energy", "İ")
NIGHTS = ("Asleep 23:30 - 07:00. In bed", "asleep 1:00 – 9:30", "Asleep 24:10 to 7:00", "8h", "")
DAYS = (
    *MOMENTS[:2],
    "22nd Jan 2022",
    "1 feb. 2022",
    "31st Feb 2022",
    "3rd Foo 2022",
    "2026-03-29",
    "2026-10-25",
    "0001-01-01",
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "+02:00", "-09:30", "Australia/Lord_Howe", "Africa/Casablanca")


def whole_files() -> Iterator[tuple[str, bytes]]:
    """Give files that are wrong, or strange, as a whole."""
    daylio = DAYLIO + '2026-01-01,Jan 1,Thu,10:30,rad,walk,,title,"one\ntwo"\n'
    yield "empty", b""
    yield "blank", b"\n\n \n,,\n"
    yield "no text", b"\x89PNG\r\n\x1a\n\x00\xff\xfe" + bytes(range(256)) * 4
    yield "a zip", b"PK\x03\x04" + b"\x00" * 60
    yield "latin-1", (DAYLIO + "2026-01-01,,,10:30,rad,caf\xe9,,,\n").encode("latin-1")
    yield "a bad byte late", daylio.encode() * 300 + b"\xff"
    yield "half a character at the end", daylio.encode() + b"2026-01-01,,,10:30,rad,\xc3"
    yield "utf-8 with a mark", b"\xef\xbb\xbf" + daylio.encode()
    yield "utf-8 with two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + daylio.encode()
    yield "utf-16", daylio.encode("utf-16")
    yield "utf-16 big end first", b"\xfe\xff" + daylio.encode("utf-16-be")
    yield "utf-16 without a mark", daylio.encode("utf-16-le")
    yield "utf-16-be without a mark", daylio.encode("utf-16-be")
    yield "utf-16 with an odd byte", daylio.encode("utf-16") + b"x"
    yield "carriage returns", daylio.replace("\n", "\r").encode()
    yield "both line ends", daylio.replace("\n", "\r\n").encode() * 2
    yield "tabs", daylio.replace(",", "\t").encode()
    yield "semicolons", daylio.replace(",", ";").encode()
    yield "capitals and blanks", (" " + daylio.replace("mood", "MOOD ")).encode()
    yield "a column twice", daylio.replace("date,weekday", "mood,weekday").encode()
    yield "an unknown column", daylio.replace("weekday", "weather").encode()
    yield "a quotation mark is never closed", (daylio + '2026-01-02,,,10:30,meh,,,,"open\nnext,line\n').encode()
    yield (
        "a quotation mark in the middle",
        (daylio + '2026-01-02,,,10:30,meh,,,,"a"b\n2026-01-03,,,9:00,bad,,,a"b,\n').encode(),
    )
    yield "too few and too many cells", (daylio + "2026-01-02,x\n" + "," * 12 + "x\n" + daylio).encode()
    yield "zero bytes", (daylio + "2026-01-02,,,10:30,meh,\x00,,,\x00\n").encode()
    yield "a cell as long as can be", (daylio + f"2026-01-02,,,10:30,meh,,,,{'x' * 1_000_000}\n").encode()
    yield "a cell that is too long", (daylio + f"2026-01-02,,,10:30,meh,,,,{'x' * 1_000_001}\n" + daylio).encode()
    yield (
        "a quoted cell that is too long",
        (daylio + '2026-01-02,,,10:30,meh,,,,"' + ("y" * 99 + "\n") * 10_100).encode(),
    )
    yield "a cell of pairs", (daylio + f"2026-01-02,,,10:30,meh,,,,{'🙂' * 600_000}\n" + daylio).encode()
    yield "a line as long as can be", (daylio + "x" * 7_999_999 + "\n" + daylio).encode()
    yield "a line that is too long", (daylio + "x" * 8_000_000 + "\n").encode()
    yield "a line that is too long and has no end", (daylio + "x" * 8_100_000).encode()
    yield "many activities", (DAYLIO + f"2026-01-01,,,10:30,rad,{' | '.join(map(str, range(1100)))},,,\n").encode()
    yield "a long note", (DAYLIO + f"2026-01-01,,,10:30,rad,,,,{'n' * 200_001}\n").encode()
    yield "a long title", (DAYLIO + f"2026-01-01,,,10:30,rad,,,{'n' * 501},\n").encode()
    yield "the same twice", (DAYLIO + "2026-01-01,,,10:30,rad,,,,\n" * 3).encode()
    yield "no day", (BEARABLE + "0001-01-01,0001-01-01,,am,Sleep,8:00,Asleep 23:00 - 07:00,\n").encode()


def made_up(seed: int) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Give tables with cells at random, and the options that they are read with; the same for the same `seed`."""
    chance = random.Random(seed)
    zone = chance.choice(ZONES)
    options: dict[str, Any] = {"zone": zone}

    def table(header: str, sign: str, columns: list[tuple[str, ...]]) -> bytes:
        rows = (sign.join(_quoted(chance, chance.choice(column)) for column in columns) for _ in range(60))
        return (header + "\n".join(rows) + "\n").encode()

    scales = ("", "Energy:\xa04 | Calm: low", ":x", "alone", "a:b:3", "Energy:4")
    yield (
        table(DAYLIO, ",", [DAYS, ("",), ("",), TIMES, MOODS, CELLS, scales, CELLS, CELLS]),
        options | {"moods": {"FINE": 3, " meh": 4}},
    )
    older = "year,date,weekday,time,mood,activities,note\n"
    dates = ("18 May", "May 18", "31 June", "30 Feb", "18 maybe", "1 Mayor", "١ Jan", "")
    years = ("2024", "24", "٢٠٢٤", "0000", "")
    yield table(older, ",", [years, dates, ("",), TIMES, MOODS, CELLS, CELLS]), options | {"moods": {"fine": 1}}
    yield (
        table(BEARABLE, ",", [DAYS, DAYS, ("",), TIMES, CATEGORIES, (*CELLS, "7:30"), (*CELLS, *NIGHTS), CELLS]),
        options,
    )
    for columns in chance.sample(MAPS, 4):
        filled = [MOMENTS, TIMES, CELLS, CELLS, CELLS, CELLS, CELLS, MOMENTS]
        yield table(TABLE, ";", filled), options | {"columns": columns}


def _quoted(chance: random.Random, cell: str) -> str:
    plain = cell.replace('"', '""')
    needed = any(sign in cell for sign in ',;\n\r"')
    return f'"{plain}"' if needed or chance.random() < 0.2 else cell
