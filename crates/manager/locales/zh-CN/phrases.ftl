### 固定的短语：卡和服务器的结果码、状态字、对输入的说明。它们的英文写在别的 crate 里；
### 消息 id 是 phrase- 加上英文原文（小写，其余字符写作 -）。

## 状态字（ISO/IEC 7816-4）

phrase-done = 完成
phrase-done-the-card-has-a-proactive-command-pending = 完成，卡有待处理的主动式命令
phrase-done-more-answer-bytes-are-waiting = 完成，还有应答数据等待读取
phrase-the-selected-application-is-blocked = 所选应用已被锁定
phrase-done-with-a-warning = 完成，但有警告
phrase-memory-failure = 存储器故障
phrase-checksum-error-on-the-way = 传输途中校验和出错
phrase-wrong-length = 长度错误
phrase-this-logical-channel-is-not-supported-or-not-open = 该逻辑通道不受支持或没有打开
phrase-secure-messaging-is-not-supported = 不支持安全报文
phrase-security-status-not-satisfied = 安全状态不满足
phrase-authentication-method-blocked = 认证方式已被锁定
phrase-referenced-data-invalidated = 所引用的数据已失效
phrase-conditions-of-use-not-satisfied = 使用条件不满足
phrase-command-not-allowed = 不允许该命令
phrase-the-application-could-not-be-selected = 无法选择该应用
phrase-incorrect-values-in-the-command-data = 命令数据中的值不正确
phrase-function-not-supported = 不支持该功能
phrase-file-or-application-not-found = 找不到文件或应用
phrase-record-not-found = 找不到记录
phrase-not-enough-memory = 存储空间不足
phrase-wrong-p1-or-p2 = P1 或 P2 错误
phrase-referenced-data-not-found = 找不到所引用的数据
phrase-wrong-le = Le 错误
phrase-instruction-not-supported = 不支持该指令
phrase-class-not-supported = 不支持该指令类别
phrase-the-card-failed-without-saying-why = 卡出错，但没有说明原因
phrase-the-card-is-busy-with-a-proactive-command = 卡正忙于主动式命令
phrase-pin-blocked = PIN 已被锁定
phrase-a-status-word-without-a-standard-meaning = 标准中没有定义的状态字

## 服务器答复中的对象（SGP.22 5.2.6）

phrase-generic = 通用
phrase-function-requester = 功能请求方
phrase-function-provider = 功能提供方
phrase-function = 功能
phrase-euicc = eUICC
phrase-eid = EID
phrase-eum-certificate = EUM 证书
phrase-euicc-certificate = eUICC 证书
phrase-profile = 配置文件
phrase-iccid = ICCID
phrase-profile-type = 配置文件类型
phrase-matchingid = MatchingID
phrase-confirmation-code = 确认码
phrase-profile-policy-rules = 配置文件策略规则
phrase-profile-metadata = 配置文件元数据
phrase-bound-profile-package = 绑定配置文件包
phrase-sm-dp = SM-DP+
phrase-sm-dp-address = SM-DP+ 地址
phrase-security-configuration-of-the-sm-dp = SM-DP+ 的安全配置
phrase-version-of-sgp-22 = SGP.22 版本
phrase-sm-dp-certificate = SM-DP+ 证书
phrase-download-order = 下载订单
phrase-sm-ds = SM-DS
phrase-sm-ds-address = SM-DS 地址
phrase-security-configuration-of-the-sm-ds = SM-DS 的安全配置
phrase-sm-ds-certificate = SM-DS 证书
phrase-event-record = 事件记录
phrase-transaction-id = 交易标识
phrase-ci-public-key = CI 公钥

## 服务器答复中的原因

