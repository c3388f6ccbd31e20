## 没有网络接纳时会撤销的切换。

rollback-goes-first = 有一个没有网络接纳的切换应当撤销；先撤销它
rollback-done = { $profile } 没有找到网络。处理结果：{ $back }。
rollback-is-back = { $profile } 没有启用：{ $back }。
rollback-undone-at-once = 已恢复原状：{ $back }。
rollback-registered = 已有网络接纳 { $profile }：它保持启用。
rollback-switched-since = 此后卡上又做过切换：不撤销任何内容。
rollback-former-gone = 要恢复的配置文件已不在卡上：{ $profile } 保持启用。
rollback-stays-open = 这个切换仍待撤销，下一条命令会撤销它：esimctl rollback --due
rollback-not-over-reboots = 开机时没有服务会处理 { $state } 中的撤销：如果这台机器在此期间断电，要等到下一次运行 esimctl 时才会恢复之前的配置文件。请安装 dist/ 中的 esimctl-rollback，并使用 --state-dir /var/lib/esimctl
rollback-due = 有 { $count } 个切换应当撤销：请运行 esimctl rollback --due
rollback-open-now = 未能撤销：{ $profile } 仍待停用：{ $why }

## 列表。

rollback-none = 没有待保留或待撤销的切换。
rollback-none-kept = 没有待保留或待撤销的切换：未做任何改动。
rollback-row = { $id }  { $profile } 于 { $created } 启用（{ $device }）。
rollback-back-to = 如果 { $seconds } 秒内没有网络接纳它，就会撤销：恢复 { $former }。
rollback-back-to-none = 如果 { $seconds } 秒内没有网络接纳它，就会撤销：与之前一样，不启用任何配置文件。
rollback-waiting = 进程 { $pid } 正在等待网络，直到 { $deadline }。
rollback-overdue = 时间已到，进程 { $pid } 正在撤销。
rollback-is-due = 已没有进程在等待：它应当撤销。要撤销它：esimctl rollback --due。要保留该配置文件：esimctl rollback --keep { $id }
rollback-failed-last = 上次撤销失败：{ $why }
rollback-kept = { $profile } 保持启用：切换 { $id } 不会再撤销。
