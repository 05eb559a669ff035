#!/usr/bin/env python3
"""Writes the list of what a phone's libSystem exports, for a linker without Xcode.

    apple_stubs.py MACOS.tbd OUT.tbd

iOS's own list comes with Xcode only. macOS's is published, and holds the same C library, so it
stands in: enough to show that the core takes nothing from elsewhere, and a reason not to ship.
"""

import pathlib
import re
import sys

TARGETS = "[ arm64-ios, arm64-ios-simulator ]"


def main():
    source, out = map(pathlib.Path, sys.argv[1:])
    lists = re.findall(r"symbols:\s*\[(.*?)\]", source.read_text(), re.DOTALL)
    symbols = {name.strip(" '\n") for each in lists for name in each.split(",")} - {""}
    if "_malloc" not in symbols:
        sys.exit(f"{source} does not describe libSystem")
    quoted = ", ".join(f"'{name}'" for name in sorted(symbols))
    out.write_text(
        f"""--- !tapi-tbd
tbd-version: 4
targets: {TARGETS}
install-name: '/usr/lib/libSystem.B.dylib'
current-version: 1
exports:
  - targets: {TARGETS}
    symbols: [ {quoted} ]
...
"""
    )


if __name__ == "__main__":
    main()
