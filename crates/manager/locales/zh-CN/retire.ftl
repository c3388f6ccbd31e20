### 注销一份套餐合约的全过程：从“我想销户”到证明它已在各处删除。

## 各个步骤：是什么、为什么、怎么做

retire-step-backup = 备份 SIM 中的资料
    .why = 配置文件一旦删除，其中的通讯录、短信和号码资料会一并消失，此后您和运营商都无法再读取。因此要先做备份。
    .how = esimctl retire backup { $case }
retire-step-contact = 联系运营商
    .why = 只有运营商才能终止合约，删除配置文件并不等于销户。请问清他们接受哪种销户方式，并记下与谁沟通过。从现在起，请确保用其他号码也能联系到您：验证码和询问仍会发往您即将放弃的号码。
    .how = esimctl retire record { $case } contact --channel hotline --reference "工单号或客服姓名"
retire-step-account = 核实身份与账户
    .why = 运营商只为机主本人办理。请备好身份证件、客户编号和手机号码，并确认办理的是哪一个号码：家庭或公司账户下往往有多个号码。
    .how = esimctl retire record { $case } account --reference "客户编号" --number "手机号码"
retire-step-balance = 结清费用
    .why = 未缴的账单常会使销户无法办理，日后还可能变成欠款。剩余的余额通常要主动申请才会退还，销户后便会作废。
    .how = esimctl retire record { $case } balance --amount 12.30 --currency CNY --paid
retire-step-contract = 查看合约：提前通知期与费用
    .why = 提前通知期决定您要付费到哪一天，提前解约还可能产生违约金。请在申请之前弄清这两点。预付费卡没有合约，请用 --not-applicable 注明。
    .how = esimctl retire record { $case } contract --since DATE --notice-until DATE
retire-step-request = 提交销户申请
    .why = 日后发生争议时，凭证才算数。请以书面方式提交，或保存好工单号、截图或信件，并注明日期。
    .how = esimctl retire record { $case } request --channel online --reference "工单号" --file PROOF
retire-step-confirmation = 等待运营商确认
    .why = 在运营商确认之前，合约仍然有效。此前请勿删除配置文件：运营商可能要用这个号码联系您，验证码也可能还会发到这个号码，而且大多数运营商的配置文件只发放一次。
    .how = esimctl retire record { $case } confirmation --file PROOF
retire-step-clean = 从每台设备上删除配置文件
    .why = 到这一步才删除配置文件，并且要从每台曾经装过它的设备上删除。每次删除都会通知运营商的服务器，并须由服务器接受；否则在运营商那里，它会永远显示为“已安装”。
    .how = esimctl retire clean { $case }

## 进展情况

retire-state-pending = 待办
retire-state-partly = 部分完成
retire-state-owed = 欠费
retire-state-done = 已完成
retire-state-unproved = 据称已完成，但没有凭证
retire-state-skipped = 已跳过
retire-state-not-applicable = 不需要
retire-state-missed = 未完成，且已无法进行
retire-case-open = 进行中
retire-case-completed = 已完成
retire-case-cancelled = 已取消
retire-case-closed = 提前关闭，配置文件已删除
retire-case-closed-partly = 提前关闭，仅从部分设备删除
retire-case-seen-again = 已完成，之后又发现配置文件
retire-device-open = 据目前所知，配置文件仍在卡上
retire-device-begun = 已开始删除，结果尚未记录
retire-device-deleted = 已删除，服务器尚未接受通知
retire-device-done = 已删除，运营商服务器已接受通知
retire-device-done-quietly = 已删除，没有服务器要求通知
retire-device-unreported = 已删除，但已放弃通知运营商
retire-device-untold = 已删除；已放弃通知，运营商未收到通知
retire-device-nameless = 已删除；通知没有指明服务器，无法通知任何人
retire-device-gone = 检查时已不在卡上
retire-device-written-off = 这张卡已无法找回

## 每一步记录的内容

