"""Plays the scenario through the generated Python binding: asks the host for a step, does it, says what
came of it, until there is none. `runner.py DESK`."""

import asyncio
import json
import sys
import traceback
import urllib.request

import toruk_mobile_core
from bidder import Bidder
from toruk_mobile_core import CoreError

# The host may take a while between two steps; it kills a runner that is not needed.
ORDER_S_MAX = 600


def ask(desk: str, answer: dict | None) -> dict:
    """The next order, for what came of the last one."""
    body = json.dumps({"answer": answer}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{desk}/next", body, headers)
    with urllib.request.urlopen(request, timeout=ORDER_S_MAX) as order:
        return json.load(order)


def as_error(error: CoreError) -> dict:
    """An error as the scenario has it: each of the binding's classes, with what it carries."""
    match error:
        case CoreError.Refused():
            return {"kind": "refused", "code": error.code, "params": error.params}
        case CoreError.Offline():
            return {"kind": "offline"}
        case CoreError.SignedOut():
            return {"kind": "signed_out"}
        case CoreError.OutOfDate():
            return {"kind": "out_of_date"}
        case CoreError.StorageFull():
            return {"kind": "storage_full"}
        case CoreError.StoreRepaired():
            return {"kind": "store_repaired"}
        case CoreError.StoreTooNew():
            return {"kind": "store_too_new"}
        case CoreError.StoreInUse():
            return {"kind": "store_in_use"}
        case CoreError.UnsafeAddress():
            return {"kind": "unsafe_address"}
        case CoreError.Closed():
            return {"kind": "closed"}
        case CoreError.Internal():
            return {"kind": "internal", "detail": error.detail}
    raise TypeError(f"no such error: {error!r}")


async def play(desk: str) -> None:
    # The core calls the finger from threads of its own.
    toruk_mobile_core.uniffi_set_event_loop(asyncio.get_running_loop())
    bidder = Bidder(desk)
    answer = None
    while True:
        order = await asyncio.to_thread(ask, desk, answer)
        if order["do"] == "ends":
            return
        try:
            answer = {"done": await getattr(bidder, order["do"])(**order["with"])}
        except CoreError as error:
            answer = {"error": as_error(error)}
        except Exception:
            answer = {"error": {"kind": "unexpected", "detail": traceback.format_exc()}}


asyncio.run(play(sys.argv[1]))
