### src/error/catalogue.rs 的中文：消息 id 是条目名（_ 写作 -），值说明发生了什么，.next 说明该怎么办。

## 查找设备

no-device = 没有找到可用的 eUICC。
    .next = 请接上装有卡的读卡器，然后运行“esimctl doctor”。想先试用一下：esimctl virtual create demo
device-ambiguous = 有 { $count } 个设备可供选择。
    .next = 请用 --device 指定一个，或在 config.toml 中写明 device。
device-syntax = “{ $device }”不是有效的设备名：{ $why }。
    .next = 设备可以是 virtual:NAME、pcsc、pcsc:READER、at:PORT、at-csim:PORT、qmi:PORT、qrtr:NODE、mbim:PORT、stdio:COMMAND 或 replay:FILE，选项用逗号接在后面：aid=HEX、mss=BYTES、se=NUMBER、timeout=SECONDS、slot=NUMBER、proxy=yes、quirk=NAME。“esimctl devices”会列出所有设备。
reader-not-found = 没有名为“{ $reader }”的读卡器。
    .next = “esimctl devices”会列出现有的读卡器。如果列表里缺少您的读卡器：esimctl doctor
no-reader = PC/SC 服务正在运行，但没有发现任何智能卡读卡器。
    .next = 请接上读卡器。如果已经接上：esimctl doctor
pcsc-not-running = PC/SC 服务（pcscd）没有运行，因此无法访问任何智能卡读卡器。
    .next = 用“sudo systemctl start pcscd.socket”启动它，或用“sudo apt install pcscd”安装它。然后运行：esimctl doctor
pcsc-no-access = PC/SC 服务（pcscd）拒绝当前用户访问。
    .next = 通过 SSH 登录或在系统服务中运行时，polkit 需要一条规则：“esimctl doctor”会给出这条规则。以 root 身份运行则不需要。
pcsc-hangs = PC/SC 服务（pcscd）没有响应。
    .next = 请拔下读卡器再重新接上；如果仍然不行：sudo systemctl restart pcscd
pcsc-failed = PC/SC 服务报告了错误。
    .next = 请拔下读卡器再重新接上。如果问题依旧：esimctl doctor
pcsc-not-built = 这个 esimctl 在编译时没有包含对智能卡读卡器的支持。
    .next = 请启用 cargo 特性“pcsc”重新编译，该特性默认是启用的。
reader-empty = 读卡器“{ $reader }”中没有卡。
    .next = 请将卡的触点朝下插入，然后重试。
card-mute = 读卡器“{ $reader }”中的卡没有响应。
    .next = 请取出卡，清洁触点，确认插入方向，然后重试。

## 调制解调器

port-not-found = 找不到 { $device } 对应的端口。
    .next = “esimctl devices”会列出现有的端口。刚接上的调制解调器需要等几秒钟。
port-no-access = 当前用户无权打开 { $device } 的端口。
    .next = 请以 root 身份重试，或安装“esimctl doctor”给出的规则。
port-busy = 另一个程序占用着 { $device } 的端口。
    .next = “esimctl doctor”会指出是哪个程序。如果端口由多个程序共用，请在设备名后面加上 ,proxy=yes。
not-a-modem = { $device } 的另一端不使用这种协议。
    .next = 调制解调器有多个端口，每个端口只使用一种协议：“esimctl devices --probe”可以找出该用哪一个。
modem-dead = { $device } 的调制解调器没有响应。
    .next = 请拔下再重新接上；如果是内置的，请重启机器。如果它的另一个端口有响应，请改用那个端口：esimctl devices --probe
modem-gone = { $device } 的调制解调器断开了。
    .next = 它可能会在几秒钟后自行恢复：esimctl devices
slot-empty = { $device } 的卡槽中没有卡。{ $elsewhere }
    .next = 如果调制解调器有多个卡槽，请在设备名后面加上 ,slot=2。“esimctl devices --probe”会显示各卡槽里有什么。
modem-card-failed = 调制解调器无法使用它的卡。
    .next = 请取出卡再重新插入；如果卡是内置的，请关闭调制解调器再重新打开。
no-such-slot = { $device } 的调制解调器无法使用所指定的卡槽。
    .next = “esimctl devices --probe”会显示它的卡槽。不写 slot= 时使用当前的卡槽。
modem-carries-nothing = 调制解调器没有用于 eUICC 的命令。
    .next = 它的另一个端口可能有：esimctl devices --probe。否则就是固件把卡留作己用。
modem-client-ids = { $device } 的调制解调器不再接受新的程序：之前有程序没有注销就退出了。
    .next = 请关闭调制解调器再重新打开，或重启 ModemManager：这样会释放被占用的名额。
proxy-failed = 共用 { $device } 端口的代理无法工作。
    .next = 它需要 root 权限，以及软件包 libqmi-proxy 或 libmbim-proxy。如果没有其他程序使用这个调制解调器，请在设备名后面加上 ,proxy=no。
modem-unsupported = 这个系统无法访问 { $device }。
    .next = “esimctl doctor”会指出缺少什么。
modem-failed = { $device } 的调制解调器报告了错误。
    .next = 请几秒钟后重试。如果问题依旧：esimctl doctor
program-syntax = 无法解析 { $device }：引号没有闭合，或者没有写明程序。
    .next = 单词以空格分隔；引号和反斜杠的用法与 shell 相同，其他符号没有特殊含义。
program-not-started = 无法启动 { $device } 的程序。
    .next = 第一个单词是程序，写明它的路径，或者能在 PATH 中找到。想先试用一下：esimctl --device 'stdio:esimctl virtual stdio NAME' info
program-forgotten = 上次是通过 { $device } 访问这张卡的。命令行可能含有密码，因此没有保存。
    .next = 请重新指定设备：--device 'stdio:命令'，或在 config.toml 中写 device =
program-no-card = { $device } 的程序没有给出卡。
    .next = 请单独启动它：它应当像 lpac 的 stdio 驱动所要求的那样，以一行行 JSON 应答。“esimctl -v”会显示它的输出。
modem-no-card = 调制解调器报告没有卡。
    .next = 请插入卡。如果调制解调器有多个卡槽，请在设备名后面加上 ,slot=2。“esimctl devices --probe”会显示各卡槽里有什么。
modem-card-starting = 调制解调器还在启动它的卡。
    .next = 请等半分钟再重试。如果问题依旧，请关闭调制解调器再重新打开。
modem-card-broken = 调制解调器没有打开通道，并报告它的卡有故障。
    .next = 请取出卡再重新插入，或关闭调制解调器再重新打开。有些调制解调器对没有配置文件的 eUICC 也这样报告：换用读卡器或另一个端口也许可以访问。
