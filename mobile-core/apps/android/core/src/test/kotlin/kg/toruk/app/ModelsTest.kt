package kg.toruk.app

import kg.toruk.app.model.AccountModel
import kg.toruk.app.model.ApplicationModel
import kg.toruk.app.model.Bidder
import kg.toruk.app.model.CatalogueModel
import kg.toruk.app.model.LiveModel
import kg.toruk.app.model.ScreenModel
import kg.toruk.app.model.SyncModel
import kg.toruk.app.model.pictureSample
import kg.toruk.app.model.shownDevice
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.work.BackgroundTurn
import kg.toruk.core.BidResult
import kg.toruk.core.BidState
import kg.toruk.core.Cancel
import kg.toruk.core.Clock
import kg.toruk.core.Core
import kg.toruk.core.CoreConfig
import kg.toruk.core.CoreEvent
import kg.toruk.core.CoreException
import kg.toruk.core.CoreInterface
import kg.toruk.core.DeviceInfo
import kg.toruk.core.EventKind
import kg.toruk.core.HttpRequest
import kg.toruk.core.HttpResponse
import kg.toruk.core.LiveState
import kg.toruk.core.LocalReminder
import kg.toruk.core.Passkeys
import kg.toruk.core.Platform
import kg.toruk.core.PlatformException
import kg.toruk.core.Quote
import kg.toruk.core.SecureStore
import kg.toruk.core.SyncReason
import kg.toruk.core.SyncReport
import kg.toruk.core.Transport
import kg.toruk.core.TransportException
import kg.toruk.core.events
import kg.toruk.core.systemEntropy
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.nio.file.Files
import java.util.concurrent.ConcurrentHashMap
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** Longest wait for what must happen, milliseconds; nothing here waits for a time to pass. */
private const val PATIENCE_MS = 20_000L

/** The models over the real core and its generated bindings; no server is there. */
class ModelsTest {
    @Test
    fun `a phone that never had a connection says so instead of showing an empty catalogue`() = stage {
        val model = CatalogueModel(bidder)
        model.refresh().join()
        assertEquals(Text.ERROR_OFFLINE, model.failure.value?.text)
        assertFalse(model.state.value.loaded)
        model.failureSeen()
        assertEquals(null, model.failure.value)
    }

    @Test
    fun `registering without a connection is told in words, and the phone stays nobody's`() = stage {
        val model = AccountModel(bidder)
        model.register("Aida").join()
        assertEquals(Text.ERROR_OFFLINE, model.failure.value?.text)
        assertEquals(null, model.state.value.account)
    }

    @Test
    fun `the core's first event is how everything is, and the sync status follows it`() = stage {
        val model = SyncModel(bidder)
        val shown = model.until { it.standing.isNotEmpty() }
        assertTrue(shown.idle)
        core.setOnline(false)
        model.syncNow().join()
        assertEquals(
            listOf(Text.SYNC_SIGNED_OUT, Text.NOTHING_WAITS),
            model.state.value.standing.map { it.text },
        )
    }

    @Test
    fun `a phone is shown by its name or its kind, and this one and one that has ended say so`() {
        val device = DeviceInfo(
            id = "a",
            name = null,
            platform = "ios",
            createdAt = 0,
            seenAt = null,
            isThis = true,
            isRevoked = false,
        )
        val own = shownDevice(device)
        assertEquals(Text.DEVICE_OF_IOS, own.name.text)
        assertEquals(listOf(Text.DEVICE_THIS, Text.DEVICE_ADDED), own.facts.map { it.text })
        val lost = shownDevice(
            device.copy(name = "Планшет", seenAt = 1, isThis = false, isRevoked = true),
        )
        assertEquals(Phrase(Text.DEVICE_NAMED, "name" to "Планшет"), lost.name)
        assertEquals(
            listOf(Text.DEVICE_ENDED, Text.DEVICE_ADDED, Text.DEVICE_SEEN),
            lost.facts.map { it.text },
        )
    }

    @Test
    fun `a file that the platform can't read is told, and a huge picture is decoded smaller`() = stage {
        val model = ApplicationModel(bidder, "a")
        model.attach("identity_document", "scan.pdf", "application/pdf", null).join()
        assertEquals(Text.CODE_FILE_UNUSABLE, model.failure.value?.text)
        assertEquals(1, pictureSample(4_032, 3_024))
        assertEquals(2, pictureSample(8_192, 6_144))
        assertEquals(8, pictureSample(30_000, 20_000))
        assertEquals(1, pictureSample(0, 0))
    }

    @Test
    fun `work in the background resumes, sends, reminds and goes back to sleep`() = stage {
        val reminded = mutableListOf<List<LocalReminder>>()
        var foreground = false
        val turn = BackgroundTurn(core, { foreground }, reminded::add)
        assertFalse(turn.run(SyncReason.PERIODIC, online = true, budgetMs = 1_000u))
        assertEquals(1, reminded.size)
        assertFalse(core.overview().online, "a sleeping core is offline")
        foreground = true
        turn.run(SyncReason.PUSH, online = true, budgetMs = 1_000u)
        assertTrue(core.overview().online, "a core on the screen stays awake")
    }

    @Test
    fun `a push that can't be verified shows nothing`() = stage {
        val turn = BackgroundTurn(core, { true }, {})
        assertEquals(null, turn.pushed("""{"kind":"outbid"}""", online = true))
    }

