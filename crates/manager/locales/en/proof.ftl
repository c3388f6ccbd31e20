### Checking what a card signed.

## Files that cannot be checked

proof-not-a-file = it is not a regular file
proof-too-long = it is longer than 16 MiB
proof-unknown-kind = it is neither a report, nor exported notifications, nor a signed notification

## The verdict

proof-verified = Verified: { $path }
proof-not-verified = NOT verified: { $path }
proof-none = There is no signed notification in it.
proof-signed-nothing = The file says that the card { $eid } signed nothing about the deletion. Nothing signed proves that deletion.
proof-device-unsigned = The file says of the card { $eid }: "{ $state }". That card has signed nothing in it, so this is not proved.
proof-device-not-covered = The file also lists the card { $eid }: "{ $state }". That card has signed nothing in it. The proof is not about it.
proof-other-numbers = The report also names these cards or profiles: { $numbers }. The proof is not about them.
proof-deleted = The card { $eid } signed that it deleted the profile { $iccid }.
proof-signed = The card { $eid } signed "{ $event }" of the profile { $iccid }.
proof-no-profile = (none named)
proof-notification = Notification
proof-notification-value = number { $seq } for { $server }
proof-sha256 = SHA-256
proof-maker = Card made by
proof-issuer = Issuer
proof-issuer-production = a GSMA issuer that esimctl knows
proof-issuer-added = an issuer that you trust by --ca or the configuration
proof-issuer-test = a TEST issuer: this proves nothing about a real card
proof-expired = The certificate of { $owner } expired on { $date }. Whether the card signed before that, nobody can tell: a card has no clock.
proof-early = The certificate of { $owner } is valid from { $date } on. Check the clock of this computer.
proof-of-card = the card
proof-of-maker = the card's maker
proof-of-issuer = the issuer

## What it means

proof-proves = This proves:
proof-proves-deletion = A genuine eUICC with this EID signed that it deleted this profile. EID, ICCID, number, server and hash in the file are those that the card signed. This holds for the cards named above and for no other.
proof-proves-event = A genuine eUICC with this EID signed these notifications. EID, ICCID, event, number and server in the file are those that the card signed.
proof-proves-test = The signature is right, under a test issuer. Anybody can make cards under a test issuer.
proof-proves-not = It does not prove:
proof-not-rest = whatever else the report says (steps, dates, references, evidence and its hashes, other devices): no card signed that;
proof-not-when = when the card did that: a card has no clock;
proof-not-contract = that the contract has ended;
proof-not-accepted = that the operator's server accepted the notification: only the file itself says so;
proof-not-revoked = that no certificate was revoked: no revocation list was asked.

## Problems

proof-problem-head = Notification { $number }:
proof-problem-head-of = Notification { $number } of card { $eid }:
proof-problem-head-for = Notification { $number } for { $server }:
proof-problem-masked = The file has only the SHA-256, not the signed bytes. Make the full report: esimctl retire report CASE FILE --full
proof-problem-not-base64 = The signed bytes are damaged: they are not base64.
proof-problem-differs = The file says { $field } { $claimed }, but the card signed { $signed }.
proof-problem-hash = The file says SHA-256 { $claimed }, but that of the signed bytes is { $signed }.
proof-problem-table = The tables of the report do not show the { $field } that the signed notification has. The report was changed.
proof-problem-not-a-deletion = It reports "{ $event }", not a deletion.
proof-problem-unreadable = The bytes are not a notification in the form of SGP.22: they were changed or cut.
proof-problem-other-kind = It is an installation result or of an unknown kind. These carry no certificates, so they cannot be checked here.
proof-problem-missing = The card sent the notification without the certificate of { $owner }. Without it, nobody can check the signature.
proof-problem-bad-certificate = The certificate of { $owner } cannot be read. It was changed, or is not in the form of SGP.22.
proof-problem-wrong-use = The certificate of { $owner } is not valid for this use: { $why }.
proof-problem-wrong-issuer = The certificates do not belong together: the one that should have issued that of { $owner } is not in the notification.
proof-problem-bad-chain = The certificates do not lead to { $name }, though they name it: one of them was changed or forged.
proof-problem-unknown-issuer = The issuer is not known: { $name }. If you trust it, give its certificate: --ca FILE
proof-problem-virtual-issuer = The issuer is a TEST issuer, the one of somebody's virtual cards: { $name }. This proves nothing about a real card. To check it all the same, give its certificate: --ca FILE
proof-problem-test-issuer = The signature is right, but the issuer is a TEST issuer: { $name }. Anybody can make cards under it. To accept it in a laboratory: --trust-test-ci
proof-problem-eid = The maker's certificate does not permit this EID.
proof-problem-curve = The key of { $owner } is on a curve that esimctl cannot use. openssl can: see docs/proof.md.
proof-problem-signature = The signature is not one of this card over this notification: one of them was changed or forged.
proof-field-event = event
proof-field-iccid = ICCID
proof-field-eid = EID
proof-field-seq = number
proof-field-server = server
proof-field-address = address
proof-field-sha256 = SHA-256
proof-misuse-not-maker = it is not that of a maker of eUICCs
proof-misuse-no-certificates = its key may not sign certificates
proof-misuse-unknown-critical = it has a critical extension that is not known
proof-misuse-not-card = it is not that of an eUICC
proof-misuse-no-data = its key may not sign data
proof-misuse-not-from-maker = the card's certificate does not come from a maker of eUICCs
