package kg.toruk.app

import android.content.Context
import android.content.res.Configuration
import kg.toruk.app.model.LANGUAGES
import kg.toruk.app.ui.Words
import kg.toruk.app.words.id
import java.util.Locale

private const val PREFERENCES = "toruk"
private const val LANGUAGE = "language"

/** The language the person chose; before that the phone's, where the app speaks it. */
class Speech(private val context: Context) {
    private val kept = context.getSharedPreferences(PREFERENCES, Context.MODE_PRIVATE)

    /** `ky`, `ru` or `en`. */
    var language: String
        get() = kept.getString(LANGUAGE, null)
            ?: Locale.getDefault().language.takeIf { it in LANGUAGES }
            ?: LANGUAGES.first()
        set(value) = kept.edit().putString(LANGUAGE, value).apply()

    /** The texts in that language. */
    fun words(): Words {
        val spoken = language
        val configuration = Configuration(context.resources.configuration)
        configuration.setLocale(Locale.forLanguageTag(spoken))
        val resources = context.createConfigurationContext(configuration).resources
        return Words(spoken) { resources.getString(it.id) }
    }
}
