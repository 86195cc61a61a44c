#!/usr/bin/python3
"""Builds the plugin: one executable file, the same bytes from the same sources.

    examples/plugin-python/build.py bin/plugins/tamarind

It is a zip archive that Python runs, as `python3 -m zipapp` makes it. That command writes
the time of every file into it, which would be another sha256 for every checkout.
"""

import sys
import zipfile
from pathlib import Path

INTERPRETER = b"#!/usr/bin/python3 -I\n"
"""Debian's own, because the libraries are, without the environment's PYTHONPATH and the like."""

HERE = Path(__file__).parent
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def sources() -> list[Path]:
    """Return what the plugin is made of."""
    runtime = HERE / "paymux_plugin"
    return sorted([HERE / "__main__.py", HERE / "provider.py", *runtime.glob("*.py"), *runtime.glob("*.binpb")])


def build(target: Path) -> None:
    """Write the plugin."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        file.write(INTERPRETER)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for source in sources():
                name = source.relative_to(HERE).as_posix()
                archive.writestr(zipfile.ZipInfo(name, LONG_AGO), source.read_bytes())
    target.chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: build.py TARGET")
    build(Path(sys.argv[1]))
