### What stands around an error, and what is said behind it. The errors themselves: src/error/catalogue.rs

## Whose fault it is, and how the parts are called.

error-label = error:
warning-label = warning:
error-label-whose = whose
error-label-state = state
error-label-server = server
error-label-detail = detail
error-label-next = next
layer-you = What was asked for.
layer-card = The card.
layer-reader = The reader or the system.
layer-server = The operator's server.
layer-network = The network.
layer-esimctl = esimctl, or the files that it keeps.

## What is known about the change.

state-done = The change itself was made.
state-not-done = The change was not made: the card is as it was before.
state-not-done-but = What was asked for was not done, but something on the way to it was.
state-unknown = It is not known whether the change was made.
state-unchanged = Nothing was changed.

## How to find out whether it was made.

find-out-enable = If the profile is enabled there, it was done; if not, it was not, and can be tried again.
find-out-disable = If the profile is disabled there, it was done; if not, it was not, and can be tried again.
find-out-rename = The name that stands there is the one that it has.
find-out-delete = If the profile is gone, it was deleted; if it is there, it was not, and can be tried again.
find-out-reset = The profiles that are gone were deleted; those that are there were not.
find-out-server = Then: esimctl server show
find-out-by-recover = To have it found out: esimctl recover

## What the activation code is worth, or the order where there is no code.

code-good = The activation code still works.
code-this-card = The activation code still works, on this card.
code-spent = The server was told, and most servers then want a new order: the activation code is likely spent.
code-rejected = The activation code does not work: the server gives no profile for it.
code-other-card = The activation code does not work on this card. On another one it may.
code-used = The activation code is used: the profile is installed.
code-unknown = Whether the activation code still works, only the operator knows.
given-picture = Read a code for { $server } from the picture.
given-clipboard = Read a code for { $server } from the clipboard.
given-link = Read a code for { $server } from a link.
given-mail = Read a code for { $server } from a mail or web page.
given-text = Read a code for { $server } from the text around it.
given-apart = Read the address { $server } and a token, which stood apart.
program-missing = { $program } is not installed
program-failed = { $program }: { $why }
program-timed-out = { $program } did not end in time
program-too-much = { $program } gives more than { $limit }
program-interrupted = { $program } was interrupted
nothing-installed = Nothing was installed.
order-good = The order stands as before.
order-this-card = The order still stands, for this card.
order-spent = The server was told, and most servers then want a new order.
order-rejected = The server gives no profile for the order.
order-not-for-this-card = There is no order for this card.
order-used = The order is done: the profile is installed.
order-unknown = Whether the order still stands, only the operator knows.

## Particulars.

the-connection = the connection
earlier-use-installed = This code was used from this computer before: it installed { $profile } on { $card } ({ $time } UTC). Most codes work once.
earlier-use-unknown = An earlier download with this code, of { $profile } on { $card } ({ $time } UTC), has no known result.
a-profile = a profile
on-this-card = this card
on-the-card = the card { $eid }
quotation = "{ $message }"
quotation-of = "{ $message }" (of "{ $identifier }")
quotation-about = only what it is about: "{ $identifier }"
says = says { $quotation }
the-server-says = The server says { $quotation }.
the-session = the session
any-server = any server
unreadable = it cannot be read
the-profile = the profile
the-enabled-profile = the enabled profile
its-policy-rules = its policy rules
numbered = number { $number }
subject-and-reason = { $subject }: { $reason }
notifications-counted =
    { $count ->
        [one] 1 notification
       *[other] { $count } notifications
    }
certified-under = the server is certified under { $issuer }
wants-signature-under = the server wants the card to sign under { $issuer }, which it cannot
recording-holds-one = A recording holds one device; this command looks at all of them.
    .next = Record a command on one: --device DEVICE
bundle-written = Written to { $file }. Read it before you give it to anybody.
bundle-masked = EIDs and ICCIDs in it are replaced by other numbers, the same ones everywhere. Left out are: what was read from the SIM, the IMEI, nicknames and names of profiles, names of virtual cards, signatures and certificates of the card, packages, command lines, and everything of which esimctl cannot tell what it is.
bundle-full = Everything is in it as it is: EIDs, ICCIDs, IMEI, names, and what was read from the SIM. Only PINs, activation codes and confirmation codes are masked.
bundle-unseen = Nobody is here to look at the bundle before it is written.
    .next = --dry-run shows all of it; --yes writes it
connect-to-invalid = --connect-to { $text }: { $why }.
    .next = Write HOST:PORT:ADDR:PORT2; an empty HOST or PORT stands for any.

## What was changed all the same.