phrase-unknown = 未知
phrase-not-allowed = 不允许
phrase-invalid = 无效
phrase-mandatory-element-missing = 缺少必需的元素
phrase-conditional-element-missing = 缺少条件元素
phrase-unsupported = 不支持
phrase-already-in-use = 已在使用
phrase-invalid-transition = 状态转换无效
phrase-unavailable = 不可用
phrase-refused = 被拒绝
phrase-invalid-association = 关联无效
phrase-execution-error = 执行出错
phrase-stopped-on-warning = 因警告而停止
phrase-busy = 正忙
phrase-insufficient-memory = 存储空间不足
phrase-time-to-live-expired = 有效期已过
phrase-inaccessible = 无法访问
phrase-delivered-with-no-response = 已送达但没有应答
phrase-verification-failed = 验证失败
phrase-expired = 已过期
phrase-maximum-number-of-retries-exceeded = 超过最大重试次数

## 卡的结果码（SGP.22 5.7）

phrase-a-result-that-this-version-does-not-know = 本版本不认识的结果
phrase-the-card-does-not-accept-the-server-s-certificate = 卡不接受服务器的证书
phrase-the-server-s-signature-is-wrong = 服务器的签名不正确
phrase-the-card-does-not-support-the-server-s-kind-of-key = 卡不支持服务器的密钥类型
phrase-the-card-has-forgotten-the-session = 卡已经不记得这个会话
phrase-the-server-s-certificate-is-for-another-role = 服务器的证书用于其他角色
phrase-the-server-did-not-sign-the-card-s-challenge = 服务器没有对卡的质询签名
phrase-the-card-does-not-know-the-issuer-that-the-server-chose = 卡不认识服务器所选的签发者
phrase-the-server-uses-a-transaction-id-twice = 服务器重复使用了同一个交易标识
phrase-a-revocation-list-is-missing = 缺少吊销列表
phrase-the-signature-of-a-revocation-list-is-wrong = 吊销列表的签名不正确
phrase-the-server-s-certificate-was-revoked = 服务器的证书已被吊销
phrase-a-certificate-or-revocation-list-is-out-of-date = 证书或吊销列表已经过期
phrase-certificates-or-revocation-lists-do-not-fit-together = 证书或吊销列表互不相符
phrase-the-iccid-does-not-fit = ICCID 不相符
phrase-the-card-refused-without-saying-why = 卡拒绝了，但没有说明原因
phrase-the-server-mixed-up-its-sessions = 服务器混淆了会话
phrase-no-notification-has-this-number = 没有这个编号的通知
phrase-no-notification-fits = 没有相符的通知
phrase-agreeing-on-keys = 协商密钥
phrase-preparing-a-place-for-the-profile = 为配置文件准备位置
phrase-storing-the-profile-s-description = 保存配置文件的描述
phrase-changing-keys = 更换密钥
phrase-installing-the-profile-itself = 安装配置文件本身
phrase-the-server-s-package-has-a-malformed-command = 服务器的数据包中有格式错误的命令
phrase-the-server-s-signature-on-the-package-is-wrong = 服务器对数据包的签名不正确
phrase-the-package-is-for-another-session = 数据包属于另一个会话
phrase-the-package-asks-for-keys-of-an-unknown-kind = 数据包要求未知类型的密钥
phrase-the-package-is-not-for-installing-a-profile = 数据包不是用于安装配置文件的
phrase-the-card-does-not-take-profiles-of-this-class = 卡不接受这一类配置文件
phrase-the-blocks-of-the-package-are-in-disorder = 数据包的分块顺序错乱
phrase-a-block-of-the-package-was-changed-on-the-way = 数据包的某个分块在途中被改动
phrase-a-profile-with-this-iccid-is-on-the-card-already = 卡上已有使用这个 ICCID 的配置文件
phrase-the-card-has-not-enough-memory = 卡的存储空间不足
phrase-the-card-lost-power-or-was-reset = 卡断电或被复位
phrase-the-card-cannot-process-a-part-of-the-profile = 卡无法处理配置文件的某个部分
phrase-the-profile-has-another-iccid-than-its-description = 配置文件的 ICCID 与它的描述不一致
phrase-a-test-profile-must-have-the-known-test-keys = 测试配置文件必须使用公开的测试密钥
phrase-the-profile-s-rules-are-not-allowed-on-this-card = 这张卡不允许该配置文件的规则
phrase-the-card-takes-no-enterprise-profiles = 卡不接受企业配置文件
phrase-the-profile-s-enterprise-rules-are-not-allowed = 不允许该配置文件的企业规则
phrase-this-enterprise-profile-is-not-allowed = 不允许这个企业配置文件
phrase-the-profile-is-for-another-enterprise = 该配置文件属于另一家企业
phrase-the-profile-s-enterprise-rules-are-wrong = 该配置文件的企业规则有误
phrase-the-card-takes-enterprise-profiles-only = 卡只接受企业配置文件
phrase-the-card-has-no-lpa-proxy = 卡没有 LPA 代理
phrase-the-profile-s-description-has-an-unknown-element = 配置文件的描述中有未知的元素
phrase-the-server-s-security-level-is-too-low-for-the-card = 服务器的安全级别低于卡的要求
phrase-the-card-does-not-allow-this-server = 卡不允许这个服务器
phrase-the-user-does-not-want-the-profile = 用户不需要该配置文件
phrase-the-user-will-come-back = 用户稍后再来
phrase-the-user-did-not-answer = 用户没有回答
phrase-the-package-is-for-another-profile-than-was-offered = 数据包与所提供的配置文件不符
phrase-the-package-could-not-be-loaded = 数据包无法加载
phrase-for-another-reason = 其他原因
phrase-the-card-has-no-such-session = 卡上没有这个会话
phrase-the-card-does-not-take-the-request-as-it-is = 卡不接受这种形式的请求
phrase-the-card-is-in-the-middle-of-a-profile-change = 卡正在切换配置文件
phrase-the-card-has-no-profile-with-this-iccid-or-aid = 卡上没有使用这个 ICCID 或 AID 的配置文件
phrase-the-profile-is-enabled-already = 该配置文件已经启用
phrase-the-enabled-profile-has-a-rule-that-forbids-disabling-it = 已启用的配置文件带有禁止停用的规则
phrase-after-a-test-profile-only-the-profile-that-was-enabled-before-it-may-follow = 在测试配置文件之后，只能启用在它之前启用的那个配置文件
phrase-the-card-is-busy-with-a-command-to-the-modem = 卡正忙于执行发给调制解调器的命令
phrase-an-enterprise-rule-forbids-it = 企业规则禁止这样做
phrase-the-card-does-not-take-the-command-as-it-is = 卡不接受这种形式的命令
phrase-not-allowed-by-remote-management = 远程管理不允许
phrase-all-esim-ports-are-in-use = 所有 eSIM 端口都在使用
phrase-the-profile-is-disabled-already = 该配置文件已经停用
phrase-the-profile-has-a-rule-that-forbids-disabling-it = 该配置文件带有禁止停用的规则
phrase-the-profile-is-enabled = 该配置文件已启用
phrase-the-profile-has-a-rule-that-forbids-deleting-it = 该配置文件带有禁止删除的规则
phrase-not-while-a-test-profile-is-enabled = 测试配置文件启用期间不可以
phrase-there-is-nothing-to-delete = 没有可以删除的内容
phrase-the-card-has-no-profile-with-this-iccid = 卡上没有使用这个 ICCID 的配置文件
phrase-the-card-does-not-know-the-issuer-asked-for = 卡不认识所要求的签发者

