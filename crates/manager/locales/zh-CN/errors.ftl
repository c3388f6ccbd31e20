### 错误信息的框架文字，以及附在错误之后的说明。各条错误见 catalogue.ftl

## 责任方，以及各部分的名称。

error-label = 错误:
warning-label = 警告:
error-label-whose = 责任
error-label-state = 状态
error-label-server = 服务器
error-label-detail = 详情
error-label-next = 建议
layer-you = 所提的要求。
layer-card = 卡。
layer-reader = 读卡器或系统。
layer-server = 运营商的服务器。
layer-network = 网络。
layer-esimctl = esimctl 本身，或它保存的文件。

## 对这次更改已知的情况。

state-done = 更改本身已经完成。
state-not-done = 未作更改：卡的状态与之前相同。
state-not-done-but = 所要求的操作没有完成，但途中的某一步已经生效。
state-unknown = 不清楚更改是否已经完成。
state-unchanged = 什么都没有改变。

## 如何查明更改是否完成。

find-out-enable = 如果那里显示该配置文件已启用，就是完成了；否则就是没有完成，可以重试。
find-out-disable = 如果那里显示该配置文件已停用，就是完成了；否则就是没有完成，可以重试。
find-out-rename = 那里显示的名称就是它现在的名称。
find-out-delete = 如果该配置文件不见了，就是已删除；如果还在，就是没有删除，可以重试。
find-out-reset = 不见了的配置文件已被删除；还在的没有被删除。
find-out-server = 然后运行：esimctl server show
find-out-by-recover = 让程序来查明：esimctl recover

## 激活码是否还有效；没有激活码时，订单是否还有效。

code-good = 激活码仍然有效。
code-this-card = 激活码在这张卡上仍然有效。
code-spent = 已经通知服务器；之后多数服务器要求重新下单，因此激活码很可能已经作废。
code-rejected = 激活码无效：服务器不会为它提供配置文件。
code-other-card = 激活码在这张卡上无效；在另一张卡上也许有效。
code-used = 激活码已经使用：配置文件已安装。
code-unknown = 激活码是否还有效，只有运营商知道。
given-picture = 已从图片中读出 { $server } 的激活码。
given-clipboard = 已从剪贴板读出 { $server } 的激活码。
given-link = 已从链接中读出 { $server } 的激活码。
given-mail = 已从邮件或网页中读出 { $server } 的激活码。
given-text = 已从文字中读出 { $server } 的激活码。
given-apart = 已读出分开书写的服务器地址 { $server } 和令牌。
program-missing = 没有安装 { $program }
program-failed = { $program }：{ $why }
program-timed-out = { $program } 没有在限定时间内结束
program-too-much = { $program } 给出的内容超过 { $limit }
program-interrupted = { $program } 被中断
nothing-installed = 什么都没有安装。
order-good = 订单和之前一样有效。
order-this-card = 订单对这张卡仍然有效。
order-spent = 已经通知服务器；之后多数服务器要求重新下单。
order-rejected = 服务器不会为这个订单提供配置文件。
order-not-for-this-card = 没有属于这张卡的订单。
order-used = 订单已经完成：配置文件已安装。
order-unknown = 订单是否还有效，只有运营商知道。

## 句中的具体内容。

the-connection = 连接请求
earlier-use-installed = 这个激活码在这台计算机上用过：它在{ $card }上安装了 { $profile }（{ $time } UTC）。多数激活码只能用一次。
earlier-use-unknown = 之前用这个激活码在{ $card }上下载过 { $profile }（{ $time } UTC），结果不明。
a-profile = 一个配置文件
on-this-card = 这张卡
on-the-card = 卡 { $eid }
quotation = “{ $message }”
quotation-of = “{ $message }”（对象：“{ $identifier }”）
quotation-about = 只提到对象：“{ $identifier }”
says = 原话：{ $quotation }
the-server-says = 服务器的原话：{ $quotation }。
the-session = 会话请求
any-server = 任何服务器
unreadable = 无法读取
the-profile = 该配置文件
the-enabled-profile = 已启用的配置文件
its-policy-rules = 策略规则
numbered = 编号 { $number }
subject-and-reason = { $subject }：{ $reason }
notifications-counted = { $count } 条通知
certified-under = 服务器的证书由 { $issuer } 签发
wants-signature-under = 服务器要求卡用 { $issuer } 签发的证书来签名，而这张卡做不到
recording-holds-one = 一份记录只包含一个设备，而这条命令要查看所有设备。
    .next = 请记录针对单个设备的命令：--device DEVICE