retire-fact-date = 日期
retire-fact-channel = 渠道
retire-fact-reference = 编号
retire-fact-amount = 金额
retire-fact-number = 号码
retire-fact-since = 合约开始
retire-fact-notice-until = 合约截止
retire-fact-note = 备注
retire-fact-pair = { $label }：{ $value }
retire-comma = ，
retire-semicolon = ；
retire-paid = { $amount }（已付清）
retire-unpaid = { $amount }（未付清）
retire-channel-hotline = 电话
retire-channel-online = 网站或应用
retire-channel-store = 营业厅
retire-channel-letter = 信件或电子邮件
retire-not-read = 未读取：{ $parts }
retire-part-sim = SIM
retire-part-iccid = SIM 卡号
retire-part-applications = 应用列表
retire-part-imsi = IMSI
retire-part-mnc-digits = 网络代码长度
retire-part-provider = 运营商名称
retire-part-numbers = 本机号码
retire-part-contacts = 通讯录
retire-part-messages = 短信
retire-part-last-numbers = 最近拨打的号码
retire-evidence-kept = 完好
retire-evidence-missing = 缺失
retire-evidence-changed = 已被改动
retire-evidence-corrected = { $state }；相关记录已更正
retire-evidence-lost = “{ $step }”的凭证 { $file }：{ $state }
retire-file = { $name }（SHA-256 { $sha256 }）

## 提醒

retire-reminder-confirmation = 运营商尚未确认 { $about } 提交的销户申请，请催问。确认后请记录：esimctl retire record { $case } confirmation --file LETTER
retire-reminder-notice-ends = 合约于 { $about } 到期，此后即可删除配置文件：esimctl retire clean { $case }
retire-reminder-balance = { $about } 尚未付清。付清后请记录：esimctl retire record { $case } { $step } --paid
retire-reminder-device = 配置文件仍在 { $about } 上：esimctl retire clean { $case }
retire-reminder-notification = 服务器尚未接受 { $about } 上的删除通知：esimctl outbox send
retire-reminder-nameless = { $about } 上的删除通知没有指明服务器，无法通知任何人。请放弃它并写明原因（“esimctl outbox list”会显示其编号）：esimctl outbox drop 编号 --reason TEXT
retire-overdue = 已于 { $date } 逾期
retire-due = { $date } 到期

## 暂不宜删除的原因

retire-obstacle-not-confirmed = 运营商尚未确认销户。
retire-obstacle-not-proved = 运营商的确认没有文件、编号或备注作凭证。
retire-obstacle-not-backed-up = 没有做过备份。
retire-obstacle-partly-backed-up = 备份不完整。未读取：{ $parts }。
retire-obstacle-evidence-lost = “{ $step }”的凭证 { $file }：{ $state }。
retire-obstacle-also = 此外：{ $others }。
retire-obstacle-unpaid = { $amount } 尚未付清。
retire-obstacle-notice-runs = 合约要到 { $date } 才结束。
retire-obstacle-server-not-reached = 无法连接须接收通知的服务器 { $server }：{ $why }
retire-obstacle-names-no-server = 卡会为“{ $address }”签署删除通知，但这不是服务器的地址：{ $why }。无法通知任何人。
retire-obstacle-name-not-confirmed = 运营商未确认
retire-obstacle-name-not-proved = 确认没有凭证
retire-obstacle-name-not-backed-up = 没有备份
retire-obstacle-name-partly-backed-up = 备份不完整
retire-obstacle-name-evidence-lost = { $count ->
    [1] 凭证缺失或被改动
   *[other] { $count } 份凭证缺失或被改动
}
retire-obstacle-name-unpaid = 费用未付清
retire-obstacle-name-notice-runs = 合约尚未到期
retire-obstacle-name-names-no-server = { $count ->
    [1] 有地址没有指明服务器
   *[other] 有 { $count } 个地址没有指明服务器
}
retire-obstacle-name-server-not-reached = { $count ->
    [1] 服务器无法连接
   *[other] { $count } 个服务器无法连接
}

## 经过

