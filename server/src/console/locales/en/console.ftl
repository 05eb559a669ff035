# Texts of the console. Keys and variables are the same in three languages; a test checks.

## frame

brand = Toruk
console = Officials’ console
skip-to-content = Skip to content
menu = Menu
language = Language
demo-title = Demonstration.
demo-text = Nothing here is real: money, people and time are made up.
footer-time = All times are in Bishkek (UTC+6).
sign-out = Sign out
nav-home = Home
nav-auctions = All auctions
nav-lots = Lots
nav-applications = Applications
nav-payments = Payments
nav-audit = Audit trail
nav-staff = Staff
role-organiser = Organiser
role-moderator = Moderator
role-finance = Finance
role-auditor = Auditor
role-sysadmin = System administrator
role-bidder = Bidder
role-system = System
som = { $value } som
optional = optional
fault = Please mend:
to-home = To the first page
count-lots = { $count ->
    [one] { $count } lot
   *[other] { $count } lots
}
yes = Yes
unknown = unknown
older = Older
newest = Newest

## access

sign-in = Log in
sign-in-title = Log in to the console
sign-in-text = There is no password. Your device knows you by fingerprint, face or PIN.
sign-in-button = Log in with a passkey
sign-in-help = No passkey? Ask the system administrator for a one-time link.
enrol-title = Welcome to the console
enrol-role = Invitation: { $value }
enrol-text = Say who you are and make a passkey. You will log in with it from now on.
enrol-name = Your full name
enrol-name-hint = Auditors see it beside each of your acts.
enrol-language = Your language
enrol-button = Make a passkey
passkey-what = A passkey stays on your device. We only see its public half.
passkey-waiting = Answer your device’s question…
passkey-unsupported = This browser does not know passkeys. Use a newer one.
passkey-refused = The device did not confirm. You can try again.
passkey-exists = This device has a passkey of yours already. Use the log-in page.
passkey-network = The server did not answer. Check the connection and try again.
passkey-needs-script = A passkey needs JavaScript in the browser. All other pages work without it.

## refusals

error-title = This did not work
refused-not-found = There is no such page or record, or you may not see it.
refused-forbidden = Your role does not allow this. If you need it, ask the system administrator.
refused-signed-out = Log in first: there is no session, or it has ended.
refused-foreign-form = This request did not come from a page of ours and was not carried out. Open the page again and repeat.
refused-internal = The server failed. Nothing was written by halves; please try again.
refused-unknown-outcome = The outcome is not known. Reload the page and see what was written.
refused-too-large = What was sent is too large. A file may have at most 25 MB.
refused-malformed = The request is malformed.
refused-conflict = Such a record exists, or somebody has just changed it. Reload the page.
refused-ceremony = The passkey’s answer did not hold, or its time had passed. Start again.
refused-invitation = This link was used or has expired. Ask for a new one.
refused-name = A name has 1 to 200 characters.
refused-import = The file could not be read and nothing was added: { $detail }
refused-lot-in-use = The lot is in another auction. A new one can be created when that has ended.
refused-second-person = A second person has to do this: nobody approves what he proposed himself.
refused-too-late = It is too late for this.
refused-relaunched = This auction has been created anew already.
refused-reason = Give a reason of 1 to 1000 characters.
refused-wrong-state = This is not possible in the present state. The page may be out of date.
refused-applications-closed = Applications closed on { $detail }.
fault-value-zero = The start price must be more than zero.
fault-step = The step is outside the range that the rules allow.
fault-guarantee = The guarantee payment is outside the range that the rules allow.
fault-start-too-soon = The start is too soon: the rules ask for more time after publication.
fault-no-time = No time is left for applications: choose a later start.
fault-too-large = The amount is too large.
fault-document = The lot has no document. Add one first.

## home

