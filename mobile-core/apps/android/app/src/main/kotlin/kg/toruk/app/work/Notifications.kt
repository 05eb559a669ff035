package kg.toruk.app.work

import android.Manifest
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Build
import androidx.core.app.NotificationCompat
import androidx.core.app.NotificationManagerCompat
import androidx.core.content.ContextCompat
import androidx.work.ForegroundInfo
import kg.toruk.app.MainActivity
import kg.toruk.app.OPEN_AUCTION
import kg.toruk.app.R
import kg.toruk.app.Speech
import kg.toruk.app.words.Text
import kg.toruk.core.Notification

private const val WORKING_ID = 1
private const val ABOUT_AUCTION_ID = 2
private const val MICROS_IN_MILLI = 1_000

/** Android's notifications, by channel. */
class Notifications(private val context: Context) {
    private val manager = NotificationManagerCompat.from(context)

    /** Makes the channels; a change of language renames them. */
    fun makeChannels() {
        val words = Speech(context).words()
        for (channel in Channel.entries) {
            val importance =
                if (channel.interrupts) NotificationManager.IMPORTANCE_HIGH
                else NotificationManager.IMPORTANCE_DEFAULT
            val made = NotificationChannel(channel.id, words(channel.label), importance)
            made.lockscreenVisibility = NotificationCompat.VISIBILITY_PRIVATE
            manager.createNotificationChannel(made)
        }
    }

    /** Shows what the core found still true; gone by itself `left` microseconds from now. */
    fun show(notification: Notification, left: Long?) {
        val built = about(notification.auction, channel(notification.kind))
            .setContentTitle(notification.title)
            .setContentText(notification.body)
            .setOnlyAlertOnce(!notification.urgent)
        left?.let { built.setTimeoutAfter(it / MICROS_IN_MILLI) }
        post(notification.auction, built)
    }

    /** Shows a reminder. */
    fun remind(title: String, body: String, auction: String) {
        val built = about(auction, Channel.RESULTS).setContentTitle(title).setContentText(body)
        post("$auction/reminder", built)
    }

    /** What expedited work shows before Android 12. */
    fun working(): ForegroundInfo {
        val words = Speech(context).words()
        val built = NotificationCompat.Builder(context, Channel.SERVICE.id)
            .setSmallIcon(R.drawable.ic_toruk)
            .setContentTitle(words(Text.WORKING))
        return ForegroundInfo(WORKING_ID, built.build())
    }

    private fun about(auction: String, channel: Channel): NotificationCompat.Builder {
        val open = Intent(context, MainActivity::class.java)
            .putExtra(OPEN_AUCTION, auction)
            .addFlags(Intent.FLAG_ACTIVITY_SINGLE_TOP)
        val tap = PendingIntent.getActivity(
            context,
            auction.hashCode(),
            open,
            PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT,
        )
        return NotificationCompat.Builder(context, channel.id)
            .setSmallIcon(R.drawable.ic_toruk)
            .setContentIntent(tap)
            .setAutoCancel(true)
            .setVisibility(NotificationCompat.VISIBILITY_PRIVATE)
            .setPublicVersion(withoutContent(channel))
    }

    /** For a locked screen: neither the lot nor what happened. */
    private fun withoutContent(channel: Channel): android.app.Notification =
        NotificationCompat.Builder(context, channel.id)
            .setSmallIcon(R.drawable.ic_toruk)
            .setContentTitle(Speech(context).words()(Text.PUSH_NOTICE))
            .build()

    /** One notification an auction: the newest says it all. */
    private fun post(tag: String, built: NotificationCompat.Builder) {
        val asked = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU
        val allowed = !asked || ContextCompat.checkSelfPermission(
            context,
            Manifest.permission.POST_NOTIFICATIONS,
        ) == PackageManager.PERMISSION_GRANTED
        if (allowed) manager.notify(tag, ABOUT_AUCTION_ID, built.build())
    }
}
