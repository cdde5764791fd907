"""Cases of choice, from spec/choice.md alone."""

# ruff: noqa: E501 - tables: one case a line

from typing import Any

from pages import Page
from primitives import Kept, Person, cb, hsh, seed

HOUR = 3600
NINE = 1_795_942_800
"""29 November 2026, 9:00 UTC."""
assert NINE % HOUR == 0
TODAY = NINE // 86400
TEXT = "Darf dieser Server deinem Gerät leere Zeichen senden? – Ja oder nein."


def choice(kept: Kept) -> Page:
    page = Page("choice", "mindhaven/choice/v1", kept)
    ada, bob = Person(kept, "ada"), Person(kept, "bob")
    fields: dict[str, Any] = {
        "person": ada.uid, "number": 0, "previous": bytes(32), "purpose": "reminders", "act": 1, "terms": 1,
        "text_hash": hsh("choice-text", TEXT.encode()), "language": "de-AT", "policy": seed("policy"),
        "asked": NINE - HOUR, "at": NINE, "until": 0, "by": "self",
    }  # fmt: skip

    def body(**other: Any) -> bytes:
        return cb(*(fields | other).values())

    for name, other in {
        "given": {}, "given-until": {"until": TODAY + 365}, "refused": {"act": 2}, "deferred": {"act": 3},
        "withdrawn": {"act": 4, "number": 7, "previous": seed("before")}, "by-parent": {"by": "parent"},
        "by-guardian": {"by": "guardian"}, "by-attorney": {"by": "attorney"},
        "signal": {"act": 2, "by": "signal", "purpose": "sale"}, "signal-withdraws": {"act": 4, "by": "signal"},
        "same-hour": {"asked": NINE}, "the-longest": {"purpose": "x" * 64, "language": "x" * 35, "until": 10_000_000},
        "the-last-number": {"number": 1_000_000, "previous": seed("before")}, "the-first-hour": {"asked": 0, "at": 0},
    }.items():  # fmt: skip
        data = body(**other)
        page.case(name, "1, 3", "encode", {"body": data, "hash": hsh("choice-hash", data)}, fields=fields | other)
    page.case("text-hash", "2", "text-hash", {"hash": hsh("choice-text", TEXT.encode())}, text=TEXT)
    _signatures(page, kept, ada, bob, body)
    _refused(page, kept, ada, fields, body)
    _chains(page, body)
    _states(page, body)
    return page


def _verify(page: Page, ada: Person, name: str, expect: Any, data: bytes, signatures: list[bytes], step: str,
            generation: int = 1) -> None:  # fmt: skip
    page.case(name, step, "verify", expect, signed={"body": data, "signatures": signatures}, uid=ada.uid, chain=ada.chain,
              generation=generation)  # fmt: skip


def _signatures(page: Page, kept: Kept, ada: Person, bob: Person, body: Any) -> None:
    good = ada.pair().sign(kept, "choice", body())
    _verify(page, ada, "verify", {"accepted": True}, body(), good, "4")
    _verify(page, ada, "verify-fast-only", "signature-count", body(), good[:1], "4")
    _verify(page, ada, "verify-by-another", "signature-invalid", body(), bob.pair().sign(kept, "choice", body()), "4")
    _verify(page, ada, "verify-cross-type", "signature-invalid", body(), ada.pair().sign(kept, "consent", body()), "4")
    _verify(page, ada, "verify-changed", "signature-invalid", body(act=2), good, "4")
    _verify(page, ada, "verify-unknown-generation", "unknown-generation", body(), good, "4", generation=2)
    _verify(page, ada, "verify-of-another-person", "choice-person", body(person=bob.uid), good, "4")


