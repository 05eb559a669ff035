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
sign-out = Log out
nav-home = Home
nav-auctions = All auctions
nav-lots = Lots
nav-applications = Applications
nav-payments = Payments
nav-audit = Audit trail
nav-staff = Staff
role-organiser = Organiser
role-moderator = Moderator
role-finance = Finance officer
role-auditor = Auditor
role-sysadmin = System administrator
role-bidder = Bidder
role-system = System
som = { $value } som
optional = optional
fault = Please correct:
to-home = Go to the home page
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
sign-in-text = There is no password. Your device recognises you by fingerprint, face or PIN.
sign-in-button = Log in with a passkey
sign-in-help = No passkey? Ask the system administrator for a one-time link.
enrol-title = Welcome to the console
enrol-role = Invitation: { $value }
enrol-text = Enter your name and create a passkey. You will log in with it from now on.
enrol-name = Your full name
enrol-name-hint = Auditors see it next to each of your actions.
enrol-language = Your language
enrol-button = Create a passkey
passkey-what = A passkey stays on your device. We only see its public part.
passkey-waiting = Confirm on your device…
passkey-unsupported = This browser does not support passkeys. Use a newer one.
passkey-refused = The device did not confirm. You can try again.
passkey-exists = You already have a passkey on this device. Use the log-in page.
passkey-network = The server did not answer. Check the connection and try again.
passkey-needs-script = A passkey needs JavaScript in the browser. All other pages work without it.

## refusals

error-title = This did not work
refused-not-found = This page or record does not exist, or you do not have access to it.
refused-forbidden = Your role does not allow this. If you need it, ask the system administrator.
refused-signed-out = Log in first: there is no session, or it has ended.
refused-foreign-form = This request did not come from our site and was not carried out. Open the page again and repeat.
refused-internal = Server error. Nothing was saved in part; please try again.
refused-unknown-outcome = We do not know whether it was saved. Reload the page and check before repeating.
refused-too-large = The file is too large: 25 MB at most.
refused-too-many-requests = Too many requests came from your network. Try again in a minute.
refused-malformed = The request is not valid.
refused-conflict = This record already exists, or someone has just changed it. Reload the page.
refused-ceremony = The passkey could not be verified, or time ran out. Start again.
refused-invitation = This link was used or has expired. Ask for a new one.
refused-name = Enter a name of 1 to 200 characters, without invisible ones.
refused-text = The text is empty, too long or has invisible characters. Type it again.
refused-import = Nothing was added. { $detail }
refused-lot-in-use = The lot is in another auction. A new one can be created when that has ended.
refused-second-person = A second official has to do this: nobody may approve their own proposal.
refused-too-late = It is too late for this.
refused-relaunched = This auction has already been relaunched.
refused-reason = Enter a reason of 1 to 1000 characters, without invisible ones.
refused-wrong-state = This is not possible at this stage. The page may be out of date.
refused-applications-closed = Applications closed on { $detail }.
fault-value-zero = The start price must be more than zero.
fault-step = The step is outside the range that the rules allow.
fault-guarantee = The guarantee payment is outside the range that the rules allow.
fault-start-too-soon = The start is too soon: the rules require more time after publication.
fault-no-time = No time is left for applications: choose a later start.
fault-too-large = The amount is too large.
fault-document = The lot has no document. Add one first.

## home