modem-card-pin = 调制解调器没有打开通往卡的通道，卡需要输入 PIN。
    .next = 请在管理调制解调器的地方解锁卡，或在那里关闭 PIN 验证，然后重试。
modem-card-puk = 调制解调器没有打开通往卡的通道，卡的 PIN 已被锁定，需要输入 PUK。
    .next = PUK 由运营商提供。请在管理调制解调器的地方输入：连续输错十次，配置文件就无法再用。
modem-locked = 调制解调器没有打开通道：它被锁定到另一张卡或另一家运营商。
    .next = 销售调制解调器的一方可以解锁它。在那之前，请把卡放进读卡器使用。
modem-hides-euicc = 调制解调器表明它有一个 eUICC{ $eid }，却没有提供访问它的途径。
    .next = 它的另一个端口可能可以访问：esimctl devices --probe。否则就是固件把 eUICC 留作己用；更新固件也许能解决。
modem-opens-no-channel = 调制解调器没有打开通往 eUICC 的通道。{ $known }{ $elsewhere }
    .next = 它没有说明原因。里面可能是一张普通的 SIM 卡。如果确实是 eUICC，那就是固件把它留作己用，或者有通道被卡住：请关闭调制解调器再重新打开。
modem-select-failed = 调制解调器拒绝选择 eUICC（{ $words }）。{ $known }{ $elsewhere }
    .next = 有些调制解调器在切换之后会一直拒绝，直到重新启动：请关闭调制解调器再重新打开，或重新绑定它的驱动程序。否则请换一个卡槽或端口：esimctl devices --probe。
modem-denies = 调制解调器不允许访问 eUICC（{ $words }）。{ $known }{ $elsewhere }
    .next = 这由它的固件决定。换用它的另一个端口，或打开它的无线功能，也许可行：esimctl devices --probe。
modem-no-channel = 调制解调器已经没有通往卡的通道了（{ $words }）。
    .next = 有程序没有关闭通道就退出了。请关闭调制解调器再重新打开：这样会释放通道。
slot-switch-refused = { $device } 的调制解调器拒绝切换到另一个卡槽。
    .next = 它继续使用当前的卡槽。不写 slot= 就使用当前的卡槽；“esimctl devices --probe”会显示是哪一个。
reader-busy = 另一个程序占用着读卡器“{ $reader }”。
    .next = 请关闭那个程序，然后重试。通常是 GnuPG：gpgconf --kill scdaemon。如果没有程序在使用它，就是先前的命令在卡里挂住了：请拔下读卡器再重新接上。
device-locked = { $device } 正被另一个 esimctl 使用：{ $command }（进程 { $pid }，开始于 { $since }）。
    .next = 请等它结束。已经插入的虚拟卡要通过它的读卡器或调制解调器访问：esimctl devices
lock-failed = 无法为 { $device } 加锁，其他程序可能会同时使用这张卡。
    .next = 请确认 { $path } 可以写入，然后重试。
not-an-euicc = 这张卡不是 eUICC，或者没有表明自己是 eUICC：没有 ISD-R 应答。{ $known }{ $elsewhere }
    .next = 普通 SIM 卡不能存放 eSIM 配置文件。如果这张卡是使用特殊 AID 的 eUICC，请在设备名后面写明 AID：,aid=HEX
no-such-element = 这张卡有 { $present } 个安全元件，从 0 开始编号；没有编号 { $asked }。
    .next = “esimctl devices --probe”会列出它们。
no-channel = 卡没有打开逻辑通道。
    .next = 可能全部通道都被另一个程序占用：请关闭那个程序，或取出卡再重新插入。
replay-file = 无法回放“{ $path }”：{ $why }。
    .next = 请给出由 --trace 录制的文件。

## 与卡通信

card-removed = 卡被取出了。
    .next = 请重新插入卡，然后查看：esimctl list
reader-gone = 读卡器断开了。
    .next = 请重新接上读卡器，然后查看：esimctl list
card-timeout = 卡不再响应。
    .next = 请拔下读卡器（或取出卡）再重新接上，然后查看：esimctl list
card-lost = 卡的应答在途中丢失了。
    .next = 请查看卡的状态：esimctl list。如果再次发生，请清洁触点或换一个读卡器。
card-reset-by-other = 操作过程中，另一个程序复位了卡。
    .next = 请关闭那个程序，然后重试。
modem-left = 调制解调器断开了。
    .next = 它可能会在几秒钟后自行恢复。然后请查看：esimctl list
modem-silent = 调制解调器不再响应。
    .next = 请等待半分钟，然后查看：esimctl list。如果仍无响应，请拔下调制解调器或重启机器。
modem-lost = 调制解调器没有送回卡的应答。
    .next = 请查看卡的状态：esimctl list。如果再次发生，请使用更小的数据块（在设备名后面加上 ,mss=60），或换一个端口：esimctl devices --probe
modem-refuses = 调制解调器拒绝了这条命令，卡没有收到它。
    .next = 调制解调器的另一个端口也许可以：esimctl devices --probe。想知道这个端口接受什么：esimctl doctor --learn
card-restarted = 操作过程中，调制解调器重新启动了卡。
    .next = 请重试。如果问题依旧，说明另一个程序在使用调制解调器：“esimctl doctor”会指出是哪个程序。
card-garbage = 卡的应答无法理解。
    .next = 请重试。如果问题依旧，请录制下来以便报告缺陷：--trace FILE
card-status = 卡拒绝了命令 { $function }：{ $meaning }（状态字 { $status }）。
    .next = 请取出卡再重新插入，然后重试。如果问题依旧，请录制下来以便报告缺陷：--trace FILE
card-refused = 卡拒绝了 { $function }：{ $meaning }（{ $name }，代码 { $code }）。
    .next = 如果取出卡再重新插入后问题依旧，请录制下来以便报告缺陷：--trace FILE
card-untrue = 卡声称已经完成，但重新读取后发现什么都没有改变。
    .next = 请取出卡再重新插入，然后重试。如果问题依旧，请录制下来以便报告缺陷：--trace FILE
command-too-long = 命令超出了卡能接受的数据块长度。
    .next = 请允许更长的数据块：--device pcsc,mss=255
replay-departs = 录制内容与当前命令不符，无法继续回放。
    .next = 请用同样的选项运行录制时的那条命令。
interrupted = 已停止。
    .next = 不需要修复任何东西。

