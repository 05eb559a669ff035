package kg.toruk.scenario

import com.google.gson.JsonObject
import java.nio.file.Path
import kg.toruk.core.Account
import kg.toruk.core.BidResult
import kg.toruk.core.Cancel
import kg.toruk.core.CatalogueQuery
import kg.toruk.core.Core
import kg.toruk.core.CoreConfig
import kg.toruk.core.LogLevel
import kg.toruk.core.PaymentChannel
import kg.toruk.core.Platform
import kg.toruk.core.Quote
import kg.toruk.core.SyncReason
import kg.toruk.core.events
import kg.toruk.core.knownAnswer
import kg.toruk.core.setLogger
import kg.toruk.core.systemEntropy
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

/** How long a call that is going to be cancelled may go on before. */
private const val HANGS_MS = 300L

/** Auctions of a screen. */
private const val PAGE: UInt = 20u

/** A cancelled sync would have gone on for so long. */
private const val SYNC_BUDGET_MS: ULong = 60_000u

/** What a step may expect. */
typealias Answer = Map<String, Any?>

/**
 * The scenario's verbs for the phone: each is one call of the generated binding, typed as an app would
 * write it.
 */
class Bidder(desk: String, private val scope: CoroutineScope) {
    private val finger = Finger(desk)
    private val token = Token(desk)
    private val transport = JvmTransport()
    private val transfers = Transfers()
    private val log = Log().also { setLogger(LogLevel.WARN, it) }
    private var clock: PhoneClock? = null
    private var heard = Heard()
    private var listening: Job? = null
    private var quoted: Quote? = null
    private var opened: Core? = null
    private val core get() = checkNotNull(opened) { "nothing is open" }

    suspend fun act(verb: String, with: JsonObject): Answer {
        fun text(name: String) = with.get(name).asString
        val passkey = with.get("passkey")?.asString
        return when (verb) {
            "opens" -> opens(with)
            "closes" -> done { core.shutDown() }
            "goes_offline" -> done { core.setOnline(false) }
            "goes_online" -> done { core.setOnline(true) }
            "goes_to_sleep" -> sleep(with.get("budget_ms").asLong.toULong())
            "listens" -> done { listen(with.get("badly").asBoolean) }
            "breaks" -> done { breaks(text("what"), with.get("broken").asBoolean) }
            "hears_of_upload" -> upload(text("auction"), text("id"))
            "answers_vector" -> mapOf("answer" to knownAnswer(text("kind"), text("input")))
            "checks_receipt" -> mapOf("amount" to core.verifyReceipt(text("receipt")).amount)
            "wakes" -> done { core.resume(true) }
            "looks_around" -> overview()
            "hears" -> heard.tell(text("what"))
            "reads_log" -> mapOf("lines" to log.lines.count { text("contains") in it })
            "registers" -> touching(passkey) { account(core.register(text("name"))) }
            "signs_in" -> account(core.signIn())
            "signs_in_by_certificate" -> {
                token.mood = with.get("token")?.asString
                account(core.signInByCertificate())
            }
            "signs_out" -> { core.signOut(); account(core.account()) }
            "registers_push" -> done { core.registerPush(text("token")) }
            "lists_auctions" -> core.auctions().let { mapOf("count" to it.items.size, "stale" to it.stale) }
            "keeps_catalogue" -> done { core.keepCatalogue(true) }
            "searches" -> search(text("text"))
            "reads_auction" -> auction(text("auction"))
            "answers" -> done { core.draftSet(text("auction"), text("field"), text("value")) }
            "attaches" -> done { attach(with) }
            "reads_draft" -> draft(text("auction"))
            "submits" -> touching(passkey) {
                core.submit(text("auction")).let { mapOf("state" to it.state, "received_at" to it.receivedAt) }
            }
            "syncs" -> sync(with.get("budget_ms").asLong.toULong(), null)
            "reads_outcomes" -> outcomes(text("operation"))
            "acknowledges" -> done { core.ackOutcome(with.get("op_no").asLong.toULong()) }
            "reads_mine" -> mine(text("auction"))
            "begins_payment" -> payment(text("auction"), text("channel"))
            "reads_slip" -> mapOf("slip" to core.paymentSlip(text("auction")))
            "watches" -> done { core.watch(text("auction")) }
            "looks" -> live(text("auction"))
            "quotes" -> quote(text("auction"))
            "confirms" -> bid(core.placeBid(checkNotNull(quoted)))
            "asks_bid" -> bid(core.bidStatus(text("bid")))
            "gets_push" -> push(text("payload"))
            "reads_protocol" -> protocol(text("auction"))
            "confirms_award" -> done { core.confirmAward(text("auction")) }
            "calls_at_once" -> atOnce(text("auction"), with.get("count").asInt)
            "cancels_call" -> cancelled(text("auction"))
            "cancels_sync" -> cancelledSync()
            else -> error("no such verb: $verb")
        }
    }