bundle-written = 已写入 { $file }。交给别人之前请先看一遍。
bundle-masked = 其中的 EID 和 ICCID 已换成其他号码，且前后一致。未收录：从 SIM 读取的内容、IMEI、配置文件的自定名称与名称、虚拟卡的名称、卡的签名与证书、下载包、命令行，以及 esimctl 无法判断的一切内容。
bundle-full = 所有内容均原样收录：EID、ICCID、IMEI、名称以及从 SIM 读取的内容。只有 PIN、激活码和确认码被隐藏。
bundle-unseen = 写入之前没有人可以查看这个文件的内容。
    .next = --dry-run 显示全部内容；--yes 直接写入
connect-to-invalid = --connect-to { $text }：{ $why }。
    .next = 请写成 HOST:PORT:ADDR:PORT2；HOST 或 PORT 留空表示任意。

## 仍然生效了的更改。

card-cannot-sign-end = 卡无法为会话的结束签名，所以服务器会一直等到超时为止。
server-not-told-end = 无法通知服务器会话已经结束，所以它会一直等到超时为止。
report-delivered = 卡对此的报告已经送达服务器。
report-waits = 卡对此的报告还在等待发送给服务器；现在发送：esimctl outbox send
installed-before = 配置文件 { $iccid } 在此之前已经安装，会保留下来。
disabled-before = 该配置文件在此之前已经停用，并保持停用。
given-up-in-outbox = 不过它们在发件箱中已经放弃；下一次更改时会从卡上移除。
others-reached = 但有 { $what }已经送达。
none-enabled-now = 但 { $profile } 现在已经停用，因此没有任何配置文件处于启用状态。
profiles-gone =
    { $count ->
        [1] 但配置文件 { $iccid } 已经没有了。
       *[other] 但其中 { $count } 个配置文件已经没有了。
    }

going-back-failed = { $profile } 在此之前已经启用，但在 { $seconds } 秒内没有找到网络；恢复原状也失败了。
enabled-again = { $profile } 已重新启用
disabled-again-as-before = 它已重新停用，因为之前没有启用任何配置文件

## 调制解调器对此的说法，接在另一句之后。

modem-says-nothing-of-networks = （仅就调制解调器所知：它没有提供网络信息）
modem-agrees = 调制解调器正在使用它。
modem-does-not-say = 调制解调器没有说明它在使用哪个配置文件。
modem-disagrees = 但调制解调器还没有察觉到这一点：请将它关闭再重新打开。
modem-away = 但调制解调器没有响应：请将它关闭再重新打开。
modem-unawaited = 没有等待调制解调器。
cards-in-slots = 卡槽 { $slots } 中有卡：{ $device },slot={ $slot }
euicc-in-slot = 卡槽 { $slot } 中有 eUICC：{ $device },slot={ $slot }
card-in-other-slot = 卡槽 { $slot } 中的卡可能是 eUICC：{ $device },slot={ $slot }
euicc-seen-here = { $date }，通过这个端口读到过 eUICC { $eid }。
slot-restored = { $device }：这条命令使用了卡槽 { $to }；现在又在使用卡槽 { $from }。
slot-kept = { $device }：调制解调器从现在起使用卡槽 { $to }，不再使用卡槽 { $from }。如需换回：mmcli -m MODEM --set-primary-sim-slot={ $from }
slot-not-restored = { $device }：这条命令使用了卡槽 { $to }，但没能换回卡槽 { $from }（{ $why }）。下一条使用这个设备的命令会再次尝试；也可以运行：mmcli -m MODEM --set-primary-sim-slot={ $from }

