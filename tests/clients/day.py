"""A bidder's day through the client that `openapi-python-client` makes of `server/openapi.json`.

`tests/guards/api` makes the client (`toruk_client`) and runs this in a town that
`bindings host` wakes; with `token` it signs in and prints the session's. Requests and answers are the client's; written by hand is what no generator
can know, and `sync/README.md` says: canonical bytes, their signature, a time-ordered id.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.request
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from toruk_client import AuthenticatedClient, Client
from toruk_client import models
from toruk_client.api.award import answer_award, get_protocol
from toruk_client.api.bids import get_receipt, place_bid
from toruk_client.api.catalogue import get_auction, get_log, list_auctions
from toruk_client.api.files import announce_file, append_bytes, get_upload_progress
from toruk_client.api.identity import end_session, finish_registration, start_registration
from toruk_client.api.payments import begin_payment
from toruk_client.api.sync import pull_changes, push_operations
from toruk_client.types import File

SERVER, DESK = os.environ["TORUK_SERVER"], os.environ["TORUK_DESK"]
AUCTION = uuid.UUID(os.environ["TORUK_AUCTION"])
TUS = "1.0.0"
# How long the server may take for what it does after its answer.
PATIENCE_S = 20


def town(verb, **what):
    return post(f"/town/{verb}", what)


def post(path, body):
    request = urllib.request.Request(
        f"{DESK}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def canonical(kind, fields):
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{kind}\n{text}".encode()


def base64_of(content):
    return base64.b64encode(content).decode()


class Device:
    """The key of a phone."""

    def __init__(self):
        self.id, self.key = uuid.uuid4(), ec.generate_private_key(ec.SECP256R1())

    def public_key(self):
        point = serialization.PublicFormat.UncompressedPoint
        return base64_of(self.key.public_key().public_bytes(serialization.Encoding.X962, point))

    def sign(self, signed):
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return base64_of(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def expect(answer, kind, status=200):
    assert answer.status_code == status, f"{answer.status_code}: {answer.content}"
    assert isinstance(answer.parsed, kind), f"{answer.parsed}"
    return answer.parsed


def register(device):
    with Client(SERVER) as stranger:
        start = models.StartRegistration.from_dict(
            {"name": "Айда Өмүрзакова", "language": "ky"}
        )
        challenge = expect(
            start_registration.sync_detailed(client=stranger, body=start), models.Challenge
        )
        credential = post("/passkey/register", challenge.options.to_dict())
        described = {"id": str(device.id), "public_key": device.public_key()}
        signed = {"ceremony": str(challenge.ceremony), "device": described["id"]}
        signed |= {"public_key": described["public_key"]}
        body = models.FinishCeremony.from_dict(
            {
                "ceremony": str(challenge.ceremony),
                "credential": credential,
                "device": described | {"platform": "terminal"},
                "proof": device.sign(canonical("toruk/device/v1", signed)),
            }
        )
        return expect(
            finish_registration.sync_detailed(client=stranger, body=body), models.Session
        )


def confirmed(session, signed):
    """A passkey's confirmation of these bytes."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(signed).digest()).decode().rstrip("=")
    options = {
        "challenge": challenge,
        "rpId": session.rp_id,
        "allowCredentials": [{"type": "public-key", "id": session.credential_id}],
        "userVerification": "required",
    }
    return {"passkey": {"credential": post("/passkey/assert", {"publicKey": options})}}


