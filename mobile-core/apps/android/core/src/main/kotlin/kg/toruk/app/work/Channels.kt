package kg.toruk.app.work

import kg.toruk.app.words.Text

/** Android's notification channels; what a channel does can't be changed once it is made. */
enum class Channel(val id: String, val label: Text, val interrupts: Boolean) {
    BIDDING("bidding", Text.CHANNEL_BIDDING, true),
    STARTING("starting", Text.CHANNEL_STARTING, true),
    PAYMENTS("payments", Text.CHANNEL_PAYMENTS, false),
    RESULTS("results", Text.CHANNEL_RESULTS, false),
    SERVICE("service", Text.CHANNEL_SERVICE, false),
}

private val CHANNELS: Map<String, Channel> = mapOf(
    "outbid" to Channel.BIDDING,
    "first_offer_made" to Channel.BIDDING,
    "suspended" to Channel.BIDDING,
    "resume_announced" to Channel.BIDDING,
    "resumed" to Channel.BIDDING,
    "auction_starting" to Channel.STARTING,
    "started" to Channel.STARTING,
    "deposit_paid" to Channel.PAYMENTS,
    "deposit_released" to Channel.PAYMENTS,
    "deposit_forfeited" to Channel.PAYMENTS,
    "payment_unmatched" to Channel.PAYMENTS,
    "payment_code_expiring" to Channel.PAYMENTS,
    // The winner has until the evening of a working day, and must not miss it.
    "confirm_due" to Channel.BIDDING,
    "recovery_started" to Channel.BIDDING,
    "key_added" to Channel.BIDDING,
    "key_ready" to Channel.BIDDING,
    "closed_lost" to Channel.RESULTS,
    "no_first_offer" to Channel.RESULTS,
    "unsuccessful" to Channel.RESULTS,
    "cancelled" to Channel.RESULTS,
    "relaunched" to Channel.RESULTS,
    "needs_reconfirm" to Channel.RESULTS,
    "application_admitted" to Channel.RESULTS,
    "application_not_admitted" to Channel.RESULTS,
    "award_confirmed" to Channel.RESULTS,
    // For officials; a bidder's phone shows none of them.
    "tendering_closed" to Channel.SERVICE,
    "contract_due" to Channel.SERVICE,
)

/** The kinds of notifications that have a channel of their own. */
val notificationKinds: Set<String> get() = CHANNELS.keys

/** Where a notification of a kind goes. */
fun channel(kind: String): Channel = CHANNELS[kind] ?: Channel.SERVICE