## 等待发送的通知。

not-reported-yet = 尚未通知 { $server }：{ $why }以后更改时会再次尝试，也可以立即重试：esimctl outbox send
delivery-stopped = 命令在发送之前已停止。
delivery-no-time = 更早的通知用完了全部时间。
delivery-not-due = 还没有到下一次尝试的时间。
delivery-elsewhere = 另一个进程正在为这张卡发送通知。
card-not-asked = 没有读取 { $device } 上的通知：{ $why }
nameless-warning = 有 { $count } 条通知没有指明服务器，无法通知任何人，也不会发送。要放弃它们：esimctl outbox drop { $ids } --reason TEXT
nameless-notice = 有 { $count } 条通知没有指明服务器，无法通知任何人：esimctl outbox list
nameless-notice-card = 卡上有 { $count } 条通知没有指明服务器，无法通知任何人：esimctl notifications list
event-without-server = { $via } 指向 { $address } 上的一个配置文件，但这不是服务器的地址：{ $why }。已略去该配置文件。

## 卡的自述中可能妨碍下载的内容。

limit-new-version = 这张卡最低支持 SGP.22 { $version } 版，比本程序所知的版本更新。
limit-missing-issuers = 这张卡没有说明由哪些签发者为它签发证书，或者它接受哪些签发者的服务器。服务器可能会拒绝它。
limit-unknown-issuers = 本程序不认识这张卡所接受的任何签发者。要下载，请用 --ca 提供其中一个的证书。
limit-no-free-memory = 这张卡报告其存储空间已全部用完。
limit-no-room = 这张卡报告没有空间再安装配置文件。
limit-no-room-remedy = 请删除不再需要的配置文件：esimctl delete
limit-new-version-remedy = 如果下载失败，请使用本程序的更新版本。
limit-missing-issuers-remedy = 如果服务器拒绝它，请用另一张卡下载。
limit-unknown-issuers-remedy = 请向卖卡的商家索取签发者的证书：esimctl download --ca FILE
limit-blocking-remedy = 请用另一张卡下载。这张卡上的配置文件仍可管理。

## 带有多个 eUICC 的卡。

other-euicc = 这张卡上还有另一个 eUICC，其中有它自己的配置文件：--device { $device }
other-euicc-possible = 这张卡上可能还有另一个 eUICC，其中有它自己的配置文件。查看：esimctl info

waiting-notice = 有 { $count } 条通知等待发给服务器。现在发送：esimctl notifications send --all

## 制定计划之后，卡有了哪些变化。

changed-profile-gone = 卡上已经没有 { $profile }。
changed-profile-state = { $profile } 的状态或名称已经改变。
changed-profile-told = 删除时需要通知的服务器已经不同。
changed-enabled = 现在启用的是另一个配置文件。
changed-profiles = 卡上的配置文件或默认 SM-DP+ 已经不同。
changed-server = 默认 SM-DP+ 已经不同。
changed-queue = 其中有些通知已经不在卡上等待。

## 是否重试。

again-same-code = 请用同一个激活码，在这张卡上重试。
again-same-code-or-ask = 请用同一个激活码，在这张卡上重试。如果服务器拒绝，请联系运营商，并告知以上信息。
again-after-making-room = 请先在卡上腾出空间，再用同一个激活码重试。如果服务器拒绝，请联系运营商。
again-ask = 请联系运营商，并告知以上信息。
again-new-code = 请向运营商索取新的激活码，并告知以上信息。
declined-for-good = 已经通知服务器不需要该配置文件。如果改变主意，请向运营商索取新的激活码。
declined-for-now = 随时可以用同一个激活码再来下载。

## 关于备份的说明。