modem-manager-refuses = ModemManager 正在使用 { $device } 的调制解调器，并且不允许当前用户接管它。
    .next = 请以 root 身份重试。或者在 ModemManager 运行的同时，通过代理使用调制解调器的控制端口：“esimctl devices”会列出 qmi: 和 mbim: 端口，请在后面加上 ,proxy=yes。
modem-manager-failed = ModemManager 正在使用 { $device } 的调制解调器，并且没有放开它。
    .next = 现在可能有另一个程序在使用该调制解调器：请稍候重试。如果问题依旧：sudo systemctl restart ModemManager
no-modem = { $device } 不是调制解调器，因此 esimctl 无法得知配置文件是否找到网络。
    .next = --rollback-after 用于调制解调器中的卡：请去掉它。
rolled-back = { $profile } 在 { $seconds } 秒内没有找到网络{ $why }。处理结果：{ $back }。{ $modem }
    .next = 请确认该配置文件已经激活，并且在此处有信号：请联系它的运营商。要不限时间地启用它：esimctl enable { $iccid }
registration-unawaited = 在网络接纳 { $profile } 之前已停止。处理结果：{ $back }。{ $modem }
    .next = 要不限时间地启用它：esimctl enable { $iccid }
rollback-not-found = 没有编号为 { $id } 的待撤销切换。
    .next = “esimctl rollback”会列出待撤销的切换。
rollback-running = 切换 { $id } 此刻正在撤销。
    .next = 请等它结束，然后查看：esimctl list
rollback-other-card = { $device } 中的卡是另一张卡。
    .next = 请放回 EID 为 { $eid } 的卡，然后运行：esimctl rollback --due。如果那张卡不会再回来：esimctl rollback --keep
rollback-open = 未能撤销的到期切换：{ $count } 个。
    .next = “esimctl rollback”会说明每一个的原因。排除原因之后：esimctl rollback --due
rollback-elsewhere = 用户 { $user } 的状态目录 { $path } 中到期的切换未能撤销。
    .next = 请以该用户的身份运行：esimctl --state-dir { $path } rollback --due

## 备份

no-sim = 无法访问已启用配置文件的 SIM。
    .next = 可能另一个程序占用着它：请关闭那个程序，然后重试。如果问题依旧，请录制下来以便报告缺陷：--trace FILE
sim-other = 卡上的 SIM 是 { $found }，而不是 { $profile } 的 SIM。
    .next = 请启用所指的配置文件，然后查看：esimctl list
backup-one-way = { $profile } 启用之后无法再停用，因此不会为了备份而启用它。
    .next = 如果它可以保持启用，请先启用它：esimctl enable { $iccid }
backup-exists = “{ $path }”已经存在，因此没有写入备份。
    .next = 请指定另一个目录；要替换其中的文件，请加 --overwrite。

## 配置文件

profile-not-found = 卡上没有配置文件“{ $profile }”。
    .next = “esimctl list”会列出卡上有哪些。
profile-ambiguous = “{ $profile }”与 { $count } 个配置文件相符。
    .next = 请给出所指配置文件的完整 ICCID。
profile-unsure = 仅凭“{ $profile }”不足以删除配置文件：需要完整的 ICCID、AID 或完全一致的名称。
    .next = 如果所指的是 { $found }：esimctl delete { $iccid }
profile-unnamed = 卡没有给出这个配置文件的 ICCID，因此无法指明它。
    .next = 请使用它的 AID，见“esimctl list --all-fields”。
profile-enabled = { $profile } 已启用，不能删除处于启用状态的配置文件。
    .next = 请先停用它：esimctl disable { $iccid }。或者一步完成：--disable-first
link-in-use = 本机只能通过移动网络上网，用的很可能就是 { $profile }；停用它会断开这个连接。
    .next = 如果可以用其他方式访问这台机器，或者它不需要联网：--lose-connection。对于调制解调器中的卡，“esimctl enable PROFILE --rollback-after 2m”会在新的配置文件找不到网络时自动恢复。
profile-kept = 运营商的规则（PPR2）不允许删除 { $profile }。
    .next = 只有运营商能够解除这条规则。请联系运营商。
profile-stays = 运营商的规则（PPR1）不允许停用 { $profile }。
    .next = 只有运营商能够解除这条规则。请联系运营商。
test-mode-order = 在测试配置文件之后，只能启用在它之前启用的那个配置文件。
    .next = 请先停用测试配置文件，或启用之前的那个配置文件。
card-busy = 卡正忙于执行发给调制解调器的命令。
    .next = 请稍候重试。如果问题依旧，请复位调制解调器，或取出卡再重新插入。
nickname-too-long = 这个名称有 { $bytes } 个字节；卡最多接受 64 个（一个汉字通常占 3 个字节）。
    .next = 请换一个短一些的名称。
icon-missing = { $profile } 没有图标。
    .next = 请去掉 --save-icon。
icon-invalid = { $profile } 的图标不是图片：{ $why }。图标没有保存。
    .next = 请去掉 --save-icon。没有图标不影响 eSIM 的使用。
server-address = “{ $address }”不是服务器的地址：{ $why }。
    .next = 请给出主机名，例如 smdp.example.com。要清除卡上的默认服务器：esimctl server clear
card-address = 卡上的 { $name } 是“{ $address }”，这不是服务器的地址：{ $why }。
    .next = 请用 --server HOST 给出正确的服务器。要更换或清除卡上的默认服务器：esimctl server set HOST、esimctl server clear
names-no-server = 发件箱中的通知 { $id } 没有指明服务器：“{ $address }”不是地址（{ $why }）。无法通知任何人。
    .next = 要放弃它并记下原因：esimctl outbox drop { $id } --reason TEXT
notification-not-found = 卡上没有编号为 { $seq } 的待发通知。
    .next = “esimctl notifications list”会列出待发的通知。
not-delivered = { $what }未能送达。
    .next = 这些通知会保留下来，并在以后的更改之后再次尝试发送。“esimctl outbox list”会列出它们；现在就尝试：esimctl outbox send
not-accepted = { $what }没有被服务器接受。
    .next = 这些通知会保留下来，并在以后的更改之后再次尝试发送。如果某个服务器始终不接受，请联系运营商；要放弃发送：esimctl outbox drop
letter-not-found = 发件箱中没有编号为 { $id } 的通知。
    .next = “esimctl outbox list --all”会列出发件箱中的全部内容。
letter-settled = 发件箱中编号为 { $id } 的通知不再等待发送，状态是 { $state }。
    .next = “esimctl outbox list”会列出等待发送的通知。
