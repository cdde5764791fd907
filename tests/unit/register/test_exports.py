"""What the register is given out as: contents written by hand, and each content that a law lists, met or named."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import date

import msgspec
import pytest

from mindhaven.law import Law, binds, shipped
from mindhaven.law.model import Notice, Said
from mindhaven.register import contents, exports, flow
from mindhaven.register.contents import covers, missing
from mindhaven.register.model import LANGUAGES, Facts, Language, entries
from mindhaven.register.section import parts

ON = date(2026, 11, 29)
FACTS = Facts(name="Lime Street Practice", contact="hello@lime.example", officer="dpo@lime.example", seat="Ireland")
HOST = exports.Host(facts=FACTS, called={"push-service": ("fcm.googleapis.com",)})
SILENT = exports.Host(facts=Facts())
MAKE = {"art30": exports.art30, "mhmda": exports.mhmda, "dpia": exports.dpia, "practices": exports.practices}
SVG = "{http://www.w3.org/2000/svg}"


def shape(told: object) -> object:
    """Return names and lengths without the words."""
    if isinstance(told, dict):
        return {name: shape(one) for name, one in told.items()}
    return [shape(one) for one in told] if isinstance(told, list | tuple) else ""


def test_each_language_has_every_word_and_each_id_of_an_entry_has_one() -> None:
    first, *others = (msgspec.to_builtins(exports.terms(language)) for language in LANGUAGES)
    for one in others:
        assert shape(one) == shape(first)
    said = exports.terms("en")
    used: dict[str, set[str]] = {
        name: set() for name in ("vendors", "keeps", "measures", "derivatives", "tools", "grounds")
    }
    for one in entries():
        used["vendors"] |= set(one.vendors)
        used["grounds"] |= set(one.grounds)
        used["keeps"] |= set(one.retention)
        used["measures"] |= set(one.measures)
        used["derivatives"] |= set(one.derivatives)
        used["tools"] |= {each.tool for each in one.transfers}
        assert {each.to for each in one.transfers} <= set(one.vendors), one.id
        for category in one.categories:
            assert set(category.name) == set(LANGUAGES)
    for name, ids in used.items():
        assert ids == set(getattr(said, name)), name


def test_each_entry_rests_on_a_ground_of_its_own_and_on_one_for_health_where_it_may_show_some() -> None:
    for one in entries():
        articles = {ground.partition("-")[0] for ground in one.grounds}
        assert articles == ({"6", "9"} if one.special else {"6"}), one.id
        for ground in one.grounds:
            article, paragraph, letter = ground.split("-")
            assert f"{article}({paragraph})({letter})" in one.basis, (one.id, ground)


def test_a_notice_of_practices_says_what_is_asked_apart_and_leaves_its_day_to_the_host() -> None:
    made = exports.practices(entries(), HOST, "en", on=ON)
    told = made.markdown()
    assert "use your records in a case at a court or before an authority" in told
    assert "notes of therapy or counselling, which are kept apart" in told
    assert "Their records" not in told
    assert {(gap.rule, gap.code) for gap in made.gaps} == {
        ("hipaa.practices", "date"), ("hipaa.practices", "gifts"), ("part2.patient-notice", "date"),
    }  # fmt: skip
    unnamed = exports.practices(entries(), SILENT, "en", on=ON)
    assert ("hipaa.practices", "contact") in {(gap.rule, gap.code) for gap in unnamed.gaps}
    before = exports.practices(entries(), HOST, "en", on=date(2026, 2, 15))
    assert {gap.code for gap in before.gaps} == {"date"}


def test_the_record_of_processing_says_what_article_30_lists() -> None:
    told = exports.art30(entries(), HOST, "en", on=ON).markdown()
    for said in (
        "# Record of processing activities (GDPR Art. 30(1))",
        "No lawyer has reviewed it.",
        "- Name: Lime Street Practice",
        "- Data protection officer: dpo@lime.example",
        "## Reminders",
        "- What for: To send your device an empty call at those times, if you turned that on.",
        "- Whose data: people who keep records here, clinicians they share with",
        "- Which data: The address of a device at its push service; At which minutes of the day a device is called",
        "- Special category: yes",
        "(called by this host: fcm.googleapis.com)",
        "where that push service is; tool: not settled:",
        "- By rule: until the device is signed out",
        "it lies sealed under the server's own key, which is not in the database",
        "- Version: baseline-1, looked at on 2026-11-29",
        "- Where you run the server and where you keep backups, and by which tool",
        "- Reminders, to other countries: not settled: people choose their browser",
    ):
        assert said in told, said
    assert told.count("- Legal ground: ") == len(entries())
    assert "othing is missing" not in told
    german = exports.art30(entries(), HOST, "de", on=ON).markdown()
    assert "# Verzeichnis von Verarbeitungstätigkeiten (DSGVO Art. 30 Abs. 1)" in german
    assert "- Wessen Daten: Menschen, die hier etwas aufheben, Behandelnde, mit denen sie teilen" in german


def test_a_host_that_said_nothing_is_told_what_is_missing() -> None:
    made = exports.art30(entries(), SILENT, "en", on=ON)
    assert [(one.rule, one.code) for one in made.gaps] == [
        ("gdpr.records", "contacts"),
        ("uk-gdpr.records", "contacts"),
    ]
    german = exports.art30(entries(), SILENT, "de", on=ON).markdown()
    assert "- Wer du bist, und dein Beauftragter. (gdpr.records)" in german
    assert "Who you are" not in german
    told = made.markdown()
    assert "- Who you are: set register.name." in told
    assert "- Who you are, and your officer. (gdpr.records)" in told
    assert "this host calls none" in told


def test_the_list_of_health_data_says_that_the_host_shares_nothing() -> None:
    made = exports.mhmda(entries(), HOST, "en", on=ON)
    told = made.markdown()
    assert made.gaps == ()
    for said in (
        "- What you write: What a person writes and attaches, sealed;",
        "- By whoever runs this server: nothing that people write, with nobody. They can't read it. Nothing is sold.",
        "Nothing is bought or taken from others.",
        "- The push service of a device's browser:",
        "- Delete it all: under You. You get a receipt.",
        "- The name of each affiliate that gets health data from you, or that there is none.",
    ):
        assert said in told, said
    assert "Calls that go out" not in told  # it is of nobody's health


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_draft_has_the_four_parts_and_says_what_the_host_must_fill_in(language: Language) -> None:
    made = exports.dpia(entries(), HOST, language, on=ON)
    say = exports.terms(language).say
    headings = [one.heading for one in made.made]
    for key, letter in (("description", "a"), ("need", "b"), ("risks", "c"), ("measures", "d")):
        (section,) = [one for one in made.made if one.keys == (key,)]
        assert section.heading[0] == str("abcd".index(letter) + 1)
        assert letter in section.heading.rpartition("7")[2]
        assert section.items
        assert bool(section.paragraphs) == (key != "description")
    assert made.made[0].paragraphs == (say["dpia_intro"], say["draft"])
    assert len(headings) == len(set(headings)) == 6
    fill = say["fill"].format(what="")
    assert sum(text.startswith(fill) for one in made.made for text in one.paragraphs) == 8
    found = [(one.rule, one.code, bool(one.why)) for one in made.gaps]
    assert found == ([("ccpa.risk-assessment", "benefit", True)] if language == "en" else [])


@pytest.mark.parametrize("host", [HOST, SILENT])
def test_what_is_yours_to_say_or_not_settled_stands_in_the_closing_list(host: exports.Host) -> None:
    for language in LANGUAGES:
        said = exports.terms(language)
        body, _, closing = exports.art30(entries(), host, language, on=ON).markdown().rpartition("\n## ")
        assert said.say["transfers_none"] in body
        assert said.say["missing_place"] in closing
        open_ = [one for one in entries() for each in one.transfers if each.tool == exports.NOT_SETTLED]
        assert closing.count(said.tools[exports.NOT_SETTLED]) == len(open_) > 0


ENGLISH = re.compile(r"\b(the|what|who|you|your|of|and|is|only)\b", re.IGNORECASE)


@pytest.mark.parametrize("form", MAKE)
@pytest.mark.parametrize("language", ["de", "es"])
def test_no_english_sentence_stands_in_another_language(form: str, language: Language) -> None:
    for host in (HOST, SILENT):
        told = MAKE[form](entries(), host, language, on=ON).markdown()
        found = {line: ENGLISH.findall(line) for line in told.splitlines()}
        assert not [line for line, words in found.items() if len(words) > 1]


def planted(law_id: str, of: str) -> Law:
    """Return a law of which one notice demands something new."""
    law = next(one for one in shipped().laws if one.id == law_id)
    more = Said(code="planted", says="Say something new.")
    rules = [
        msgspec.structs.replace(rule, content=(*rule.content, more))
        if isinstance(rule, Notice) and rule.of == of
        else rule
        for rule in law.rule
    ]
    return msgspec.structs.replace(law, rule=tuple(rules))


def test_what_a_law_adds_is_missing_until_a_part_tells_it() -> None:
    there = parts(exports.art30(entries(), HOST, "en", on=ON).made)
    assert missing(planted("gdpr", "record-of-processing"), there, on=ON, of="record-of-processing") == (
        contents.Gap("gdpr.records", "planted", "Say something new."),
    )
    there = parts(exports.dpia(entries(), HOST, "en", on=ON).made)
    found = missing(planted("uk-gdpr", "assessment"), there, on=ON, of="assessment")
    assert [(one.rule, one.code) for one in found] == [("uk-gdpr.assessment", "planted")]
    assert (
        missing(planted("gdpr", "record-of-processing"), there, on=date(2018, 5, 24), of="record-of-processing") == ()
    )


@pytest.mark.parametrize(
    ("of", "form"),
    [("record-of-processing", "art30"), ("assessment", "dpia"), ("practices", "practices")],
)
def test_each_content_of_each_law_is_met_or_named(of: contents.Of, form: str) -> None:
    there = parts(MAKE[form](entries(), HOST, "en", on=ON).made)
    for law in shipped().laws:
        for gap in missing(law, there, on=ON, of=of):
            assert gap.why, gap


def test_what_is_declared_to_cover_is_there() -> None:
    rules = {rule.id: rule for rule in shipped().rules() if isinstance(rule, Notice)}
    for rule, codes in [*covers().contents.items(), *covers().host.items()]:
        known = {said.code for version in shipped().versions(rule) for said in getattr(version, "content", ())}
        assert set(codes) <= known, rule
    for rule in covers().other:
        assert rule in rules
    for rule in {*covers().contents} & {*covers().host}:
        both = set(covers().contents[rule]) & set(covers().host[rule])
        assert {covers().contents[rule][code] for code in both} <= {"who", "officer"}, rule  # what a host may leave out
    assert binds(rules["gdpr.records"], ON)


def test_json_has_the_sections_the_facts_and_the_entries() -> None:
    told = json.loads(json.dumps(exports.art30(entries(), HOST, "es", on=ON).builtins(entries(), FACTS)))
    assert (told["as"], told["language"], told["reviewed"]) == ("art30", "es", None)
    assert told["controller"]["seat"] == "Ireland"
    assert [one["id"] for one in told["entries"]] == [one.id for one in entries()]
    assert told["sections"][1]["terms"][0] == {"name": "Nombre", "says": "Lime Street Practice"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_svg_without_script_and_says_the_same_in_words(language: Language) -> None:
    bent = exports.Host(facts=Facts(), called={"push-service": ('<script x="1">',)})
    for host in (HOST, SILENT, bent):
        drawn = ET.fromstring(flow.svg(entries(), host, language))
        assert {one.tag.removeprefix(SVG) for one in drawn.iter()} == {
            "svg", "title", "desc", "defs", "marker", "path", "rect", "text", "line",
        }  # fmt: skip
        texts = [one.text or "" for one in drawn.iter(f"{SVG}text")]
        for name in ("people", "device", "server", "database", "backup", "circle"):
            assert exports.terms(language).say[f"flow_{name}"] in texts
        words = drawn.find(f"{SVG}desc")
        assert words is not None
        assert words.text == " ".join(flow.in_words(entries(), host, language))
        assert "url, authorization, ttl, urgency" in str(words.text)
        dashed = sum("stroke-dasharray" in one.attrib for one in drawn.iter())
        assert dashed == 2 * (2 - len(host.called))  # box and arrow of each kind of vendor that is not called
        tall, wide = float(drawn.attrib["height"]), float(drawn.attrib["width"])
        for box in drawn.iter(f"{SVG}rect"):
            assert float(box.get("y", 0)) + float(box.attrib["height"]) <= tall
            assert float(box.get("x", 0)) + float(box.attrib["width"]) <= wide
    stored = [one for one in entries() if any(each.columns for each in one.categories)]
    told = flow.in_words(stored[:1], SILENT, "en")
    assert "What was done: 2 kinds of data" in told[1]


MANY = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "*.notify.windows.com")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_picture_crosses_a_border(language: Language) -> None:
    for called in (MANY, ("a" * 63 + "." + "b" * 63 + ".example",), ()):
        host = exports.Host(facts=FACTS, called={"push-service": called})
        drawn = ET.fromstring(flow.svg(entries(), host, language))
        ground, *boxes = [[float(one.get(name, 0)) for name in ("x", "y", "width", "height")]
                          for one in drawn.iter(f"{SVG}rect")]  # fmt: skip
        inside = dict.fromkeys(range(len(boxes)), 0)
        for one in drawn.iter(f"{SVG}text"):
            x, y = float(one.attrib["x"]), float(one.attrib["y"])
            wide = flow.width(str(one.text), bold="font-weight" in one.attrib)
            assert x + wide <= ground[2]
            for at, (left, top, across, down) in enumerate(boxes):
                if x + wide < left or x > left + across or y < top or y - 14 > top + down:
                    continue
                inside[at] += 1
                assert (left < x, x + wide < left + across, top < y - 14, y < top + down) == (True,) * 4, one.text
        assert all(count >= 2 for count in inside.values())
        for at, (left, top, across, down) in enumerate(boxes):
            for right, upper, over, tall in boxes[at + 1 :]:
                assert left + across <= right or right + over <= left or top + down <= upper or upper + tall <= top


def test_a_name_of_a_host_breaks_after_its_dots_and_a_longer_word_anywhere() -> None:
    assert flow.lines("calls updates.push.services.mozilla.com", 200) == [
        "calls", "updates.push.services.", "mozilla.com",
    ]  # fmt: skip
    long = "m" * 40
    assert "".join(flow.lines(long, 200)) == long
    assert max(flow.width(one) for one in flow.lines(long, 200)) <= 200
    assert flow.lines("", 200) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_says_of_when_it_is_and_that_no_lawyer_saw_it(language: Language) -> None:
    drawn = ET.fromstring(flow.svg(entries(), HOST, language))
    texts = " ".join(one.text or "" for one in drawn.iter(f"{SVG}text"))
    newest = max(one.reviewed_on for one in entries())
    assert exports.terms(language).say["flow_foot"].format(day=newest) in texts
    assert newest in flow.in_words(entries(), HOST, language)[-1]
    assert {"en": "lawyer", "de": "Anwalt", "es": "abogado"}[language] in texts
