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
private const val SECONDS_IN_DAY = 86_400
private const val NO_BREAK_SPACE = "\u00a0"
private val BISHKEK = ZoneId.of("Asia/Bishkek")
private val MOMENT = DateTimeFormatter.ofPattern("dd.MM.yyyy HH:mm:ss")

/** `1 275 000 som`: tyiyn as everybody writes them, the same in all three languages. */
fun money(tyiyn: Long): Phrase = Phrase(Text.AMOUNT, "figures" to figures(tyiyn))

/** `1 275 000`, and `1 275 000,50` where there are tyiyn. */
fun figures(tyiyn: Long): String {
    val som = (tyiyn / TYIYN_IN_SOM).toString()
    val grouped = som.reversed().chunked(GROUP_DIGITS).joinToString(NO_BREAK_SPACE).reversed()
    val rest = tyiyn % TYIYN_IN_SOM
    return if (rest == 0L) grouped else "%s,%02d".format(grouped, rest)
}

/**
 * What is left, `04:59`, `3:01:01` or days before that; begun seconds are not shown, as they may be
 * too late.
 */
fun countdown(micros: Long): Phrase {
    val all = maxOf(micros, 0) / MICROS_IN_SECOND
    val (minutes, seconds) = all / SECONDS_IN_MINUTE % SECONDS_IN_MINUTE to all % SECONDS_IN_MINUTE
    val (days, hours) = all / SECONDS_IN_DAY to all % SECONDS_IN_DAY / SECONDS_IN_HOUR
    val clock =
        if (days > 0 || hours > 0) "%d:%02d:%02d".format(hours, minutes, seconds)
        else "%02d:%02d".format(minutes, seconds)
    return if (days > 0) Phrase(Text.COUNTDOWN_DAYS, "days" to days, "left" to clock)
    else Phrase(Text.COUNTDOWN, "left" to clock)
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
