### esimctl 无法读取的设备、在这些设备上删除 eSIM 的方法，以及立案之前已知的情况。

## 不经 esimctl、由用户自己完成的步骤

retire-step-backup-by-word =
    .why = SIM 中的资料会随之消失。esimctl 无法读取这台设备，请在设备上自行保存：存放在 SIM 中的通讯录和短信，以及显示号码和 ICCID 的设置页面截图。
    .how = esimctl retire record { $case } backup --note "已在手机上保存"
retire-step-clean-by-word =
    .why = 到这一步才在设备上删除 eSIM。设备随后应当通知运营商的服务器，但这里无法核实。因此，您所说的会作为您的陈述记录下来，并附上日期和您提供的凭证。
    .how = esimctl retire guide
        esimctl retire clean { $case } --removed NAME --file PROOF

## 用户对设备的陈述

retire-word-yours = 您的陈述
retire-word-users = 用户的陈述
retire-word-open = 据目前所知，配置文件仍在其中
retire-word-removed = 据{ $whose }，已于 { $date } 删除，凭证：{ $files }
retire-word-removed-bare = 据{ $whose }，已于 { $date } 删除，没有凭证
retire-word-written-off = 已放弃这台设备，配置文件可能仍在其中。原因：{ $reason }
retire-word-early = 记录时{ $against }
retire-word-heading = esimctl 无法读取的设备，以下均据您的陈述：
retire-welcome-removed = 未作任何更改。据目前所知，已没有设备装有该配置文件。注销 { $title } 需要以下步骤：
retire-word-line = - { $device }：{ $state }
retire-word-none = 尚未登记任何设备。请登记装有该配置文件的设备：esimctl retire device { $case } --add NAME
retire-word-state = 已完成，部分据{ $whose }
retire-word-state-alone = 已完成，仅据{ $whose }
retire-word-summary = 经卡证实：{ $proved }。据{ $whose }：{ $told }。已放弃：{ $given_up }。
retire-word-early-warning = 已记录，但{ $against }：合约可能仍然有效，删除 eSIM 并不等于销户。
retire-event-started-by-word = 已立案：{ $title }。
retire-word-event-number = 据用户的陈述，手机号码为：{ $number }。
retire-word-event-iccid = 据用户的陈述，ICCID 为：{ $iccid }。
retire-word-event-named = 据用户的陈述，该配置文件在或曾在以下设备上：{ $device }。
retire-word-event-removed = 据用户的陈述，配置文件已于 { $date } 从 { $device } 删除。凭证：{ $files }
retire-word-event-removed-bare = 据用户的陈述，配置文件已于 { $date } 从 { $device } 删除，没有凭证。
retire-word-event-early = 记录时{ $against }。
retire-word-event-written-off = 已放弃 { $device }，配置文件可能仍在其中。原因：{ $reason }
retire-word-event-still-there = 据用户的陈述，配置文件其实仍在 { $device } 上。原因：{ $reason }
retire-report-despite-by-word = { $device }：据用户的陈述，尽管{ $against }，仍于 { $date } 删除了配置文件。
retire-report-heading-by-word = 仅据用户陈述的设备（没有卡的证明）
retire-column-number = 序号
retire-column-recorded = 记录时间

## 立案之前已知的情况

retire-adopted-deleted = 立案之前，配置文件已从 { $eid } 删除，并经重新读卡核实（操作记录 { $journal }，{ $at }）。
retire-adopted-reset = 立案之前，卡 { $eid } 已被重置，配置文件随之删除，并经重新读卡核实（操作记录 { $journal }，{ $at }）。
retire-adopted-signed = 立案之前，卡 { $eid } 已签名证明删除了该配置文件，通知于 { $at } 存入此处。何时、由什么删除，没有记录。
retire-adopted-missing = 立案之前读卡时，配置文件已不在 { $eid } 上（{ $at }）。由什么删除，没有记录。
retire-adopted-begun = 立案之前，曾开始从 { $eid } 删除（操作记录 { $journal }），结果未知。要查明结果：esimctl recover
retire-adopted-silent = 这里没有相应通知的记录，因此不知道运营商的服务器是否已得到通知。
retire-adopted-state = 立案之前，{ $date }：{ $state }
retire-adopted-state-signed = 立案之前由卡签名，{ $date } 存入此处：{ $state }
retire-adopted-state-silent = 立案之前已于 { $date } 删除；没有服务器是否知晓的记录
retire-adopted-state-missing = 立案之前已不在卡上，自 { $date } 起

## 如何删除 eSIM

retire-guide-head = 删除 eSIM：{ $device }
retire-guide-notes-head = 所有设备通用
retire-guide-notes =
    - 删除 eSIM 并不等于销户。请等运营商确认销户之后，最后再删除。
    - 请让设备保持联网，例如连接 Wi-Fi：设备要通知运营商的服务器，只有联网才能做到。是否已经通知，只有运营商能告诉您，请向他们询问。
    - 删除之前请对显示 ICCID 的号码页面截图，删除之后再对已没有它的列表截图。这些就是您的凭证。
    - 停用号码不等于删除。
    - 要把 eSIM 转移到另一台设备，请先使用设备或运营商提供的转移功能，再删除。二维码通常只能使用一次：在新设备联网之前请妥善保留。
    - 抹掉整台设备时，eSIM 是保留还是抹掉由您选择，请留意这个选项。
    - 设备丢失时，请远程锁定，并请运营商停用该号码。远程抹掉之后，eSIM 可能仍留在设备上。
    - 设置中的名称因厂商、版本和地区而异。