home-greeting = Welcome, { $value }
home-quiet = Nothing waits for you right now.
home-waits = This work waits for you.
waiting-for-you = Waits for you
live-now = Running now
live-mark = Live
first-steps = First steps
first-steps-text = Four steps to the first auction. Each is done by someone with the right role.
step-done = Done
step-open = Open
step-other = Another role’s work
step-staff = Invite colleagues
step-text-staff = At least one organiser and one moderator: one prepares an auction, the other publishes it.
step-lots = Import lots
step-text-lots = From data you have. What is unknown stays unknown until someone completes it.
step-auction = Create an auction
step-text-auction = Choose a lot, set price, step and start, and submit it for review.
step-publish = A second person publishes it
step-text-publish = A moderator checks it and publishes it or returns it with a reason.
task-review = Auctions wait for review
task-text-review = Look through them and publish or return them.
task-applications = Applications wait for a decision
task-text-applications = Decide before applications close.
task-mismatches = Payments that do not match
task-text-mismatches = Wrong amount or time; the money goes back.
task-contracts = Contracts are awaited
task-text-contracts = Record them when they are signed.
task-failed = Auctions that failed
task-text-failed = They can be created anew.
task-drafts = Drafts of auctions
task-text-drafts = Finish them and submit them for review.
task-lots = Incomplete lots
task-text-lots = Complete what their source did not say.

## lots

lot = Lot
kind = Kind
value = Start price
lot-state = Readiness
lots-text = Property to sell or lease. What is unknown is never made up — it is asked for.
lots-import = Import lots
lots-none = No lots yet
lots-none-text = Import the data you have. Each lot can then be completed, given documents and put up for auction.
lots-caption = Lots, the newest first
lot-kind-land = Land
lot-kind-premises = Premises
lot-kind-building = Building
lot-kind-vehicle = Vehicle
lot-kind-other = Other
lot-in-auction = In an auction
lot-ready = Ready
count-missing = { $count ->
    [one] { $count } thing missing
   *[other] { $count } things missing
}
synthetic = Synthetic
pages = Pages
lot-missing = Needed before an auction:
missing-value = Start price — asked for when the auction is created
missing-step = Step — asked for when the auction is created
missing-guarantee = Guarantee payment — asked for when the auction is created
missing-object-of-price = What the price buys — asked for when the auction is created
missing-document = At least one document
missing-lot-holder = Name of the balance holder
missing-title-ky = Title in Kyrgyz
missing-title-ru = Title in Russian
lot-not-known = Not known yet: please fill in
lot-title-needed = A title in Kyrgyz or Russian is needed.
lot-to-auction = To its auction
lot-facts = What is known
lot-complete = Complete it
lot-complete-text = Fill in what the source did not say. The rest is asked for when an auction is created.
lot-title-ky = Title in Kyrgyz
lot-title-ru = Title in Russian
lot-title-en = Title in English
lot-holder-ky = Balance holder, in Kyrgyz
lot-holder-ru = Balance holder, in Russian
lot-holder-en = Balance holder, in English
lot-holder-hint = On whose balance the property stands
save = Save
object = What the price buys
object-sale-price = Purchase
object-annual-rent = One year’s rent
object-lease-right = The right to conclude a lease
area = Area
unit-m2 = m²
unit-ha = ha
cadastral-number = Cadastral number
holder = Balance holder
description = Description
source = Source
size-kb = { $value } KB
size-mb = { $value } MB
documents = Documents
documents-none = No documents. An auction is not published without one.
document-title = Title of the document
document-file = File
document-hint = PDF, JPEG or PNG, up to 25 MB
document-add = Add the document
document-none = Choose a file.
document-kind = The file is not PDF, JPEG or PNG.
import-text = A file or text in JSON. With a field we do not know nothing is added, and you are told in which lot.
import-file = JSON file
import-file-hint = When a file is chosen, the text below is not read.
import-paste = or paste the text
import-button = Import
import-example = Example
done-lot = The lot is saved.
done-import = The lots are imported. Complete what is unknown.
done-document = The document is added.

## auctions