letter-being-sent = 另一个进程正在发送发件箱中编号为 { $id } 的通知。没有放弃任何通知。
    .next = 请稍后查看结果：esimctl outbox list --all
import-file = 无法导入“{ $path }”：{ $why }。
    .next = 请给出由“esimctl notifications export”写出的文件。
proof-file = “{ $path }”中没有可以验证的内容：{ $why }。
    .next = 请给出由“esimctl retire report 事项 文件 --full”生成的报告，或由“esimctl notifications export”写出的文件。
recording-only = 录制文件不是卡：没有什么可以发送或放弃的。
    .next = 请用 --device 指定卡本身。

## 先行确认

confirmation-needed = 此操作无法撤销，而当前没有终端，无法向任何人确认。
    .next = 请先用 --dry-run 查看计划。如果无误：--yes
confirmation-wrong = 输入的内容与要求的不符。
    .next = 如果仍想继续，请重新开始。
card-changed = 卡的状态与制定计划时已经不同。
    .next = 请重新查看，如果仍想继续，再重新开始：esimctl list
plan-of-other-card = 这项操作是为卡 { $eid } 计划的，而现在的卡是 { $here }。
    .next = 请插入原来的那张卡，或者对现在这张卡重新开始：esimctl list

## 备份


## 其他输入

usage = { $why }
    .next = { $hint }
apdu-syntax = “{ $text }”不是 APDU：{ $why }。
    .next = APDU 是至少 4 个字节的十六进制数，例如 80E2910006BF3E035C015A00。
output-file = 无法写入“{ $path }”。
    .next = 请换一个位置。
output-exists = “{ $path }”已经存在，原有内容没有改动。
    .next = 请换一个名字；要替换该文件，请加 --overwrite。
standard-output = 命令的结果无法写到标准输出。
    .next = 命令在此之前做完的事仍然有效。请确认输出处有剩余空间；只读取的命令可以重新运行。
config-invalid = { $path } 无效：{ $why }。
    .next = docs/config.toml 中有每个选项的说明。

## 保存的内容

state-directory = 无法使用 { $path }。
    .next = 请确认该目录可以写入、磁盘有剩余空间，或另外指定一个目录：--state-dir DIR
state-in-two-places = root 的状态数据分散在两处：{ $from }（旧版本的位置）和 { $to }。
    .next = 请只保留其中一处：先用 --state-dir DIR 分别查看，再把另一处移走。没有作任何更改。
state-in-use = root 的状态数据要从 { $from } 移到 { $to }，但另一个 esimctl 正在使用它。
    .next = 请等它结束后重试。没有作任何更改。
state-not-moved = 无法把 root 的状态数据从 { $from } 移到 { $to }。
    .next = 数据没有丢失，仍在原处。请检查剩余空间和权限后重试，或继续在原处使用：--state-dir { $from }
state-newer = { $path } 是由更新版本的 esimctl 写入的（格式 { $version }）。
    .next = 请使用那个版本，或另外指定一个目录：--state-dir DIR
state-damaged = { $path } 已损坏。
    .next = 请移走该文件以重新开始，或从备份中恢复。其中记录着对哪张卡做过什么，以及所了解的设备信息。
state-read-only = 无法写入 { $path }：对当前用户来说，该磁盘或目录是只读的。
    .next = 只读取的命令仍可使用。其他命令请先检查权限，或另外指定一个目录：--state-dir DIR
state-full = 无法写入 { $path }，因此不能在更改之前先作记录。
    .next = 请在磁盘上腾出空间，然后重试。

## 系统中的内容

network-manager-absent = 这里没有运行 NetworkManager，因此它没有使用这张 SIM 卡的连接。
    .next = 不需要做什么；除非这台机器由其他程序联网，那么请查看那个程序的设置。
network-manager-denied = NetworkManager 不允许当前用户删除连接“{ $name }”。
    .next = 以 root 身份可以删除：sudo nmcli connection delete { $uuid }
network-manager-failed = NetworkManager 没有完成所要求的操作。
    .next = 请查看它的状态：systemctl status NetworkManager。查看连接本身：nmcli connection show
connection-gone = 连接“{ $name }”与找到它时已经不同。
    .next = 请重新查看：nmcli connection show { $uuid }

## 虚拟卡

virtual-name = “{ $name }”不能用作卡的名称：名称由 1 到 40 个字母、数字、“-”和“_”组成。
    .next = 请换一个名称。
virtual-not-found = 没有名为“{ $name }”的虚拟卡。
    .next = “esimctl virtual list”会列出现有的虚拟卡。要创建它：esimctl virtual create { $name }
virtual-exists = 已经有名为“{ $name }”的虚拟卡。
    .next = 请换一个名称，或移除它：esimctl virtual remove { $name }
virtual-damaged = 虚拟卡的文件 { $path } 已损坏。
    .next = 请恢复该文件，或移除这张卡：esimctl virtual remove NAME
virtual-newer = 虚拟卡的文件 { $path } 是由更新版本的 esimctl 写入的（格式 { $version }）。
    .next = 请使用那个版本，或另建一张卡。
virtual-failed = 无法创建或保存虚拟卡。
    .next = 请确认状态目录可以写入、磁盘有剩余空间。
quirk-unknown = { $why }。
    .next = “esimctl virtual quirks”会列出可用的特性。
lines-failed = 虚拟卡的标准输入或标准输出出错。
    .next = 它应当由向它提问的程序来启动。
modem-quirk-unknown = { $why }。
    .next = “esimctl virtual quirks modem”会列出可用的特性。
virtual-modem-failed = 虚拟调制解调器无法工作。
    .next = 请确认链接所在的位置可以写入，那里除链接外没有其他文件，并且没有其他程序使用它的名称。
vpcd-unreachable = { $address } 上没有程序在监听：没有可以插入这张卡的虚拟读卡器。
    .next = 请安装 vsmartcard-vpcd 并启动 pcscd（“sudo apt install vsmartcard-vpcd”、“sudo systemctl restart pcscd”），或指明端口：--vpcd HOST:PORT
vpcd-failed = 与虚拟读卡器的连接断开了。
    .next = 请确认 pcscd 仍在运行，然后重新插入卡。
virtual-server-name = “{ $name }”不能用作服务器的名称：名称由 1 到 40 个字母、数字、“-”和“_”组成。
    .next = 请换一个名称。
virtual-server-runs = 名为“{ $name }”的虚拟服务器已经在运行。
    .next = 请先停止它，或在选项之后为这个服务器另起一个名称。
virtual-server-failed = 虚拟服务器无法工作。
    .next = 请确认地址没有被占用、状态目录可以写入。