home-greeting = Welcome, { $value }
home-quiet = You have no tasks right now.
home-waits = Your tasks.
waiting-for-you = Waiting for you
live-now = Running now
live-mark = Live
first-steps = First steps
first-steps-text = Four steps to the first auction. Each is done by someone with the right role.
step-done = Done
step-open = Open
step-other = For another role
step-staff = Invite colleagues
step-text-staff = At least one organiser and one moderator: one prepares an auction, the other publishes it.
step-lots = Import lots
step-text-lots = From data you have. What is missing can be completed later.
step-auction = Create an auction
step-text-auction = Choose a lot, set the price, the step and the start, and submit it for review.
step-publish = A second official publishes it
step-text-publish = A moderator checks it and publishes it or returns it with a reason.
task-review = Auctions to review
task-text-review = Look through them and publish or return them.
task-applications = Applications to decide
task-text-applications = Decide before applications close.
task-push = Push messages are not being sent
task-text-push = The push gateway refuses this server: its operator must check the key and the project. Nothing is lost.
task-mismatches = Payments that do not match
task-text-mismatches = Wrong amount or time; the money will be returned.
task-clock-faults = Payment system’s clock is wrong
task-text-clock-faults = The payments count for their payers. Ask the payment system to set its clock.
task-contracts = Contracts to record
task-text-contracts = Record each when it is signed.
task-failed = Unsuccessful auctions
task-text-failed = They can be relaunched.
task-drafts = Draft auctions
task-text-drafts = Finish them and submit them for review.
task-lots = Incomplete lots
task-text-lots = Complete what the source does not say.

## lots

