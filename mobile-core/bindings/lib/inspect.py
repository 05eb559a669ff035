#!/usr/bin/env python3
"""Looks into what was built for a phone, and fails when it is not what was agreed.

    inspect.py android TARGET FEATURES HOW ARCHIVE LIBRARY STRIPPED
    inspect.py ios     TARGET FEATURES HOW ARCHIVE LINKED
    inspect.py table   FILE...

The first two print one line of tab-separated figures; `table` lays such lines out for a reader.
"""

import gzip
import pathlib
import re
import subprocess
import sys

LLVM = "22"
PAGE = 16 * 1024
SYSTEM_LIBRARIES = {"libc.so", "libm.so", "libdl.so", "liblog.so"}
# All that an app may see of the core. JNA finds functions by name; UNIFFI_META_* describe them to
# the generator of bindings.
SURFACE = re.compile(r"^(uniffi_|ffi_|UNIFFI_META_)")
# What else may stand in an archive: names that carry a hash (Rust's) or their version (ring's), the
# renamed SQLite, and the one name of Rust's runtime: an app links one Rust library.
PRIVATE = re.compile(r"^(_R|_ZN|ring_core_\d|toruk_sqlite3_|rust_eh_personality$)")
MACHINES = {
    "aarch64-linux-android": "aarch64",
    "armv7-linux-androideabi": "arm",
    "x86_64-linux-android": "x86_64",
    "aarch64-apple-ios": "aarch64",
    "aarch64-apple-ios-sim": "aarch64",
}
# Mach-O's numbers for the systems an object was compiled for.
PLATFORMS = {"aarch64-apple-ios": "2", "aarch64-apple-ios-sim": "7"}


def run(tool, *arguments):
    command = [f"{tool}-{LLVM}", *map(str, arguments)]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def insist(condition, what):
    if not condition:
        sys.exit(f"inspect: {what}")


def check_members(target, archive):
    """Every object of the archive is compiled for the target's machine."""
    described = run("llvm-readobj", "--file-headers", archive)
    found = re.findall(r"^Arch: (\S+)", described, re.MULTILINE)
    insist(found, f"{archive} has no members")
    wrong = {machine for machine in found if machine != MACHINES[target]}
    insist(not wrong, f"{archive} has members for {wrong}")


def check_platform(target, archive):
    """Every object of the archive says that it is for a phone, or for the simulator."""
    text = run("llvm-otool", "-l", archive)
    built_for = set(re.findall(r"cmd LC_BUILD_VERSION\n.*\n\s*platform (\S+)", text))
    # The older command of some compilers; it knows no simulator.
    if "LC_VERSION_MIN_IPHONEOS" in text:
        built_for.add("2")
    insist(built_for == {PLATFORMS[target]}, f"{archive} is for platforms {built_for}")


def check_archive_symbols(archive):
    """An archive shares one space of names with the whole app: nothing in it may collide."""
    listed = run("llvm-nm", "--format=darwin", "--defined-only", "--quiet", archive)
    # Private ones end where the app is linked, and weak ones give way: neither is exported.
    names = re.findall(r"^\S+ \([^)]*\) external _(\S+)$", listed, re.MULTILINE)
    insist(any(name.startswith("uniffi_") for name in names), f"{archive} has no surface")
    loose = {name for name in names if not SURFACE.match(name) and not PRIVATE.match(name)}
    insist(not loose, f"{archive} exports {sorted(loose)[:20]}")


def android(target, features, how, archive, library, stripped):
    check_members(target, archive)
    dynamic = run("llvm-readelf", "--dynamic", library)
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", dynamic))
    insist(needed <= SYSTEM_LIBRARIES, f"{library} needs {needed - SYSTEM_LIBRARIES}")
    loads = re.findall(r"^\s*LOAD.* 0x([0-9a-f]+)$", run("llvm-readelf", "-lW", library), re.M)
    insist(loads and all(int(align, 16) >= PAGE for align in loads), f"{library}: pages {loads}")
    machine = re.findall(r"^Arch: (\S+)", run("llvm-readobj", "--file-headers", library), re.M)
    insist(machine == [MACHINES[target]], f"{library} is for {machine}")
    defined = run("llvm-nm", "-D", "--defined-only", library).splitlines()
    names = [line.split()[-1] for line in defined]
    loose = [name for name in names if not SURFACE.match(name)]
    insist(names and not loose, f"{library} exports {loose[:20]}")
    report(target, features, how, archive, stripped)


def ios(target, features, how, archive, linked):
    check_members(target, archive)
    check_platform(target, archive)
    check_archive_symbols(archive)
    report(target, features, how, archive, linked)


def report(target, features, how, archive, linked):
    """One line: what is built, and what of it an app carries."""
    content = pathlib.Path(linked).read_bytes()
    zipped = len(gzip.compress(content, 9, mtime=0))
    size = pathlib.Path(archive).stat().st_size
    print(target, features, how, size, len(content), zipped, sep="\t")


def table(*files):
    heads = ["static library", "linked, stripped", "gzip"]
    print(f"   {'target':26}{'features':10}{'built':14}" + "".join(f"{head:>18}" for head in heads))
    for file in files:
        for line in pathlib.Path(file).read_text().splitlines():
            target, features, how, *sizes = line.split("\t")
            figures = "".join(f"{int(size):>18,}" for size in sizes)
            print(f"   {target:26}{features:10}{how:14}{figures}")


if __name__ == "__main__":
    {"android": android, "ios": ios, "table": table}[sys.argv[1]](*sys.argv[2:])
