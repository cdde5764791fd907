"""The settings of a witness. No I/O but reading the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mindhaven.kernel import Setting, Settings
from mindhaven.kernel.settings import PREFIX, load

ROLE: Final = "witness"
VARIABLES: Final = f"{PREFIX}WITNESS_"
"""What a witness's variables begin with; a server in the same shell leaves them alone, and the other way round."""

WITNESS: Final = (
    Setting(name="witness.data", default="./mindhaven-witness", help="Directory of a witness's key and memory."),
    Setting(name="witness.bind", default="127.0.0.1:8450", help="Address and port; port 0 picks a free one."),
    Setting(
        name="witness.name",
        default="",
        help="The witness's name, such as witness.example/practice; needed once, at the first start.",
    ),
    Setting(name="witness.post-quantum", default=False, help="Cosign with ML-DSA-44 too: 3.3 kB more an answer."),
    Setting(name="witness.trusted-proxies", default=(), help="Addresses or networks whose X-Forwarded headers count."),
    Setting(name="witness.tls-certificate", default="", help="PEM file of the certificate chain; read anew on SIGHUP."),
    Setting(name="witness.tls-key", default="", help="PEM file of the certificate's key."),
    Setting(
        name="witness.log-level",
        default="info",
        help="Least level that is logged.",
        choices=("debug", "info", "warning", "error"),
    ),
)


def load_witness(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of a witness; of the environment only what is a witness's."""
    mine = {name: value for name, value in (environment or {}).items() if name.startswith(VARIABLES)}
    return load(WITNESS, file=file, environment=mine, overrides=overrides)
