"""The operations of register: the policy as a page that works without script, and as what was hashed."""

from datetime import UTC, datetime
from typing import Final

from mindhaven.kernel import Answer, Denied, Host, Operation, Request
from mindhaven.kernel.operation import Run
from mindhaven.register import policy, service
from mindhaven.register.model import LANGUAGES, Language, entries
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


async def _page(host: Host, language: Language, *, by_laws: bool) -> Answer | Denied:
    facts = service.facts_of(host)
    digest = policy.digest_of(policy.packed(policy.texts(entries(), facts)))
    found = await host.db.look(lambda look: service.shown(look, None))
    if found is None or found[0].digest != digest:
        return _UNPUBLISHED  # what is shown is what stands in the log, or nothing is
    made = policy.laws(facts, language) if by_laws else policy.sections(entries(), facts, language)
    day = datetime.fromtimestamp(found[0].published_at, UTC).date().isoformat()
    html = policy.page(made, language, version=found[0].version, digest=digest, day=day, by_laws=by_laws)
    return Answer(body=html.encode(), media=_HTML, headers=_HEADERS)


async def page(host: Host, request: Request) -> Answer | Denied:
    """Show the policy in English, or the language that the address names."""
    language = _language(request)
    return _NONE if language is None else await _page(host, language, by_laws=False)


async def laws(host: Host, request: Request) -> Answer | Denied:
    """Show the layer of the policy that goes law by law."""
    language = _language(request)
    return _NONE if language is None else await _page(host, language, by_laws=True)


def _language(request: Request) -> Language | None:
    asked = request.params.get("language", "en")
    return next((one for one in LANGUAGES if one == asked), None)


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