behaviour-unknown = { $why }。
    .next = “esimctl virtual behaviours”会列出可用的行为和故障。
pki-failed = 证书无法使用或无法生成。
    .next = “esimctl virtual pki new DIR”会生成一整套证书；文件名见 docs/virtual-servers.md。
pki-exists = { $path } 中已经有内容。
    .next = 请指定一个尚不存在的目录。
eid-invalid = { $eid } 不是有效的 EID：校验位不对。
    .next = 校验位正确时应为 { $right }。

## 通往服务器的路

server-unresolved = 找不到服务器 { $server }：它的域名无法解析。
    .next = 请检查拼写，并确认这台机器已经联网。
server-unreachable = 无法连接到服务器 { $server }。
    .next = 请检查网络连接，然后重试。
server-proxy = 通往 { $server } 的代理无法工作。
    .next = 请检查 HTTPS_PROXY，或将该服务器加入 NO_PROXY。
server-timeout = 服务器 { $server } 没有及时应答 { $function }。
    .next = 请稍后重试。
server-cut = 与 { $server } 的连接在 { $function } 期间断开了。
    .next = 请重试。
server-tls = 无法与 { $server } 建立安全连接。
    .next = 途中的某一方可能不是 eSIM 服务器，或者服务器要求使用 esimctl 不支持的密钥类型（只支持 NIST 曲线，不支持 CBC）。请换一个网络；如果问题依旧，请告知运营商。
ca-file = “{ $path }”中没有可用的证书：{ $why }。
    .next = 请给出包含 PEM 证书的文件，或一个 DER 证书文件。
server-not-running = 没有名为 { $server } 的虚拟服务器在运行，而虚拟卡只与虚拟服务器通信。
    .next = 请另行启动一个：esimctl virtual smdp --host { $server }
smds-not-running = 没有名为 { $server } 的虚拟发现服务器在运行，而虚拟卡只与虚拟服务器通信。
    .next = 请另行启动一个：esimctl virtual smds --host { $server }
server-http = 服务器 { $server } 对 { $function } 的应答是 HTTP 状态 { $status }，协议中没有这种应答。
    .next = 请稍后重试。如果问题依旧，请告知运营商，或检查服务器是否正确。
server-garbage = 服务器 { $server } 对 { $function } 的应答无法理解。
    .next = 请检查服务器是否正确。如果正确，请稍后重试；仍然不行则告知运营商。
server-too-long = 服务器 { $server } 对 { $function } 的应答超过了应答的最大长度 { $longest } 字节。
    .next = 请检查服务器是否正确；如果正确，请告知运营商。

## 服务器的身份

server-web-certificate = { $server } 出示的是网站证书，而不是 eSIM 服务器应有的 GSMA 证书。
    .next = 多半是主机名写错了，或者途中有代理在检查连接内容。有些运营商的服务器就是这样：如果确信这个服务器可靠，请加上 --trust-web-ca
server-test-certificate = { $server } 出示的证书由测试签发者签发（{ $issuer }）。
    .next = 如果是在实验室中有意为之：--trust-test-ci。否则请不要继续。
server-unknown-issuer = { $server } 出示的证书由未知的签发者签发。
    .next = 请不要继续，除非您了解这个签发者：那么请用 --ca FILE 给出它的证书
server-not-the-cards = { $server } 出示的证书由这张卡不接受的签发者签发（{ $issuer }）。
    .next = 运营商的服务器与这张卡属于不同的信任体系。请向运营商询问您的卡能够接受的服务器（“esimctl info”会列出卡接受的签发者）。
server-issuer-expired = { $server } 证书的签发者已于 { $expired } 过期；这台机器的时钟显示 { $now }。
    .next = 请检查这台机器的时钟：“date”。如果时钟正确，请联系运营商。
server-expired = { $server } 的证书已经过期；这台机器的时钟显示 { $now }。
    .next = 请检查这台机器的时钟：“date”。如果时钟正确，请告知运营商。
server-not-yet-valid = { $server } 的证书尚未生效；这台机器的时钟显示 { $now }。
    .next = 很可能是这台机器的时钟不准：请校准时钟，然后重试。
server-other-host = 以 { $server } 的名义应答的服务器实际上是 { $names }。
    .next = 请检查主机名。途中可能有设备在重定向连接：请换一个网络试试。
server-curve = { $server } 的密钥类型无法由 esimctl 用于 TLS（只支持 NIST 曲线）。
    .next = 请向运营商询问其他服务器。
server-untrusted = { $server } 没有证明自己的身份。
    .next = 请换一个网络试试。如果问题依旧，请告知运营商。
no-common-issuer = 卡与服务器没有共同的证书签发者：{ $why }。
    .next = 运营商的服务器与这张卡属于不同的信任体系。请向运营商询问您的卡能够接受的服务器（“esimctl info”会列出卡接受的签发者）。
other-server = 激活码指定的服务器编号是 { $expected }，而应答的服务器编号是 { $found }。
    .next = 请不要继续。请检查激活码是否完整；如果完整，请联系运营商。
server-not-for-card = 卡不接受服务器 { $server }：{ $why }（{ $name }）。
    .next = 请重试。如果问题依旧，请不要再使用这个服务器，并告知运营商。
server-confused = 服务器的应答前后不一：{ $why }。
    .next = 请重试。如果问题依旧，请告知运营商。

## 服务器的答复

code-refused = 服务器没有与这个激活码对应的订单：它已经用过、从未发布，或者输入有误。
    .next = 请逐字核对激活码。成功使用过一次的激活码不能再次使用：请向运营商索取新的激活码。
no-order-for-card = 服务器上没有给这张卡的内容。
    .next = 请向运营商核实订单是否对应这张卡的 EID，“esimctl info”会显示它。
order-other-card = 这个订单属于另一张卡。
    .next = 激活码一旦被某张卡用过，或者是为某张卡订购的，就只能用于那张卡。请让运营商将它转到这张卡的 EID，“esimctl info”会显示它。
order-expired = 订单已经过期。
    .next = 请向运营商索取新的激活码。
order-exhausted = 请求这个配置文件的次数过多，服务器不再发放。
    .next = 请向运营商索取新的激活码。
order-not-released = 运营商还没有发布这个配置文件。
    .next = 请稍后重试；如果超过了运营商所说的时间，请联系运营商。
no-eligible-profile = 运营商没有适合这张卡或这个设备的配置文件。
    .next = 请向运营商询问是否支持可插拔的 eUICC。有些运营商会检查 IMEI：可以用 --imei 给出。