lot = Lot
kind = Kind
value = Start price
lot-state = Readiness
lots-text = Property to sell or lease. Missing facts are asked for, never invented.
search-label = Search by title, number or place
search-button = Search
search-none = Nothing found
search-all = Show all
lots-import = Import lots
lots-none = No lots yet
lots-none-text = Import the data you have. Each lot can then be completed, given documents and put up for auction.
lots-caption = Lots, newest first
lot-kind-land = Land
lot-kind-premises = Premises
lot-kind-building = Building
lot-kind-vehicle = Vehicle
lot-kind-other = Other
lot-in-auction = In an auction
lot-ready = Ready
count-missing = { $count ->
    [one] { $count } item missing
   *[other] { $count } items missing
}
synthetic = Test data
pages = Pages
lot-missing = Needed before an auction:
missing-value = Start price: asked for when the auction is created
missing-step = Step: asked for when the auction is created
missing-guarantee = Guarantee payment: asked for when the auction is created
missing-object-of-price = What the price is for: asked for when the auction is created
missing-document = At least one document
missing-lot-holder = Name of the lot holder
missing-title-ky = Title in Kyrgyz
missing-title-ru = Title in Russian
lot-not-known = Not known yet: please fill in
lot-title-needed = A title in Kyrgyz or Russian is needed.
lot-to-auction = Go to the auction
lot-facts = What is known
lot-complete = Complete it
lot-complete-text = Fill in what the source does not say. The rest is asked for when an auction is created.
lot-title-ky = Title in Kyrgyz
lot-title-ru = Title in Russian
lot-title-en = Title in English
lot-holder-ky = Lot holder, in Kyrgyz
lot-holder-ru = Lot holder, in Russian
lot-holder-en = Lot holder, in English
lot-holder-hint = The body that has the property on its balance sheet
save = Save
object = What the price is for
object-sale-price = Sale price
object-annual-rent = Annual rent
object-lease-right = Right to conclude a lease
area = Area
unit-m2 = m²
unit-ha = ha
cadastral-number = Cadastral number
holder = Lot holder
description = Description
source = Source
size-kb = { $value } KB
size-mb = { $value } MB
documents = Documents
documents-none = No documents. An auction is not published without one.
document-title = Title of the document
document-file = File
document-hint = PDF, JPEG or PNG, up to 25 MB
document-add = Add the document
document-none = Choose a file.
document-kind = The file is not PDF, JPEG or PNG.
import-text = A JSON file or text. If a field is unknown, nothing is added and you are told in which lot.
import-file = JSON file
import-file-hint = If a file is chosen, the text below is ignored.
import-paste = or paste the text
import-button = Import
import-example = Example
done-lot = The lot is saved.
done-import = The lots are imported. Fill in what is missing.
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
auctions-text = From draft to contract. Publishing takes two officials.
auctions-none = No auctions yet
auctions-none-text = An auction is created from a lot. What is known is filled in; the form asks for the rest.
auctions-to-lots = Go to the lots
auctions-caption = Auctions, newest first
watch = Watch live
attempt = attempt { $value }
status-draft = Draft
status-review = In review
status-rectification = Correction period
status-tendering = Applications open
status-waiting = Waiting for the start
status-bidding = Bidding
status-qualification = Waiting for the winner to confirm
status-awarded = Waiting for the contract
status-complete = Complete
status-unsuccessful = Unsuccessful
status-cancelled = Cancelled
sentence-draft = The organiser is preparing it.
sentence-review = A second official will check it and publish it or return it for correction.
sentence-rectification = Published; the terms can still be corrected.
sentence-tendering = Applications and guarantee payments are being accepted.
sentence-waiting = The participants are known; waiting for the start.
sentence-bidding = Each raise restarts the countdown.
sentence-qualification = Bidding is over: the winner has to confirm the protocol.
sentence-awarded = The winner has confirmed; the contract has to be signed.
sentence-complete = The contract is signed.
sentence-unsuccessful = The auction was unsuccessful.
sentence-cancelled = Cancelled by decision.
sentence-suspended = The auction is suspended: bids are not accepted and deadlines do not run.
failure-no-applications = There were no valid applications.
failure-insufficient-participants = Too few participants.
failure-no-first-offer = Nobody raised the price.
failure-winner-default = The winner did not confirm.
failure-contract-not-concluded = No contract was concluded.
your-turn = Your action
is-successor = This auction replaces an unsuccessful one.
has-successor = This auction has been relaunched.
to-previous = Previous attempt
to-successor = Next attempt
to-auction = Go to the auction
terms-not-frozen = Amounts are frozen at publication.
lease = Lease term
lease-none = Not a lease
lease-P1Y = 1 year
lease-P3Y = 3 years
lease-P5Y = 5 years
lease-P10Y = 10 years
lease-P25Y = 25 years
lease-P49Y = 49 years
first-window = Time for the first offer
raise-window = Time for each raise
history = History
history-none = The log is shown after publication.
log-head = Latest hash of the log: { $value }
timeline = Timeline
moment-tender-end = Applications close
moment-start = Bidding opens
moment-close = Time to bid ends
moment-confirm = Deadline for confirming
moment-contract = Deadline for the contract
moment-past = past
participants = Participants
participants-number = Number of participants
participant = participant No. { $value }
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
act-submit-text = Once submitted, another official checks it. You can change it only if it is returned.
act-edit = Edit
act-publish = Publish
act-publish-text = Amounts and times are frozen and everyone sees the auction.
act-return = Return for correction
act-return-reason = Reason for returning
act-return-hint = So that the organiser knows what to correct. Up to 1000 characters.
act-relaunch = Relaunch
act-relaunch-text = The terms are copied; you set a new start. The two auctions link to each other.
act-contract = Record the signed contract
act-contract-text = The file is not kept: only its SHA-256 hash goes into the log.
act-contract-file = Contract file
act-contract-hash = or its SHA-256 hash
act-contract-button = Record
contract-hash = Choose a file or enter a SHA-256 hash of 64 characters.
act-contract-failed = No contract was concluded
act-contract-fault = Whose fault
contract-fault-bidder = The winner’s fault
contract-fault-other = Another reason
act-contract-failed-button = Record as unsuccessful
done-created = The draft is created. Submit it for review when it is ready.
done-saved = Saved.
done-submitted = Submitted for review.
done-published = Published.
done-returned = Returned for correction.
done-relaunched = The auction has been relaunched.
done-contract = The contract is recorded.
done-contract-failed = Recorded as unsuccessful.

## the auction's form

