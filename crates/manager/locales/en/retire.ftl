### Retiring a subscription: from "I want to cancel" to proof that it is gone everywhere.

## The steps: what they are, why they are there, how they are done

retire-step-backup = Save what the SIM holds
    .why = With the profile goes everything on it: the phone book, text messages, the number itself. Afterwards nobody can read it any more, neither you nor the operator. So this comes first.
    .how = esimctl retire backup { $case }
retire-step-contact = Contact the operator
    .why = Only the operator can end the contract; deleting the profile does not. Ask which way of cancelling they accept, and note whom you spoke to. From now on be reachable in another way than by this number: codes and questions go to the number that you give up.
    .how = esimctl retire record { $case } contact --channel hotline --reference "ticket or name"
retire-step-account = Confirm identity and account
    .why = The operator acts for the account holder alone. Have an identity document, the customer number and the telephone number ready, and see that they mean the right line: families and companies often have several on one account.
    .how = esimctl retire record { $case } account --reference "customer number" --number "telephone number"
retire-step-balance = Settle the balance
    .why = An open bill stops many a cancellation, or comes back later as a debt. Credit that is left is often paid out only if you ask for it, and is lost with the contract.
    .how = esimctl retire record { $case } balance --amount 12.30 --currency EUR --paid
retire-step-contract = Read the contract: notice and fees
    .why = The notice period decides until when you pay, and leaving early may cost a fee. Know both before you ask. A prepaid card has no contract: then say so with --not-applicable.
    .how = esimctl retire record { $case } contract --since DATE --notice-until DATE
retire-step-request = Submit the cancellation
    .why = What counts later is what you can prove. Do it in writing, or keep the ticket number, the screen or the letter, each with its date.
    .how = esimctl retire record { $case } request --channel online --reference "ticket" --file PROOF
retire-step-confirmation = Wait for the operator's confirmation
    .why = Until the operator has confirmed, the contract runs. Do not delete the profile before: they may have to reach you under this number, codes may still come to it, and most operators give a profile only once.
    .how = esimctl retire record { $case } confirmation --file PROOF
retire-step-clean = Remove the profile from every device
    .why = Only now does the profile go: from each device that ever held it. The operator's server is told of each deletion and has to accept that; otherwise the profile counts as installed there for ever.
    .how = esimctl retire clean { $case }

## Where things stand

retire-state-pending = to do
retire-state-partly = partly
retire-state-owed = owed
retire-state-done = done
retire-state-unproved = said to be done, without proof
retire-state-skipped = skipped
retire-state-not-applicable = not needed
retire-state-missed = not done, and no longer possible
retire-case-open = open
retire-case-completed = completed
retire-case-cancelled = cancelled
retire-case-closed = closed early; profile removed
retire-case-closed-partly = closed early; removed from some devices
retire-case-seen-again = completed; profile seen again
retire-device-open = still there, as far as is known
retire-device-begun = removal begun; end not recorded
retire-device-deleted = deleted; report not accepted yet
retire-device-done = deleted; report accepted
retire-device-done-quietly = deleted; no report asked for
retire-device-unreported = deleted; report given up
retire-device-untold = deleted; report given up, operator not told
retire-device-nameless = deleted; the report names no server and cannot be sent
retire-device-gone = not there when looked for
retire-device-written-off = given up: will not come back

## What is recorded of a step

retire-fact-date = Date
retire-fact-channel = By
retire-fact-reference = Reference
retire-fact-amount = Amount
retire-fact-number = Number
retire-fact-since = Contract since
retire-fact-notice-until = Runs until
retire-fact-note = Note
retire-fact-pair = { $label }: { $value }
retire-comma = {", "}
retire-semicolon = {"; "}
retire-paid = { $amount }, paid
retire-unpaid = { $amount }, not paid
retire-channel-hotline = telephone
retire-channel-online = website or app
retire-channel-store = shop
retire-channel-letter = letter or e-mail
retire-not-read = not read: { $parts }
retire-part-sim = the SIM
retire-part-iccid = the number of the SIM
retire-part-applications = the list of applications
retire-part-imsi = the IMSI
retire-part-mnc-digits = the length of the network code
retire-part-provider = the operator's name
retire-part-numbers = the SIM's own number
retire-part-contacts = phone book
retire-part-messages = messages
retire-part-last-numbers = numbers dialled last
retire-evidence-kept = kept
retire-evidence-missing = missing
retire-evidence-changed = changed since
retire-evidence-corrected = { $state }; the record was corrected
retire-evidence-lost = { $file }, recorded for "{ $step }": { $state }
retire-file = { $name } (SHA-256 { $sha256 })