    @Test
    fun `a tap shows the amount, «Жок» sends nothing, «Ооба» sends what was shown, once`() = stage {
        val table = Table(core)
        val model = LiveModel(Bidder(table, MutableSharedFlow(), scope), "a")
        model.until { it.button?.tappable == true }
        model.raise().join()
        assertEquals(105L, model.state.value.sheet?.quote?.amount)
        model.dismiss()
        model.confirm().join()
        assertEquals(0, table.placed.size)
        model.raise().join()
        model.confirm().join()
        assertEquals(listOf(105L), table.placed.map { it.amount })
        assertEquals(null, model.state.value.sheet)
        assertEquals(Text.BID_ACCEPTED, model.state.value.news?.words?.first()?.text)
        model.leave()
    }

    @Test
    fun `«Ооба» on a price that moved on sends nothing until the new price was read`() = stage {
        val table = Table(core)
        val model = LiveModel(Bidder(table, MutableSharedFlow(), scope), "a")
        model.until { it.button?.tappable == true }
        model.raise().join()
        table.amount = 110
        model.until { it.sheet?.moved == true }
        model.confirm().join()
        assertEquals(0, table.placed.size)
        model.raise().join()
        model.confirm().join()
        assertEquals(listOf(110L), table.placed.map { it.amount })
        model.leave()
    }

    @Test
    fun `a lost lead is an alert until OK, and a bid that was unknown is told when it is known`() = stage {
        val heard = MutableSharedFlow<CoreEvent>(replay = 2)
        val model = LiveModel(Bidder(Table(core), heard, scope), "a")
        model.until { it.live != null }
        heard.emit(CoreEvent(1u, "a", EventKind.Outbid))
        assertEquals(Text.OUTBID_ALERT, model.until { it.alert != null }.alert?.text)
        model.alertSeen()
        heard.emit(CoreEvent(2u, "a", EventKind.BidSettled("b")))
        assertEquals(Text.BID_ACCEPTED, model.until { it.news != null }.news?.words?.first()?.text)
        assertEquals(null, model.state.value.alert)
        model.leave()
    }

    @Test
    fun `a wish while another is being done is not taken`() = stage {
        val slow = Slow(core)
        val model = SyncModel(Bidder(slow, MutableSharedFlow(), scope))
        val first = model.syncNow()
        model.busy.first { it }
        model.syncNow().join()
        slow.go.complete(Unit)
        first.join()
        assertEquals(1, slow.calls)
    }
}

/** A core in a folder of its own, with no way to any server. */
private class Stage(val scope: CoroutineScope, val core: Core) {
    val bidder = Bidder(core, core.events(), scope)

    suspend fun <S> ScreenModel<S>.until(holds: (S) -> Boolean): S =
        withTimeout(PATIENCE_MS) { state.first(holds) }
}

private fun stage(play: suspend Stage.() -> Unit) = runBlocking {
    val folder = Files.createTempDirectory("toruk").toFile()
    val scope = CoroutineScope(Dispatchers.Default + Job())
    val config = CoreConfig("https://toruk.invalid", folder.path, "ky")
    val core = Core.open(config, Platform(Keep(), NoPasskeys, Clocks, systemEntropy(), NoNetwork))
    try {
        Stage(scope, core).play()
    } finally {
        scope.cancel()
        core.shutDown()
        folder.deleteRecursively()
    }
}

/** The real core, but for an auction "a" in which this person can raise. */
private class Table(core: CoreInterface) : CoreInterface by core {
    @Volatile var amount = 105L
    val placed = mutableListOf<Quote>()

    override fun watch(auction: String) = Unit
    override fun unwatch(auction: String) = Unit
    override fun liveState(auction: String): LiveState = live("can_raise", amount)
    override fun quote(auction: String) = Quote(1u, auction, 100, amount, 3u, null, false)
    override suspend fun bidStatus(bid: String) = accepted

    override suspend fun placeBid(quote: Quote): BidResult {
        placed += quote
        return accepted
    }

    private val accepted = BidResult("b", BidState.ACCEPTED, null, emptyMap(), null)
}

/** The real core, but a sync goes on until it is let go. */
private class Slow(core: CoreInterface) : CoreInterface by core {
    val go = kotlinx.coroutines.CompletableDeferred<Unit>()
    @Volatile var calls = 0

    override suspend fun syncNow(
        reason: SyncReason,
        budgetMs: ULong,
        cancel: Cancel?,
    ): SyncReport {
        calls += 1
        go.await()
        throw CoreException.Offline()
    }
}

private class Keep : SecureStore {
    private val kept = ConcurrentHashMap<String, ByteArray>()

    override fun get(name: String): ByteArray? = kept[name]
    override fun set(name: String, value: ByteArray) {
        kept[name] = value
    }
}

private object NoPasskeys : Passkeys {
    override suspend fun register(optionsJson: String) = throw PlatformException.Cancelled()
    override suspend fun assert(optionsJson: String) = throw PlatformException.Cancelled()
}

private object Clocks : Clock {
    override fun monotonicUs() = System.nanoTime() / 1_000
    override fun wallUs() = System.currentTimeMillis() * 1_000
}

private object NoNetwork : Transport {
    override suspend fun send(request: HttpRequest): HttpResponse =
        throw TransportException.NotSent("no network here")
}
