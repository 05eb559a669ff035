#!/usr/bin/env python3
"""Assembles an AAR and checks it as an app's build would read it.

    aar.py OUT.aar MODULE JNI [CLASSES.jar]

MODULE is the Gradle module, for its manifest and the rules for shrinkers; JNI holds one folder per
ABI. Without CLASSES.jar the AAR has an empty one, and the app compiles the generated Kotlin itself.
"""

import io
import pathlib
import struct
import sys
import xml.etree.ElementTree as xml
import zipfile

ABIS = {"arm64-v8a": 183, "armeabi-v7a": 40, "x86_64": 62}  # with ELF's number of the machine
LIBRARY = "libtoruk_mobile_core.so"
PACKAGE = "kg.toruk.core"
MIN_SDK = "24"
ANDROID = "http://schemas.android.com/apk/res/android"
# The same bytes each time: an AAR is compared, and kept, by its hash.
EPOCH = (1980, 1, 1, 0, 0, 0)


def empty_jar():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as jar:
        entry = zipfile.ZipInfo("META-INF/MANIFEST.MF", EPOCH)
        jar.writestr(entry, "Manifest-Version: 1.0\r\n\r\n")
    return written.getvalue()


def manifest(module):
    """The module's manifest with what Gradle adds to it: its name and the oldest system."""
    xml.register_namespace("android", ANDROID)
    root = xml.parse(module / "src/main/AndroidManifest.xml").getroot()
    root.set("package", PACKAGE)
    xml.SubElement(root, "uses-sdk", {f"{{{ANDROID}}}minSdkVersion": MIN_SDK})
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def assemble(out, module, jni, classes):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as aar:
        def put(name, content):
            aar.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)

        put("AndroidManifest.xml", manifest(module))
        put("classes.jar", classes.read_bytes() if classes else empty_jar())
        put("R.txt", b"")
        put("proguard.txt", (module / "consumer-rules.pro").read_bytes())
        for abi in ABIS:
            put(f"jni/{abi}/{LIBRARY}", (jni / abi / LIBRARY).read_bytes())


def check(out):
    with zipfile.ZipFile(out) as aar:
        assert aar.testzip() is None
        wanted = {"AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt"}
        wanted |= {f"jni/{abi}/{LIBRARY}" for abi in ABIS}
        assert set(aar.namelist()) == wanted, aar.namelist()
        root = xml.fromstring(aar.read("AndroidManifest.xml"))
        assert root.tag == "manifest" and root.get("package") == PACKAGE, root.attrib
        zipfile.ZipFile(io.BytesIO(aar.read("classes.jar"))).testzip()
        rules = aar.read("proguard.txt").decode()
        assert "com.sun.jna" in rules and PACKAGE in rules, "rules for shrinkers"
        for abi, machine in ABIS.items():
            head = aar.read(f"jni/{abi}/{LIBRARY}")[:20]
            assert head[:4] == b"\x7fELF", abi
            assert struct.unpack_from("<HH", head, 16) == (3, machine), abi


def main():
    out, module, jni = map(pathlib.Path, sys.argv[1:4])
    classes = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 and sys.argv[4] else None
    assemble(out, module, jni, classes)
    check(out)


if __name__ == "__main__":
    main()