def _refused(page: Page, kept: Kept, ada: Person, fields: dict[str, Any], body: Any) -> None:
    good = ada.pair().sign(kept, "choice", body())
    for name, other in {
        "act-0": {"act": 0}, "act-5": {"act": 5}, "act-true": {"act": True}, "terms-0": {"terms": 0},
        "text-31": {"text_hash": bytes(31)}, "policy-31": {"policy": bytes(31)}, "previous-31": {"previous": bytes(31)},
        "person-31": {"person": bytes(31)}, "number-negative": {"number": -1}, "number-too-large": {"number": 1_000_001},
        "by-other": {"by": "host"}, "by-number": {"by": 1}, "until-negative": {"until": -1},
        "until-too-large": {"until": 10_000_001}, "purpose-bytes": {"purpose": b"x"}, "purpose-65": {"purpose": "x" * 65},
        "language-36": {"language": "x" * 36}, "asked-negative": {"asked": -HOUR},
    }.items():  # fmt: skip
        _verify(page, ada, f"shape-{name}", "shape", body(**other), good, "1")
    _verify(page, ada, "shape-twelve-fields", "shape", cb(*list(fields.values())[:12]), good, "1")
    for name, stage, other in (
        ("asked-after", "choice-time", {"asked": NINE + HOUR}),
        ("asked-half-an-hour", "choice-time", {"asked": NINE - HOUR // 2}),
        ("at-a-second", "choice-time", {"at": NINE + 1}),
        ("refused-until", "choice-until", {"act": 2, "until": TODAY}),
        ("withdrawn-until", "choice-until", {"act": 4, "until": TODAY}),
        ("deferred-until", "choice-until", {"act": 3, "until": TODAY}),
        ("signal-gives", "choice-signal", {"by": "signal"}),
        ("signal-defers", "choice-signal", {"by": "signal", "act": 3}),
    ):
        _verify(page, ada, name, stage, body(**other), good, "1")


def _chains(page: Page, body: Any) -> None:
    def chain(*acts: dict[str, Any]) -> list[bytes]:
        made: list[bytes] = []
        for number, act in enumerate(acts):
            previous = hsh("choice-hash", made[-1]) if made else bytes(32)
            made.append(body(**({"number": number, "previous": previous} | act)))
        return made

    def case(name: str, expect: Any, made: list[bytes], why: str = "") -> None:
        page.case(name, "5", "chain", expect, choices=made, comment=why)

    whole = chain({}, {"act": 4}, {"act": 1, "at": NINE + HOUR}, {"purpose": "sale", "act": 2, "at": NINE + HOUR})
    case("chain-none", {"count": 0}, [])
    case("chain", {"count": 4}, whole)
    case("chain-begins-later", "choice-order", whole[1:])
    case("chain-one-left-out", "choice-order", [whole[0], *whole[2:]], "a withdrawal that the server keeps back")
    case("chain-twice", "choice-order", [whole[0], whole[0]])
    case("chain-turned", "choice-order", [whole[1], whole[0]])
    case("chain-withdrawal-again", "choice-order", [*whole[:3], whole[1]], "a replayed withdrawal")
    case("chain-previous-wrong", "choice-order", [whole[0], body(number=1, act=4)])
    case("chain-number-wrong", "choice-order", [whole[0], body(number=2, act=4, previous=hsh("choice-hash", whole[0]))])
    case("chain-first-not-zero", "choice-order", [body(previous=seed("x"))])
    case("chain-back-dated", "choice-time", chain({}, {"act": 4, "at": NINE - HOUR, "asked": NINE - HOUR}))
    case("chain-from-the-first-hour", {"count": 2}, chain({"asked": 0, "at": 0}, {"asked": 0, "at": 0, "act": 2}))
    case("chain-same-hour", {"count": 2}, chain({}, {"act": 4}))
    for name, other in {
        "words": {"text_hash": seed("other")},
        "terms": {"terms": 2},
        "language": {"language": "en"},
    }.items():
        case(f"chain-withdrawn-other-{name}", "choice-words", chain({}, {"act": 4, **other}))
    case("chain-nothing-given", "choice-nothing", chain({"act": 4}))
    case("chain-another-purpose", "choice-nothing", chain({}, {"act": 4, "purpose": "sale"}))
    case("chain-withdrawn-twice", "choice-nothing", chain({}, {"act": 4}, {"act": 4}))
    case("chain-withdrawn-after-refusal", "choice-nothing", chain({}, {"act": 2}, {"act": 4}))
    case("chain-withdrawn-after-not-now", "choice-nothing", chain({}, {"act": 3}, {"act": 4}))


def _states(page: Page, body: Any) -> None:
    def state(name: str, expect: str, acts: list[dict[str, Any]], allows: bool, terms: int = 1, day: int = TODAY,
              purpose: str = "reminders") -> None:  # fmt: skip
        made: list[bytes] = []
        for number, act in enumerate(acts):
            previous = hsh("choice-hash", made[-1]) if made else bytes(32)
            made.append(body(**({"number": number, "previous": previous} | act)))
        page.case(f"state-{name}", "6", "state", {"state": expect, "allows": allows}, choices=made, purpose=purpose,
                  terms=terms, day=day)  # fmt: skip

    state("unasked", "unasked", [], False)
    state("unasked-another-purpose", "unasked", [{}], False, purpose="sale")
    state("given", "given", [{}], True)
    state("given-on-its-last-day", "given", [{"until": TODAY}], True)
    state("expired-the-day-after", "expired", [{"until": TODAY}], False, day=TODAY + 1)
    state("given-the-day-before", "given", [{"until": TODAY}], True, day=TODAY - 1)
    state("given-open", "given", [{"until": 0}], True, day=TODAY + 99_999)
    state("invalidated", "invalidated", [{}], False, terms=2)
    state("given-newer-terms", "given", [{"terms": 3}], True, terms=2)
    state("expired-before-invalidated", "expired", [{"until": TODAY - 1}], False, terms=2)
    state("renewed", "renewed", [{}, {"terms": 2}], True, terms=2)
    state("renewed-after-withdrawal", "renewed", [{}, {"act": 4}, {}], True)
    state("given-after-refusal", "given", [{"act": 2}, {}], True)
    state("refused", "refused", [{"act": 2}], False)
    state("deferred", "deferred", [{"act": 3}], False)
    state("deferred-after-given", "deferred", [{}, {"act": 3}], False)
    state("withdrawn", "withdrawn", [{}, {"act": 4}], False)
    state("given-another-withdrawn", "given", [{}, {"purpose": "sale"}, {"purpose": "sale", "act": 4}], True)


PAGES = [choice]