server-no-memory = 服务器表示卡的存储空间不足以容纳这个配置文件。
    .next = “esimctl info”会显示剩余空间。请删除一个不再需要的配置文件，然后重试。
confirmation-required = 服务器要求提供确认码。
    .next = 确认码由运营商在激活码之外单独提供。请在提示时输入，或写入 ESIMCTL_CONFIRMATION_CODE，或用 --confirmation-code 给出。
confirmation-refused = 服务器不接受这个确认码。
    .next = 请核对确认码。服务器会统计错误次数，错误几次之后订单就会被锁定。
confirmation-exhausted = 确认码错误次数过多，服务器已经锁定订单。
    .next = 请向运营商索取新的激活码。
package-not-rebound = 这个配置文件在之前的尝试中已经与这张卡绑定，服务器不会重新绑定。
    .next = 请让运营商重置订单。
card-rejected = 服务器不接受这张卡：{ $why }。
    .next = 运营商的服务器不认识这家卡厂商，或者卡已损坏。请联系运营商。
card-certificate-expired = 服务器表示卡的证书已经过期。
    .next = 这样的卡无法再获得配置文件。请联系卡的厂商。
server-version = 服务器不支持这张卡使用的 SGP.22 版本。
    .next = 请向运营商询问其他服务器。
card-too-old = 这张卡使用 SGP.22 { $version } 版，已经没有服务器支持。
    .next = 这张卡上的配置文件可以管理，但不能再下载新的。请使用更新的卡。
card-cannot-sign = 这张卡无法下载配置文件：它没有列出任何可用于签名的签发者。
    .next = 没有联系任何服务器。卡上已有的配置文件仍可管理；要下载，请使用另一张卡。
card-accepts-no-server = 这张卡无法下载配置文件：它没有列出任何可用于验证服务器的签发者。
    .next = 没有联系任何服务器。卡上已有的配置文件仍可管理；要下载，请使用另一张卡。
card-issuers-differ = 这张卡无法下载配置文件：它用于签名的签发者与用于验证服务器的签发者没有一个相同。
    .next = 没有联系任何服务器。卡上已有的配置文件仍可管理；要下载，请使用另一张卡。
card-memory-full = 这张卡报告其存储空间已全部用完。
    .next = 没有联系任何服务器。请删除不再需要的配置文件。仍要尝试：--despite-memory
offer-without-iccid = { $server } 提供的配置文件没有可用的 ICCID（配置文件的编号）。
    .next = 任何卡都无法安装这样的配置文件。请向运营商反映。
server-issuers = 服务器没有由卡所认可的签发者签发的证书。
    .next = 运营商的服务器与这张卡属于不同的信任体系。请向运营商询问您的卡能够接受的服务器（“esimctl info”会列出卡接受的签发者）。
server-address-refused = 服务器表示自己不是 { $server }。
    .next = 请检查主机名。有些服务器会逐字比对。
session-unknown = 服务器已经不记得这个会话。
    .next = 请重试，并尽快回答提问：服务器只会等待几分钟。
server-busy = 服务器正忙。
    .next = 请稍后重试。
no-event = 发现服务器上没有与这张卡有关的内容。
    .next = 如果运营商已经登记了配置文件，可能还需要几分钟。否则请用激活码下载。
server-refused = 服务器拒绝了 { $function }：{ $subject }：{ $reason }。
    .next = 请联系运营商，并告知编号 { $pair }。
server-silent = 服务器 { $server } 拒绝了 { $function }，但没有给出原因代码（状态 { $status }）。
    .next = 请稍后重试。如果问题依旧，请联系运营商。
server-contradictory = 服务器拒绝了 { $function }，但它给出的代码与它的说明互相矛盾：{ $why }（{ $pair }）。
    .next = 哪个属实，只有运营商知道。请把代码和服务器的原话告诉他们。

## 下载

code-invalid = 这不是激活码：{ $why }。
    .next = 激活码形如 LPA:1$smdp.example.com$TOKEN。在命令行中需要加单引号：'LPA:1$…'。也可以用 --qr IMAGE 给出它的图片，或用 --code-file FILE 给出含有它的文本。
code-several = 文本中有 { $count } 个不同的激活码。
    .next = 请只给出其中一个。
code-unclear = 无法确定激活码在哪里结束：后面的内容可能也属于它。
    .next = 请单独给出激活码，其中不要有空格：esimctl download 'LPA:1$…'
code-apart = 文本中的服务器地址和令牌是分开的，而且不是各只有一个。
    .next = 请分别给出：esimctl download --server HOST --matching-id TOKEN
code-server-alone = 这是服务器的名称，不是激活码。
    .next = 如果服务器凭卡的 EID 就知道订单：esimctl download --server HOST。如果运营商还给了令牌：--matching-id TOKEN
clipboard = 无法读取剪贴板：{ $why }。
    .next = 请重新复制激活码。或者加单引号给出：esimctl download 'LPA:1$…'
clipboard-reader = 这里没有安装能够读取剪贴板的程序。
    .next = 请安装 { $package }：sudo apt install { $package }。或者加单引号给出激活码：esimctl download 'LPA:1$…'
matching-id-invalid = --matching-id 给出的值无效：{ $why }。
    .next = 请按运营商或“esimctl discover”显示的内容填写。
confirmation-invalid = 这不是确认码：{ $why }。
    .next = 请按运营商给出的内容填写；确认码不是激活码。
code-misplaced = { $taken }，而给出的内容看起来是激活码。
    .next = 请单独给出激活码：esimctl download 'LPA:1$…'。或者用 --server HOST 给出服务器，用 --matching-id 给出令牌。
code-source = 无法读取 { $what }：{ $why }。
    .next = 激活码可以直接以文字给出，用 --qr 从图片读取，用 --code-file 从文件读取，或用“-”从标准输入读取。
picture-drawer = { $path } 是 { $format } 文档，需要 { $program } 来绘制，但没有安装该程序。
    .next = 请安装该程序（Debian 的软件包为 { $package }），或者对二维码截图，再使用截图。
picture-format = { $path } 是 { $format } 图片，无法读取。
    .next = 请对图片截图，再使用截图，或者将图片另存为 PNG 或 JPEG。
picture-search = 在 { $path } 中查找二维码超过 { $seconds } 秒，已经放弃。
    .next = 请裁剪图片，只保留二维码及其白边。
qr-none = { $path } 中没有能够识别的二维码。
    .next = 请重新拍摄，拍正、拍清晰，包含整个二维码及其白边。截图比对着屏幕拍照效果更好。
