package kg.toruk.app.words

import kg.toruk.core.BidState
import kg.toruk.core.CoreException
import kg.toruk.core.Label

/**
 * The core's codes in words. A code is looked up by its group and its name (`button_can_raise`); one
 * that this version does not know is shown as it is, so that support can be told.
 */
object Codes {
    /** The words of a code of a group. */
    fun phrase(group: String, code: String): Phrase =
        Text.of("${group}_$code")?.let { Phrase(it) } ?: Phrase(Text.OTHER_CODE, "code" to code)

    fun status(code: String) = phrase("status", code)
    fun application(code: String) = phrase("application", code)
    fun deposit(code: String) = phrase("deposit", code)

    /** Why something was refused. */
    fun refusal(code: String) = phrase("code", code)

    /** What became of a bid. */
    fun bid(state: BidState) = phrase("bid", state.name.lowercase())

    /** An error, as a person can act on it. */
    fun error(error: CoreException): Phrase = when (error) {
        is CoreException.Refused -> refusal(error.code)
        is CoreException.Offline -> Phrase(Text.ERROR_OFFLINE)
        is CoreException.SignedOut -> Phrase(Text.ERROR_SIGNED_OUT)
        is CoreException.OutOfDate -> Phrase(Text.ERROR_OUT_OF_DATE)
        is CoreException.StorageFull -> Phrase(Text.ERROR_STORAGE_FULL)
        is CoreException.StoreRepaired -> Phrase(Text.ERROR_STORE_REPAIRED)
        is CoreException.StoreTooNew -> Phrase(Text.ERROR_STORE_TOO_NEW)
        is CoreException.StoreInUse -> Phrase(Text.ERROR_STORE_IN_USE)
        is CoreException.UnsafeAddress -> Phrase(Text.ERROR_UNSAFE_ADDRESS)
        is CoreException.Closed -> Phrase(Text.ERROR_CLOSED)
        is CoreException.Internal -> Phrase(Text.ERROR_INTERNAL)
    }
}

/** A published text in a language, or in the first that there is. */
fun Label.inLanguage(language: String): String {
    val wanted = when (language) {
        "ky" -> ky
        "ru" -> ru
        else -> en
    }
    return wanted ?: ky ?: ru ?: en ?: ""
}