## 对服务器的怀疑

phrase-the-server-signed-another-challenge-than-the-card-s = 服务器签名的不是卡的质询

## 输入的写法

phrase-it-is-empty = 它是空的
phrase-it-is-longer-than-the-255-characters-that-a-code-can-have = 超过了激活码最多 255 个字符的长度
phrase-it-has-no = 其中没有“$”
phrase-it-does-not-begin-with-1-which-is-the-only-format-there-is = 没有以“1$”开头，而这是唯一的格式
phrase-what-should-be-the-server-s-host-name-is-none = 本应是服务器主机名的部分不是主机名
phrase-its-token-has-characters-other-than-letters-digits-hyphens-dots-and-underscores = 令牌中含有字母、数字、连字符、点和下划线以外的字符
phrase-it-has-at-most-255-characters = 最多 255 个字符
phrase-it-consists-of-letters-digits-hyphens-dots-and-underscores = 只能由字母、数字、连字符、点和下划线组成
phrase-it-has-at-most-255-bytes = 最多 255 个字节
phrase-an-imei-consists-of-digits = IMEI 由数字组成
phrase-an-imei-has-15-digits = IMEI 有 15 位数字
phrase-an-eid-has-32-digits = EID 有 32 位数字
phrase-an-iccid-has-18-to-20-digits = ICCID 有 18 到 20 位数字
phrase-an-iccid-consists-of-digits = ICCID 由数字组成
phrase-a-host-name-has-letters-digits-and-hyphens-with-dots-between = 主机名由字母、数字和连字符组成，中间用点分隔
phrase-the-name-of-the-virtual-card-is-missing = 缺少虚拟卡的名称
phrase-the-name-of-the-recording-is-missing = 缺少录制文件的名称
phrase-the-command-line-of-the-program-is-missing = 缺少程序的命令行
phrase-the-port-is-missing = 缺少端口
phrase-the-node-of-a-qrtr-device-is-a-number = qrtr: 设备的节点是一个数字
phrase-it-has-to-begin-with-virtual-pcsc-at-at-csim-qmi-qrtr-mbim-stdio-or-replay = 必须以 virtual:、pcsc、at:、at-csim:、qmi:、qrtr:、mbim:、stdio: 或 replay: 开头
phrase-aid-takes-10-to-32-hexadecimal-digits = aid= 需要 10 到 32 位十六进制数字
phrase-mss-takes-a-number-of-bytes-from-16-to-255 = mss= 需要 16 到 255 之间的字节数
phrase-se-takes-a-number-from-0 = se= 需要从 0 开始的编号
phrase-timeout-takes-a-number-of-seconds-from-1-to-3600 = timeout= 需要 1 到 3600 之间的秒数
phrase-slot-takes-a-number-from-1-to-8 = slot= 需要 1 到 8 之间的数字
phrase-proxy-takes-auto-yes-or-no = proxy= 只能是 auto、yes 或 no
phrase-it-is-not-an-even-number-of-hexadecimal-digits = 它不是偶数位的十六进制数字
phrase-with-isdr-it-has-to-be-one-whole-tlv = 使用 --isdr 时必须是一个完整的 TLV
phrase-the-address-of-a-server-is-a-host-name = 服务器的地址是主机名
phrase-server-takes-a-host-name = --server 需要的是主机名
phrase-qr-and-code-file-take-the-name-of-a-file = --qr 和 --code-file 需要的是文件名
phrase-it-is-not-text-to-read-a-picture-use-qr = 它不是文本；图片请用 --qr 读取
phrase-it-gave-no-picture = 没有从中得到图片
phrase-there-is-no-in-it-without-single-quotes-around-the-code-the-shell-removes-the-parts = 其中没有“$”；如果激活码不加单引号，shell 会去掉“$”及其后面的内容
phrase-it-is-not-text = 它不是文本
phrase-the-signs-and-what-follows-them-are-missing = 缺少“$”及其后面的内容
phrase-it-is-a-link-without-a-code-in-it = 它是一个链接，其中没有激活码
phrase-it-is-a-mail-or-a-web-page-without-a-code-in-it = 它是邮件或网页，其中没有激活码
phrase-it-is-text-without-a-code-in-it = 它是一段文字，其中没有激活码
phrase-it-is-the-name-of-a-picture = 它是图片的文件名
phrase-it-is-a-telephone-number = 它是电话号码
phrase-it-is-an-iccid-the-number-of-a-profile = 它是 ICCID，即配置文件的号码
phrase-it-is-an-eid-the-number-of-a-card = 它是 EID，即卡的号码
phrase-it-is-an-imei-the-number-of-a-device = 它是 IMEI，即设备的号码
phrase-it-is-the-key-to-a-wi-fi-network = 它是 Wi-Fi 网络的密码
phrase-it-is-a-contact = 它是联系人名片
phrase-it-is-an-address-for-another-program = 它是供其他程序使用的地址
phrase-it-is-a-server-s-name-alone = 它只是服务器的名称
phrase-it-has-the-server-s-address-and-the-token-apart = 其中的服务器地址和令牌是分开的
phrase-it-is-unclear-where-the-code-ends = 无法确定激活码在哪里结束
phrase-it-is-larger-than-1-mb = 它超过了 1 MB
phrase-it-is-larger-than-40-mb = 它超过了 40 MB
phrase-it-is-a-directory = 它是一个目录
phrase-nothing-came-from-it-in-10-seconds = 10 秒内没有读到任何内容
phrase-it-is-not-a-picture-in-a-known-format = 它不是已知格式的图片
phrase-digits-after-the-token-look-like-a-confirmation-code-give-it-when-you-are-asked-for-it = 令牌后面的数字像是确认码；请在询问时再输入
phrase-the-text-also-names-a-confirmation-code-give-it-when-you-are-asked-for-it = 文字中还有一个确认码；请在询问时再输入
phrase-the-part-after-the-token-is-not-a-server-number-oid-and-was-left-out = 令牌后面的部分不是服务器编号（OID），已略去
phrase-the-confirmation-flag-of-the-code-is-neither-empty-nor-1-and-was-left-out = 激活码的确认标志既不为空也不是 1，已略去
phrase-the-code-has-more-parts-than-the-standard-defines-they-were-left-out = 激活码的部分多于标准的规定，多出的已略去
phrase-it-holds-neither-text-nor-a-picture = 其中既没有文本也没有图片
phrase-no-desktop-runs-here-wayland-display-and-display-are-not-set = 这里没有运行桌面环境（没有设置 WAYLAND_DISPLAY 和 DISPLAY）
phrase-there-is-no-certificate-in-it-neither-in-pem-nor-in-der = 其中没有证书，既没有 PEM 也没有 DER

