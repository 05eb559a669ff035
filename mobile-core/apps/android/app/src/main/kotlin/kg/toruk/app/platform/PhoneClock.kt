package kg.toruk.app.platform

import android.os.SystemClock
import android.util.Log
import kg.toruk.core.Clock
import kg.toruk.core.LogLevel
import kg.toruk.core.Logger

private const val NANOS_IN_MICRO = 1_000
private const val MICROS_IN_MILLI = 1_000

/** The phone's clocks; the first goes on while it sleeps. */
object PhoneClock : Clock {
    override fun monotonicUs() = SystemClock.elapsedRealtimeNanos() / NANOS_IN_MICRO
    override fun wallUs() = System.currentTimeMillis() * MICROS_IN_MILLI
}

/** The core's messages in logcat. */
object Logcat : Logger {
    override fun log(level: LogLevel, target: String, message: String) {
        val priority = when (level) {
            LogLevel.ERROR -> Log.ERROR
            LogLevel.WARN -> Log.WARN
            LogLevel.INFO -> Log.INFO
            LogLevel.DEBUG -> Log.DEBUG
        }
        Log.println(priority, "toruk", "$target: $message")
    }
}