## Reminders

retire-reminder-confirmation = The operator has not confirmed the cancellation of { $about }. Ask them. Once they have: esimctl retire record { $case } confirmation --file LETTER
retire-reminder-notice-ends = The contract ends on { $about }. After that the profile can go: esimctl retire clean { $case }
retire-reminder-balance = { $about } is not paid. Once it is: esimctl retire record { $case } { $step } --paid
retire-reminder-device = The profile is on { $about } still: esimctl retire clean { $case }
retire-reminder-notification = The deletion on { $about } is not accepted by its server yet: esimctl outbox send
retire-reminder-nameless = The report of the deletion on { $about } names no server and cannot be sent. Give it up with a reason ('esimctl outbox list' shows its number): esimctl outbox drop NUMBER --reason TEXT
retire-overdue = overdue since { $date }
retire-due = due { $date }

## What speaks against removing the profile

retire-obstacle-not-confirmed = The operator has not confirmed the cancellation yet.
retire-obstacle-not-proved = The operator's confirmation is recorded without a file, a reference or a note.
retire-obstacle-not-backed-up = No backup was made.
retire-obstacle-partly-backed-up = The backup is not complete. Not read: { $parts }.
retire-obstacle-evidence-lost = { $file }, recorded for "{ $step }": { $state }.
retire-obstacle-also = Also: { $others }.
retire-obstacle-unpaid = { $amount } is not paid yet.
retire-obstacle-notice-runs = The contract runs until { $date }.
retire-obstacle-server-not-reached = { $server }, which has to learn of it, cannot be reached: { $why }
retire-obstacle-names-no-server = The card will sign the deletion for "{ $address }", which is not the address of a server: { $why }. The report of it cannot be sent.
retire-obstacle-name-not-confirmed = no confirmation of the operator
retire-obstacle-name-not-proved = a confirmation without proof
retire-obstacle-name-not-backed-up = no backup
retire-obstacle-name-partly-backed-up = an incomplete backup
retire-obstacle-name-evidence-lost = { $count ->
    [one] a recorded file that is missing or changed
   *[other] { $count } recorded files that are missing or changed
}
retire-obstacle-name-unpaid = an open bill
retire-obstacle-name-notice-runs = a running notice period
retire-obstacle-name-names-no-server = { $count ->
    [one] an address that names no server
   *[other] { $count } addresses that name no server
}
retire-obstacle-name-server-not-reached = { $count ->
    [one] a server out of reach
   *[other] { $count } servers out of reach
}

## What happened