auction = Auction
state = State
price = Price
start = Start
step = Step
guarantee = Guarantee payment
terms = Terms
rules = Rule set
back = Back
open = Open
auction-create = Create an auction
auctions-text = From draft to contract. It takes two people to publish.
auctions-none = No auctions yet
auctions-none-text = An auction is created from a lot. What is known is filled in; the form asks for the rest.
auctions-to-lots = To the lots
auctions-caption = Auctions, the newest first
watch = Watch live
attempt = attempt { $value }
status-draft = Draft
status-review = In review
status-rectification = May be mended
status-tendering = Taking applications
status-waiting = Waiting to start
status-bidding = Bidding
status-qualification = Awaiting the winner
status-awarded = Awaiting the contract
status-complete = Complete
status-unsuccessful = Unsuccessful
status-cancelled = Cancelled
sentence-draft = The organiser is preparing it.
sentence-review = A second person will check it and publish or return it.
sentence-rectification = Published; the terms may still be mended.
sentence-tendering = Applications and guarantee payments are taken.
sentence-waiting = The participants are known; it waits for the start.
sentence-bidding = Each raise starts the clock anew.
sentence-qualification = Bidding is over; the winner has to confirm the protocol.
sentence-awarded = The winner has confirmed; the contract has to be signed.
sentence-complete = The contract is signed.
sentence-unsuccessful = The auction was unsuccessful.
sentence-cancelled = Cancelled by decision.
sentence-suspended = The clock is stopped: no bids are taken and no deadline runs.
failure-no-applications = There was no eligible application.
failure-insufficient-participants = There were fewer participants than the rules ask.
failure-no-first-offer = Nobody raised the start price.
failure-winner-default = The winner refused or let the time pass.
failure-contract-not-concluded = No contract was concluded.
your-turn = Your turn
is-successor = This auction was created in place of one that failed.
has-successor = This auction has been created anew.
to-previous = Attempt before
to-successor = Next attempt
to-auction = To the auction’s page
terms-not-frozen = Amounts are frozen at publication.
lease = Length of the lease
lease-none = Not a lease
lease-P1Y = 1 year
lease-P3Y = 3 years
lease-P5Y = 5 years
lease-P10Y = 10 years
lease-P25Y = 25 years
lease-P49Y = 49 years
first-window = Time for the first offer
raise-window = After each raise
history = History
history-none = The log is shown after publication.
log-head = Head of the log: { $value }
timeline = Timeline
moment-tender-end = Applications close
moment-start = Bidding opens
moment-close = The running window ends
moment-confirm = The winner confirms by
moment-contract = The contract is signed by
moment-past = past
participants = Participants
participants-number = Number of participants
participant = participant { $value }
count-participants = { $count ->
    [one] { $count } participant
   *[other] { $count } participants
}
raises = Raises
winner = Winner
until = until { $value }
from-moment = from { $value }

## acts on an auction

act-submit = Submit for review
act-submit-text = Once submitted, another person checks it. You can change it only if it is returned.
act-edit = Edit
act-publish = Publish
act-publish-text = Amounts and times are frozen and everyone sees the auction.
act-return = Return it
act-return-reason = Reason for returning
act-return-hint = So that the organiser knows what to mend. Up to 1000 characters.
act-relaunch = Create anew
act-relaunch-text = The terms are copied; you set a new start. The two auctions link to each other.
act-contract = Record the signed contract
act-contract-text = The file is not kept: only its SHA-256 hash goes into the log.
act-contract-file = File of the contract
act-contract-hash = or its SHA-256 hash
act-contract-button = Record
contract-hash = Choose a file or give a SHA-256 hash of 64 characters.
act-contract-failed = No contract was concluded
act-contract-fault = Whose fault
contract-fault-bidder = The winner’s fault
contract-fault-other = Another reason
act-contract-failed-button = Record the auction as failed
done-created = The draft is created. Submit it for review when it is ready.
done-saved = Saved.
done-submitted = Submitted for review.
done-published = Published.
done-returned = Returned to the organiser.
done-relaunched = The auction is created anew.
done-contract = The contract is recorded.
done-contract-failed = Recorded: the auction failed.