card-cannot-sign-end = The card could not sign the end of the session, so the server waits until it gives up.
server-not-told-end = The server could not be told that the session is over; it waits until it gives up.
report-delivered = The card's report on that was delivered to the server.
report-waits = The card's report on that waits for the server; to send it: esimctl outbox send
installed-before = The profile { $iccid } was installed before that, and stays installed.
disabled-before = The profile was disabled before that, and stays disabled.
given-up-in-outbox = They are given up in the outbox all the same; the next change takes them off the card.
others-reached = But { $what } reached theirs.
none-enabled-now = But { $profile } is disabled now, so that no profile is enabled.
profiles-gone =
    { $count ->
        [one] But the profile { $iccid } is gone.
       *[other] But { $count } of the profiles are gone.
    }

going-back-failed = { $profile } was enabled before that and found no network within { $seconds } seconds; going back failed.
enabled-again = { $profile } is enabled again
disabled-again-as-before = it is disabled again, since no profile was enabled before

## What the modem says of it; behind another sentence.

modem-says-nothing-of-networks = { " " }as far as the modem says: it says nothing of networks
modem-agrees = { " " }The modem uses it.
modem-does-not-say = { " " }The modem does not say which profile it uses.
modem-disagrees = { " " }But the modem does not see that yet: switch it off and on.
modem-away = { " " }But the modem does not answer: switch it off and on.
modem-unawaited = { " " }The modem was not waited for.
cards-in-slots = { " " }A card is in slot { $slots }: { $device },slot={ $slot }
euicc-in-slot = { " " }Slot { $slot } has an eUICC: { $device },slot={ $slot }
card-in-other-slot = { " " }The card in slot { $slot } may be an eUICC: { $device },slot={ $slot }
euicc-seen-here = { " " }On { $date }, this port led to the eUICC { $eid }.
slot-restored = { $device }: slot { $to } was used for this command; slot { $from } is in use again.
slot-kept = { $device }: the modem uses slot { $to } from now on, no longer slot { $from }. To go back: mmcli -m MODEM --set-primary-sim-slot={ $from }
slot-not-restored = { $device }: slot { $to } was used for this command, and the modem could not be switched back to slot { $from } ({ $why }). The next command that uses this device tries again; or: mmcli -m MODEM --set-primary-sim-slot={ $from }

## Notifications that wait.

not-reported-yet = Not reported yet to { $server }: { $why } It is tried again with later changes, or now: esimctl outbox send
delivery-stopped = The command was stopped before this was sent.
delivery-no-time = Earlier notifications took all the time there was.
delivery-not-due = The next try is not due yet.
delivery-elsewhere = Another process is sending for this card.
card-not-asked = The card of { $device } was not asked for notifications: { $why }
nameless-warning = { $count ->
    [one] 1 notification names no server, so it cannot be sent. To give it up: esimctl outbox drop { $ids } --reason TEXT
   *[other] { $count } notifications name no server, so they cannot be sent. To give them up: esimctl outbox drop { $ids } --reason TEXT
}
nameless-notice = { $count ->
    [one] 1 notification names no server, so it cannot be sent: esimctl outbox list
   *[other] { $count } notifications name no server, so they cannot be sent: esimctl outbox list
}
nameless-notice-card = { $count ->
    [one] 1 notification on the card names no server, so it cannot be sent: esimctl notifications list
   *[other] { $count } notifications on the card name no server, so they cannot be sent: esimctl notifications list
}
event-without-server = { $via } names a profile at { $address }, which is not the address of a server: { $why }. That profile is left out.

## What a card says of itself that may keep it from downloading profiles.

limit-new-version = The card implements SGP.22 from version { $version } on, which is newer than this program knows.
limit-missing-issuers = The card does not say which issuers certify it, or whose servers it accepts. Servers may refuse it.
limit-unknown-issuers = None of the issuers whose servers the card accepts is known here. To download, give the certificate of one with --ca.
limit-no-free-memory = The card reports that it has no free memory.
limit-no-room = The card says that it has no room for another profile.
limit-no-room-remedy = Delete a profile that you no longer need: esimctl delete
limit-new-version-remedy = Use a newer version of this program, if a download fails.
limit-missing-issuers-remedy = If servers refuse it, use another card to download.
limit-unknown-issuers-remedy = Ask whoever sold the card for the issuer's certificate: esimctl download --ca FILE
limit-blocking-remedy = Use another card to download. Profiles on this one can be managed.

## Cards with more than one eUICC.

other-euicc = The card has another eUICC, with profiles of its own: --device { $device }
other-euicc-possible = The card may have another eUICC, with profiles of its own. To look: esimctl info

waiting-notice = { $count ->
    [one] 1 notification waits for its server: esimctl notifications send --all
   *[other] { $count } notifications wait for their servers: esimctl notifications send --all
}

