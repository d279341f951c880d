"""`python -m deploy.grafana` writes the dashboards; with `--check` it compares and changes nothing."""

import sys
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana import channels, overview, pipeline

GENERATED = Path(__file__).with_name("generated")


def generated() -> dict[str, str]:
    """Each dashboard's file name and JSON text."""
    return {f"{one.__name__.rpartition('.')[2]}.json": _text(one.dashboard()) for one in (overview, channels, pipeline)}


def _text(dashboard: Dashboard) -> str:
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(dashboard.build()) + "\n"


def main(arguments: list[str]) -> int:
    """Write, or compare; the exit status."""
    wanted = generated()
    if "--check" in arguments:
        there = {path.name: path.read_text("utf-8") for path in GENERATED.glob("*.json")}
        outdated = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
        if outdated:
            sys.stderr.write(f"outdated: {', '.join(outdated)}; run `make dashboards`\n")
        return 1 if outdated else 0
    for name, text in wanted.items():
        (GENERATED / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