## the auction's form

editor-create = New auction
editor-edit = Edit the draft
editor-relaunch = Create the auction anew
editor-text-create = What the source says is filled in. The rest is for you to say.
editor-text-edit = Everything may change until publication.
editor-text-relaunch = The former terms are copied. Set a new start.
editor-failed = The attempt before: { $value }
editor-button-create = Save the draft
editor-button-edit = Save
editor-button-relaunch = Create anew
preview = Show the amounts
frozen = Frozen at publication
frozen-text = Step and guarantee payment are rounded up to a whole som.
frozen-none = When the form is filled in rightly, the amounts appear here.
choose = Choose
value-som = Start price, som
step-percent = Step, % of the start price
guarantee-percent = Guarantee payment, % of the start price
percent-range = By the rules: { $value } %
start-hint = Bishkek time. At least { $value } must pass after publication.
start-hint-any = Bishkek time.
days-left = { $value } d
form-faulty = Not saved: mend the fields marked below.
fault-choose = Choose one.
fault-amount = Give an amount such as 1 260 000 or 1260000.50.
fault-percent = Give a percentage such as 5 or 2.5.
fault-moment = Give a date and a time.
fault-lease = Choose the length of the lease.
fault-no-lease = A sale has no length of lease.

## the log

event-created = Draft created
event-edited = Draft changed
event-submitted = Submitted for review
event-returned = Returned
event-published = Published
event-amended = Terms mended
event-tendering-opened = Applications opened
event-tendering-closed = Applications closed
event-bidding-opened = Bidding opened
event-bid-placed = Price raised
event-bid-refused = Bid refused
event-suspended = Clock stopped
event-resume-announced = Resumption announced
event-resumed = Resumed
event-bidding-closed = Bidding closed
event-award-proposed = Winner proposed
event-award-confirmed = Winner confirmed
event-award-lapsed = Award lapsed
event-contract-signed = Contract signed
event-contract-failed = No contract
event-failed = Auction failed
event-cancelled = Cancelled
event-relaunched = Created anew
cause-late-start = it could not start in time
cause-outage = the service was down
cause-technical-fault = a technical fault
lapse-refused = refused
lapse-timeout = let the time pass

## bids

bid-accepted = Accepted
bid-not-eligible = Not a participant
bid-not-started = Bidding has not started
bid-suspended = Clock stopped
bid-deadline-passed = Too late
bid-closed = Bidding is closed
bid-stale-basis = The price had changed
bid-already-leading = Leads already
bid-wrong-amount = Wrong amount
bid-price-limit = Price limit
bid-rate-limited = Too fast

## live

price-now = Current price
leader = Leads
leader-none = nobody yet
clock-start = Until the start
clock-window = Time left in this window
clock-none = Clock
ends-at = Ends { $value }
bids = Bids
bids-caption = Accepted and refused bids, the newest first. Times are the server’s.
bids-none = No bids yet
amount = Amount
result = Result
received = Received
server-clock = Server’s clock:
link-off = No live link
link-connecting = Connecting…
link-live = Live
link-lost = Lagging
link-paused = Paused
pause = Pause updates
resume = Resume updates
lagging = LAGGING: no word from the server for over 5 seconds; figures may be old.
live-no-script = Without JavaScript the page does not update itself: reload it to see what is new.
minute-left = One minute left
seconds-left = Ten seconds left

## applications