retire-guide-iphone = iPhone
    .steps =
        1. 打开“设置”，进入“蜂窝网络”（也称“移动网络”）。
        2. 在 SIM 列表中选择该号码，页面上会显示号码；ICCID 在“设置”的“通用”—“关于本机”中。
        3. 选择“删除 eSIM”（也称“移除蜂窝套餐”），并确认。
        4. 确认列表中已没有该号码。
retire-guide-ipad = iPad
    .steps =
        1. 打开“设置”，进入“蜂窝数据”（也称“移动数据”）。
        2. 选择该套餐；ICCID 在“设置”的“通用”—“关于本机”中。
        3. 选择“删除 eSIM”（也称“移除套餐”），并确认。
        4. 确认列表中已没有该套餐。
retire-guide-pixel = Google Pixel
    .steps =
        1. 打开“设置”，进入“网络和互联网”，再进入“SIM 卡”。
        2. 选择该 SIM 卡；ICCID 在“设置”的“关于手机”—“SIM 卡状态”中。
        3. 在页面底部选择“清除 SIM 卡”或“删除 SIM 卡”，并确认。
        4. 确认列表中已没有该 SIM 卡。
retire-guide-samsung = 三星 Galaxy
    .steps =
        1. 打开“设置”，进入“连接”，再进入“SIM 卡管理器”。
        2. 选择该 eSIM；ICCID 在“设置”的“关于手机”—“状态信息”中。
        3. 选择“移除”或“删除”，并确认。
        4. 确认列表中已没有该 eSIM。
retire-guide-android = 其他安卓手机
    .steps =
        1. 打开“设置”，搜索“SIM”或“eSIM”。
        2. 选择该 eSIM；ICCID 通常在“关于手机”的“状态信息”或“SIM 卡状态”中。
        3. 选择“删除”“清除”或“移除”，并确认。仅停用是不够的。
        4. 确认列表中已没有该 eSIM。
retire-guide-watch = 手表
    .steps =
        1. Apple Watch：在 iPhone 上打开 Watch 应用，进入“我的手表”，再进入“蜂窝网络”（也称“移动网络”）。
        2. 点套餐旁的信息图标，选择“移除套餐”，并确认。取消配对手表时会询问是否保留套餐，请选择移除。
        3. Wear OS：在手机上打开手表的应用（Galaxy Wearable 或 Google Pixel Watch），进入“移动套餐”或“移动网络”。
        4. 选择该套餐，将其移除或删除，并确认。有些运营商须在其自己的应用中办理。
        5. 确认应用中已没有该套餐。手表的号码往往是单独签约的副号，请向运营商询问。
retire-guide-windows = Windows 笔记本或平板电脑
    .steps =
        1. 打开“设置”，进入“网络和 Internet”，再进入“手机网络”。
        2. 选择“eSIM 配置文件”（也称“管理 eSIM 配置文件”），再选择该配置文件，其中会显示 ICCID。
        3. 选择“删除”，并确认。
        4. 确认列表中已没有该配置文件。如果这台电脑运行 Linux，esimctl 或许能读取其调制解调器：esimctl devices

## 在终端开始办理

retire-begin = 目前没有正在办理的注销。下面将逐步引导您办理；未经您同意，不会作任何更改。
retire-begin-no-card = 手边没有 esimctl 能读取的卡：{ $why }
retire-begin-found = 手边的卡：{ $devices }
retire-ask-begin-where = eSIM 在哪里：在手边的卡上 [c]，还是在别处（手机或手表中、已丢失或已删除）[e]？以后再说 [回车]：{" "}
retire-ask-begin-elsewhere = 要为在别处的 eSIM（手机或手表中、已丢失或已删除）开始办理吗 [e]？以后再说 [回车]：{" "}
retire-ask-begin-profile = 哪个配置文件：@序号、ICCID 或名称？以后再说 [回车]：{" "}
retire-ask-begin-name = 您怎样称呼这个套餐？以后再说 [回车]：{" "}
retire-ask-begin-provider = 运营商？不填 [回车]：{" "}
retire-ask-begin-iccid = 如果知道，请输入 ICCID（18 至 20 位数字）？不填 [回车]：{" "}
retire-ask-begin-device = 它在或曾在哪台设备上？请自行命名，例如“我的 iPhone”。没有 [回车]：{" "}
retire-ask-begin-another = 还有其他设备吗？没有 [回车]：{" "}
retire-ask-begin-other = 它是否还在或曾在 esimctl 无法读取的其他设备上，例如“我的 iPhone”？没有 [回车]：{" "}
retire-ask-kind = { $device } 是哪一类：iphone、ipad、pixel、samsung（三星）、android（安卓）、watch（手表）还是 windows？都不是 [回车]：{" "}
retire-ask-word = eSIM 已从 { $device } 删除 [d]，还是设备已丢失或转卖 [l]？以后再说 [回车]：{" "}
retire-ask-word-date = 哪一天删除的？今天，{ $today } [回车]：{" "}
retire-ask-word-file = 能证明这一点的文件？没有 [回车]：{" "}
retire-ask-report = 报告写入哪个文件，例如 { $example }？以后再说 [回车]：{" "}
retire-word-against = 目前不宜删除的原因：
retire-trace-inventory = 设备清单