    private fun opens(with: JsonObject): Answer {
        fun text(name: String) = with.get(name).asString
        val secrets = FileSecrets(Path.of(text("secrets_dir")), with.has("secrets"))
        val ticking = PhoneClock(Path.of(text("slept_file")))
        val platform = Platform(
            secureStore = secrets,
            passkeys = finger,
            clock = ticking,
            entropy = systemEntropy(),
            transport = transport,
            signer = JvmSigner(secrets),
            transfers = transfers,
            certificates = token,
        )
        val config = CoreConfig(text("server_url"), text("data_dir"), text("language"))
        opened = Core.open(config, platform)
        clock = ticking
        listen(badly = false)
        return account(core.account())
    }

    private fun listen(badly: Boolean) {
        val ear = Heard()
        heard = ear
        listening?.cancel()
        if (badly) {
            core.listen(BadEar(core, ear))
        } else {
            listening = scope.launch { core.events().collect(ear::hear) }
        }
    }

    private fun breaks(what: String, broken: Boolean) = when (what) {
        "clock" -> checkNotNull(clock).broken = broken
        "transport" -> transport.broken = broken
        else -> error("$what can't break")
    }

    private suspend fun sleep(budgetMs: ULong): Answer {
        core.suspend(budgetMs)
        val job = transfers.jobs.lastOrNull() ?: return mapOf("jobs" to 0)
        return mapOf(
            "jobs" to transfers.jobs.size, "id" to job.id, "method" to job.method, "url" to job.url,
            "headers" to job.headers.associate { it.name to it.value }, "file" to job.file,
            "size_bytes" to job.sizeBytes.toLong(),
        )
    }

    private suspend fun upload(auction: String, id: String): Answer {
        core.uploadFinished(id)
        val file = core.draftStatus(auction).files.find { it.sha256 == id }
        return mapOf("upload" to file?.upload)
    }

    private suspend fun touching(mood: String?, call: suspend () -> Answer): Answer {
        finger.mood = mood
        return call()
    }

    private inline fun done(call: () -> Unit): Answer {
        call()
        return emptyMap()
    }

    private fun account(account: Account?): Answer =
        mapOf("name" to account?.name, "signed_in" to (account?.signedIn ?: false))

    private fun overview(): Answer = core.overview().let {
        mapOf("signed_in" to it.signedIn, "online" to it.online, "watched" to it.watched.size)
    }

    private suspend fun auction(id: String): Answer = core.auction(id).let {
        mapOf(
            "number" to it.number, "status" to it.status, "stale" to it.stale,
            "fields" to it.fields.size, "slots" to it.slots.size,
        )
    }

    private fun search(text: String): Answer {
        val query = CatalogueQuery(text, emptyList(), emptyList(), null, soonestFirst = true)
        val page = core.cataloguePage(query, null, PAGE)
        return mapOf("count" to page.items.size, "as_of" to page.asOf, "next" to page.next)
    }

