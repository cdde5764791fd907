"""A real server, the built app, a real Chromium. Each person has a profile and an authenticator of their own.

Every request of every page is watched: none goes to another host, and no body carries what was marked as a secret.
"""

import base64
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from tests.simulators.server import Running, running_server

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",  # tests run as root in a machine of their own
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",  # a microphone that beeps, where a test allows it
)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, for the whole run."""
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run a server for one module, reached as localhost: a passkey belongs to a name, not to an address."""
    with running_server(tmp_path_factory.mktemp("server") / "data") as running:
        yield dataclasses.replace(running, url=running.url.replace("127.0.0.1", "localhost"))


@dataclass
class Person:
    """Somebody with a browser profile: its page, what it asked for, and what must never leave it."""

    context: BrowserContext
    page: Page
    url: str
    asked: list[Request] = field(default_factory=list)
    secrets: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    devtools: Any = None
    authenticator: str = ""

    def open(self, path: str = "/") -> None:
        """Open the app."""
        self.page.goto(self.url + path)

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def title(self) -> str:
        """Return the heading of the page."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def sees(self, title: str) -> None:
        """Wait until the page with that heading is there."""
        self.page.get_by_role("heading", level=1, name=title, exact=True).wait_for(timeout=PATIENCE_MS)

    def given(self, *, prf: bool = True) -> None:
        """Give this profile an authenticator that lives as long as it does."""
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable", {"enableUI": False})
        self._holds(prf=prf)

    def has_another(self) -> None:
        """Put the authenticator away, and take another one."""
        self.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.authenticator})
        self._holds(prf=True)

    def _holds(self, *, prf: bool) -> None:
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "hasPrf": prf,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.authenticator = added["authenticatorId"]

    def keeps_secret(self, *texts: str) -> None:
        """Say what no request body may carry, in any of the forms in which it could."""
        for text in texts:
            raw = text.encode()
            self.secrets += [raw, raw.replace(b" ", b""), base64.b64encode(raw), raw.hex().encode()]

    def checked(self) -> None:
        """Raise unless every request went to this server, none carried a secret, and no page complained."""
        assert self.asked, "nothing was asked for: this shows nothing"
        foreign = [one.url for one in self.asked if not one.url.startswith((self.url + "/", "blob:" + self.url))]
        assert foreign == []
        bodies = [one.post_data_buffer or b"" for one in self.asked]
        for kept in (b'"prf"', b"clientExtensionResults"):
            assert not [one for one in bodies if kept in one], "what an authenticator keeps for this device was sent"
        for secret in self.secrets:
            assert secret
            assert not [one for one in bodies if secret in one], "a secret left the device"
        assert self.faults == []


@pytest.fixture
def people(browser: Browser, server: Running) -> Iterator[Any]:
    """Return what makes people; at the end everything that they asked for is checked."""
    made: list[Person] = []

    def make(*, size: dict[str, int] | None = None, scheme: str = "light", prf: bool | None = True) -> Person:
        context = browser.new_context(
            viewport=size or PHONE, color_scheme=scheme, locale="en-GB", timezone_id="Europe/Berlin",
            permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        person = Person(context, context.new_page(), server.url)
        context.on("request", lambda request: person.asked.append(request))
        person.page.on("pageerror", lambda error: person.faults.append(str(error)))
        person.page.on(
            "console",
            lambda said: person.faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        if prf is not None:
            person.given(prf=prf)
        made.append(person)
        return person

    yield make
    for person in made:
        # An answer that a test bends may be under way still: what becomes of it is no fault of the next test.
        if not person.page.is_closed():
            person.page.unroute_all(behavior="ignoreErrors")
        person.context.unroute_all(behavior="ignoreErrors")
        person.checked()
        person.context.close()


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Any:
    """Return what takes a picture of a page, kept under .cache/screens for whoever wants to look."""
    folder = Path(request.config.rootpath) / ".cache" / "screens"
    folder.mkdir(parents=True, exist_ok=True)

    def take(person: Person, name: str) -> None:
        person.page.screenshot(path=folder / f"{name}.png", full_page=True)

    return take