editor-create = New auction
editor-edit = Edit the draft
editor-relaunch = Relaunch the auction
editor-text-create = Known facts are filled in. Complete the rest.
editor-text-edit = Everything can be changed until publication.
editor-text-relaunch = The previous terms are copied. Set a new start.
editor-failed = Previous attempt: { $value }
editor-button-create = Save the draft
editor-button-edit = Save
editor-button-relaunch = Relaunch
preview = Show the amounts
frozen = Frozen at publication
frozen-text = Step and guarantee payment are rounded up to a whole som.
frozen-none = When the form is correct, the amounts appear here.
choose = Choose
value-som = Start price, som
step-percent = Step, % of the start price
guarantee-percent = Guarantee payment, % of the start price
percent-range = By the rules: { $value }
start-hint = Bishkek time. At least { $value } must pass after publication.
start-hint-any = Bishkek time.
days-left = { $value } d
form-faulty = Not saved: correct the fields marked below.
fault-choose = Choose one.
fault-amount = Enter an amount such as 1 260 000 or 1 260 000,50.
fault-percent = Enter a percentage such as 5 or 2,5.
fault-moment = Enter a date and a time.
fault-lease = Choose the lease term.
fault-no-lease = A sale has no lease term.

## the log

event-created = Draft created
event-edited = Draft changed
event-submitted = Submitted for review
event-returned = Returned for correction
event-published = Published
event-amended = Terms corrected
event-tendering-opened = Applications opened
event-tendering-closed = Applications closed
event-bidding-opened = Bidding opened
event-bid-placed = Price raised
event-bid-refused = Bid not accepted
event-suspended = Suspended
event-resume-announced = Resumption announced
event-resumed = Resumed
event-bidding-closed = Bidding closed
event-award-proposed = Winner determined
event-award-confirmed = Winner confirmed
event-award-lapsed = Winner lost the right to the lot
event-contract-signed = Contract signed
event-contract-failed = No contract was concluded
event-failed = The auction was unsuccessful
event-cancelled = Cancelled
event-relaunched = Relaunched
cause-late-start = it could not start in time
cause-outage = the system was down
cause-technical-fault = a technical fault
lapse-refused = refused to confirm
lapse-timeout = missed the deadline

## bids

bid-accepted = Accepted
bid-not-eligible = Not a participant
bid-not-started = Bidding has not started
bid-suspended = Auction suspended
bid-deadline-passed = Too late
bid-closed = Bidding is closed
bid-stale-basis = The price had changed
bid-already-leading = Already leading
bid-wrong-amount = Wrong amount
bid-price-limit = Price limit reached
bid-rate-limited = Too soon

## live

price-now = Current price
leader = Leading
leader-none = nobody yet
clock-start = Until the start
clock-window = Time left to bid
clock-none = Deadline
ends-at = Ends { $value }
bids = Bids
bids-caption = Accepted and refused bids, newest first. Times are the server’s.
bids-none = No bids yet
amount = Amount
result = Result
received = Received
server-clock = Server time:
link-off = Not updating
link-connecting = Connecting…
link-live = Live
link-lost = Out of date
link-full = Not connected
link-paused = Paused
pause = Pause updates
resume = Resume updates
lagging = OUT OF DATE: the server does not answer. This page reconnects by itself.
live-too-many = OUT OF DATE: this session has too many live pages open. Close some of them.
live-no-script = Without JavaScript the page does not update itself: reload it.
minute-left = One minute left
seconds-left = Ten seconds left

## applications

