package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.core.AttentionItem
import kg.toruk.core.Overview
import kg.toruk.core.StoreRepair
import kg.toruk.core.SyncReason
import kg.toruk.core.SyncReport
import kotlinx.coroutines.launch

/** How long a person who pulled to refresh is kept waiting, milliseconds. */
private const val SYNC_BUDGET_MS = 20_000uL

/** One refused operation, with what can be done. */
data class Refusal(val item: AttentionItem, val words: List<Phrase>)

/** What waits, and what was refused. */
data class SyncScreen(
    val standing: List<Phrase> = emptyList(),
    val attention: List<Refusal> = emptyList(),
    /** What was lost with a damaged store, until the person has seen it. */
    val repairs: List<Phrase> = emptyList(),
    /** Everything is on the server. */
    val idle: Boolean = true,
)

/** «2 things waiting», and dealing with what was refused. */
class SyncModel(private val bidder: Bidder) :
    ScreenModel<SyncScreen>(SyncScreen(), bidder.scope) {
    init {
        scope.launch {
            bidder.overview.collect { now -> attempt { look(overviewPhrases(now), isIdle(now)) } }
        }
    }

    /** Delivers and fetches now. */
    fun syncNow() = wish {
        val report = bidder.core.syncNow(SyncReason.PULL_TO_REFRESH, SYNC_BUDGET_MS, null)
        look(syncPhrases(report), isIdle = report.waiting + report.filesWaiting == 0u)
    }

    /** Does with a refused operation what the person chose among its actions. */
    fun attend(id: ULong, action: String) = wish {
        when (action) {
            "retry" -> bidder.core.attentionRetry(id)
            "edit" -> bidder.core.attentionEdit(id)
            "discard" -> bidder.core.attentionDiscard(id)
        }
        bidder.look()
    }

    /** The person has seen what was lost. */
    fun repairsSeen() = wish {
        bidder.core.acknowledgeStoreRepairs()
        show { it.copy(repairs = emptyList()) }
    }

    private fun look(standing: List<Phrase>, isIdle: Boolean) {
        val attention = bidder.core.attention().map { Refusal(it, refusalPhrases(it)) }
        val repairs = bidder.core.storeRepairs().flatMap(::repairPhrases)
        show { SyncScreen(standing, attention, repairs, isIdle) }
    }
}

private fun isIdle(now: Overview) = now.waiting + now.filesWaiting == 0u

/** What a repair cost. */
fun repairPhrases(repair: StoreRepair): List<Phrase> = listOfNotNull(
    Phrase(if (repair.keyLost) Text.REPAIR_KEY_LOST else Text.REPAIR_DAMAGED),
    Phrase(Text.REPAIR_LOST, "count" to repair.lost.values.sum()).takeIf { repair.lost.isNotEmpty() },
    Phrase(Text.REPAIR_UNCERTAIN).takeIf { !repair.certain },
)

/** What was refused, and why. */
fun refusalPhrases(item: AttentionItem): List<Phrase> =
    listOf(Codes.phrase("operation", item.operation), Codes.refusal(item.code))

/** What waits, at a glance. */
fun overviewPhrases(now: Overview): List<Phrase> = listOfNotNull(
    // Something on the way that answers in the server's place is told instead of "connected".
    now.obstacle?.let { Codes.phrase("obstacle", it.name.lowercase()) }
        ?: Phrase(if (now.online) Text.ONLINE else Text.OFFLINE),
    Phrase(Text.SYNC_SIGNED_OUT).takeIf { now.person != null && !now.signedIn },
    *waiting(now.waiting, now.filesWaiting),
)

/** How a synchronisation went. */
fun syncPhrases(report: SyncReport): List<Phrase> {
    val state = when (report.state) {
        "waiting" -> null
        else -> Codes.phrase("sync", report.state)
    }
    return listOfNotNull(state, *waiting(report.waiting, report.filesWaiting))
}

private fun waiting(operations: UInt, files: UInt): Array<Phrase?> = arrayOf(
    Phrase(Text.SYNC_WAITING, "count" to operations).takeIf { operations > 0u },
    Phrase(Text.FILES_WAITING, "count" to files).takeIf { files > 0u },
    Phrase(Text.NOTHING_WAITS).takeIf { operations + files == 0u },
)
