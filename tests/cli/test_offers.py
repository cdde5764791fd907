"""What somebody who is not a contact shares: an offer, taken or given back."""

from pathlib import Path

from tests.cli.conftest import OTHER, PASSPHRASE, Person, Serving


def test_a_stranger_offers_and_the_person_decides(server: Serving, tmp_path: Path) -> None:
    eva, cleo = (
        Person(tmp_path / word, passphrase, server.url).sign_up(word)
        for word, passphrase in (("eva", PASSPHRASE), ("cleo", OTHER))
    )
    cleo("log", "mood", "good", "--note", "from cleo")
    cleo("journal", "add", "-", stdin="unasked")
    cleo("contacts", "add", eva.card, "--name", "Eva")
    cleo("share", "--yes", "mood", "Eva", "--from", "all")
    cleo("share", "--yes", "journal", "Eva", "--from", "all")
    assert "mindhaven offers" in eva("sync").err
    offers = {one["collection"]: one for one in eva("offers", "--json").told}
    assert set(offers) == {"mood", "journal"}
    assert offers["mood"]["id"][:8] in eva("offers").out
    assert "from cleo" not in eva("shared").out
    eva("offers", "accept", "nothing", code=2)
    eva("offers", "decline", offers["journal"]["id"])
    eva("offers", "accept", offers["mood"]["id"][:8], "--name", "Cleo")
    assert eva("offers", "--json").told == []
    read = eva("shared").out
    assert "from cleo" in read
    assert "unasked" not in read
    assert [(one["name"], one["checked"]) for one in eva("contacts", "--json").told] == [("Cleo", "none")]
