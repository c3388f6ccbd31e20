## Switches that are undone if no network takes them.

rollback-goes-first = a switch that no network has taken is due to be undone; that comes first
rollback-done = { $profile } found no network. So { $back }.
rollback-is-back = { $profile } is not enabled: { $back }.
rollback-undone-at-once = The former state was restored: { $back }.
rollback-registered = A network has taken { $profile }: it stays enabled.
rollback-switched-since = The card was switched since: nothing is undone.
rollback-former-gone = The profile to go back to is not on the card any more: { $profile } stays enabled.
rollback-stays-open = The switch is still to be undone, and the next command does that: esimctl rollback --due
rollback-not-over-reboots = Nothing that starts at boot undoes the switches recorded in { $state }: should this machine lose power meanwhile, the former profile is enabled again only when esimctl runs next. Install esimctl-rollback of dist/, and use --state-dir /var/lib/esimctl
rollback-due = { $count ->
    [one] a switch is due to be undone: run esimctl rollback --due
   *[other] { $count } switches are due to be undone: run esimctl rollback --due
}
rollback-open-now = not undone: { $profile } is still to be disabled: { $why }

## The list of them.

rollback-none = No switch waits to be kept or undone.
rollback-none-kept = No switch waits to be kept or undone: nothing was changed.
rollback-row = { $id }  { $profile } was enabled at { $created } ({ $device }).
rollback-back-to = It is undone unless a network takes it in { $seconds } s: back to { $former }.
rollback-back-to-none = It is undone unless a network takes it in { $seconds } s: then no profile is enabled, as before.
rollback-waiting = Process { $pid } waits for a network until { $deadline }.
rollback-overdue = Its time is over, and process { $pid } is going back.
rollback-is-due = Nobody waits for it any more: it is due. To undo it: esimctl rollback --due. To keep the profile: esimctl rollback --keep { $id }
rollback-failed-last = Going back failed last: { $why }
rollback-kept = { $profile } stays enabled: switch { $id } is not undone any more.
