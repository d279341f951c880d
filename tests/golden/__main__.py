"""`python -m tests.golden`: writes the golden files of the unreleased version; `--release` seals them for ever."""

import sys

from tests.golden.releases import FOLDER, Released, golden, release, version, write


def main(arguments: list[str]) -> int:
    """Write or seal; the exit status is 1 when the version is released already, and then nothing was written."""
    folder = FOLDER / version()
    try:
        write(folder, golden())
        if arguments == ["--release"]:
            release(folder)
    except Released:
        sys.stderr.write(f"{folder.name} is released: give pyproject.toml the next version first\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
