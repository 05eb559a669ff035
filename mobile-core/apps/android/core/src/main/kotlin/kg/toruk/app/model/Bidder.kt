package kg.toruk.app.model

import kg.toruk.core.CoreEvent
import kg.toruk.core.CoreInterface
import kg.toruk.core.EventKind
import kg.toruk.core.Overview
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** Events a slow screen may be behind by; it reads the whole state again anyway. */
private const val EVENTS_HELD_MAX = 64

/** The one core of the app, and what it says, for all screens at once. */
class Bidder(val core: CoreInterface, heard: Flow<CoreEvent>, val scope: CoroutineScope) {
    private val told = MutableSharedFlow<CoreEvent>(extraBufferCapacity = EVENTS_HELD_MAX)
    private val standing = MutableStateFlow(core.overview())
    private val grave = MutableStateFlow<EventKind?>(null)

    /** Everything that happens. */
    val events: SharedFlow<CoreEvent> = told.asSharedFlow()

    /** How everything is: who is signed in, what waits. */
    val overview: StateFlow<Overview> = standing.asStateFlow()

    /** What must be told on whatever screen: `Erased`, `DeviceCopied`, `StoreRepaired`. */
    val alarm: StateFlow<EventKind?> = grave.asStateFlow()

    init {
        scope.launch(Dispatchers.IO) {
            heard.collect { event ->
                when (val what = event.what) {
                    is EventKind.Snapshot -> standing.value = what.overview
                    else -> look()
                }
                when (event.what) {
                    is EventKind.Erased, is EventKind.DeviceCopied, is EventKind.StoreRepaired ->
                        grave.value = event.what
                    else -> {}
                }
                told.emit(event)
            }
        }
    }

    /**
     * Reads everything again, including what no event reports, such as a draft's first answer.
     */
    fun look() {
        standing.value = core.overview()
    }

    /**
     * The person has read the alarm. What a repair cost stays on the sync screen until it is read.
     */
    fun alarmSeen() {
        grave.value = null
    }
}
