"""The operations of register: the policy as a page that works without script, and as what was hashed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from mindhaven.kernel import Answer, Denied, Host, Operation, Request
from mindhaven.kernel.operation import Run
from mindhaven.register import changed, policy, service
from mindhaven.register.model import LANGUAGES, Language, entries
from mindhaven.register.policy import Layer
from mindhaven.register.section import Section
from mindhaven.wire.register import PolicyShown

_NONE: Final = Denied("policy-unknown", "There is no such policy here.")
_UNPUBLISHED: Final = Denied(
    "policy-unpublished", "What this server does is not published yet.", "Ask the people who run it to start it anew."
)
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'none'",
}
_HTML: Final = "text/html; charset=utf-8"


async def _shown(host: Host, version: int | None) -> PolicyShown | Denied:
    found = await host.db.look(lambda look: service.shown(look, version))
    if found is None:
        return _NONE
    one, kept = found
    if kept.salt is None or kept.body is None:
        return _NONE
    return PolicyShown(
        version=one.version, digest=one.digest, texts=one.texts, published_at=one.published_at, salt=kept.salt,
        body=kept.body, position=kept.position,
    )  # fmt: skip


async def newest(host: Host, request: Request) -> PolicyShown | Denied:  # noqa: ARG001 - the shape of an operation
    """Show the policy that was published last."""
    return await _shown(host, None)


async def numbered(host: Host, request: Request) -> PolicyShown | Denied:
    """Show the policy of a number."""
    return await _shown(host, request.params["version"])


async def _page(host: Host, language: Language, layer: Layer) -> Answer | Denied:
    facts = service.facts_of(host)
    digest = policy.digest_of(policy.packed(policy.texts(entries(), facts)))
    found = await host.db.look(lambda look: service.shown(look, None))
    if found is None or found[0].digest != digest:
        return _UNPUBLISHED  # what is shown is what stands in the log, or nothing is
    made = await _LAYERS[layer](host, language)
    html = policy.page(
        made, language, version=found[0].version, digest=digest, day=_day(found[0].published_at), layer=layer
    )
    headers = {**_HEADERS, "content-language": language, "vary": "accept-language"}
    return Answer(body=html.encode(), media=_HTML, headers=headers)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


async def _uses(host: Host, language: Language) -> tuple[Section, ...]:
    return policy.sections(entries(), service.facts_of(host), language)


async def _rights(host: Host, language: Language) -> tuple[Section, ...]:
    return policy.laws(service.facts_of(host), language)


async def _changes(host: Host, language: Language) -> tuple[Section, ...]:
    kept = await host.db.look(lambda look: service.history(look, changed.MOST + 1))
    texts = [
        changed.Text(version=one.version, day=_day(one.published_at), text=policy.unpacked(one.texts).get(language, ""))
        for one in kept
    ]
    return await asyncio.to_thread(changed.sections, texts, language)  # long texts take a moment: others go on


_LAYERS: Final[Mapping[Layer, Callable[[Host, Language], Awaitable[tuple[Section, ...]]]]] = {
    "": _uses, "/laws": _rights, "/changes": _changes,
}  # fmt: skip


async def page(host: Host, request: Request) -> Answer | Denied:
    """Show the policy in the language that the address names, else in the browser's."""
    return await _in_its_language(host, request, "")


async def laws(host: Host, request: Request) -> Answer | Denied:
    """Show the layer of the policy that goes law by law."""
    return await _in_its_language(host, request, "/laws")


async def changes(host: Host, request: Request) -> Answer | Denied:
    """Show what changed with each version of the policy."""
    return await _in_its_language(host, request, "/changes")


async def _in_its_language(host: Host, request: Request, layer: Layer) -> Answer | Denied:
    asked = request.params.get("language")
    if asked is None:
        return await _page(host, preferred(request.header("accept-language") or ""), layer)
    named = next((one for one in LANGUAGES if one == asked), None)
    return _NONE if named is None else await _page(host, named, layer)


def preferred(header: str) -> Language:
    """Return the language that a browser likes best of those that there are (RFC 9110, 12.5.4); English if none."""
    best: tuple[float, Language] = (0.0, "en")
    for one in header[:_MOST_HEADER].split(","):
        tag, _, weight = one.lower().replace(" ", "").partition(";q=")
        named = next((language for language in LANGUAGES if tag.split("-")[0] == language), None)
        try:
            wanted = float(weight) if weight else 1.0
        except ValueError:
            continue
        if named is not None and best[0] < wanted <= 1.0:
            best = (wanted, named)
    return best[1]


_MOST_HEADER: Final = 500
"""Characters of a list of languages: browsers send some fifty."""


async def style(host: Host, request: Request) -> Answer:  # noqa: ARG001 - the shape of an operation
    """Give the style of the policy's page."""
    return Answer(body=policy.STYLE.encode(), media="text/css; charset=utf-8")


def _page_operation(name: str, path: str, *, run: Run = page, summary: str = "Show the policy as a page") -> Operation:
    return Operation(
        name=name, method="GET", path=path, run=run, who="anyone", summary=summary, gives=bytes,
        media=_HTML, refuses={"policy-unknown": 404, "policy-unpublished": 409},
    )  # fmt: skip


OPERATIONS: Final = (
    _page_operation("policy_page", "/policy"),
    _page_operation("policy_page_in", "/policy/{language:text}"),
    _page_operation(
        "policy_laws", "/policy/{language:text}/laws", run=laws, summary="Show people's rights, law by law, as a page"
    ),
    _page_operation(
        "policy_changes", "/policy/{language:text}/changes", run=changes,
        summary="Show what changed with each version of the policy, as a page",
    ),
    Operation(
        name="policy_style", method="GET", path="/policy.css", run=style, who="anyone",
        summary="Give the style of the policy's page", gives=bytes, media="text/css; charset=utf-8",
    ),
    Operation(
        name="policy", method="GET", path="/v1/policy", run=newest, who="anyone",
        summary="Show the policy that was published last, and the opening of its entry in the log", gives=PolicyShown,
        refuses={"policy-unknown": 404},
    ),
    Operation(
        name="policy_numbered", method="GET", path="/v1/policies/{version:int}", run=numbered, who="anyone",
        summary="Show an earlier policy, and the opening of its entry in the log", gives=PolicyShown,
        refuses={"policy-unknown": 404},
    ),
)  # fmt: skip