qr-other = { $path } 中的二维码不是激活码：{ $why }。
    .next = 请找内容以 LPA:1$ 开头的二维码。有些运营商的网页要点开链接才会显示。
qr-several = { $path } 中有 { $count } 个激活码。
    .next = 请裁剪图片，只保留其中一个。
no-default-server = 没有给出激活码，卡上也没有默认的 SM-DP+。
    .next = 请给出激活码，或用 --server HOST 给出服务器。
no-root-server = 卡上没有写明发现服务器（根 SM-DS）。
    .next = 请用 --server HOST 给出一个。
test-root-server = 卡上写的发现服务器（根 SM-DS）是 { $server }。它只供测试使用，没有运营商的配置文件。
    .next = 请改用 GSMA 的服务器：esimctl discover --server lpa.ds.gsma.com。仍要询问测试服务器：esimctl discover --server { $server }
no-discovery-server = { $server } 不是发现服务器（SM-DS）。
    .next = 如果它是 SM-DP+：esimctl download --server { $server }
code-used-before = 没有向服务器发出任何请求。{ $sentence }
    .next = 如果运营商说明这个激活码可以多次使用，请加上 --again。否则请向运营商索取新的激活码。
code-unsettled = 没有向服务器发出任何请求。{ $sentence }
    .next = 请先查明结果：esimctl recover。仍要使用这个激活码，请加上 --again
events-several = 有 { $count } 个配置文件等待下载到这张卡。
    .next = “esimctl discover”会列出它们。要下载其中一个：esimctl download --server SERVER --matching-id EVENT
imei-invalid = “{ $imei }”不是 IMEI：{ $why }。
    .next = 在设备上拨打 *#06# 可以查看它的 IMEI。
profile-present = { $profile } 已经在卡上。
    .next = 要启用它：esimctl enable { $iccid }。要重新下载，请先将它删除，前提是运营商允许再次下载。
little-memory = 卡只剩 { $free } 字节，容纳不下任何配置文件。
    .next = 请删除一个不再需要的配置文件。如果仍要尝试：--despite-memory
policy-not-authorised = 这个配置文件带有一条规则（{ $rule }），而这张卡不允许它的运营商使用该规则。
    .next = 请换一张卡：同一个激活码在那里有效。或者向运营商索取不带这条规则的配置文件。要放弃这个订单（激活码会因此作废）：--refuse
policy-not-alone = 这个配置文件带有一条规则（PPR1），永远不能停用，因此只能装到没有其他运营配置文件的卡上，而这张卡上已有 { $others }。
    .next = 请换一张卡，或者先用“esimctl delete”删除卡上的配置文件，之后同一个激活码仍然可用。要放弃这个订单（激活码会因此作废）：--refuse
download-declined = 没有安装这个配置文件。
    .next = { $how }
download-unasked = 当前没有终端，无法询问是否安装这个配置文件。
    .next = 请先用 --dry-run 查看服务器提供的内容。如果无误：--yes
download-unanswered = 没有人及时回答是否安装这个配置文件。
    .next = 请在能够回答时重新开始。要延长等待时间：--answer-within SECONDS
policy-consent = 这个配置文件带有运营商的规则，卡要求先征得您的同意。
    .next = 请用 --dry-run 查看这些规则。如果同意：--yes --accept-rules
metadata-changed = 收到的数据包与服务器所提供的不一致。差异：{ $what }。
    .next = 请先询问运营商，再重试。要放弃这个订单（激活码会因此作废）：--refuse
package-unusable = 服务器发来的数据包无法加载：{ $why }。
    .next = 请联系运营商：配置文件需要重新准备，之后可以用同一个激活码重试。要放弃这个订单（激活码会因此作废）：--refuse
install-refused = 卡没有安装这个配置文件：{ $why }（{ $name }，在 { $command } 时）。
    .next = { $again }
install-failed = 这个配置文件未能加载；重新读取卡后确认它不在卡上。
    .next = { $again }
install-unknown = 在加载配置文件的过程中，卡或其调制解调器停止了响应。
    .next =
        请重新插入卡或重启调制解调器，然后运行：esimctl recover
        它会读取卡，并说明配置文件是否已经在卡上。

## 注销套餐

case-not-found = 没有编号为“{ $case }”的注销事项。
    .next = 'esimctl retire list --all' 会列出所有事项。要新建：esimctl retire start PROFILE
case-open = { $profile } 已在注销中：{ $case }，自 { $created } 起。
    .next = 请继续办理：esimctl retire { $case }
case-closed = 注销事项 { $case } 已于 { $since } 结束。
    .next = 如要继续办理：esimctl retire reopen { $case }
case-not-closed = 注销事项 { $case } 正在进行中。
    .next = 查看进展：esimctl retire { $case }
step-is-not-told = 步骤“{ $step }”由 esimctl 执行，不能手工记录。
    .next = 请执行：esimctl retire { $step } { $case }
contract-first = 只要可能存在合约，就需要运营商的确认。
    .next = 如果没有合约（例如预付费卡），请先注明：esimctl retire record { $case } contract --not-applicable REASON
date-invalid = “{ $date }”不是有效日期。
    .next = 请按 2026-11-22 的格式填写。
date-in-future = { $date } 是将来的日期：按本机时钟，今天是 { $today }。只能记录已经发生的事情。
    .next = 请填写实际发生的日期；省略 --date 即为今天。如果时钟不准，请先校准。
date-too-far = { $date } 在 { $years } 年以后，没有这么长的提前通知期。
    .next = 请核对合约或运营商来信中的年份。
date-before-contract = { $date } 早于合约开始的日期（{ $since }）。
    .next = 请检查年份。如果合约开始日期有误：esimctl retire record CASE contract --since DATE
date-before-request = { $date } 早于提交销户申请的日期（{ $requested }）。
    .next = 请检查年份。如果申请日期有误，请重新记录。
amount-invalid = “{ $amount }”不是有效的 { $currency } 金额。
    .next = 只写数字，最多一个逗号或小数点，其后最多 { $places } 位；不要写空格、正负号或千位分隔符。
currency-invalid = “{ $currency }”不是货币代码。
    .next = 请填写三个字母的代码，例如 CNY、EUR 或 USD。
currency-missing = 金额缺少货币。
    .next = 请补上，例如 --currency CNY。
reason-missing = 没有填写原因。
    .next = 请简单说明原因，它会写进报告。
text-too-long = 文字超过 { $longest } 个字符。
    .next = 请写成文件后附上：--file FILE
evidence-file = 无法读取文件 { $path }，因此没有记录任何内容。
    .next = 请确认文件存在且当前用户可以读取，然后重试。
