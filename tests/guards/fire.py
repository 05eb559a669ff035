"""Each guard of `tests/run` refuses what it is for.

A guard that is misspelt, switched off or looks elsewhere says nothing, and so does a house in order.
Here a small sound crate under this workspace's settings passes every guard; then one fault at a time
is planted in it, and the guard has to refuse that, by name. No crate but its own is compiled.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SOUND = """//! A crate in order.

#![warn(missing_docs)]

/// Doubles a number.
pub fn doubled(number: u64) -> u64 {
    number * 2
}
"""

# As `tests/run` compiles: by Clippy's driver, which it names in the environment.
CLIPPY = ["cargo", "test", "--quiet", "--offline", "--no-run"]
DOC = ["env", f"RUSTDOC={ROOT}/tests/guards/rustdoc"]
DOC += ["cargo", "test", "--quiet", "--offline", "--doc"]
DENY = ["cargo", "deny", "--offline", "--log-level", "error", "check"]
DENY += ["bans", "licenses", "sources"]
GUARDS = {
    "fmt": ["cargo", "fmt", "--check"],
    "clippy": CLIPPY,
    "doc": DOC,
    "deny": DENY,
    "shear": ["cargo", "shear"],
    "typos": ["typos"],
}

# What is planted: guard, name, what the guard has to say, and the files that are added or replaced.
# `lib+` is appended to the crate's lib.rs.
LINTS = {
    "unwrap_used": "/// Reads.\npub fn read(text: &str) -> u64 {\n    text.parse().unwrap()\n}\n",
    "expect_used": '/// Reads.\npub fn read(text: &str) -> u64 {\n    text.parse().expect("a")\n}\n',
    "await_holding_lock": (
        "/// Waits.\npub async fn wait(lock: &std::sync::Mutex<u64>) -> u64 {\n"
        "    let Ok(held) = lock.lock() else { return 0 };\n    std::future::ready(()).await;\n"
        "    *held\n}\n"
    ),
    "too_many_lines": (
        "/// Goes on.\npub fn long(mut number: u64) -> u64 {\n"
        + "    number = number.rotate_left(3);\n" * 70
        + "    number\n}\n"
    ),
    "disallowed_methods": (
        "/// Reads a clock.\npub fn now() -> std::time::SystemTime {\n"
        "    std::time::SystemTime::now()\n}\n"
    ),
}


def plants():
    """Every fault: (guard, name, pattern of the refusal, files)."""
    for lint, code in LINTS.items():
        yield "clippy", lint, rf"clippy::{lint}|clippy::{lint.replace('_', '-')}", {"lib+": code}
    unsafe = "/// Reads.\npub fn read(at: &u64) -> u64 {\n    unsafe { std::ptr::read(at) }\n}\n"
    yield "clippy", "unsafe_code", r"unsafe[_-]code", {"lib+": unsafe}
    unused = {"lib+": "fn forgotten() {}\n"}
    yield "clippy", "warnings", r"`forgotten` is never used", unused
    yield "clippy", "missing_docs", r"missing documentation", {"lib+": "pub fn silent() {}\n"}
    room = {"lib+": "pub mod room;\n", "src/room.rs": "//! A room.\n\npub mod corner;\n"}
    room["src/room/corner.rs"] = "//! A corner.\n"
    yield "clippy", "self_named_module_files", r"self[_-]named[_-]module[_-]files", room
    crooked = {"lib+": "pub fn crooked( ){}\n"}
    yield "fmt", "format", r"Diff in", crooked
    lost = {"lib+": "/// See [`nowhere::Nobody`].\npub fn lost() {}\n"}
    yield "doc", "broken link", r"unresolved link to `nowhere::Nobody`", lost
    misspelt = {"lib+": "// " + "Rec" + "ieved.\n"}
    yield "typos", "misspelt word", r"Receive", misspelt
    yield "shear", "unused dependency", r"unused dependency `helper`", helper("helper", "MIT")
    banned = helper("openssl", "MIT")
    yield "deny", "banned crate", r"error\[banned\]", banned
    yield "deny", "licence", r"error\[rejected\]", helper("helper", "GPL-3.0-only")


def helper(name, licence):
    """A second crate that the first depends on, and does not use."""
    return {
        "dependency": f'{name} = {{ path = "{name}", version = "1" }}\n',
        f"{name}/Cargo.toml": f'[package]\nname = "{name}"\nversion = "1.0.0"\n'
        f'edition = "2024"\nlicense = "{licence}"\n',
        f"{name}/src/lib.rs": "//! Helps.\n",
    }


def section(name):
    """The tables of the workspace's manifest whose names begin so."""
    text = (ROOT / "Cargo.toml").read_text()
    tables = re.findall(r"(?ms)^\[[^\]\n]+\]\n.*?(?=^\[|\Z)", text)
    return "".join(table for table in tables if table.startswith(f"[{name}"))