application = Application
files = Files
applications-quiet = No application waits for a decision.
count-waiting = { $count ->
    [one] { $count } application waits for a decision.
   *[other] { $count } applications wait for a decision.
}
applications-none = No applications yet
applications-none-text = They appear here once an auction is published.
applications-caption = Those that wait come first. Names are shown only on an application’s own page.
application-needs-reconfirm = Must be confirmed again
application-signed = Waits for a decision
application-admitted = Admitted
application-not-admitted = Not admitted
application-eligible = Takes part
application-withdrawn = Withdrawn
application-disqualified = Excluded
application-lost = Did not win
application-reserve = In reserve
application-won = Won
application-reason = The moderator’s reason:
deposit-paid = Paid
deposit-due = Not paid yet
answers = Answers
choice-person = Natural person
choice-sole-trader = Sole trader
choice-organisation = Organisation
files-none = No files.
files-audited = Opening a file is recorded in the audit trail.
act-admit = Admit
act-admit-text = Answers and files are in order; the applicant may take part.
act-refuse = Refuse
act-refuse-reason = Reason for refusing
act-refuse-hint = The applicant reads exactly these words.
proof = Proof
signed-hash = Hash of the signed package
done-admitted = The application is admitted.
done-refused = The application is refused.

## payments

payments-text = Money counts only as the payment system reports it. What does not fit goes back and is never lost.
count-unfit = { $count ->
    [one] { $count } payment does not fit; the money goes back.
   *[other] { $count } payments do not fit; the money goes back.
}
balances = Balances
balances-none = No money has moved yet.
account-gateway = With the payment system
account-deposits = Guarantee payments
account-refunds-due = To be returned
account-unmatched = Unmatched
account-seller = For the balance holder
account-forfeited = Forfeited
payments-none = No payments yet
payments-none-text = They appear when a bidder gets a payment code.
payments-caption = Attempts to pay: those that do not fit first
payment-code = Payment code
code-none = No code
expected = Expected
came = Received
created = Created
channel-wallet-code = Mobile wallet
channel-branch-code = Bank branch
channel-card = Card
intent-created = Begun
intent-code-issued = Code issued
intent-redirected = At the bank’s page
intent-succeeded = Paid
intent-succeeded-late = Paid late
intent-failed = Failed
intent-expired = Expired
mismatch-short = Too little
mismatch-over = Too much
mismatch-late = Too late
mismatch-not-due = Not due
deposit-held = Held
deposit-releasing = On its way back
deposit-released = Returned
deposit-forfeit-proposed = Forfeiture proposed
deposit-forfeited = Forfeited
deposit-applied = Counted towards the price

## audit

when = When
who = Who
what = What
on-what = On what
audit-text = Each act is chained to the one before. Nobody can erase or change them.
audit-none = No acts yet
audit-none-text = The first act will appear here.
audit-caption = Acts, the newest first
chain-link = Link of the chain
audit-staff-invite = Official invited
audit-application-submit = Application submitted
audit-application-withdraw = Application withdrawn

## staff

staff-text = Roles are apart on purpose: who prepares does not publish, and administrators take no part in auctions.
staff-caption = Who may use the console
roles = Roles
since = Since
invite-title = Invite an official
invite-text = You get a one-time link. Hand it over in person: whoever opens it gets in.
invite-role = Role
invite-button = Make a link
invited = The link is ready: { $value }
invited-text = Copy it now: it is shown once and works until { $value }.
invited-link = One-time link
role-text-organiser = Imports lots, prepares auctions
role-text-moderator = Publishes auctions, decides applications
role-text-finance = Looks after payments
role-text-auditor = Sees everything, changes nothing
role-text-sysadmin = Invites officials, takes no part in auctions

## what the services brought

