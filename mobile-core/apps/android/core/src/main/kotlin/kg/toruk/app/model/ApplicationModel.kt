package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.moment
import kg.toruk.core.CoreException
import kg.toruk.core.DraftFile
import kg.toruk.core.DraftStatus
import kg.toruk.core.EventKind
import kg.toruk.core.FormField
import kg.toruk.core.FormSlot
import kg.toruk.core.SubmitStatus
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** A question with its answer. */
data class Question(
    val field: FormField,
    val answer: String?,
    val fault: Phrase?,
    /** Answers of several phones, of which the person chooses one. */
    val conflict: List<String>,
)

/** A place for a file with the file in it. */
data class Place(val slot: FormSlot, val file: DraftFile?, val upload: Phrase?, val fault: Phrase?)

/** An application's form. */
data class ApplicationScreen(
    val questions: List<Question> = emptyList(),
    val places: List<Place> = emptyList(),
    /** Edits that are on this phone only. */
    val unsent: UInt = 0u,
    /** Where the submit stands, most important first. */
    val submit: List<Phrase> = emptyList(),
    /** Whether what is said there is bad news. */
    val submitIsWarning: Boolean = false,
)

/** Filling in, attaching, signing, submitting. */
class ApplicationModel(private val bidder: Bidder, private val auction: String) :
    ScreenModel<ApplicationScreen>(ApplicationScreen(), bidder.scope) {
    private var fields: List<FormField> = emptyList()
    private var slots: List<FormSlot> = emptyList()

    private val listening = scope.launch {
        val matters = bidder.events.filter {
            it.auction == auction || it.what is EventKind.UploadProgress ||
                it.what is EventKind.OutcomeArrived || it.what is EventKind.Snapshot
        }
        matters.collect { attempt { look() } }
    }

    /** Fetches the form; without a connection, as it was last seen. */
    fun open() = wish {
        val detail = bidder.core.auction(auction)
        fields = detail.fields
        slots = detail.slots
        look()
    }

    /** Keeps an answer; an empty one clears it. Also settles a conflict. */
    fun answer(field: String, value: String) = change {
        bidder.core.draftSet(auction, field, value.ifEmpty { null })
    }

    /** Copies a file in; without bytes the platform could not read it, and the person is told so. */
    fun attach(slot: String, name: String, mime: String, bytes: ByteArray?) = wish {
        bytes ?: throw CoreException.Refused("file_unusable", emptyMap())
        bidder.core.draftAttach(auction, slot, name, mime, bytes)
        look()
    }

    /** Empties a place. */
    fun detach(slot: String) = change { bidder.core.draftDetach(auction, slot) }

    /** Signs and submits; without a connection it is saved, NOT submitted. */
    fun submit() = wish {
        try {
            bidder.core.submit(auction)
        } finally {
            // A refusal is best read beside the form's faults.
            look()
        }
    }

    /** Takes the application back. */
    fun withdraw() = wish {
        bidder.core.withdraw(auction)
        look()
    }

    /** The screen is left; everything is kept. */
    fun leave() = listening.cancel()

    /** An edit: never refused because something else is being done. */
    private fun change(edit: () -> Unit) = scope.launch {
        attempt {
            edit()
            look()
        }
    }

    private fun look() {
        val draft = bidder.core.draftStatus(auction)
        bidder.look()
        show { applicationScreen(fields, slots, draft) }
    }
}

/** The form with its answers, as it is drawn. */
fun applicationScreen(
    fields: List<FormField>,
    slots: List<FormSlot>,
    draft: DraftStatus,
): ApplicationScreen {
    val fault = { id: String -> draft.faults[id]?.let { Codes.phrase("fault", it) } }
    return ApplicationScreen(
        questions = fields.map { field ->
            Question(
                field = field,
                answer = draft.answers[field.id],
                fault = fault(field.id),
                conflict = draft.conflicts[field.id].orEmpty(),
            )
        },
        places = slots.map { slot ->
            val file = draft.files.find { it.slot == slot.id }
            Place(slot, file, file?.let { Codes.phrase("upload", it.upload) }, fault(slot.id))
        },
        unsent = draft.unsent,
        submit = draft.submit?.let(::submitPhrases).orEmpty(),
        submitIsWarning = draft.submit?.let { it.state != "submitted" } ?: false,
    )
}

/** Where a submit stands: «Сакталды, бирок БЕРИЛГЕН ЖОК» always with its deadline. */
fun submitPhrases(submit: SubmitStatus): List<Phrase> = listOfNotNull(
    Codes.phrase("submit", submit.state),
    submit.outcome?.code?.let(Codes::refusal),
    Phrase(Text.MUST_ARRIVE, "time" to moment(submit.tenderEnd))
        .takeIf { submit.state == "saved_not_submitted" },
    submit.receivedAt?.let { Phrase(Text.RECEIVED_AT, "time" to moment(it)) },
)