def upload(client, content):
    sha256 = hashlib.sha256(content).hexdigest()
    about = f"sha256 {base64_of(sha256.encode())},mime {base64_of(b'application/pdf')}"
    announced = announce_file.sync_detailed(
        client=client, tus_resumable=TUS, upload_length=len(content), upload_metadata=about
    )
    assert announced.status_code == 201, announced
    offset = 0
    for part in (content[: len(content) // 2], content[len(content) // 2 :]):
        appended = append_bytes.sync_detailed(
            sha256, client=client, tus_resumable=TUS, upload_offset=offset, body=File(payload=part)
        )
        assert appended.status_code == 204, appended
        offset = int(appended.headers["upload-offset"])
    progress = get_upload_progress.sync_detailed(sha256, client=client, tus_resumable=TUS)
    assert int(progress.headers["upload-offset"]) == len(content), progress
    return {"slot": "identity_document", "sha256": sha256, "size_bytes": len(content)} | {
        "mime": "application/pdf",
        "name": "паспорт.pdf",
    }


def apply(client, session, device):
    page = expect(
        list_auctions.sync_detailed(
            client=client, limit=1, sort=models.ListAuctionsSort.PRICE_DESC
        ),
        models.AuctionPage,
    )
    assert [str(item.id) for item in page.items] == [str(AUCTION)], page
    view = watch(client)
    answers = {"applicant_kind": "person", "full_name": "Айда Өмүрзакова"}
    answers |= {"pin": "00000000000001", "phone": "+996700000001", "address": "Бишкек, Чүй 1"}
    answers |= {"refund_account": "0000000000000001", "consent": "yes", "independence": "yes"}
    terms = view.auction.terms.to_dict()
    canonical_terms = canonical("", terms)[1:]
    package = {
        "auction": str(AUCTION),
        "person": str(session.person),
        "device": str(device.id),
        "terms_version": view.auction.version,
        "terms_hash": hashlib.sha256(canonical_terms).hexdigest(),
        "form": view.form.id,
        "form_version": view.form.version,
        "answers": answers,
        "files": [upload(client, b"%PDF-1.4\n% a passport\ntrailer << >>\n%%EOF\n")],
    }
    confirmation = confirmed(session, canonical("toruk/application/v1", package))
    operation = {"submit_application": {"package": package, "confirmation": confirmation}}
    op = {"op_no": 1, "person": str(session.person), "operation": operation}
    push = models.Push.from_dict({"ops": [op]})
    twice = [
        expect(push_operations.sync_detailed(client=client, body=push), models.PushReply)
        for _ in range(2)
    ]
    assert twice[0].outcomes[0].to_dict() == twice[1].outcomes[0].to_dict(), "one operation"
    return uuid.UUID(twice[0].outcomes[0].verdict.to_dict()["submitted"]["application"])


def watch(client):
    return expect(get_auction.sync_detailed(AUCTION, client=client), models.AuctionView)


def until_eligible(client):
    ends, cookie = time.monotonic() + PATIENCE_S, None
    while time.monotonic() < ends:
        pull = models.Pull.from_dict({"cookie": cookie})
        reply = expect(pull_changes.sync_detailed(client=client, body=pull), models.PullReply)
        cookie = reply.cookie
        for row in reply.to_dict()["rows"]:
            if row["k"] == "application" and row["v"]["application"]["status"] == "eligible":
                return
        time.sleep(0.1)
    raise AssertionError("the deposit is not credited")


def pay(client, application):
    begin = models.BeginPayment(id=uuid.uuid4(), channel=models.Channel.WALLET_CODE)
    intent = expect(
        begin_payment.sync_detailed(application, client=client, body=begin), models.Intent
    )
    town("bank_pays", code=intent.code, amount=intent.amount)
    until_eligible(client)


def id_in_order_of_time(micros):
    """A UUIDv7 (RFC 9562, section 5.7)."""
    number = (micros // 1000) << 80 | 0x7 << 76 | int.from_bytes(os.urandom(2), "big") >> 4 << 64
    number |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=number)


def bid(client, session, device, view):
    auction = view.auction.to_dict()
    # The rule `bidding::required`: one step above the price.
    amount = auction["round"]["price"] + auction["terms"]["minimal_step"]
    basis = {"round": auction["round"]["number"], "price": auction["round"]["price"]}
    told = {"bid": str(id_in_order_of_time(view.server_time)), "amount": amount}
    told |= {"epoch": auction["epoch"]}
    signed = {"auction": str(AUCTION), "person": str(session.person), "device": str(device.id)}
    signature = device.sign(canonical("toruk/bid/v2", told | basis | signed))
    sent = {"basis": basis, "client_sent_at": view.server_time, "signature": signature}
    return models.PlaceBid.from_dict(told | sent)


def raises(client, session, device):
    placed = bid(client, session, device, watch(client))
    first = place_bid.sync_detailed(AUCTION, client=client, body=placed)
    receipt = expect(first, models.BidReply, 201).receipt
    assert receipt.to_dict()["body"]["decision"] == "accepted", receipt
    again = place_bid.sync_detailed(AUCTION, client=client, body=placed)
    assert expect(again, models.BidReply, 201).receipt == receipt, "a repeated bid is the same bid"
    kept = get_receipt.sync_detailed(placed.bid, client=client)
    assert expect(kept, models.BidReply).receipt == receipt
    return placed


def read_log(client):
    """All records, by pages of two."""
    records, after = [], 0
    while True:
        page = get_log.sync_detailed(AUCTION, client=client, after=after, limit=2)
        if not expect(page, list):
            return records
        records += page.parsed
        after += len(page.parsed)


def main(only_token):
    device = Device()
    session = register(device)
    if only_token:
        print(session.token)
        return
    with AuthenticatedClient(SERVER, session.token) as client:
        application = apply(client, session, device)
        town("moderator_admits")
        pay(client, application)
        town("rival_applies")
        town("time_passes", until="bidding")
        placed = raises(client, session, device)
        town("rival_raises")
        town("seconds_pass", count=2)
        late = models.PlaceBid.from_dict(
            placed.to_dict() | {"bid": str(id_in_order_of_time(watch(client).server_time))}
        )
        refused = place_bid.sync_detailed(AUCTION, client=client, body=late)
        problem = expect(refused, models.ProblemBody, refused.status_code)
        assert problem.code == "bad_signature", problem
        raises(client, session, device)
        town("time_passes", until="close")
        assert len(read_log(client)) == watch(client).seq
        view = expect(get_protocol.sync_detailed(AUCTION, client=client), models.ProtocolView)
        signed = canonical("toruk/protocol/v1", view.protocol.to_dict())
        answer = models.AnswerAwardType0.from_dict(
            {"confirm": {"confirmation": confirmed(session, signed)}}
        )
        answered = answer_award.sync_detailed(AUCTION, client=client, body=answer)
        assert answered.status_code == 204, answered
        assert end_session.sync_detailed(client=client).status_code == 204
        ended = get_protocol.sync_detailed(AUCTION, client=client)
        assert expect(ended, models.ProblemBody, 401).code == "signed_out", ended
    print("the generated Python client had its day")


if __name__ == "__main__":
    main(sys.argv[1:] == ["token"])