retire-event-started = The case was opened: { $title } ({ $iccid }).
retire-event-recorded = { $step }: done. { $details }
retire-event-recorded-bare = { $step }: said to be done, without a file, a reference or a note. { $details }
retire-event-recorded-owed = { $step }: recorded, and money is owed. { $details }
retire-event-skipped = { $step }: skipped. Reason: { $reason }
retire-event-not-applicable = { $step }: not needed. Reason: { $reason }
retire-event-backed-up = Profile and SIM were saved: { $files }
retire-event-backed-up-partly = Profile and SIM were saved, but not all of it. Not read: { $parts }. Saved: { $files }
retire-event-corrected = { $step }: what was recorded before is taken back as wrong. Reason: { $reason }
retire-event-was-corrected = (Taken back { $at }.)
retire-event-seen-again = The profile was seen on { $device } ({ $eid }) again.
retire-event-seen-again-by = The profile is on { $device } ({ $eid }) again: change { $journal } brought it there.
retire-event-device-corrected = What was recorded of the card { $eid } is taken back as wrong: the profile may be on it. Reason: { $reason }
retire-event-described = The description of the profile was saved; the SIM was not read: { $files }
retire-event-added = The profile was seen on another card: { $device } ({ $eid }).
retire-event-cleaning = The removal on { $device } ({ $eid }) was begun.
retire-event-cleaning-despite = The removal on { $device } ({ $eid }) was begun, despite { $against }. Reason: { $reason }
retire-event-not-cleaned = The profile was not removed from { $eid } ({ $why }).
retire-event-cleaned = The profile was deleted from { $eid }; reading the card again confirmed it (change { $journal }).
retire-event-cleaned-quietly = The profile was deleted from { $eid }; reading the card again confirmed it (change { $journal }). No server asks to be told.
retire-event-posted = The card { $eid } has signed a notification of the deletion.
retire-event-accepted = { $server } accepted the signed notification { $seq } of the deletion on { $eid }, on { $at }. SHA-256 of the notification: { $sha256 }
retire-event-given-up = The notification for { $server } of the deletion on { $eid } was given up unsent, so that server was not told.
retire-event-given-up-tried = The notification for { $server } of the deletion on { $eid } was given up. That server may have received it and has not accepted it.
retire-event-given-up-nameless = The notification of the deletion on { $eid } names no server ("{ $server }") and was given up without being sent.
retire-event-nameless = The notification of the deletion on { $eid } names no server ("{ $address }") and cannot be sent.
retire-event-reason = Reason: { $reason }
retire-event-gone = The profile was not on { $eid } any more, and nothing on record here tells why.
retire-event-gone-by = The profile was not on { $eid } any more: change { $journal } removed it.
retire-event-written-off = The card { $eid } will not come back. Reason: { $reason }
retire-event-traces = Traces in this system. Removed: { $removed }. Left: { $kept }.
retire-event-traces-gone = Traces in this system were removed: { $removed }.
retire-start-gone = If it was deleted before, its case can still be opened by its number: esimctl retire start --iccid ICCID
retire-none = none
retire-event-completed = The case was completed: nothing was left to do.
retire-event-cancelled = The case was closed by its owner. { $reason }
retire-event-reopened = The case was reopened. { $reason }

## Calendar

retire-calendar-summary = { $title }: { $what }
retire-calendar-description = Where the case stands: esimctl retire { $case }

## Report

