package kg.toruk.app

import kg.toruk.app.model.buttonCodes
import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.countdown
import kg.toruk.app.words.figures
import kg.toruk.app.words.moment
import kg.toruk.app.words.seconds
import kg.toruk.app.work.notificationKinds
import kg.toruk.core.BidState
import kg.toruk.core.CoreException
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The codes that have no words of their own: what they mean is drawn, or told by other codes. */
private val WORDLESS = setOf("event", "field", "error")

class WordsTest {
    private val apps = File(System.getProperty("toruk.apps"))
    private val codes = golden(File(apps, "codes.json").readText())

    @Test
    fun `every code that the core can give has words in all three languages`() {
        val words = listOf("values", "values-ru", "values-en").associateWith(::strings)
        val groups = codes.filterKeys { it !in WORDLESS }
        for ((group, names) in groups) for (name in names) {
            val phrase = Codes.phrase(group, name)
            assertTrue(phrase.text != Text.OTHER_CODE, "$group $name has no words")
            for ((folder, texts) in words) {
                assertTrue(!texts[phrase.text.key].isNullOrBlank(), "$group $name in $folder")
            }
        }
    }

    @Test
    fun `every text of the app is in every language`() {
        for (folder in listOf("values", "values-ru", "values-en")) {
            assertEquals(Text.entries.map { it.key }.toSet(), strings(folder).keys, folder)
        }
    }

    @Test
    fun `the button is drawn for every state the core can give, and for no other`() {
        assertEquals(codes.getValue("button"), buttonCodes)
    }

    @Test
    fun `every kind of notification has a channel`() {
        assertEquals(codes.getValue("notification"), notificationKinds)
    }

    @Test
    fun `every error of the core can be told to a person`() {
        val errors = mapOf(
            "refused" to CoreException.Refused("stale_quote", emptyMap()),
            "offline" to CoreException.Offline(),
            "signed_out" to CoreException.SignedOut(),
            "out_of_date" to CoreException.OutOfDate(),
            "storage_full" to CoreException.StorageFull(),
            "store_repaired" to CoreException.StoreRepaired(),
            "store_too_new" to CoreException.StoreTooNew(),
            "store_in_use" to CoreException.StoreInUse(),
            "unsafe_address" to CoreException.UnsafeAddress(),
            "closed" to CoreException.Closed(),
            "internal" to CoreException.Internal("a defect"),
        )
        assertEquals(codes.getValue("error"), errors.keys)
        for ((code, error) in errors) {
            val expected = if (code == "refused") Text.CODE_STALE_QUOTE else Text.of("error_$code")
            assertEquals(expected, Codes.error(error).text)
        }
        assertEquals(codes.getValue("bid"), BidState.entries.map { it.name.lowercase() }.toSet())
    }

    @Test
    fun `a code this version does not know is shown as it is`() {
        val phrase = Codes.refusal("from_the_future")
        assertEquals("Reason: from_the_future", phrase.inWords { strings("values-en")[it.key]!! })
    }

    @Test
    fun `money, countdowns and moments read as everybody writes them`() {
        assertEquals("1\u00a0275\u00a0000", figures(127_500_000))
        assertEquals("1\u00a0275\u00a0000,50", figures(127_500_050))
        assertEquals("0,05", figures(5))
        val left = { micros: Long -> countdown(micros).inWords { strings("values-ru")[it.key]!! } }
        assertEquals("04:59", left(299_999_999L))
        assertEquals("3:01:01", left((3 * 3600 + 61) * 1_000_000L))
        assertEquals("3\u00a0дн. 0:00:05", left((3 * 86_400 + 5) * 1_000_000L))
        assertEquals("00:00", left(-5_000_000L))
        assertEquals("23.11.2026 10:30:00", moment(1_795_408_200_000_000L))
        assertEquals("0,2", seconds(100_001))
    }

    @Test
    fun `a phrase within a phrase is filled in its own language`() {
        val button = Phrase(
            Text.BUTTON_UP_TO,
            "button" to Phrase(Text.BUTTON_CAN_RAISE),
            "amount" to Phrase(Text.AMOUNT, "figures" to "5,50"),
        )
        assertEquals(
            "Повысить цену: 5,50\u00a0сом",
            button.inWords { strings("values-ru")[it.key]!! },
        )
    }

    /** The texts of a folder of resources, by name. */
    private fun strings(folder: String): Map<String, String> {
        val file = File(apps, "android/app/src/main/res/$folder/strings.xml")
        val string = Regex("""<string name="(\w+)">(.*)</string>""")
        return string.findAll(file.readText()).associate { it.groupValues[1] to it.groupValues[2] }
    }

    /** `codes.json`: names of groups, each with names of codes. */
    private fun golden(json: String): Map<String, Set<String>> {
        val group = Regex(""""(\w+)": \[([^\]]*)]""")
        return group.findAll(json).associate { found ->
            val names = Regex(""""(\w+)"""").findAll(found.groupValues[2])
            found.groupValues[1] to names.map { it.groupValues[1] }.toSet()
        }
    }
}
