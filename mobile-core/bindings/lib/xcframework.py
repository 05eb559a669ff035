#!/usr/bin/env python3
"""Assembles an XCFramework and checks it as Xcode would read it.

    xcframework.py OUT.xcframework HEADERS DEVICE.a SIMULATOR.a

HEADERS holds the C header and its module map. `xcodebuild -create-xcframework` makes the same
folder; this does it where there is no Xcode.
"""

import pathlib
import plistlib
import shutil
import subprocess
import sys

LIPO = "llvm-lipo-22"


def entry(identifier, library, variant):
    described = {
        "BinaryPath": library,
        "HeadersPath": "Headers",
        "LibraryIdentifier": identifier,
        "LibraryPath": library,
        "SupportedArchitectures": ["arm64"],
        "SupportedPlatform": "ios",
    }
    return described | ({"SupportedPlatformVariant": variant} if variant else {})


def assemble(out, headers, device, simulator):
    shutil.rmtree(out, ignore_errors=True)
    libraries = []
    for identifier, archive, variant in [
        ("ios-arm64", device, None),
        ("ios-arm64-simulator", simulator, "simulator"),
    ]:
        folder = out / identifier
        folder.mkdir(parents=True)
        shutil.copy(archive, folder / device.name)
        shutil.copytree(headers, folder / "Headers")
        libraries.append(entry(identifier, device.name, variant))
    described = {
        "AvailableLibraries": libraries,
        "CFBundlePackageType": "XFWK",
        "XCFrameworkFormatVersion": "1.0",
    }
    with open(out / "Info.plist", "wb") as file:
        plistlib.dump(described, file)


def check(out):
    """What Info.plist promises is there, for the machine it promises."""
    with open(out / "Info.plist", "rb") as file:
        libraries = plistlib.load(file)["AvailableLibraries"]
    assert len(libraries) == 2, libraries
    for library in libraries:
        folder = out / library["LibraryIdentifier"]
        archive = folder / library["LibraryPath"]
        found = subprocess.check_output([LIPO, "-archs", archive], text=True).split()
        assert found == library["SupportedArchitectures"], (archive, found)
        module = (folder / library["HeadersPath"] / "module.modulemap").read_text()
        for header in (folder / library["HeadersPath"]).glob("*.h"):
            assert f'header "{header.name}"' in module, module


def main():
    out, headers, device, simulator = map(pathlib.Path, sys.argv[1:])
    assemble(out, headers, device, simulator)
    check(out)


if __name__ == "__main__":
    main()
