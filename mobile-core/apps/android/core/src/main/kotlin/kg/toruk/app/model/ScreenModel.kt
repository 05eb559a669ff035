package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.core.CoreException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * What every screen's model has: a state to draw, whether something is being done, and what went
 * wrong last, in words. It decides nothing; the core does, and answers codes.
 */
abstract class ScreenModel<S>(initial: S, protected val scope: CoroutineScope) {
    private val shown = MutableStateFlow(initial)
    private val doing = MutableStateFlow(false)
    private val wrong = MutableStateFlow<Phrase?>(null)

    /** What to draw. */
    val state: StateFlow<S> = shown.asStateFlow()

    /** Whether the person's last wish is being done; a further one is not taken meanwhile. */
    val busy: StateFlow<Boolean> = doing.asStateFlow()

    /** Why the last wish was not done, until [failureSeen]. */
    val failure: StateFlow<Phrase?> = wrong.asStateFlow()

    /** The person has read what went wrong. */
    fun failureSeen() {
        wrong.value = null
    }

    protected fun show(change: (S) -> S) = shown.update(change)

    /** Does what the person wished, off the main thread, unless something is being done. */
    protected fun wish(what: suspend () -> Unit): Job = scope.launch {
        if (!doing.compareAndSet(false, true)) return@launch
        wrong.value = null
        try {
            attempt(what)
        } finally {
            doing.value = false
        }
    }

    /** Does something nobody asked for at this moment; failing is told all the same. */
    protected suspend fun attempt(what: suspend () -> Unit) {
        try {
            withContext(Dispatchers.IO) { what() }
        } catch (refused: CoreException) {
            wrong.value = Codes.error(refused)
        }
    }
}