evidence-too-long = 文件 { $path } 超过 { $megabytes } MiB，因此没有记录任何内容。
    .next = 请将信件或网页另存为较小的文件，例如 PDF 或图片。
not-confirmed = 根据 { $case } 的记录，运营商尚未确认销户。
    .next = 删除配置文件并不会终止合约，而且在确认之前您可能还用得着它。运营商确认后：esimctl retire record { $case } confirmation --file LETTER。如仍要删除：--despite REASON
not-proved = { $case } 中记录了运营商已确认，但没有任何凭证：没有文件、编号或备注。
    .next = 请附上确认信：esimctl retire record { $case } confirmation --file LETTER。如果没有信件，请注明编号，或何人何时告知：--reference NUMBER 或 --note TEXT。如仍要删除配置文件：--despite REASON
balance-unpaid = 根据 { $case } 的记录，{ $amount } 尚未付清。
    .next = 付清后请记录：esimctl retire record { $case } { $step } --paid。如仍要删除配置文件：--despite REASON
notice-runs = 合约要到 { $date } 才结束。
    .next = 在此之前您仍在付费，号码也仍可使用。到期后再删除：esimctl retire clean { $case }。如仍要现在删除：--despite REASON
not-backed-up = { $case } 中还没有做过备份，SIM 中的资料会随配置文件一并消失。
    .next = 请先备份：esimctl retire backup { $case }。如果其中没有重要内容：esimctl retire record { $case } backup --skip REASON。如仍要删除配置文件：--despite REASON
partly-backed-up = { $case } 的备份不完整。未读取：{ $parts }。
    .next = 请重新备份，如询问 SIM 的 PIN 码请输入：esimctl retire backup { $case }。如果缺少的内容不重要：esimctl retire record { $case } backup --skip REASON。如仍要删除配置文件：--despite REASON
evidence-lost = { $case } 所依据的文件 { $file } 与记录不符：{ $state }。
    .next = 请恢复该文件，或重新记录：'esimctl retire { $case }' 会指出是哪一步。如仍要删除配置文件：--despite REASON
backup-too-late = { $profile } 已删除，无法再备份。
    .next = SIM 中原有的资料已无法恢复。其余待办事项：esimctl retire { $case }
backup-out-of-reach = 可能还装有 { $profile } 的卡都已放弃，无法再备份。
    .next = 如果误将某张卡登记为放弃：esimctl retire clean { $case } --take-back EID --reason REASON
nothing-to-correct = { $case } 的步骤“{ $step }”没有可更正的记录。
    .next = 查看已有记录：esimctl retire { $case }
deletion-names-no-server = 卡会为“{ $address }”签署删除通知，但这不是服务器的地址：{ $why }。无法通知任何人。
    .next = 仍要删除：--despite REASON。之后 { $case } 会说明无法通知任何人，并在您放弃该通知之前保持打开：esimctl outbox drop
server-not-reached = 目前无法连接须接收删除通知的服务器 { $server }。
    .next = 请联网后重试。如仍要删除：--despite REASON。届时通知会留在发件箱中，{ $case } 会保持进行中，直到服务器接受为止。
not-of-this-case = 从未在卡 { $eid } 上见过 { $case } 的配置文件。
    .next = 'esimctl retire { $case }' 会列出相关设备。
other-card = 现在插入的卡的 EID 是 { $found }，不是 { $eid }。
    .next = 请插入正确的卡，或用 --device 指定它所在的设备。如果是同一张卡而 EID 变了，这里无法证明；可放弃原来的那一张：'esimctl retire clean CASE --write-off EID --reason REASON'。
same-profile = 要改为启用的配置文件正是要删除的那一个。
    .next = 请指定另一个：esimctl list
backup-disabled = { $profile } 处于停用状态，无法读取已停用配置文件的 SIM。
    .next = 如要为备份而临时启用、备份后再恢复原状：--enable。如只备份说明：--description-only
case-answer = “{ $answer }”不在可选的回答之中。
    .next = 没有记录任何内容。请重试：esimctl retire { $case }
not-at-hand = 装有这个配置文件的设备都不在手边。
    .next = 它们会在 { $case } 中保留。请接上一台设备，然后运行：esimctl retire clean { $case }。如果某张卡再也找不回来：esimctl retire clean { $case } --write-off EID --reason REASON
nothing-to-clean = { $case } 中已没有可以删除配置文件的设备。
    .next = 查看进展：esimctl retire { $case }
subscription-unnamed = 立案需要配置文件的 ICCID，或套餐的名称。
    .next = 请提供已知的内容：--iccid ICCID、--name NAME，或两者都提供。
iccid-invalid = “{ $iccid }”不是 ICCID。ICCID 有 18 至 20 位数字。
    .next = 请从设备的设置中抄录。没有 ICCID 也可以立案：esimctl retire start --name NAME
iccid-known = { $case } 办理的是配置文件 { $iccid }，该事项中已有一张卡装有或曾装有它。
    .next = 其他配置文件请另行立案：esimctl retire start --iccid ICCID
device-name-invalid = 设备名称应为 1 至 { $longest } 个可显示的字符。
    .next = 请取一个自己认得出的名称，例如：我的 iPhone
device-named-twice = { $case } 中已有设备“{ $device }”。
    .next = 请换一个名称。'esimctl retire { $case }' 会列出相关设备。
device-not-named = { $case } 中没有可由您说明情况的设备“{ $device }”。
    .next = 'esimctl retire { $case }' 会列出相关设备。要添加设备：esimctl retire device { $case } --add NAME
no-device-named = { $case } 中还没有设备。
    .next = 请登记每台装有该配置文件的设备：esimctl retire device { $case } --add NAME
devices-by-word = esimctl 无法读取 { $devices }，其中的 eSIM 只能由您自己删除。
    .next = 删除步骤：esimctl retire guide。删除后请记录：esimctl retire clean { $case } --removed NAME --file PROOF
        如果设备已丢失：esimctl retire clean { $case } --write-off NAME --reason REASON
backup-by-hand = { $case } 中没有 esimctl 能读取其 SIM 的卡。
    .next = 请在设备上自行保存，然后记录：esimctl retire record { $case } backup --note TEXT
        如要跳过：esimctl retire record { $case } backup --skip REASON
card-not-seen = 从未见过名为“{ $card }”的卡。
    .next = 'esimctl inventory' 会列出见过的卡。
card-seen-twice = 有多张卡都曾以“{ $card }”出现。
    .next = 请用 EID 指定其中一张：esimctl inventory