backup-enabled = 为了备份，已启用 { $profile }。
backup-enabled-again = { $profile } 已重新启用。
backup-disabled-again = { $profile } 已重新停用。
backup-restored = 已恢复原来的状态。
backup-not-restored = 未能恢复原来的状态：{ $why }
backup-not-enabled = 该配置文件处于停用状态，因此没有读取它的 SIM。
backup-not-read = 没有读取 SIM：{ $why }
backup-pin-not-given = 没有提供 PIN；还可以尝试 { $tries } 次。
backup-pin-not-given-unknown = 没有提供 PIN。
backup-pin-wrong = { $tries ->
    [0] PIN 不正确，现已锁定：只有运营商的 PUK 才能解锁。
   *[other] PIN 不正确，没有再次尝试；还可以尝试 { $tries } 次。
}
backup-pin-blocked = PIN 已锁定：只有运营商的 PUK 才能解锁。
backup-pin-refused = 卡不接受 PIN（状态 { $status }）。
backup-locked = 没有 PIN，因此未读取：{ $parts }。
backup-unreadable = 无法读取{ $part }：{ $why }。
backup-damaged = { $part }：有 { $count } 条记录无法理解，已原样保存。

report-form = 报告不能写成 .{ $ending } 文件。
    .next = 请把文件命名为 FILE.html、FILE.md 或 FILE.json，或用 --html、--md 指定格式

## 录制文件的情况

trace-ends = 录制文件 { $path } 不完整：最后一行之后的内容无法写入（{ $why }）。
trace-none = 无法录制到 { $path }（{ $why }）。该处没有留下文件。

## 状态目录的变动

state-moved = root 的状态数据已从 { $from } 移到 { $to }，由 root、系统服务和 esimctl 组共用。
state-permissions = 其他用户原本可以访问以下文件，权限现已改正：{ $files }
state-left-behind = 加入 esimctl 组之前使用的 { $path } 中还有未完成的更改或待发送的通知。请运行 esimctl --state-dir { $path } recover，再运行 outbox send 来完成。
ask-lose-connection = 继续吗？[y/N]
modem-wants-pin = 该配置文件受 PIN 保护：输入 PIN 之后，调制解调器才能使用它。
modem-wants-puk = 该配置文件的 PIN 已被锁定：输入 PUK 之后，调制解调器才能使用它。
modem-is-locked = 调制解调器被锁定到特定的运营商或卡，可能会拒绝这个配置文件。
connection-none-enabled = 这张卡上现在没有启用的配置文件：在启用一个之前，使用它的设备没有移动网络连接。
connection-none-enabled-plan = 之后这张卡上将没有启用的配置文件：在启用一个之前，使用它的设备没有移动网络连接。
connection-link-off = 本机此前只能通过移动网络上网，用的很可能就是现在已停用的配置文件
connection-link-plan = 本机只能通过移动网络上网，用的很可能就是这个配置文件：连接将会断开。
signal-working = 正在停止；卡上已经开始的操作会先完成。再按一次 Ctrl-C 会立即结束，届时结果可能未知。
signal-session = 正在停止；会通知卡和服务器推迟下载。再按一次 Ctrl-C 会立即结束，服务器将得不到通知。
signal-loading = 卡正在装入配置文件，无法停止，会继续进行。再按一次 Ctrl-C 会立即结束，届时结果未知。
signal-finishing = 正在核对配置文件，会先完成。再按一次 Ctrl-C 会立即结束，届时结果未知。
signal-awaiting-modem = 卡已切换；不再等待调制解调器。再按一次 Ctrl-C 会立即结束。
signal-promised = 正在停止；卡上已经开始的操作会先完成，然后撤销切换。任何信号都不会中断这一过程。
signal-going-back = 正在恢复原来的配置文件。任何信号都不会中断这一过程。
signal-delivering = 正在停止；尚未送达的通知留在发件箱中。再按一次 Ctrl-C 会立即结束。
signal-ending = 已立即结束。如果更改已经开始，其结果未知；查明结果：esimctl recover