application = Application
files = Files
applications-quiet = No applications to decide.
count-waiting = { $count ->
    [one] { $count } application to decide.
   *[other] { $count } applications to decide.
}
applications-none = No applications yet
applications-none-text = They appear here once an auction is published.
applications-caption = Those to decide come first. Names are shown only on an application’s own page.
application-needs-reconfirm = Must be confirmed again
application-signed = Under review
application-admitted = Admitted
application-not-admitted = Not admitted
application-eligible = Participant
application-withdrawn = Withdrawn
application-disqualified = Disqualified
application-lost = Did not win
application-reserve = In reserve
application-won = Winner
application-reason = The moderator’s reason:
deposit-paid = Paid
deposit-due = Not paid yet
answers = Answers
choice-person = Person
choice-sole-trader = Sole trader
choice-organisation = Organisation
files-none = No files.
files-audited = Opening a file is recorded in the audit trail.
act-admit = Admit
act-admit-text = Answers and files are in order: the applicant can be admitted.
act-refuse = Do not admit
act-refuse-reason = Reason for not admitting
act-refuse-hint = The applicant reads exactly these words.
proof = Proof
signed-hash = Hash of the signed package
done-admitted = The applicant is admitted.
done-refused = The applicant is not admitted.

## payments

payments-text = Only payments that the payment system confirms are counted. Anything else is returned to the payer.
count-unfit = { $count ->
    [one] { $count } payment does not match; the money will be returned.
   *[other] { $count } payments do not match; the money will be returned.
}
count-clock-faults = { $count ->
    [one] { $count } payment is dated by a wrong clock of the payment system; it counts for its payer.
   *[other] { $count } payments are dated by a wrong clock of the payment system; they count for their payers.
}
balances = Balances
balances-none = No money movements yet.
account-gateway = With the payment system
account-deposits = Guarantee payments
account-refunds-due = To be returned
account-unmatched = Unmatched
account-seller = For the lot holder
account-forfeited = Forfeited
payments-none = No payments yet
payments-none-text = They appear when an applicant gets a payment code.
payments-caption = Attempts to pay: those that do not match first
payment-code = Payment code
code-none = No code
expected = Expected
came = Received
created = Created
channel-wallet-code = Mobile wallet
channel-branch-code = Bank branch
channel-card = Card
intent-created = Started
intent-code-issued = Code issued
intent-redirected = On the bank’s page
intent-succeeded = Paid
intent-succeeded-late = Paid late
intent-failed = Payment failed
intent-expired = Expired
mismatch-short = Too little
mismatch-over = Too much
mismatch-late = Too late
mismatch-not-due = Not required
clock-fault-ahead = Clock fast by { $value }
clock-fault-behind = Clock slow by { $value }
deposit-held = On hold
deposit-releasing = Being returned
deposit-released = Returned
deposit-forfeit-proposed = Forfeiture proposed
deposit-forfeited = Forfeited
deposit-applied = Counted towards the price

## audit

when = When
who = Who
what = What
on-what = Object
audit-text = Each action is chained to the one before. Nobody can erase or change them.
audit-none = No actions yet
audit-none-text = The first action will appear here.
audit-caption = Actions, newest first
chain-link = Hash of the entry
audit-staff-invite = Official invited
audit-application-submit = Application submitted
audit-application-withdraw = Application withdrawn

## staff

staff-text = Roles are separate on purpose: the official who prepares an auction does not publish it, and administrators take no part in auctions.
staff-caption = Who may use the console
roles = Roles
invite-title = Invite an official
invite-text = You get a one-time link. Hand it over in person: anyone who opens it gets access.
invite-role = Role
invite-button = Create a link
invited = The link is ready: { $value }
invited-text = Copy it now: it is shown once and works until { $value }.
invited-link = One-time link
role-text-organiser = Imports lots, prepares auctions
role-text-moderator = Publishes auctions, decides applications
role-text-finance = Monitors payments
role-text-auditor = Sees everything, changes nothing
role-text-sysadmin = Invites officials, takes no part in auctions

## what the services brought

