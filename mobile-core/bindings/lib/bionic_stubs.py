#!/usr/bin/env python3
"""Makes stub libraries out of the reviewed list of what the core takes from Android.

    bionic_stubs.py LIST FOLDER TARGET API

FOLDER gets libc.so, libm.so, libdl.so and liblog.so without any code in them, and a libunwind.a
that only traps. They satisfy a linker, so that a symbol missing from the list fails the build, and
can never run: what ships is linked with the NDK.
"""

import pathlib
import subprocess
import sys

LLVM = "22"
MACHINES = {"aarch64": ("AArch64", 64), "armv7": ("ARM", 32), "x86_64": ("x86_64", 64)}

# Exported by the NDK's own libunwind.a. The arguments do not matter to a linker.
UNWINDER = """
Backtrace GetIP GetIPInfo GetCFA FindEnclosingFunction GetLanguageSpecificData GetRegionStart
GetDataRelBase GetTextRelBase SetGR SetIP VRS_Get VRS_Set RaiseException DeleteException Resume
""".split()
ARM_UNWINDER = ["__gnu_unwind_frame", "__aeabi_unwind_cpp_pr0", "__aeabi_unwind_cpp_pr1"]

# What musl's headers call these on 32-bit machines, where its times have 64 bits. The NDK's do not.
MUSL_TIME64 = """
__dlsym_time64 __fstat_time64 __gettimeofday_time64 __localtime64_r __lstat_time64
__nanosleep_time64 __stat_time64 __time64 __utimes_time64
""".split()


def read_list(path):
    """The functions of each library, by the library's name."""
    libraries, current = {}, None
    for line in pathlib.Path(path).read_text().splitlines():
        word = line.split("#")[0].strip()
        if word.startswith("["):
            current = libraries.setdefault(word.strip("[]"), [])
        elif word:
            current.append(word)
    return libraries


def shared_stub(folder, name, symbols, target):
    """An ELF library that says it has the symbols, and has nothing."""
    machine, bits = MACHINES[target.split("-")[0]]
    lines = [
        "--- !ifs-v1",
        "IfsVersion: 3.0",
        f"SoName: {name}",
        f"Target: {{ ObjectFormat: ELF, Arch: {machine}, Endianness: little, BitWidth: {bits} }}",
        "Symbols:",
        *(f"  - {{ Name: {symbol}, Type: Func }}" for symbol in symbols),
        "...",
    ]
    described = folder / f"{name}.ifs"
    described.write_text("\n".join(lines) + "\n")
    output = f"--output-elf={folder / name}"
    subprocess.check_call([f"llvm-ifs-{LLVM}", "--input-format=IFS", output, described])


def unwinder(folder, target, api):
    """A libunwind.a whose every function traps, hidden as the NDK's is."""
    names = [f"_Unwind_{name}" for name in UNWINDER] + ARM_UNWINDER
    source, compiled = folder / "unwind.c", folder / "unwind.o"
    source.write_text("\n".join(f"void {name}(void) {{ __builtin_trap(); }}" for name in names))
    clang_target = target.replace("armv7-", "armv7a-") + api
    flags = ["-ffreestanding", "-fPIC", "-fvisibility=hidden", "-O1", "-w"]
    subprocess.check_call(
        [f"clang-{LLVM}", f"--target={clang_target}", *flags, "-c", source, "-o", compiled]
    )
    archive = folder / "libunwind.a"
    archive.unlink(missing_ok=True)
    subprocess.check_call([f"llvm-ar-{LLVM}", "rcs", archive, compiled])


def main():
    listed, folder, target, api = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, symbols in read_list(listed).items():
        if name == "libc.so" and target.startswith("armv7"):
            symbols += MUSL_TIME64
        shared_stub(folder, name, symbols, target)
    unwinder(folder, target, api)


if __name__ == "__main__":
    main()