def crate(folder, files):
    """Writes the crate, under this workspace's settings, with a fault in it."""
    manifest = (
        '[workspace]\n[package]\nname = "scratch"\nversion = "0.1.0"\nedition = "2024"\n'
        'license = "Apache-2.0"\npublish = false\n[dependencies]\n'
        + files.get("dependency", "")
        + "[lints]\nworkspace = true\n"
        + section("workspace.lints")
        + section("workspace.metadata.typos")
    )
    lib = SOUND + "\n" + files["lib+"] if "lib+" in files else SOUND
    written = {"Cargo.toml": manifest, "src/lib.rs": lib}
    for settings in (".clippy.toml", ".deny.toml", ".rustfmt.toml"):
        written[settings] = (ROOT / settings).read_text()
    written |= {path: text for path, text in files.items() if "." in path}
    for path, text in written.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def run(guard, folder):
    """Whether the guard passes, and what it said."""
    command = ["env", f"CARGO_TARGET_DIR={folder}/target", *GUARDS[guard]]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return ran.returncode == 0, ran.stdout + ran.stderr


def inherits():
    """The workspace's crates that do not take its lints."""
    command = ["git", "-C", str(ROOT), "ls-files", "*Cargo.toml"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    texts = {path: (ROOT / path).read_text() for path in listed}
    crates = {path: text for path, text in texts.items() if "[package]" in text}
    return [path for path, text in crates.items() if "[lints]\nworkspace = true" not in text]


def features(*packages, edges):
    """Every package that cargo builds for these, with its features."""
    command = ["cargo", "tree", "--locked", "--offline", "--prefix", "none", "--edges", edges]
    command += ["--format", "{p}|{f}", *packages]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {re.sub(r" \((\*|proc-macro)\)", "", line) for line in ran.stdout.splitlines()}


def main():
    if "RUSTC_WORKSPACE_WRAPPER" not in os.environ:
        sys.exit("run by: tests/run --deep guards")
    failed, passed = [], 0

    def check(what, holds, said=""):
        nonlocal passed
        passed += holds
        if not holds:
            failed.append(what)
            print(f"FAILED: {what}\n{said}")

    for guard in GUARDS:
        with tempfile.TemporaryDirectory() as name:
            crate(Path(name), {})
            check(f"{guard}: passes a crate in order", *run(guard, Path(name)))
    for guard, fault, pattern, files in plants():
        with tempfile.TemporaryDirectory() as name:
            crate(Path(name), files)
            passes, said = run(guard, Path(name))
            refused = not passes and re.search(pattern, said)
            check(f"{guard}: refuses: {fault}", bool(refused), said)
    without = inherits()
    check("every crate takes the workspace's lints", not without, str(without))
    whole = features("--workspace", edges="normal,build,dev")
    ours = features("-p", "toruk-tests", "-p", "toruk-server", edges="normal,build")
    check("the programs are built of what the tests are", ours <= whole, str(ours - whole))
    alone = features("-p", "toruk-server", edges="normal,build")
    check("other features would be seen", not alone <= whole)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
