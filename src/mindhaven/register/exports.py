"""What the register is given out as: the record of processing, the list of health data, the draft of an assessment.

Guarantees: each is made from the entries, from what the host says of itself and from words that stand in `record/`;
each says that no lawyer reviewed it, and what only the host can add. Pure; no I/O but this package's own files.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

import msgspec

from mindhaven.law import Law, shipped
from mindhaven.register.contents import Gap, Of, missing
from mindhaven.register.model import LINES, Entry, Facts, Language, words
from mindhaven.register.section import Section, parts, text

NOT_SETTLED: Final = "not-settled"
"""The tool of a transfer that is for the host and counsel to name."""
_EUROPE: Final = frozenset({"gdpr", "uk-gdpr"})


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of the exports in one language: of each id that an entry names, and of everything else.

    `gaps`: what a law demands, by its code; where there is none, the law's own words stand (`shipped`), in English.
    """

    people: dict[str, str]
    roles: dict[str, str]
    grounds: dict[str, str]
    owners: dict[str, str]
    vendors: dict[str, str]
    regions: dict[str, str]
    tools: dict[str, str]
    keeps: dict[str, str]
    measures: dict[str, str]
    derivatives: dict[str, str]
    gaps: dict[str, str]
    say: dict[str, str]
    lists: dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Host:
    """Whose register it is: what they say of themselves, and which hosts they let be called, by kind of vendor."""

    facts: Facts
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Export:
    """A text in one language, what a law demands of it and it does not say, and what only the host can add."""

    name: str
    language: Language
    made: tuple[Section, ...]
    gaps: tuple[Gap, ...]
    add: tuple[str, ...]

    def markdown(self) -> str:
        """Return it as Markdown, what is missing last."""
        say = terms(self.language).say
        told = (*self.add, *(f"{one.says} ({one.rule}) {one.why}".rstrip() for one in self.gaps))
        last = (Section(heading=say["missing_title"], items=told),) if told else ()
        return text((*self.made, *last))

    def builtins(self, entries: Sequence[Entry], facts: Facts) -> dict[str, Any]:
        """Return it as what becomes JSON, with the entries and facts that it is made of."""
        return {
            "as": self.name,
            "language": self.language,
            "reviewed": None,
            "controller": msgspec.to_builtins(facts),
            "sections": [
                {
                    "heading": one.heading,
                    "level": one.level,
                    "terms": [{"name": name, "says": told} for name, told in one.terms],
                    "items": list(one.items),
                    "paragraphs": list(one.paragraphs),
                }
                for one in self.made
            ],
            "missing": [{"rule": one.rule, "code": one.code, "says": one.says, "why": one.why} for one in self.gaps],
            "add": list(self.add),
            "entries": msgspec.to_builtins(tuple(entries)),
        }


@cache
def terms(language: Language) -> Terms:
    """Return the words of the exports."""
    return msgspec.convert(
        tomllib.loads((resources.files(__package__) / "record" / f"{language}.toml").read_text("utf-8")), Terms
    )


def _gaps(laws: Sequence[Law], of: Of, made: Sequence[Section], on: date, language: Language) -> tuple[Gap, ...]:
    """What only the host can say stands in English alone: in another language what is missing says enough."""
    said = terms(language).gaps
    return tuple(
        replace(gap, says=said.get(gap.code, gap.says), why=gap.why if language == "en" else "")
        for law in laws
        for gap in missing(law, parts(made), on=on, of=of)
    )