## How a card has changed since something was planned.

changed-profile-gone = { $profile } is not on it any more.
changed-profile-state = { $profile } is in another state or has another name.
changed-profile-told = Other servers are to be told of the deletion.
changed-enabled = Another profile is enabled.
changed-profiles = Other profiles are on it, or its default SM-DP+ is another one.
changed-server = Its default SM-DP+ is another one.
changed-queue = Not all of these notifications wait on it any more.

## Whether to try again.

again-same-code = Try again with the same code, on this card.
again-same-code-or-ask = Try the same code again, on this card. If the server refuses it, ask the operator, and tell them this.
again-after-making-room = Make room on the card, then try the same code again. If the server refuses it, ask the operator.
again-ask = Ask the operator, and tell them this.
again-new-code = Ask the operator for a new code, and tell them this.
declined-for-good = The server was told that the profile is not wanted. If you change your mind, ask the operator for a new code.
declined-for-now = Come back with the same code whenever you like.

## What is to be known of a backup.

backup-enabled = { $profile } was enabled for the backup.
backup-enabled-again = { $profile } is enabled again.
backup-disabled-again = { $profile } is disabled again.
backup-restored = The former state was restored.
backup-not-restored = The former state could not be restored: { $why }
backup-not-enabled = The profile is disabled, so its SIM was not read.
backup-not-read = The SIM was not read: { $why }
backup-pin-not-given = { $tries ->
    [one] No PIN was given; { $tries } try left.
   *[other] No PIN was given; { $tries } tries left.
}
backup-pin-not-given-unknown = No PIN was given.
backup-pin-wrong = { $tries ->
    [0] The PIN was wrong, and is blocked now: only the PUK of the operator helps.
    [one] The PIN was wrong, and was not tried again; { $tries } try left.
   *[other] The PIN was wrong, and was not tried again; { $tries } tries left.
}
backup-pin-blocked = The PIN is blocked: only the PUK of the operator helps.
backup-pin-refused = The card takes no PIN (status { $status }).
backup-locked = Without the PIN these were not read: { $parts }.
backup-unreadable = Not readable: { $part } ({ $why }).
backup-damaged = { $count ->
    [one] { $part }: { $count } record without a meaning, kept as it is.
   *[other] { $part }: { $count } records without a meaning, kept as they are.
}

report-form = A report cannot be written as .{ $ending }.
    .next = Name it FILE.html, FILE.md or FILE.json, or say the form: --html, --md

## What became of a recording

trace-ends = The recording { $path } is incomplete: after its last line, nothing more could be written ({ $why }).
trace-none = Nothing could be recorded in { $path } ({ $why }). No file was left there.

## What became of the state directory

state-moved = Root's state was moved from { $from } to { $to }, where root, services and the group esimctl share it.
state-permissions = Other users could have used these files; their permissions are put right now: { $files }
state-left-behind = Changes or notifications still wait in { $path }, which you used before you joined the group esimctl. To finish them: esimctl --state-dir { $path } recover, then outbox send.
ask-lose-connection = Go on? [y/N]
modem-wants-pin = The profile is protected by a PIN: the modem uses it once the PIN was entered.
modem-wants-puk = The PIN of the profile is blocked: the modem uses it once the PUK was entered.
modem-is-locked = The modem is locked to certain operators or cards, and may refuse this profile.
connection-none-enabled = No profile of this card is enabled now: its device has no mobile connection until one is.
connection-none-enabled-plan = No profile of this card is enabled afterwards: its device has no mobile connection until one is.
connection-link-off = this machine reached the internet by a mobile network alone, most likely with the profile that is switched off now
connection-link-plan = This machine reaches the internet by a mobile network alone, most likely with this profile: the connection will be lost.
signal-working = Stopping. What has begun on the card is finished first. Ctrl-C again ends at once; then the outcome may be unknown.
signal-session = Stopping. Card and server are told that the download is postponed. Ctrl-C again ends at once; then the server is not told.
signal-loading = The card is loading the profile, which cannot be stopped: it goes on. Ctrl-C again ends at once; then the outcome is unknown.
signal-finishing = The profile is being checked, which is finished first. Ctrl-C again ends at once; then the outcome is unknown.
signal-awaiting-modem = The card is switched; the modem is not waited for any longer. Ctrl-C again ends at once.
signal-promised = Stopping. What has begun on the card is finished first, and a switch is then undone. No signal stops that.
signal-going-back = Going back to the former profile now. No signal stops that.
signal-delivering = Stopping. What is not delivered yet waits in the outbox. Ctrl-C again ends at once.
signal-ending = Ended at once. If a change had begun, its outcome is unknown; find out: esimctl recover