retire-report-title = Cancellation record: { $title }
retire-report-summary-open = Case { $case }, opened { $created }, is open.
retire-report-summary-completed = Case { $case }, opened { $created }, was completed { $ended }.
retire-report-summary-cancelled = Case { $case }, opened { $created }, was cancelled { $ended } before the profile was removed anywhere.
retire-report-summary-closed = Case { $case }, opened { $created }, was closed { $ended } before all was done; the profile was removed from a device.
retire-report-devices-left = Devices that may still hold the profile: { $devices }.
retire-report-devices-none = Known devices that still hold the profile: none of { $count }.
retire-report-devices-lost = Given up without being looked at: { $devices }.
retire-report-despite = The profile was to be removed from { $device } despite { $against }. Reason given: { $reason }
retire-report-partly = The backup is not complete. Not read: { $parts }.
retire-report-lost = { $file }, recorded for "{ $step }", is not what was recorded: { $state }.
retire-clock = The clock of this computer was changed while the case was kept: { $before } is followed by { $after }. The order of entries is right; their times may be wrong.
retire-report-provider = Operator
retire-report-name = Product
retire-report-nickname = Own name
retire-report-iccid = ICCID
retire-report-operator = MCC and MNC
retire-report-number = Telephone number
retire-report-server = Notification server
retire-report-heading-subscription = Subscription
retire-report-heading-steps = Steps
retire-report-heading-devices = Devices
retire-report-heading-notifications = Signed notifications of the deletion
retire-report-heading-proof = Proof that the card signed
retire-report-proof-bytes = Each block below is a notification that the card signed when it deleted the profile, with the certificates of the card and of its maker. Anybody can check it: esimctl retire verify FILE, or openssl as docs/proof.md shows.
retire-report-proof-masked = The SHA-256 above is that of the notification which the card signed. The bytes name the card and the profile in full, so they are only in the full report: esimctl retire report { $case } FILE --full
retire-report-proof-none-wanted = { $device }: the card signed nothing about the deletion, because the profile asks for no notification of it. That it was deleted is known by reading the card again afterwards.
retire-report-proof-none-found = { $device }: no signed notification of the deletion was found. That it was deleted is known by reading the card again afterwards.
retire-report-heading-evidence = Evidence
retire-report-heading-open = Reminders
retire-report-heading-others = Other profiles of the same operator, left alone
retire-report-heading-history = History
retire-report-full = Made { $made } by esimctl. All numbers are given in full.
retire-report-masked = Made { $made } by esimctl. Shortened in it: ICCIDs, EIDs, telephone numbers and the customer number (--full gives them). Ticket numbers, notes, reasons and names of files stand as they were recorded.
retire-column-what = What
retire-column-value = Value
retire-column-step = Step
retire-column-state = State
retire-column-date = Date
retire-column-details = Details
retire-column-device = Device
retire-column-eid = EID
retire-column-since = Since
retire-column-server = Server
retire-column-seq = Number
retire-column-at = Time
retire-column-sha256 = SHA-256
retire-column-file = File
retire-column-bytes = Bytes
retire-column-iccid = ICCID
retire-column-case = Case
retire-column-title = Subscription
retire-column-next = Next
retire-column-due = Due
retire-letter-waiting = waits in the outbox
retire-letter-nameless = names no server
retire-letter-delivered = accepted
retire-letter-dropped = given up

## At the terminal