retire-event-started = 已立案：{ $title }（{ $iccid }）。
retire-event-recorded = { $step }：已完成。{ $details }
retire-event-recorded-bare = { $step }：据称已完成，但没有文件、编号或备注。{ $details }
retire-event-recorded-owed = { $step }：已记录，费用未付清。{ $details }
retire-event-skipped = { $step }：已跳过。原因：{ $reason }
retire-event-not-applicable = { $step }：不需要。原因：{ $reason }
retire-event-backed-up = 已备份配置文件和 SIM 资料：{ $files }
retire-event-backed-up-partly = 已备份配置文件和 SIM 资料，但不完整。未读取：{ $parts }。已保存：{ $files }
retire-event-corrected = { $step }：此前的记录有误，已撤回。原因：{ $reason }
retire-event-was-corrected = （已于 { $at } 撤回。）
retire-event-seen-again = 在 { $device }（{ $eid }）上再次发现该配置文件。
retire-event-seen-again-by = 配置文件又出现在 { $device }（{ $eid }）上：由操作记录 { $journal } 装入。
retire-event-device-corrected = 卡 { $eid } 此前的记录有误，已撤回：配置文件可能仍在卡上。原因：{ $reason }
retire-event-described = 已备份配置文件的说明，未读取 SIM：{ $files }
retire-event-added = 在另一张卡上发现该配置文件：{ $device }（{ $eid }）。
retire-event-cleaning = 开始从 { $device }（{ $eid }）删除。
retire-event-cleaning-despite = 尽管{ $against }，仍开始从 { $device }（{ $eid }）删除。原因：{ $reason }
retire-event-not-cleaned = 未能从 { $eid } 删除配置文件（{ $why }）。
retire-event-cleaned = 已从 { $eid } 删除配置文件，并经重新读卡核实（操作记录 { $journal }）。
retire-event-cleaned-quietly = 已从 { $eid } 删除配置文件，并经重新读卡核实（操作记录 { $journal }）。没有服务器要求通知。
retire-event-posted = 卡 { $eid } 已签发删除通知。
retire-event-accepted = { $server } 已于 { $at } 接受 { $eid } 上的删除通知（序号 { $seq }）。通知的 SHA-256：{ $sha256 }
retire-event-given-up = 发往 { $server } 的 { $eid } 删除通知已放弃，没有发送，该服务器未收到通知。
retire-event-given-up-tried = 发往 { $server } 的 { $eid } 删除通知已放弃。该服务器可能收到过它，但没有接受。
retire-event-given-up-nameless = { $eid } 上的删除通知没有指明服务器（“{ $server }”），已经放弃。它没有通知到任何人。
retire-event-nameless = { $eid } 上的删除通知没有指明服务器（“{ $address }”），无法用它通知任何人。
retire-event-reason = 原因：{ $reason }
retire-event-gone = 配置文件已不在 { $eid } 上，这里没有记录能说明原因。
retire-event-gone-by = 配置文件已不在 { $eid } 上：由操作记录 { $journal } 删除。
retire-event-written-off = 卡 { $eid } 已无法找回。原因：{ $reason }
retire-event-traces = 系统中的残留。已清除：{ $removed }。保留：{ $kept }。
retire-event-traces-gone = 已清除系统中的残留：{ $removed }。
retire-start-gone = 如果它先前已被删除，仍可按号码建立记录：esimctl retire start --iccid ICCID
retire-none = 无
retire-event-completed = 事项已办结，没有剩余的待办。
retire-event-cancelled = 用户关闭了此事项。{ $reason }
retire-event-reopened = 已重新开始办理。{ $reason }

## 日历

retire-calendar-summary = { $title }：{ $what }
retire-calendar-description = 查看进展：esimctl retire { $case }

## 报告

