"""The scenario's verbs for the phone: each is one call of the generated binding, typed as an app would
write it, and answers what a step may expect."""

import asyncio
from pathlib import Path

import phone
from toruk_mobile_core import (
    BidResult,
    Cancel,
    CatalogueQuery,
    Core,
    CoreConfig,
    LogLevel,
    PaymentChannel,
    Platform,
    Quote,
    SyncReason,
    known_answer,
    set_logger,
    system_entropy,
)

# How long a call that is going to be cancelled may go on before.
HANGS_S = 0.3
# Auctions of a screen.
PAGE = 20
# A cancelled sync would have gone on for so long.
SYNC_BUDGET_MS = 60_000


class Bidder:
    """A person with the app open."""

    def __init__(self, desk: str):
        self._desk = desk
        self._core: Core | None = None
        self._finger = phone.Finger(desk)
        self._token = phone.Token(desk)
        self._ear: phone.Ear | None = None
        self._clock: phone.PhoneClock | None = None
        self._transfers = phone.Transfers()
        self._quote: Quote | None = None
        self._log = phone.Log()
        set_logger(LogLevel.WARN, self._log)

    async def opens(self, server_url, data_dir, secrets_dir, slept_file, language, secrets=None):
        self._clock = phone.PhoneClock(Path(slept_file))
        platform = Platform(
            secure_store=phone.FileSecrets(Path(secrets_dir), secrets == "throws"),
            passkeys=self._finger,
            clock=self._clock,
            entropy=system_entropy(),
            transfers=self._transfers,
            certificates=self._token,
        )
        config = CoreConfig(server_url=server_url, data_dir=data_dir, language=language)
        self._core = Core.open(config, platform)
        await self.listens(badly=False)
        return self._account()

    async def listens(self, badly):
        self._ear = phone.Ear(self._core, badly)
        self._core.listen(self._ear)
        return {}

    async def breaks(self, what, broken):
        if what != "clock":
            raise KeyError(what)
        self._clock.broken = broken
        return {}

    async def closes(self):
        self._core.close()
        return {}

    async def goes_offline(self):
        self._core.set_online(False)
        return {}

    async def goes_online(self):
        self._core.set_online(True)
        return {}

    async def goes_to_sleep(self, budget_ms):
        await self._core.suspend(budget_ms)
        jobs = self._transfers.jobs
        if not jobs:
            return {"jobs": 0}
        job = jobs[-1]
        return {
            "jobs": len(jobs),
            "id": job.id,
            "method": job.method,
            "url": job.url,
            "headers": {header.name: header.value for header in job.headers},
            "file": job.file,
            "size_bytes": job.size_bytes,
        }

    async def wakes(self):
        self._core.resume(True)
        return {}

    async def looks_around(self):
        seen = self._core.overview()
        return {"signed_in": seen.signed_in, "online": seen.online, "watched": len(seen.watched)}

    async def hears(self, what):
        count, gaps = self._ear.heard(what)
        return {"count": count, "gaps": gaps}

    async def reads_log(self, contains):
        return {"lines": sum(contains in line for line in self._log.lines)}

    # Who it is.

    async def registers(self, name, passkey=None):
        self._finger.mood = passkey
        account = await self._core.register(name)
        return {"name": account.name, "signed_in": account.signed_in}

    async def signs_in(self):
        account = await self._core.sign_in()
        return {"name": account.name, "signed_in": account.signed_in}

    async def signs_in_by_certificate(self, token=None):
        self._token.mood = token
        account = await self._core.sign_in_by_certificate()
        return {"name": account.name, "signed_in": account.signed_in}

    async def signs_out(self):
        await self._core.sign_out()
        return self._account()

    async def registers_push(self, token):
        await self._core.register_push(token)
        return {}

    def _account(self):
        account = self._core.account()
        if account is None:
            return {"name": None, "signed_in": False}
        return {"name": account.name, "signed_in": account.signed_in}

    # What is sold.

    async def lists_auctions(self):
        listed = await self._core.auctions()
        return {"count": len(listed.items), "stale": listed.stale}

    async def reads_auction(self, auction):
        detail = await self._core.auction(auction)
        return {
            "number": detail.number,
            "status": detail.status,
            "fields": len(detail.fields),
            "slots": len(detail.slots),
            "stale": detail.stale,
        }

    async def keeps_catalogue(self):
        self._core.keep_catalogue(True)
        return {}

    async def searches(self, text):
        query = CatalogueQuery(
            text=text, kinds=[], statuses=[], settlement=None, soonest_first=True
        )
        page = self._core.catalogue_page(query, None, PAGE)
        return {"count": len(page.items), "as_of": page.as_of, "next": page.next}

    # Applying.

    async def answers(self, auction, field, value):
        self._core.draft_set(auction, field, value)
        return {}

    async def attaches(self, auction, slot, name, text, size_kib):
        content = text.encode().ljust(size_kib * 1024)
        self._core.draft_attach(auction, slot, name, "application/pdf", content)
        return {}

    async def hears_of_upload(self, auction, id):
        await self._core.upload_finished(id)
        files = self._core.draft_status(auction).files
        return {"upload": next((file.upload for file in files if file.sha256 == id), None)}

    async def reads_draft(self, auction):
        draft = self._core.draft_status(auction)
        submit = draft.submit
        received = submit.received_at if submit else None
        return {
            "answers": len(draft.answers),
            "full_name": draft.answers.get("full_name"),
            "faults": len(draft.faults),
            "files": len(draft.files),
            "submit": submit.state if submit else None,
            "in_time": received is not None and received < submit.tender_end,
        }

    async def submits(self, auction, passkey=None):
        self._finger.mood = passkey
        status = await self._core.submit(auction)
        return {"state": status.state, "received_at": status.received_at}

    async def syncs(self, budget_ms, cancel=None):
        report = await self._core.sync_now(SyncReason.FOREGROUND, budget_ms, cancel)
        return {
            "state": report.state,
            "waiting": report.waiting,
            "files_waiting": report.files_waiting,
            "pulled": report.pulled,
        }

    async def reads_outcomes(self, operation):
        found = [one for one in self._core.outcomes() if one.operation == operation]
        last = found[-1] if found else None
        return {
            "count": len(found),
            "verdict": last.verdict if last else None,
            "op_no": last.op_no if last else None,
        }

    async def acknowledges(self, op_no):
        self._core.ack_outcome(op_no)
        return {}

    async def reads_mine(self, auction):
        mine = await self._core.my_auctions()
        own = next((one for one in mine.items if one.auction == auction), None)
        return {
            "status": own.status if own else None,
            "deposit": own.deposit_status if own else None,
            "stale": mine.stale,
        }

    # Paying.

    async def begins_payment(self, auction, channel):
        code = await self._core.begin_payment(auction, PaymentChannel[channel.upper()])
        return {"code": code.code, "amount": code.amount}

    async def reads_slip(self, auction):
        return {"slip": self._core.payment_slip(auction)}

    # Bidding.

    async def watches(self, auction):
        self._core.watch(auction)
        return {}

    async def looks(self, auction):
        live = self._core.live_state(auction)
        return {
            "button": live.button,
            "closed": live.closed,
            "amount": live.amount,
            "price": live.price,
            "round": live.round,
            "participants": live.participants,
            "connected": live.connected,
        }

    async def quotes(self, auction):
        self._quote = self._core.quote(auction)
        return {"amount": self._quote.amount, "first_offer": self._quote.first_offer}

    async def confirms(self):
        return _bid(await self._core.place_bid(self._quote))

    async def asks_bid(self, bid):
        return _bid(await self._core.bid_status(bid))

    async def answers_vector(self, kind, input):
        return {"answer": known_answer(kind, input)}

    async def checks_receipt(self, receipt):
        return {"amount": self._core.verify_receipt(receipt).amount}

    # What came of it.

    async def gets_push(self, payload):
        shown = await self._core.on_push(payload)
        if shown is None:
            return {"shown": False}
        return {
            "shown": True,
            "kind": shown.kind,
            "auction": shown.auction,
            "body": shown.body,
            "urgent": shown.urgent,
        }

    async def reads_protocol(self, auction):
        protocol = await self._core.protocol(auction)
        return {
            "number": protocol.number,
            "price": protocol.price,
            "participants": protocol.participants,
        }

    async def confirms_award(self, auction):
        await self._core.confirm_award(auction)
        return {}

    # What an app does to a core.

    async def calls_at_once(self, auction, count):
        calls = [self._one_of_many(auction, position) for position in range(count)]
        return {"answered": len(await asyncio.gather(*calls))}

    async def _one_of_many(self, auction, position):
        if position % 3 == 0:
            return (await self._core.auction(auction)).number
        if position % 3 == 1:
            return (await self._core.my_auctions()).as_of
        return await asyncio.to_thread(self._core.draft_status, auction)

    async def cancels_call(self, auction):
        call = asyncio.create_task(self._core.auction(auction))
        await asyncio.sleep(HANGS_S)
        was_under_way = not call.done()
        call.cancel()
        try:
            await call
        except asyncio.CancelledError:
            return {"cancelled": was_under_way}
        return {"cancelled": False}

    async def cancels_sync(self):
        cancel = Cancel()
        call = asyncio.create_task(self.syncs(SYNC_BUDGET_MS, cancel))
        await asyncio.sleep(HANGS_S)
        was_under_way = not call.done()
        cancel.cancel()
        return {**await call, "cancelled": was_under_way}


def _bid(result: BidResult):
    receipt = result.receipt
    return {
        "bid": result.bid,
        "state": result.state.name.lower(),
        "code": result.code,
        "amount": receipt.amount if receipt else None,
        "receipt": receipt.text if receipt else None,
    }
