package kg.toruk.app.words

import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.temporal.ChronoUnit

private const val TYIYN_IN_SOM = 100
private const val GROUP_DIGITS = 3
private const val MICROS_IN_SECOND = 1_000_000L
private const val MICROS_IN_DECISECOND = 100_000L
private const val SECONDS_IN_MINUTE = 60
private const val SECONDS_IN_HOUR = 3_600
private const val NO_BREAK_SPACE = "\u00a0"
private val BISHKEK = ZoneId.of("Asia/Bishkek")
private val MOMENT = DateTimeFormatter.ofPattern("dd.MM.yyyy HH:mm:ss")

/** `1 275 000,00 som`: tyiyn as everybody writes them, the same in all three languages. */
fun money(tyiyn: Long): Phrase = Phrase(Text.AMOUNT, "figures" to figures(tyiyn))

/** `1 275 000,00`. */
fun figures(tyiyn: Long): String {
    val som = (tyiyn / TYIYN_IN_SOM).toString()
    val grouped = som.reversed().chunked(GROUP_DIGITS).joinToString(NO_BREAK_SPACE).reversed()
    return "%s,%02d".format(grouped, tyiyn % TYIYN_IN_SOM)
}

/** What is left, `04:59` or `3:01:01`; begun seconds are not shown, as they may be too late. */
fun countdown(micros: Long): String {
    val all = maxOf(micros, 0) / MICROS_IN_SECOND
    val (minutes, seconds) = all / SECONDS_IN_MINUTE % SECONDS_IN_MINUTE to all % SECONDS_IN_MINUTE
    val hours = all / SECONDS_IN_HOUR
    return if (hours > 0) "%d:%02d:%02d".format(hours, minutes, seconds)
    else "%02d:%02d".format(minutes, seconds)
}

/** A moment of the server's in Bishkek, `23.11.2026 10:30:00`. */
fun moment(micros: Long): String =
    MOMENT.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atZone(BISHKEK))

/** An uncertainty in seconds, `0,2`, never rounded down. */
fun seconds(micros: Long): String {
    val tenths = (micros + MICROS_IN_DECISECOND - 1) / MICROS_IN_DECISECOND
    return "${tenths / 10},${tenths % 10}"
}

/** A moment as a phrase. */
fun at(micros: Long): Phrase = Phrase(Text.MOMENT, "time" to moment(micros))