fault-price-cut = The start price of a relaunched auction may not be lowered this far.
refused-holder-unknown = The lot holder is not known. Complete the lot first.
refused-busy = The system is busy. Try again in a moment.
relaunch-reason = Reason, if the price is lowered
relaunch-reason-hint = Needed only when the start price is below the previous one.
audit-auction-create = Auction drafted
audit-auction-edit = Draft changed
audit-auction-submit = Submitted for review
audit-auction-return = Returned for correction
audit-auction-publish = Auction published
audit-auction-amend = Terms corrected
audit-auction-award = The winner’s answer
audit-auction-contract = Contract recorded
audit-auction-no-contract = Recorded that there is no contract
audit-auction-relaunch = Auction relaunched
audit-auction-tick = A deadline was reached
audit-application-admit = The applicant is admitted
audit-application-refuse = The applicant is not admitted
audit-application-open = Application opened
audit-application-file = An application’s file opened
audit-application-pin = Personal numbers opened
audit-deposit-hold = Guarantee payment on hold
audit-deposit-release = Guarantee payment being returned
audit-deposit-refunded = Guarantee payment returned
audit-deposit-apply = Guarantee payment counted towards the price
audit-deposit-propose-forfeit = Forfeiture proposed
audit-deposit-forfeit = Guarantee payment forfeited
audit-deposit-reject-forfeit = Forfeiture declined
audit-payment-credit = Payment credited
audit-payment-unmatched = Payment did not match
audit-device-register = Phone registered
audit-device-renew = Phone registered again
audit-device-revoke = Phone’s access removed
audit-person-forget = Bidder’s data erased
audit-person-link = Identity proven
audit-person-register = Bidder registered
audit-lot-entrust = Lot’s organiser named
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
detail-expires-at = Valid until
detail-bidder = Participant
detail-seq = Position in the log
detail-successor = Relaunched auction
detail-reason = Reason
detail-sha256 = SHA-256 of the file
detail-auction = Auction
detail-package = SHA-256 of the signed package
detail-lots = Lots
detail-amount-tyiyn = Amount
detail-reference = Payment system’s number
detail-mismatch = Mismatch
detail-paid-at = Paid, by the payment system’s clock
detail-counted-at = Counted as paid
detail-clock-fault = Payment system’s clock
detail-unmatched-tyiyn = Not credited

## two officials together