    private fun attach(with: JsonObject) {
        fun text(name: String) = with.get(name).asString
        val bytes = text("text").toByteArray().copyOf(with.get("size_kib").asInt * 1024)
        core.draftAttach(text("auction"), text("slot"), text("name"), "application/pdf", bytes)
    }

    private fun draft(auction: String): Answer {
        val draft = core.draftStatus(auction)
        val submit = draft.submit
        val received = submit?.receivedAt
        return mapOf(
            "answers" to draft.answers.size, "full_name" to draft.answers["full_name"],
            "faults" to draft.faults.size, "files" to draft.files.size, "submit" to submit?.state,
            "in_time" to (received != null && received < submit.tenderEnd),
        )
    }

    private suspend fun sync(budgetMs: ULong, cancel: Cancel?): Answer =
        core.syncNow(SyncReason.FOREGROUND, budgetMs, cancel).let {
            mapOf(
                "state" to it.state, "waiting" to it.waiting.toInt(),
                "files_waiting" to it.filesWaiting.toInt(), "pulled" to it.pulled,
            )
        }

    private fun outcomes(operation: String): Answer {
        val found = core.outcomes().filter { it.operation == operation }
        val last = found.lastOrNull()
        return mapOf("count" to found.size, "verdict" to last?.verdict, "op_no" to last?.opNo?.toLong())
    }

    private suspend fun mine(auction: String): Answer {
        val mine = core.myAuctions()
        val own = mine.items.find { it.auction == auction }
        return mapOf("status" to own?.status, "deposit" to own?.depositStatus, "stale" to mine.stale)
    }

    private suspend fun payment(auction: String, channel: String): Answer =
        core.beginPayment(auction, PaymentChannel.valueOf(channel.uppercase()))
            .let { mapOf("code" to it.code, "amount" to it.amount) }

    private fun live(auction: String): Answer = core.liveState(auction).let {
        mapOf(
            "button" to it.button, "closed" to it.closed, "amount" to it.amount, "price" to it.price,
            "round" to it.round.toLong(), "participants" to it.participants.toInt(),
            "connected" to it.connected,
        )
    }

    private fun quote(auction: String): Answer = core.quote(auction).let {
        quoted = it
        mapOf("amount" to it.amount, "first_offer" to it.firstOffer)
    }

    private fun bid(result: BidResult): Answer = mapOf(
        "bid" to result.bid, "state" to result.state.name.lowercase(), "code" to result.code,
        "amount" to result.receipt?.amount, "receipt" to result.receipt?.text,
    )

    private suspend fun push(payload: String): Answer {
        val shown = core.onPush(payload) ?: return mapOf("shown" to false)
        return mapOf(
            "shown" to true, "kind" to shown.kind, "auction" to shown.auction, "body" to shown.body,
            "urgent" to shown.urgent,
        )
    }

    private suspend fun protocol(auction: String): Answer = core.protocol(auction).let {
        mapOf("number" to it.number, "price" to it.price, "participants" to it.participants.toInt())
    }

    private suspend fun atOnce(auction: String, count: Int): Answer = coroutineScope {
        val calls = (0 until count).map { position ->
            async(Dispatchers.Default) {
                when (position % 3) {
                    0 -> core.auction(auction)
                    1 -> core.myAuctions()
                    else -> core.draftStatus(auction)
                }
            }
        }
        mapOf("answered" to calls.awaitAll().size)
    }

    private suspend fun cancelled(auction: String): Answer = coroutineScope {
        val call = async(Dispatchers.Default) { core.auction(auction) }
        delay(HANGS_MS)
        val wasUnderWay = call.isActive
        call.cancel()
        call.join()
        mapOf("cancelled" to (wasUnderWay && call.isCancelled))
    }

    private suspend fun cancelledSync(): Answer = coroutineScope {
        val cancel = Cancel()
        val call = async(Dispatchers.Default) { sync(SYNC_BUDGET_MS, cancel) }
        delay(HANGS_MS)
        val wasUnderWay = call.isActive
        cancel.cancel()
        call.await() + ("cancelled" to wasUnderWay)
    }
}
