"""A client's arithmetic, written from `sync/README.md` with nothing but Python's own library.

It answers the vectors of `run.py`, and shows that the page says enough. The curves are computed in
the plainest way, neither fast nor in constant time: verify with it, never sign.
"""

import base64
import binascii
import hashlib
import json
import sys
import uuid


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def signed_bytes(asked):
    signed = f"{asked['type']}\n{canonical(asked['fields'])}"
    digest = sha256(signed.encode())
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return {"bytes": signed, "sha256": digest.hex(), "challenge": challenge}


# P-256: y² = x³ - 3x + b over the prime P, with the generator G of order N (SEC 2).
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_add(one, other):
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P == 0:
            return None
        slope = (3 * one[0] ** 2 - 3) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope**2 - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(add, nothing, scalar, point):
    total = nothing
    for bit in bin(scalar)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def ecdsa(asked):
    key = base64.b64decode(asked["public_key"], validate=True)
    signature = base64.b64decode(asked["signature"], validate=True)
    if len(key) != 65 or key[0] != 4 or len(signature) != 64:
        return {"valid": False}
    x, y = (int.from_bytes(part, "big") for part in (key[1:33], key[33:]))
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
    if (y**2 - x**3 + 3 * x - B) % P or not (0 < r < N and 0 < s < N):
        return {"valid": False}
    inverse = pow(s, -1, N)
    hashed = int.from_bytes(sha256(asked["bytes"].encode()), "big")
    by_generator = times(p256_add, None, hashed * inverse % N, G)
    found = p256_add(by_generator, times(p256_add, None, r * inverse % N, (x, y)))
    return {"valid": found is not None and found[0] % N == r}


# Ed25519: -x² + y² = 1 + dx²y² over the prime Q, with the generator E of order L (RFC 8032).
Q = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q


def ed_add(one, other):
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + both, -1, Q)
    return x % Q, (y1 * y2 + x1 * x2) * pow(1 - both, -1, Q) % Q


def ed_point(text):
    number = int.from_bytes(text, "little")
    odd, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if (x * x - square) % Q:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    if y >= Q or (x * x - square) % Q:
        return None
    return (Q - x if x % 2 != odd else x), y


E = ed_point((4 * pow(5, -1, Q) % Q).to_bytes(32, "little"))


def ed25519(key, text, signature):
    point, start = ed_point(key), ed_point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or start is None or scalar >= L:
        return False
    hashed = hashlib.sha512(signature[:32] + key + text).digest()
    hashed = int.from_bytes(hashed, "little") % L
    nothing = (0, 1)
    return times(ed_add, nothing, scalar, E) == ed_add(start, times(ed_add, nothing, hashed, point))


def parsed_key(text):
    name, _, typed = text.split("+", 2)
    key = base64.b64decode(typed, validate=True)
    return name, sha256(name.encode(), b"\n", key)[:4], key[1:]


def receipt_key(asked):
    name, key_id, _ = parsed_key(asked["key"])
    return {"name": name, "origin": name.rsplit("/receipt/", 1)[0], "id": key_id.hex()}


def climbs(leaf, index, size, path):
    if index >= size:
        return None
    reached, last, path = leaf, size - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not path:
                return None
            pair = (path.pop(0), reached) if index % 2 else (reached, path.pop(0))
            reached = sha256(b"\1", *pair)
        index, last = index // 2, last // 2
    return None if path else reached


def is_sound(text, key):
    said, proof = text.split("\nc2sp.org/tlog-proof@v1\n", 1)
    place, note = proof.split("\n\n", 1)
    index, *path = place.split("\n")
    signed, signatures = note.rsplit("\n\n", 1)
    first, size, root = signed.split("\n")
    name, key_id, public = parsed_key(key)
    origin = name.rsplit("/receipt/", 1)[0]
    kinds = (f"{origin}/receipt/v1", f"{origin}/application-receipt/v1")
    if first != f"{origin}/receipt-batch/v1" or said.split("\n")[0] not in kinds:
        return False
    path = [base64.b64decode(step, validate=True) for step in path]
    index = int(index.removeprefix("index "))
    if climbs(sha256(b"\0", said.encode()), index, int(size), path) != base64.b64decode(root):
        return False
    for line in signatures.splitlines():
        _, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if signer == name and signature[:4] == key_id:
            return ed25519(public, f"{signed}\n".encode(), signature[4:])
    return False


def receipt(asked):
    try:
        return {"valid": is_sound(asked["text"], asked["key"])}
    except (ValueError, binascii.Error):
        return {"valid": False}


def receipt_text(asked):
    body, origin = asked["receipt"]["body"], asked["origin"]
    decision = body["decision"]
    if decision != "accepted":
        reason = decision["refused"]
        if isinstance(reason, dict):
            ((reason, detail),) = reason.items()
            reason = f"{reason} {detail['required']}"
        decision = f"refused {reason}"
    said = lambda name, field: f"{name} {'none' if body[field] is None else body[field]}"
    lines = [f"{origin}/receipt/v1"]
    lines += [said(name, name) for name in ("auction", "bid", "bidder", "amount")]
    lines += [decision, said("received", "received_at"), said("decided", "decided_at")]
    lines += [said(name, name) for name in ("seq", "head", "round", "price", "deadline")]
    proof = ["", "c2sp.org/tlog-proof@v1", f"index {asked['receipt']['index']}"]
    lines += [*proof, *asked["receipt"]["path"], "", asked["receipt"]["note"]]
    return {"text": "\n".join(lines)}


def digest(asked):
    total = 0
    for kind, name, seq in asked["rows"]:
        total ^= int.from_bytes(sha256(f"{kind}\n{name}\n{seq}".encode())[:8], "big")
    return {"rows": len(asked["rows"]), "sum_text": str(total)}


def log(asked):
    head = bytes(32)
    for record in asked["records"]:
        head = sha256(b"\0", head, canonical(record).encode())
    return {"head": head.hex()}


def op_hash(asked):
    return {"hash": sha256(canonical(asked["operation"]).encode()).hex()}


def draft_id(asked):
    name = b"toruk draft v1" + uuid.UUID(asked["person"]).bytes + uuid.UUID(asked["auction"]).bytes
    hashed = hashlib.sha1(uuid.NAMESPACE_OID.bytes + name).digest()
    return {"id": str(uuid.UUID(bytes=hashed[:16], version=5))}


def commitment(asked):
    application = uuid.UUID(asked["application"]).bytes
    return {"commitment": sha256(bytes.fromhex(asked["salt"]), application).hex()}


ANSWERS = {
    function.__name__: function
    for function in (
        signed_bytes, ecdsa, receipt_key, receipt, receipt_text, digest, log, op_hash, draft_id,
        commitment,
    )
}


for line in sys.stdin:
    request = json.loads(line)
    answer = ANSWERS.get(request["kind"])
    print(json.dumps(answer(request["input"]) if answer else None), flush=True)