retire-head = { $case }: { $title }, { $state } since { $since }
retire-head-seen-again = { $case }: { $title }, completed on { $since }; the profile was seen again after that
retire-welcome = Nothing was changed. { $title } stays as it is until you remove it at the very end. Ending it takes these steps:
retire-next = Next: { $step }
retire-stays = The case is closed, and the subscription stays. To go on with it after all: esimctl retire reopen { $case }
retire-closed = The case is closed. That brings no profile back: { $devices }. To go on with it after all: esimctl retire reopen { $case }
retire-all-done = All is done. The report: esimctl retire report { $case } FILE.html
retire-nothing-left = Nothing is left to do, but not everything was done. { $undone }. The report: esimctl retire report { $case } FILE.html
retire-reopened = { $case } is open again, and no step is left to do. To correct a record: esimctl retire record { $case } STEP --correct REASON. To complete it again: esimctl retire cancel { $case }
retire-came-back = The profile was seen again after { $case } was completed: { $devices }. To go on with the case: esimctl retire reopen { $case }
retire-waits = What is missing is the operator's server: it has not accepted the deletion on { $devices } yet. To try now: esimctl outbox send
retire-others = The same operator has other profiles on your cards; they are left alone:
retire-list-empty = Nothing is being retired. To begin: esimctl retire start PROFILE
retire-written = The report was written to { $path }.
retire-calendar-written = Reminders in { $path }: { $count }
retire-recorded = Recorded.
retire-caution-not-proved = Nothing proves the confirmation yet, so the profile will not be removed on it alone. To add the letter: esimctl retire record { $case } confirmation --file LETTER
retire-caution-notice-past = { $date } is past, so it holds the profile back no longer. If the year is wrong, record the step again with the right date.
retire-cleaned = { $device }: the profile was deleted; reading the card again confirmed it.
retire-found-gone = { $device }: the profile is not there any more.
retire-absent = { $device } is not at hand and stays open: { $why }
retire-notice-back = { $title } is on a card, though { $case } counts it as removed. If that is not intended: esimctl retire reopen { $case }
retire-notice = { $title } is being retired, and is on this card still: esimctl retire clean { $case }
retire-plan = To be removed for good from { $device }:
retire-plan-disable = It is enabled and will be disabled first: the device loses this connection.
retire-plan-instead = { $profile } will be enabled in its place first.
retire-plan-choices = To have another profile enabled in its place: --enable-instead with one of { $profiles }
retire-plan-server = { $server } was reached, and will be told of it.
retire-plan-no-server = No server asks to be told of it.
retire-plan-open = Steps that are still open: { $steps }
retire-plan-despite = Reasons not to do this now:
retire-only-way = This machine reaches the internet by a mobile network alone. If that is this profile, the operator's server cannot be told until there is another way.
retire-checklist = Before you go on: does anything still send codes or messages to this number?
retire-checklist-banks = Banks and payment services: change the number there.
retire-checklist-messengers = Messengers (WhatsApp, Signal, Telegram, WeChat): move the account to another number.
retire-checklist-two-factor = Sign-in codes by text message: switch to an app or a key.
retire-checklist-porting = Keeping the number: have it ported first; a deleted line cannot be ported.
retire-dry-run = A dry run: nothing was changed.
retire-ask-step = Done [d], skip [s], not needed [n], or later [Enter]?{" "}
retire-ask-backup = Save it now [y], skip [s], or later [Enter]?{" "}
retire-ask-clean = Look at the devices now [y], or later [Enter]?{" "}
retire-ask-date = On which day? [Enter: today, { $today }]{" "}
retire-ask-channel = By hotline, online, store or letter? [Enter: leave out]{" "}
retire-ask-reference = Ticket, customer number or name? [Enter: leave out]{" "}
retire-ask-number = The telephone number? [Enter: leave out]{" "}
retire-ask-amount = What is owed, as in 12.30? [Enter: nothing]{" "}
retire-ask-currency = In which currency, as in EUR?{" "}
retire-ask-paid = Is it paid? [y/N]{" "}
retire-ask-since = Since when does the contract run, as in 2024-05-31? [Enter: leave out]{" "}
retire-ask-notice = Until when does it run after notice is given? [Enter: leave out]{" "}
retire-ask-file = A file that proves it? [Enter: none]{" "}
retire-ask-reason = Why?{" "}
retire-ask-digits = Type the last four digits of the ICCID to remove it from { $device }; anything else leaves it
retire-ask-aid = Type the last four characters of the ISD-P AID to remove it from { $device }; anything else leaves it

## Backup

retire-saved = The backup is in { $path }:
retire-saved-file = - { $name } ({ $bytes } bytes)
retire-saved-file-large = - { $name } ({ $kilobytes } kB)
retire-ask-enable = The profile is disabled, and its SIM cannot be read like that. Enable it for the backup, and restore the former state afterwards? [y/N]{" "}
retire-ask-pin = The PIN of the SIM (tries left: { $tries })? [Enter: without it]{" "}
retire-ask-pin-unknown = The PIN of the SIM? [Enter: without it]{" "}
retire-pin-format = A PIN has 4 to 8 digits; none was tried.

## Traces in this system

retire-traces = NetworkManager has connections that are bound to this SIM or its operator:
retire-trace = { $name } ({ $property })
retire-ask-trace = Have NetworkManager forget { $name }? [y/N]{" "}
retire-trace-removed = NetworkManager has forgotten { $name }.
retire-trace-found = NetworkManager has { $name }. To have those for this SIM alone forgotten: --forget-connections
retire-trace-kept = NetworkManager keeps { $name }. To have it forget: esimctl retire clean { $case } --forget-connections
retire-trace-kept-operator = NetworkManager keeps { $name }, which may serve other SIMs of the operator. To be asked about it at a terminal: esimctl retire clean { $case } --forget-connections
retire-trace-failed = A connection was not removed from NetworkManager, or not looked for there: { $why }
retire-traces-absent = NetworkManager does not run here; no connections of this SIM were looked for.