## 服务器地址为什么不能用

phrase-it-has-a-blank-inside = 中间有空格
phrase-it-has-a-control-character-inside = 中间有控制字符
phrase-it-begins-with-another-scheme-than-https = 它以 https:// 以外的协议开头
phrase-it-has-a-user-name-before-an = “@”前面有用户名
phrase-it-has-other-letters-than-a-to-z-a-name-in-another-script-has-a-form-in-ascii-which-begins-with-xn = 它有 a 到 z 以外的字母；其他文字的域名要写成以 xn-- 开头的 ASCII 形式
phrase-it-has-a-and-names-no-single-host = 它含有“*”，没有指明一台主机
phrase-a-part-between-its-dots-is-empty = 两个点之间有一部分是空的
phrase-a-part-between-its-dots-is-longer-than-63-characters = 两个点之间有一部分超过 63 个字符
phrase-a-part-between-its-dots-begins-or-ends-with-a-hyphen = 两个点之间有一部分以连字符开头或结尾
phrase-it-is-longer-than-the-253-characters-of-a-host-name = 它超过了主机名最多的 253 个字符
phrase-it-ends-in-a-number-and-is-not-an-ip-address = 它以数字结尾，却不是 IP 地址
phrase-there-is-no-ipv6-address-in-its-brackets = 方括号里不是 IPv6 地址
phrase-it-has-several-colons-an-ipv6-address-stands-in-brackets = 它有多个冒号；IPv6 地址要写在方括号里
phrase-what-comes-after-the-colon-is-not-a-port-from-1-to-65535 = 冒号后面不是 1 到 65535 之间的端口
