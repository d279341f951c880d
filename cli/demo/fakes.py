"""Makes the fakes of Zalo, Facebook and the mail servers importable: they lie beside the tests, which share them."""

import sys
from pathlib import Path

from gateway.errors import Invalid

ROOT = Path(__file__).resolve().parents[2]


def make_importable() -> None:
    """Let `tests.fakes` be imported, however the command was started; raises `Invalid("no_fakes")` without them."""
    if not (ROOT / "tests" / "fakes").is_dir():
        raise Invalid(
            "no_fakes",
            "The demonstration plays Zalo, Facebook and mail servers with tests/fakes of the project folder, which is "
            "not here: run it from a checkout of the project, with `make demo`.",
        )
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
