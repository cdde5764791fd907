import re
from pathlib import Path

from mindhaven.kinds import KINDS
from mindhaven.kinds.instruments import load_all
from mindhaven.sdk.imports import IMPORTERS

ROOT = Path(__file__).parents[3]
PAGES = {
    name: (ROOT / "docs" / "reference" / f"{name}.md").read_text("utf-8") for name in ("kinds", "imports", "exports")
}


def test_every_kind_field_and_questionnaire_is_on_the_page():
    for kind in KINDS:
        section = PAGES["kinds"].split(f"## {kind.name}\n", 1)[1].split("\n## ", 1)[0]
        for field in kind.fields:
            assert field.name == "source" or f"| `{field.name}` | {field.type} |" in section, (
                f"{kind.name}.{field.name}"
            )
        assert f"`{kind.collection}`" in section
        assert f"`{kind.fhir}`" in section
    for instrument in load_all():
        assert f"| `{instrument.id}` | {len(instrument.items)} |" in PAGES["kinds"]


def test_every_importer_is_on_the_page():
    for importer in IMPORTERS:
        assert f"| `{importer.name}` |" in PAGES["imports"]


def test_every_error_code_is_on_a_page():
    text = "".join(PAGES.values())
    source = ROOT / "src" / "mindhaven"
    files = [
        *(source / "kinds").rglob("*.py"),
        *(source / "sdk" / "imports").rglob("*.py"),
        source / "crypto" / "age.py",
    ]
    codes = set()
    for path in files:
        codes |= set(re.findall(r'code(?:: str)? = "([a-z-]+)"|code="([a-z-]+)"', path.read_text("utf-8")))
        codes |= {
            (code, "") for code in re.findall(r'"((?:kind-field|answer-unknown)-[a-z]+)"', path.read_text("utf-8"))
        }
    found = {one or two for one, two in codes} - {""}
    assert len(found) > 30
    assert {code for code in found if f"`{code}`" not in text} == set()
