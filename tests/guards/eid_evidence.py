#!/usr/bin/env python3
"""Verifies the evidence of a confirmation by eID as a stranger does: with Python's own library, and no
code or key of the server. Follows the steps of `eid/how-to-verify.txt` in the file.

    eid_evidence.py FILE.zip [--document FILE] [--keys FILE]

The options put another document, or another provider's keys, in the place of those in the file. Prints
what was found out as JSON, or says what does not hold and fails."""

import argparse
import base64
import hashlib
import json
import sys
import zipfile

# EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 9.2).
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
# NIST P-256 (SEC 2, 2.4.2).
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SEAL_BYTES = 32


def fail(reason):
    sys.exit(f"does not hold: {reason}")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text):
    return int.from_bytes(decoded(text), "big")


def by_rsa(key, signed, signature):
    modulus, exponent = number(key["n"]), number(key["e"])
    size = (modulus.bit_length() + 7) // 8
    tail = DIGEST_INFO + hashlib.sha256(signed).digest()
    expected = b"\x00\x01" + b"\xff" * (size - 3 - len(tail)) + b"\x00" + tail
    found = pow(int.from_bytes(signature, "big"), exponent, modulus)
    return size >= 256 and len(signature) == size and found.to_bytes(size, "big") == expected


def added(one, other):
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(factor, point):
    total = None
    while factor:
        if factor & 1:
            total = added(total, point)
        point, factor = added(point, point), factor >> 1
    return total


def by_curve(key, signed, signature):
    x, y = number(key["x"]), number(key["y"])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    on_curve = (y * y - x * x * x + 3 * x - B) % P == 0
    if not on_curve or len(signature) != 64 or not (0 < r < N and 0 < s < N):
        return False
    inverse = pow(s, -1, N)
    digest = int.from_bytes(hashlib.sha256(signed).digest(), "big")
    point = added(times(digest * inverse % N, G), times(r * inverse % N, (x, y)))
    return point is not None and point[0] % N == r


def verified(token, keys):
    """The claims of a token under one of these keys."""
    head, body, signature = token.split(".")
    header = json.loads(decoded(head))
    named = [key for key in keys["keys"] if key.get("kid") == header.get("kid")]
    if len(named) != 1:
        fail("the key that the token names is not there")
    kinds = {("RS256", "RSA"): by_rsa, ("ES256", "EC"): by_curve}
    holds = kinds.get((header.get("alg"), named[0].get("kty")))
    if holds is None or not holds(named[0], f"{head}.{body}".encode(), decoded(signature)):
        fail("the provider's signature")
    return json.loads(decoded(body))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--document")
    parser.add_argument("--keys")
    asked = parser.parse_args()
    with zipfile.ZipFile(asked.file) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    [document] = [content for name, content in files.items() if "/" not in name]
    keys = files["eid/keys.json"]
    if asked.document:
        document = open(asked.document, "rb").read()
    if asked.keys:
        keys = open(asked.keys, "rb").read()
    report = json.loads(files["eid/report.json"])
    claims = verified(files["eid/id-token.jwt"].decode(), json.loads(keys))
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims["iss"] != report["issuer"] or audience != [report["client_id"]]:
        fail("the token is of another provider, or for another server")
    state = files["eid/state.txt"]
    nonce = hashlib.sha256(b"toruk/eid-nonce/v1\n" + state).digest()
    if decoded(claims["nonce"]) != nonce:
        fail("the token is for another state")
    act = json.loads(decoded(state.decode())[:-SEAL_BYTES])["act"]
    sha256 = hashlib.sha256(document).hexdigest()
    if act["digest"] != sha256:
        fail("another document was confirmed")
    facts = {name: claims.get(name) for name in ("sub", "pin", "auth_time")}
    print(json.dumps({**facts, "sha256": sha256, "kind": document.split(b"\n")[0].decode()}))


main()