fault-price-cut = The start price may not be lowered so far in a relaunch.
refused-holder-unknown = The balance holder is not known. Complete the lot first.
refused-busy = The system is busy. Try again in a moment.
relaunch-reason = Reason, if the price is lowered
relaunch-reason-hint = Needed only when the start price is below the former one.
audit-auction-create = Auction drafted
audit-auction-edit = Draft changed
audit-auction-submit = Submitted for review
audit-auction-return = Returned to the organiser
audit-auction-publish = Auction published
audit-auction-amend = Terms mended
audit-auction-award = The winner’s answer
audit-auction-contract = Contract recorded
audit-auction-no-contract = Recorded that there is no contract
audit-auction-relaunch = Auction created anew
audit-auction-tick = Due time passed
audit-application-admit = Application admitted
audit-application-refuse = Application refused
audit-application-open = Application opened
audit-application-file = An application’s file opened
audit-deposit-hold = Guarantee payment held
audit-deposit-release = Guarantee payment on its way back
audit-deposit-refunded = Guarantee payment returned
audit-deposit-apply = Guarantee payment counted towards the price
audit-deposit-propose-forfeit = Forfeiture proposed
audit-deposit-forfeit = Guarantee payment forfeited
audit-deposit-reject-forfeit = Forfeiture rejected
audit-payment-credit = Payment credited
audit-payment-unmatched = Payment did not match
audit-device-register = Phone registered
audit-device-renew = Phone renewed
audit-device-revoke = Phone’s access removed
audit-person-register = Bidder registered
audit-lot-import = Lots imported
audit-lot-complete = Lot completed
audit-lot-document = Document added to a lot
audit-staff-enrol = Official enrolled
audit-staff-sign-in = Logged in to the console
start-hint-days = { $count ->
    [one] Bishkek time. At least { $count } day must pass after publication.
   *[other] Bishkek time. At least { $count } days must pass after publication.
}
clock-applications = Until applications close
detail-expires-at = When it ends
detail-bidder = Participant
detail-seq = Position in the log
detail-successor = New auction
detail-reason = Reason
detail-sha256 = SHA-256 of the file
detail-auction = Auction
detail-package = SHA-256 of what was signed
detail-lots = Lots
detail-amount-tyiyn = Amount
detail-reference = Payment system’s number
detail-mismatch = Mismatch
detail-unmatched-tyiyn = Not credited

## two officials together

joint-waiting = Waits for a second person
joint-suspend = Stop the clock
joint-resume = Let it go on
joint-cancel = Cancel the auction
joint-disqualify = Exclude the winner
joint-suspend-text = While the clock stands no bids are taken and no deadline runs. A second person has to approve it; it counts from now.
joint-suspend-reason = What is wrong
joint-propose-suspend = Propose to stop the clock
joint-resume-text = Everyone is told at once, at least { $value } minutes ahead. A second person has to approve it in time.
joint-resume-at = Goes on at (Bishkek time)
joint-propose-resume = Propose this time
joint-disqualify-text = The proposed winner loses his right to the lot. It rests on a document, of which the hash is published.
joint-cancel-text = All guarantee payments go back. It rests on a document, of which the hash is published; bids stay in the log.
joint-reason = Reason; it is published
joint-document = Document it rests on
joint-no-document = Choose the document it rests on.
joint-propose = Propose
joint-by = Proposed by { $value }
joint-approve-suspend = Stop the clock now
joint-approve-resume = Announce this time
joint-approve-cancel = Cancel the auction
joint-approve-disqualify = Exclude the winner
joint-decline = Decline
joint-withdraw = Withdraw
done-proposed = Proposed. A second person has to approve it.
done-approved = Done: two people have decided it.
done-declined = The proposal is withdrawn.
refused-resume-too-soon = This is too soon: bidders have to be told in time. Choose a later moment.
sentence-cause = Cause: { $value }.
sentence-resume-at = It goes on at { $value }.
sentence-resume-unknown = When it goes on will be announced.
clock-resume = Until it goes on
moment-resume = Goes on
resumptions = Resumed
audit-auction-propose = Proposed for a second person
audit-auction-approve = A second person approved
audit-auction-decline = A second person declined
audit-auction-withdraw-proposal = Proposal withdrawn
audit-auction-outage = Clock stopped after an outage
detail-act = What
detail-document = SHA-256 of the document
detail-resume-at = Goes on at
detail-proposed-by = Proposed by
detail-alive-at = Last sign of life
status-stopped = Stopped