joint-waiting = Waiting for a second official
joint-suspend = Suspend the auction
joint-resume = Resume the auction
joint-cancel = Cancel the auction
joint-disqualify = Disqualify the winner
joint-suspend-text = While the auction is suspended, bids are not accepted and deadlines do not run. Once a second official approves, the suspension counts from now.
joint-suspend-reason = What happened
joint-propose-suspend = Propose a suspension
joint-resume-text = Everyone is notified at once, at least { $value } ahead. A second official must approve in time.
joint-resume-at = Resumes at (Bishkek time)
joint-propose-resume = Propose this time
joint-disqualify-text = The winner loses the right to the lot. Attach the decision; its hash is published.
joint-cancel-text = All guarantee payments are returned. Attach the decision; its hash is published. Bids stay in the log.
joint-reason = Reason; it is published
joint-document = Supporting document
joint-no-document = Choose the supporting document.
joint-propose = Propose
joint-by = Proposed by { $value }
joint-approve-suspend = Suspend the auction
joint-approve-resume = Announce this time
joint-approve-cancel = Cancel the auction
joint-approve-disqualify = Disqualify the winner
joint-decline = Decline
joint-withdraw = Withdraw
done-proposed = Proposed. A second official has to approve it.
done-approved = Done: approved by two officials.
done-declined = The proposal is withdrawn.
refused-resume-too-soon = This is too soon: participants must be told in advance. Choose a later time.
sentence-cause = Reason: { $value }.
sentence-resume-at = Resumes at { $value }.
sentence-resume-unknown = The time of resumption will be announced.
clock-resume = Resumes in
moment-resume = Resumes
resumptions = Times resumed
audit-auction-propose = Proposed to a second official
audit-auction-approve = A second official approved
audit-auction-decline = A second official declined
audit-auction-withdraw-proposal = Proposal withdrawn
audit-auction-outage = Suspended after an outage
detail-act = What
detail-document = SHA-256 of the document
detail-resume-at = Resumes at
detail-proposed-by = Proposed by
detail-alive-at = Last seen running
status-stopped = Suspended
refused-forbidden-sysadmin = The role of system administrator does not allow this: an official with another role does it.
percent = { $value }%
span-days = { $value } d
span-hours = { $value } h
span-minutes = { $value } min
span-seconds = { $value } s
document-damaged = The picture is damaged: choose another file.
document-too-many-pixels = The picture has too many pixels: make it smaller, at most 16,384 on a side and 67 million in all.
import-fault-in-lot = Lot No. { $value }: { $detail }
import-fault-in-file = File: { $detail }
import-fault-json = JSON is not valid (line { $line }, character { $character }).
import-fault-too-many = too many lots: { $count }; at most { $most }.
import-fault-unknown-field = unknown field “{ $value }”.
import-fault-missing-field = the field “{ $value }” is missing.
import-fault-wrong-value = the value of “{ $value }” is not valid.
import-fault-title-too-long = the title is too long.
import-fault-title-missing = the title is missing.
refused-lot-frozen = The lot is published or in review, and nothing of it changes any more. A draft in review can be returned for correction; a published auction can be corrected by two officials, or cancelled and relaunched.
refused-holder-changed = The lot holder is not the one for whom the draft was made. Create a new draft.
document-too-many = The lot has 50 documents already; it may not have more.
lot-frozen = The lot is published or in review: its facts and documents no longer change.
audit-audit-open = A name was opened in the audit trail
audit-name-closed = Name not shown
audit-open-name = Show the name
detail-lot-hash = SHA-256 of the lot and its documents
detail-status = Status
detail-documents = Documents
detail-ended = What ended
detail-sessions = Sessions
detail-role = Role
detail-roles = Roles
detail-passkey = Passkey
ended-official = all access
ended-role = a role
ended-session = a session
ended-passkey = a passkey
ended-invitation = an invitation
ended-own-sessions = own sessions elsewhere
joint-correct = Correct the lot
joint-correct-text = Until corrections close, a second official can approve this. Applicants are notified and sign again. The lot holder and the kind of the lot do not change.
joint-approve-correct = Approve the correction
lot-description-ky = Description in Kyrgyz
lot-description-ru = Description in Russian
lot-description-en = Description in English
correct-drop = Remove “{ $value }”
refused-nothing-corrected = Nothing is corrected: change a title, a description or a document.
refused-correction-malformed = A title in Kyrgyz or Russian is needed, and a document is a PDF, JPEG or PNG with a title.
audit-changes = Values before and after

## access and conflicts

conflict-official-account = This account belongs to an official and is for the console only: an official cannot take part in auctions.
conflict-bidder-account = This account belongs to a bidder. The console is opened by an official’s account, which an invitation creates.
conflict-same-person = Conflict of interest: you have applied to this auction yourself. Another official has to do this.
conflict-same-name = Conflict of interest: you and the applicant have the same name. Another official has to decide.
conflict-same-organisation = Conflict of interest: you and an applicant belong to the same organisation. Another official has to do this.
conflict-same-pin = Conflict of interest: you and an applicant have the same personal number. Another official has to do this.
conflict-one-human = Two different people have to do this. Your account and the first official’s have the same name in the same organisation, or one of you invited the other. A third official has to do this.
identity-taken = This eID or e-signature belongs to another account.
identity-pin-taken = Another account has this personal number: log in to that account.
identity-pin-differs = This account has another personal number.
identity-revoked = This eID or e-signature no longer has access.
identity-no-account = No official’s account belongs to this eID or e-signature. Enrol with an invitation first.
identity-forgotten = The data of this account was erased.
refused-last-administrator = This would leave the server without an administrator. Invite another one first.
audit-conflict-found = Conflict of interest found
audit-organisation-create = Organisation added
audit-organisation-edit = Organisation changed
audit-organisation-end-power = Powers ended
audit-organisation-power = Powers given
audit-passkey-review = Passkey needs a review: there may be two copies of it
audit-passkey-revoke = Passkey revoked
audit-passkey-warning = Passkey used in an unusual way
audit-staff-revoke = Official’s access ended
staff-id = Identifier
staff-organisation = Organisation
staff-invited-by = Invited by
staff-machine = the server’s operator
staff-access = Access
staff-no-roles = no roles
staff-no-organisation = not bound
staff-sessions = Sessions: { $count }
staff-passkeys = Passkeys: { $count }
staff-session-since = Session since { $value }
staff-passkey-since = Passkey created { $value }
staff-passkey-used = last used { $value }
staff-end = End
staff-end-all = End all access
staff-end-all-text = All roles, sessions and passkeys end within a second. This cannot be undone: a new invitation creates a new account.
staff-invitations = Open invitations
done-access-ended = Access ended.

