"""The policy law by law: which rights somebody has where they live, by when, and whom they can complain to. Pure.

Guarantees: rights, times and offices come from the laws' files, the sentences from `text/`; a law without words of its
own is told in those of its file. It rests on the day up to which a law is known, never on today: the same files give
the same text, and so the same hash.
Does not: give legal advice, or say of who may be bound that they are. Of two rights of one kind the first with a number
is told.
"""

from collections.abc import Iterator, Sequence

from mindhaven.law import Breach, Law, Right, binds
from mindhaven.law.model import Clock
from mindhaven.register.model import Facts, Language, LawWords, words
from mindhaven.register.section import Section

_HARM = {"any": "breach_any", "unless-unlikely": "breach_unlikely"}


def roles_of(laws: Sequence[Law]) -> frozenset[str]:
    """Return every role that a law asks about."""
    return frozenset(role for law in laws for one in law.applies for role in one.roles)


def could_hold(law: Law, roles: Sequence[str]) -> bool:
    """Tell whether a law could hold for a host with these roles; a host that named none may have any."""
    return not roles or any(not one.roles or set(one.roles) & set(roles) for one in law.applies)


def by_law(laws: Sequence[Law], facts: Facts, language: Language) -> tuple[Section, ...]:
    """Return what each law that could hold for this host gives a person, after a section that says what this is."""
    say = words(language).laws
    made = (_section(law, facts, say) for law in laws if could_hold(law, facts.roles))
    return (Section(heading=say.title, level=1, paragraphs=say.lead, keys=("laws",)), *made)


def _section(law: Law, facts: Facts, say: LawWords) -> Section:
    name = say.names.get(law.id, law.name)
    lines = [
        (say.law, f"{law.name} ({law.cite})"),
        (say.about, say.abouts.get(law.id, law.about)),
        *_rights(law, say),
        *_breach(law, say),
        (say.office, say.offices.get(law.id, law.authority)),
    ]
    only_some = not facts.roles and all(one.roles for one in law.applies)
    return Section(
        heading=say.heading.format(place=say.places.get(law.place, law.place), name=name),
        terms=tuple(lines),
        paragraphs=(*((say.some,) if only_some else ()), say.read_on.format(day=law.read_on.isoformat())),
        keys=(f"law:{law.id}",),
    )


def _rights(law: Law, say: LawWords) -> Iterator[tuple[str, str]]:
    """Yield each kind of right with its time, in the file's order."""
    there = [rule for rule in law.rule if isinstance(rule, Right)]
    now = [rule for rule in there if binds(rule, law.read_on)]
    later = [rule for rule in there if rule.status == "scheduled" and rule.since and rule.since > law.read_on]
    for act in dict.fromkeys(rule.act for rule in (*now, *later)):
        known = [rule for rule in now if rule.act == act]
        found = known or [rule for rule in later if rule.act == act]
        best = min(found, key=lambda rule: (rule.clock is None, rule.clock is not None and rule.clock.n is None))
        told = _time(best.clock, say)
        if best.extension is not None:
            told += " " + say.more.format(time=_length(best.extension.n, best.extension.unit, say))
        if best.clock is not None and {"identity-confirmed", "request-authenticated"} & set(best.clock.starts):
            told += " " + say.known
        if not known and best.since is not None:
            told = say.later.format(day=best.since.isoformat()) + " " + told
        yield say.rights.get(best.id, say.acts[act]), told


def _breach(law: Law, say: LawWords) -> Iterator[tuple[str, str]]:
    for rule in law.rule:
        if isinstance(rule, Breach) and rule.to == ("individuals",) and binds(rule, law.read_on):
            yield say.breach, f"{getattr(say, _HARM.get(rule.risk, 'breach_harm'))} {_time(rule.clock, say)}"


def _time(clock: Clock | None, say: LawWords) -> str:
    if clock is None:
        return say.open
    if clock.n is None:
        return say.soon
    form = {"norm": say.norm, "not-before": say.wait}.get(clock.duty, say.within)
    return form.format(time=_length(clock.n, clock.unit, say))


def _length(n: int, unit: str, say: LawWords) -> str:
    one, many = say.units[unit]
    return f"{n} {one if n == 1 else many}"