retire-report-title = 注销记录：{ $title }
retire-report-summary-open = 事项 { $case } 于 { $created } 立案，正在办理。
retire-report-summary-completed = 事项 { $case } 于 { $created } 立案，于 { $ended } 办结。
retire-report-summary-cancelled = 事项 { $case } 于 { $created } 立案，于 { $ended } 取消，取消前未从任何设备删除配置文件。
retire-report-summary-closed = 事项 { $case } 于 { $created } 立案，未全部办结即于 { $ended } 关闭；配置文件已从设备删除。
retire-report-devices-left = 可能仍装有该配置文件的设备：{ $devices }。
retire-report-devices-none = 已知的 { $count } 台设备中，仍装有该配置文件的：无。
retire-report-devices-lost = 未经检查即放弃的设备：{ $devices }。
retire-report-despite = 尽管{ $against }，仍决定从 { $device } 删除。所述原因：{ $reason }
retire-report-partly = 备份不完整。未读取：{ $parts }。
retire-report-lost = “{ $step }”的凭证 { $file } 与记录不符：{ $state }。
retire-clock = 办理期间本机时钟被改动过：{ $before } 之后是 { $after }。各条记录的先后顺序无误，但时间可能不准。
retire-report-provider = 运营商
retire-report-name = 套餐
retire-report-nickname = 自定名称
retire-report-iccid = ICCID
retire-report-operator = MCC 与 MNC
retire-report-number = 手机号码
retire-report-server = 通知服务器
retire-report-heading-subscription = 套餐
retire-report-heading-steps = 步骤
retire-report-heading-devices = 设备
retire-report-heading-notifications = 已签名的删除通知
retire-report-heading-proof = 由卡签名的证明
retire-report-proof-bytes = 以下每段内容都是卡在删除该配置文件时签名的通知，并附有卡证书和卡制造商证书。任何人都可以验证：esimctl retire verify 文件，或按 docs/proof.md 使用 openssl。
retire-report-proof-masked = 上面的 SHA-256 是卡所签名通知的摘要。通知原文含有完整的卡号和 ICCID，因此只收录在完整报告中：esimctl retire report { $case } 文件 --full
retire-report-proof-none-wanted = { $device }：卡没有为这次删除签名，因为该配置文件不要求删除通知。删除与否是事后重新读卡得知的。
retire-report-proof-none-found = { $device }：没有找到这次删除的签名通知。删除与否是事后重新读卡得知的。
retire-report-heading-evidence = 凭证
retire-report-heading-open = 提醒
retire-report-heading-others = 同一运营商的其他配置文件（未改动）
retire-report-heading-history = 经过
retire-report-full = 由 esimctl 于 { $made } 生成，号码均完整列出。
retire-report-masked = 由 esimctl 于 { $made } 生成。已部分隐藏：ICCID、EID、手机号码和客户编号（可用 --full 完整列出）。工单号、备注、原因和文件名均按记录原样列出。
retire-column-what = 事项
retire-column-value = 内容
retire-column-step = 步骤
retire-column-state = 状态
retire-column-date = 日期
retire-column-details = 详情
retire-column-device = 设备
retire-column-eid = EID
retire-column-since = 自
retire-column-server = 服务器
retire-column-seq = 序号
retire-column-at = 时间
retire-column-sha256 = SHA-256
retire-column-file = 文件
retire-column-bytes = 字节数
retire-column-iccid = ICCID
retire-column-case = 编号
retire-column-title = 套餐
retire-column-next = 下一步
retire-column-due = 到期
retire-letter-waiting = 在发件箱中等待
retire-letter-nameless = 没有指明服务器
retire-letter-delivered = 已接受
retire-letter-dropped = 已放弃

## 终端

