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
refused-second-person = A second person has to do this: who submits does not publish.
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
fault-price-cut = The start price may not be lowered so far in a relaunch.

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
