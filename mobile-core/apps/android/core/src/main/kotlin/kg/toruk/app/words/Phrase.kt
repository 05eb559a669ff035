package kg.toruk.app.words

/**
 * A text with what fills it. The models speak in phrases; the screens look the words up in the
 * person's language.
 */
data class Phrase(val text: Text, val parameters: Map<String, Any> = emptyMap()) {
    constructor(text: Text, vararg parameters: Pair<String, Any>) : this(text, parameters.toMap())

    /** The words, with `words` as the way to a text in the person's language. */
    fun inWords(words: (Text) -> String): String =
        parameters.entries.fold(words(text)) { filled, (name, value) ->
            filled.replace("{$name}", if (value is Phrase) value.inWords(words) else "$value")
        }
}
