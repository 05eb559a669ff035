package kg.toruk.app.model

import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.moment
import kg.toruk.app.words.money
import kg.toruk.core.PricePart
import kg.toruk.core.ResultProtocol

/** The result as the winner signs it. */
data class ResultScreen(
    val protocol: ResultProtocol? = null,
    val lines: List<Phrase> = emptyList(),
    val signed: Boolean = false,
    val refused: Boolean = false,
)

/** Reading and signing the result. The core signs only what was shown. */
class ResultModel(private val bidder: Bidder, private val auction: String) :
    ScreenModel<ResultScreen>(ResultScreen(), bidder.scope) {
    /** Fetches the protocol. */
    fun open() = wish {
        val protocol = bidder.core.protocol(auction)
        show { ResultScreen(protocol, resultLines(protocol)) }
    }

    /** «Жыйынтыкты ырастоо». */
    fun confirm() = wish {
        bidder.core.confirmAward(auction)
        show { it.copy(signed = true) }
    }

    /** «Жеңиштен баш тартуу», after the person was asked whether they are sure. */
    fun refuse() = wish {
        bidder.core.refuseAward(auction)
        show { it.copy(refused = true) }
    }
}

/** What is signed, line by line. */
fun resultLines(protocol: ResultProtocol): List<Phrase> = listOfNotNull(
    // Every other winner has raised at least once.
    Phrase(Text.RESULT_SOLE).takeIf { protocol.rounds == 0uL },
    Phrase(Text.WINNER, "number" to protocol.winner),
    money(protocol.price),
    Phrase(Text.PARTICIPANTS, "count" to protocol.participants),
    Phrase(Text.RAISES, "count" to protocol.rounds),
    Phrase(Text.CONFIRM_BY, "time" to moment(protocol.confirmBy)),
) + protocol.instalments.flatMap(::partLines)

/** A part of the price, and what the guarantee pays of it. */
private fun partLines(part: PricePart): List<Phrase> = listOfNotNull(
    Phrase(Text.INSTALMENTS).takeIf { part.number == 1.toUShort() },
    Phrase(
        if (part.months == 0.toUShort()) Text.INSTALMENT_FIRST else Text.INSTALMENT_LATER,
        "number" to part.number,
        "amount" to money(part.amount),
        "count" to part.months,
    ),
    Phrase(Text.INSTALMENT_COUNTED, "amount" to money(part.counted)).takeIf { part.counted > 0 },
)
