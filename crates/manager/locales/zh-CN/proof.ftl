### 验证卡的签名。

## 无法验证的文件

proof-not-a-file = 它不是普通文件
proof-too-long = 它超过 16 MiB
proof-unknown-kind = 它既不是报告，也不是导出的通知或签名的通知

## 结论

proof-verified = 验证通过：{ $path }
proof-not-verified = 验证未通过：{ $path }
proof-none = 文件中没有签名的通知。
proof-signed-nothing = 文件称卡 { $eid } 没有为这次删除签名。这次删除没有签名可作证明。
proof-device-unsigned = 文件称卡 { $eid }“{ $state }”。文件中没有这张卡的签名，因此这一点未得到证明。
proof-device-not-covered = 文件还列出了卡 { $eid }“{ $state }”。文件中没有这张卡的签名，此证明与它无关。
proof-other-numbers = 报告还提到这些卡或配置文件：{ $numbers }。此证明与它们无关。
proof-deleted = 卡 { $eid } 签名确认它已删除配置文件 { $iccid }。
proof-signed = 卡 { $eid } 为配置文件 { $iccid } 的“{ $event }”签了名。
proof-no-profile = （未指明）
proof-notification = 通知
proof-notification-value = 序号 { $seq }，发往 { $server }
proof-sha256 = SHA-256
proof-maker = 卡制造商
proof-issuer = 证书签发者
proof-issuer-production = esimctl 内置的 GSMA 签发者
proof-issuer-added = 您通过 --ca 或配置文件信任的签发者
proof-issuer-test = 测试签发者：不能证明任何真实卡的情况
proof-expired = { $owner }的证书已于 { $date } 过期。卡是否在此之前签名无从得知：卡没有时钟。
proof-early = { $owner }的证书自 { $date } 起才有效。请检查本机时钟。
proof-of-card = 卡
proof-of-maker = 卡制造商
proof-of-issuer = 签发者

## 含义

proof-proves = 这证明：
proof-proves-deletion = 具有此 EID 的真实 eUICC 签名确认它已删除此配置文件。文件中的 EID、ICCID、序号、服务器和摘要与卡所签名的一致。这只对上述的卡成立。
proof-proves-event = 具有此 EID 的真实 eUICC 签署了这些通知。文件中的 EID、ICCID、事件、序号和服务器与卡所签名的一致。
proof-proves-test = 签名正确，但出自测试签发者。任何人都可以在测试签发者之下制造卡。
proof-proves-not = 这不能证明：
proof-not-rest = 报告的其他内容（步骤、日期、编号、凭证及其摘要、其他设备）：没有卡为这些签名；
proof-not-when = 卡在何时这样做：卡没有时钟；
proof-not-contract = 合同已经终止；
proof-not-accepted = 运营商的服务器已接受该通知：只有文件自己这样说；
proof-not-revoked = 没有证书被吊销：没有查询吊销列表。

## 问题

proof-problem-head = 通知 { $number }：
proof-problem-head-of = 卡 { $eid } 的通知 { $number }：
proof-problem-head-for = 发往 { $server } 的通知 { $number }：
proof-problem-masked = 文件中只有 SHA-256，没有签名的原文。请生成完整报告：esimctl retire report 事项 文件 --full
proof-problem-not-base64 = 签名的原文已损坏：不是 base64。
proof-problem-differs = 文件写的{ $field }是 { $claimed }，但卡签名的是 { $signed }。
proof-problem-hash = 文件写的 SHA-256 是 { $claimed }，但签名原文的是 { $signed }。
proof-problem-table = 报告的表格与签名通知中的{ $field }不符。报告被改动过。
proof-problem-not-a-deletion = 它报告的是“{ $event }”，不是删除。
proof-problem-unreadable = 原文不是 SGP.22 格式的通知：它被改动过或不完整。
proof-problem-other-kind = 它是安装结果或未知类型的通知。这类通知不带证书，在此无法验证。
proof-problem-missing = 卡发出的通知中缺少{ $owner }的证书。没有它，谁也无法验证签名。
proof-problem-bad-certificate = 无法读取{ $owner }的证书。它被改动过，或不符合 SGP.22 的格式。
proof-problem-wrong-use = { $owner }的证书不能用于此目的：{ $why }。
proof-problem-wrong-issuer = 证书彼此不符：通知中没有签发{ $owner }证书的那一份证书。
proof-problem-bad-chain = 证书声称出自 { $name }，但无法由它验证：其中有证书被改动或伪造。
proof-problem-unknown-issuer = 未知的证书签发者：{ $name }。如果您信任它，请给出它的证书：--ca 文件
proof-problem-virtual-issuer = 这是测试签发者，出自某人的虚拟卡：{ $name }。这不能证明任何真实卡的情况。如仍要验证，请给出它的证书：--ca 文件
proof-problem-test-issuer = 签名正确，但这是测试签发者：{ $name }。任何人都可以在它之下制造卡。在实验室中可用 --trust-test-ci 接受它。
proof-problem-eid = 制造商的证书不允许使用此 EID。
proof-problem-curve = { $owner }的密钥所用的曲线 esimctl 不支持。openssl 支持：见 docs/proof.md。
proof-problem-signature = 签名不是这张卡对此通知所作：其中之一被改动或伪造。
proof-field-event = 事件
proof-field-iccid = ICCID
proof-field-eid = EID
proof-field-seq = 序号
proof-field-server = 服务器
proof-field-address = 地址
proof-field-sha256 = SHA-256
proof-misuse-not-maker = 它不是 eUICC 制造商的证书
proof-misuse-no-certificates = 其密钥不得签发证书
proof-misuse-unknown-critical = 其中有未知的关键扩展
proof-misuse-not-card = 它不是 eUICC 的证书
proof-misuse-no-data = 其密钥不得签署数据
proof-misuse-not-from-maker = 卡的证书不是由 eUICC 制造商签发的
