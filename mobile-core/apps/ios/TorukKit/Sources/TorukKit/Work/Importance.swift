/// How a notification interrupts: Apple's levels, by what they mean here.
public enum Importance: Sendable { case timeSensitive, active, passive }

/// How each kind of notification interrupts. Every kind of the core is here; a test holds them
/// together. Time-sensitive is for what is lost within minutes or must be signed, and nothing else.
public let importances: [String: Importance] = [
    "outbid": .timeSensitive,
    "started": .timeSensitive,
    "confirm_due": .timeSensitive,
    "recovery_started": .timeSensitive,
    "key_added": .timeSensitive,
    "key_ready": .timeSensitive,
    "auction_starting": .active,
    "first_offer_made": .active,
    "suspended": .active,
    "resume_announced": .active,
    "resumed": .timeSensitive,
    "needs_reconfirm": .active,
    "application_admitted": .active,
    "application_not_admitted": .active,
    "payment_code_expiring": .active,
    "payment_unmatched": .active,
    "deposit_forfeited": .active,
    "cancelled": .active,
    "deposit_paid": .passive,
    "deposit_released": .passive,
    "closed_lost": .passive,
    "no_first_offer": .passive,
    "unsuccessful": .passive,
    "relaunched": .passive,
    "award_confirmed": .passive,
    // For officials; a bidder's phone shows none of them.
    "tendering_closed": .passive,
    "contract_due": .passive,
]

/// How a notification of a kind interrupts.
public func importance(_ kind: String) -> Importance { importances[kind] ?? .passive }