retire-head = { $case }：{ $title }，{ $state }，自 { $since }
retire-head-seen-again = { $case }：{ $title }，已于 { $since } 完成，之后又发现了配置文件
retire-welcome = 未作任何更改。在您最后亲自删除之前，{ $title } 会保持原样。注销需要以下步骤：
retire-next = 下一步：{ $step }
retire-stays = 注销事项 { $case } 已关闭，套餐保留。若要继续办理：esimctl retire reopen { $case }
retire-closed = 注销事项 { $case } 已关闭，但已删除的配置文件不会因此恢复：{ $devices }。若要继续办理：esimctl retire reopen { $case }
retire-all-done = 全部办结。生成报告：esimctl retire report { $case } FILE.html
retire-nothing-left = 已没有待办事项，但并非每一项都已完成：{ $undone }。生成报告：esimctl retire report { $case } FILE.html
retire-reopened = { $case } 已重新打开，没有待办的步骤。要更正记录：esimctl retire record { $case } STEP --correct REASON。要重新办结：esimctl retire cancel { $case }
retire-came-back = { $case } 办结之后又发现了该配置文件：{ $devices }。要继续办理：esimctl retire reopen { $case }
retire-waits = 只差运营商的服务器：{ $devices } 上的删除通知尚未被接受。立即重试：esimctl outbox send
retire-others = 您的卡上还有同一运营商的其他配置文件，它们不受影响：
retire-list-empty = 没有正在注销的套餐。要开始，请运行：esimctl retire start PROFILE
retire-written = 报告已写入 { $path }。
retire-calendar-written = { $path } 中的提醒数：{ $count }
retire-recorded = 已记录。
retire-caution-not-proved = 该确认还没有凭证，仅凭它不会删除配置文件。附上确认信：esimctl retire record { $case } confirmation --file LETTER
retire-caution-notice-past = { $date } 已过，不再妨碍删除配置文件。如果年份有误，请用正确的日期重新记录这一步。
retire-cleaned = { $device }：配置文件已删除，并经重新读卡核实。
retire-found-gone = { $device }：配置文件已不在卡上。
retire-absent = { $device } 不在手边，暂时保留：{ $why }
retire-notice-back = { $title } 在卡上，但按 { $case } 的记录它已删除。如果并非有意：esimctl retire reopen { $case }
retire-notice = { $title } 正在注销，但仍在这张卡上：esimctl retire clean { $case }
retire-plan = 将从 { $device } 永久删除：
retire-plan-disable = 它处于启用状态，会先被停用：设备将失去这个网络连接。
retire-plan-instead = 会先改为启用 { $profile }。
retire-plan-choices = 如要改为启用其他配置文件，请用 --enable-instead 指定其一：{ $profiles }
retire-plan-server = 已连接到 { $server }，删除后会通知它。
retire-plan-no-server = 没有服务器要求通知。
retire-plan-open = 尚未完成的步骤：{ $steps }
retire-plan-despite = 目前不宜删除的原因：
retire-only-way = 本机只能通过移动网络上网。如果用的就是这个配置文件，在有其他网络之前将无法通知运营商的服务器。
retire-checklist = 继续之前请确认：是否还有验证码或消息会发到这个号码？
retire-checklist-banks = 银行和支付服务：请先更换预留号码。
retire-checklist-messengers = 即时通信（微信、WhatsApp、Signal、Telegram）：请先换绑到其他号码。
retire-checklist-two-factor = 短信登录验证码：请改用验证器应用或安全密钥。
retire-checklist-porting = 想保留号码：请先携号转网，销户后无法再转。
retire-dry-run = 仅为演练：未作任何更改。
retire-ask-step = 已完成 [d]、跳过 [s]、不需要 [n]，还是以后再说 [回车]？{" "}
retire-ask-backup = 现在备份 [y]、跳过 [s]，还是以后再说 [回车]？{" "}
retire-ask-clean = 现在检查各台设备 [y]，还是以后再说 [回车]？{" "}
retire-ask-date = 日期？[回车：今天，{ $today }]{" "}
retire-ask-channel = 渠道：电话、网站、营业厅还是信件？[回车：不填]{" "}
retire-ask-reference = 工单号、客户编号或姓名？[回车：不填]{" "}
retire-ask-number = 手机号码？[回车：不填]{" "}
retire-ask-amount = 应付金额，例如 12.30？[回车：无]{" "}
retire-ask-currency = 货币，例如 CNY？{" "}
retire-ask-paid = 已付清吗？[y/N]{" "}
retire-ask-since = 合约从何时开始，例如 2024-05-31？[回车：不填]{" "}
retire-ask-notice = 通知解约后，合约到何时截止？[回车：不填]{" "}
retire-ask-file = 凭证文件？[回车：无]{" "}
retire-ask-reason = 原因？{" "}
retire-ask-digits = 输入 ICCID 的最后四位数字，即从 { $device } 删除；输入其他内容则保留
retire-ask-aid = 输入 ISD-P AID 的最后四个字符，即从 { $device } 删除；输入其他内容则保留

## 备份

retire-saved = 备份已保存在 { $path }：
retire-saved-file = - { $name }（{ $bytes } 字节）
retire-saved-file-large = - { $name }（{ $kilobytes } kB）
retire-ask-enable = 配置文件处于停用状态，无法读取其 SIM。是否为备份而临时启用，备份后恢复原状？[y/N]{" "}
retire-ask-pin = SIM 的 PIN 码？还可尝试 { $tries } 次 [回车：不输入]{" "}
retire-ask-pin-unknown = SIM 的 PIN 码？[回车：不输入]{" "}
retire-pin-format = PIN 码为 4 至 8 位数字；没有进行尝试。

## 系统中的残留

retire-traces = NetworkManager 中有绑定到这张 SIM 或其运营商的连接：
retire-trace = { $name }（{ $property }）
retire-ask-trace = 要让 NetworkManager 删除 { $name } 吗？[y/N]{" "}
retire-trace-removed = NetworkManager 已删除 { $name }。
retire-trace-found = NetworkManager 中有 { $name }。如要删除仅用于这张 SIM 的连接：--forget-connections
retire-trace-kept = NetworkManager 保留了 { $name }。如要删除：esimctl retire clean { $case } --forget-connections
retire-trace-kept-operator = NetworkManager 保留了 { $name }，它可能还用于该运营商的其他 SIM。如要在终端中逐一确认是否删除：esimctl retire clean { $case } --forget-connections
retire-trace-failed = 未能在 NetworkManager 中查看或删除连接：{ $why }
retire-traces-absent = 本机没有运行 NetworkManager，因此没有查找与这张 SIM 绑定的连接。