def _unsaid(facts: Facts, say: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(say[f"missing_{name}"] for name in (*LINES, "hosting") if not getattr(facts, name))


def _unsettled(entries: Sequence[Entry], facts: Facts, language: Language) -> tuple[str, ...]:
    """Return what the entries themselves leave to the host: where data lies, and each tool that is not settled."""
    said = terms(language)
    open_ = [
        said.say["missing_transfer"].format(title=entry.says[language].title, tool=said.tools[one.tool])
        for entry in entries
        for one in entry.transfers
        if one.tool == NOT_SETTLED
    ]
    return (*(() if facts.hosting else (said.say["missing_place"],)), *open_)


def _who(facts: Facts, say: Mapping[str, str]) -> Section:
    lines = (
        *((say[name], getattr(facts, name) or say["not_said"]) for name in LINES),
        (say["hosting"], "; ".join(facts.hosting) or say["not_said"]),
    )
    return Section(heading=say["who_title"], terms=lines, keys=("who",) if facts.name and facts.contact else ())


def upper(told: str) -> str:
    """Return words with a capital at their beginning."""
    return told[:1].upper() + told[1:]


def called(vendor: str, host: Host, language: Language) -> str:
    """Return which hosts this server may call as that kind of vendor, in words."""
    say, hosts = terms(language).say, host.called.get(vendor, ())
    return say["called"].format(hosts=", ".join(hosts)) if hosts else say["called_none"]


def _vendors(entry: Entry, host: Host, language: Language) -> str:
    said = terms(language)
    told = [f"{said.vendors[one]} ({called(one, host, language)})" for one in entry.vendors]
    return "; ".join(told) or said.say["nobody"]


def _use(entry: Entry, host: Host, language: Language) -> Section:
    said, its = terms(language), entry.says[language]
    say = said.say
    transfers = [
        say["transfer"].format(to=said.vendors[one.to], region=said.regions[one.region], tool=said.tools[one.tool])
        for one in entry.transfers
    ]
    lines = (
        (say["purpose"], its.why),
        (say["ground"], "; ".join(said.grounds[one] for one in entry.grounds)),
        (say["role"], said.roles[entry.role]),
        (say["people"], ", ".join(said.people[one.strip()] for one in entry.people.split(","))),
        (say["categories"], "; ".join(one.name[language] for one in entry.categories)),
        (say["special"], say["special_yes"] if entry.special else say["special_no"]),
        (say["recipients"], its.who),
        (say["vendors"], _vendors(entry, host, language)),
        (say["transfers"], "; ".join(transfers) or say["transfers_none"]),
        (say["keep"], its.keep),
        (say["rules"], "; ".join(said.keeps[one] for one in entry.retention)),
        (say["derivatives"], "; ".join(said.derivatives[one] for one in entry.derivatives) or say["nobody"]),
        (say["measures"], "; ".join(said.measures[one] for one in entry.measures)),
        (say["owner"], said.owners[entry.owner]),
        (say["version"], say["reviewed"].format(version=entry.version, day=entry.reviewed_on)),
    )
    return Section(heading=its.title, terms=lines, keys=("uses",))


def art30(entries: Sequence[Entry], host: Host, language: Language, *, on: date) -> Export:
    """Return the record of processing activities (GDPR Art. 30(1)), as the laws ask for it on a day."""
    say = terms(language).say
    made = (
        Section(heading=say["art30_title"], level=1, paragraphs=(say["draft"],)),
        _who(host.facts, say),
        *(_use(one, host, language) for one in entries),
    )
    gaps = _gaps(shipped().laws, "record-of-processing", made, on, language)
    add = (*_unsaid(host.facts, say), *_unsettled(entries, host.facts, language))
    return Export(name="art30", language=language, made=made, gaps=gaps, add=add)


def mhmda(entries: Sequence[Entry], host: Host, language: Language, *, on: date) -> Export:
    """Return the list of consumer health data: which kinds, what for, from where, shared with whom."""
    said = terms(language)
    say, lists = said.say, said.lists
    kinds = tuple(
        say["mhmda_kinds"].format(
            title=one.says[language].title,
            kinds="; ".join(each.name[language] for each in one.categories),
            why=one.says[language].why,
        )
        for one in entries
        if one.special
    )
    vendors = [each for one in entries if one.special for each in one.vendors]
    shared = tuple(f"{upper(said.vendors[one])} ({called(one, host, language)})" for one in dict.fromkeys(vendors))
    made = (
        Section(heading=say["mhmda_title"], level=1, paragraphs=(say["draft"],)),
        _who(host.facts, say),
        Section(heading=say["mhmda_data"], items=kinds, keys=("health-data",)),
        Section(heading=say["mhmda_sources"], items=lists["mhmda_sources"], keys=("sources",)),
        Section(heading=say["mhmda_shared"], items=(*lists["mhmda_shared"], *shared), keys=("shared",)),
        Section(heading=say["mhmda_rights"], items=words(language).rights, keys=("rights",)),
    )
    laws = [law for law in shipped().laws if law.id == "mhmda"]
    add = (*_unsaid(host.facts, say), *lists["mhmda_host"])
    return Export(name="mhmda", language=language, made=made, gaps=_gaps(laws, "policy", made, on, language), add=add)


def dpia(entries: Sequence[Entry], host: Host, language: Language, *, on: date) -> Export:
    """Return the draft of an assessment: the four parts of GDPR Art. 35(7), each with what the host must fill in.

    In English it also names what California asks beside; in German and Spanish it goes by European law alone.
    """
    said = terms(language)
    say, lists = said.say, said.lists
    described = tuple(
        say["dpia_entry"].format(title=its.title, what=its.what, why=its.why, ground=its.ground, keep=its.keep)
        for its in (one.says[language] for one in entries)
    )
    measures = dict.fromkeys(upper(said.measures[each]) for one in entries for each in one.measures)
    parts_ = (
        ("description", described, ()),
        ("need", lists["dpia_need"], lists["dpia_need_host"]),
        ("risks", lists["dpia_risks"], lists["dpia_risks_host"]),
        ("measures", tuple(measures), lists["dpia_measures_host"]),
    )
    made = (
        Section(heading=say["dpia_title"], level=1, paragraphs=(say["dpia_intro"], say["draft"])),
        _who(host.facts, say),
        *(
            Section(
                heading=say[f"dpia_{key}"],
                items=items,
                paragraphs=tuple(say["fill"].format(what=one) for one in fill),
                keys=(key,),
            )
            for key, items, fill in parts_
        ),
    )
    add = (*_unsaid(host.facts, say), *(one for _, _, fill in parts_ for one in fill))
    laws = [law for law in shipped().laws if language == "en" or law.id in _EUROPE]
    gaps = _gaps(laws, "assessment", made, on, language)
    return Export(name="dpia", language=language, made=made, gaps=gaps, add=add)


def practices(entries: Sequence[Entry], host: Host, language: Language, *, on: date) -> Export:
    """Return the draft of a notice of privacy practices: what a host that gives care in the United States hands out."""
    said = terms(language)
    say, lists, policy_words = said.say, said.lists, words(language)
    used = tuple(
        say["practices_use"].format(title=its.title, why=its.why, who=its.who)
        for its in (one.says[language] for one in entries)
    )
    made = (
        Section(heading=say["practices_title"], level=1, paragraphs=(say["draft"],)),
        _who(host.facts, say),
        Section(heading=say["practices_uses"], items=used, keys=("practices-uses",)),
        Section(heading=say["practices_asked"], items=lists["practices_asked"], keys=("asked-apart",)),
        Section(heading=say["practices_proceedings"], items=lists["practices_proceedings"], keys=("proceedings",)),
        Section(
            heading=say["practices_rights"], items=policy_words.rights, paragraphs=(policy_words.complain,),
            keys=("rights", "complain"),
        ),
        Section(heading=say["practices_duties"], items=lists["practices_duties"], keys=("duties",)),
    )  # fmt: skip
    gaps = _gaps(shipped().laws, "practices", made, on, language)
    add = (*_unsaid(host.facts, say), *lists["practices_host"])
    return Export(name="practices", language=language, made=made, gaps=gaps, add=add)