access-title = Your access
access-text = Where you are logged in, and with what.
access-this = this one
access-end-others = Log out everywhere else
access-lost = If a passkey is lost, tell the system administrator: they end your access and hand you a new invitation in person.

## applicants

applicant-proven = Identity proven
applicant-unproven = Identity not proven
applicant-firm = On behalf of
numbers-open = Show the personal numbers
numbers-audited = Personal numbers are hidden. Each opening is recorded.
risks = Look closer
risks-text = These signs decide nothing: you decide on the admission.
risk-no-declaration = There is no declaration that the applicant is not affiliated with the lot holder and the organiser
risk-same-phone = The same phone number as in the application
risk-same-device = The same phone is used by the applicant of
risk-same-refund-account = The same account for the return as in the application
risk-same-representative = The same representative as in the application
risk-never-competed = They took part in auctions together, and never both made a bid

## organisations

nav-organisations = Organisations
organisations-text = Lot holders, organisers and organisations that apply. An official’s role is given in an organisation.
organisations-caption = All organisations
organisations-none = No organisations yet
organisation = Organisation
organisation-new = Add an organisation
organisation-facts = Name and number
organisation-name-ky = Name in Kyrgyz
organisation-name-ru = Name in Russian
organisation-name-en = Name in English
organisation-scheme = Register
organisation-scheme-hint = KG-INN: the tax number (ИНН)
organisation-identifier = Number in the register
organiser = Organiser
organiser-text = Name it if another organisation than the lot holder runs the auction.
organiser-is-holder = The lot holder itself
powers = Who may act for the organisation
powers-text = Only these people apply for the organisation.
powers-none = Nobody yet
powers-give = Give powers
powers-end = End
power-head = Head
power-representative = Representative by a power of attorney
power-pin = Personal number of the person
power-pin-hint = The person must have confirmed who they are with eID or an e-signature.
power-ground = Ground
power-document = Document: name, number, date
power-from = From
power-until = Until
power-without-end = no end
power-valid = Valid
power-not-valid = Not valid
invite-organisation = In which organisation
invite-organisation-hint = The role counts in this organisation alone.
invite-everywhere = In all organisations
done-organisation = The organisation is saved.
done-powers = The powers are given.
done-powers-ended = The powers have ended.
refused-organisation = Enter the name of the organisation in Kyrgyz or Russian.
refused-identifier = The number in the register is not valid: a tax number has 14 digits.
refused-pin = The personal number is not valid: 14 digits with a birth date in them.
refused-powers-end = The powers end before they begin.

## erasure

forget-title = Erase a bidder’s data
forget-text = The key is destroyed: name, personal number, answers and files can’t be read any more. This cannot be undone. The logs of auctions stay.
forget-person = Id of the person (from the audit trail)
forget-button = Erase for good
done-person-forgotten = The data is erased.
refused-still-needed = This is not possible yet: an auction of this person is not over, or money is not settled.
