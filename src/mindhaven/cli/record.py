"""The processing register of a host, given out as what a law asks for. I/O: settings; the file that is named.

The server is imported only when one of these commands runs, since it is an extra.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mindhaven.cli.area import Adder, Command
from mindhaven.cli.operating import server_options, server_settings
from mindhaven.errors import InvalidInputError

_FORMS: Final = ("art30", "mhmda", "dpia", "practices", "flow")
_LANGUAGES: Final = ("en", "de", "es")


def register(adder: Adder) -> None:
    """Add the commands of this area."""
    group = adder.group("register", "operator: what this server does with data, as a law asks for it")
    made = group.add("export", "operator: write the register as a record, a list, a draft or a picture", export)
    server_options(made)
    made.add_argument(
        "--as", dest="form", choices=_FORMS, required=True,
        help="art30: record of processing; mhmda: list of health data; dpia: draft of an assessment; practices: draft"
        " of a notice of practices (HIPAA, 42 CFR Part 2); flow: picture",
    )  # fmt: skip
    made.add_argument("--language", choices=_LANGUAGES, default="en", help="in which language (default: en)")
    made.add_argument("--out", metavar="FILE", help="a new file to write it to; without it standard output")


def export(command: Command) -> None:
    """Write the register in a form, from the code's entries and the settings of the host."""
    settings = server_settings(command)
    from mindhaven.register import entries, exports, facts_from, flow

    facts = facts_from(settings)
    host = exports.Host(
        facts=facts, called={"push-service": settings["push.services"], "witness": settings["server.outbound-hosts"]}
    )
    language, form, on = command.args.language, command.args.form, datetime.now(UTC).date()
    told: Any
    if form == "flow":
        text = flow.svg(entries(), host, language)
        told = {"as": form, "language": language, "svg": text, "words": flow.in_words(entries(), host, language)}
        left = 0
    else:
        makers: dict[str, Callable[..., exports.Export]] = {
            "art30": exports.art30, "mhmda": exports.mhmda, "dpia": exports.dpia, "practices": exports.practices,
        }  # fmt: skip
        made = makers[form](entries(), host, language, on=on)
        text, told, left = made.markdown(), made.builtins(entries(), facts), len(made.gaps) + len(made.add)
    if command.screen.as_json:
        text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    out = command.option("out")
    if out is None:
        command.screen.data(text.rstrip("\n"))
    else:
        _write(Path(out), text)
        command.screen.say(f"Written to {out}.")
    if left:
        command.screen.say(f"{left} things only you can add; they stand at its end.")
    command.screen.say("No lawyer has reviewed it. Ask counsel before you rely on it.")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise InvalidInputError(f"{path} is there already.", hint="Name a new file.", code="file-exists") from error
    except OSError as error:
        raise InvalidInputError(
            f"{path} can't be written.", hint="Name another file.", code="file-unwritable"
        ) from error
