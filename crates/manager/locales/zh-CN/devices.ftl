### 已知设备的提示。键由 card-io/src/modem/known/device_table.rs 和 src/device/hints.rs 引用。

hint-label = 提示

## 调制解调器

hint-fm350 = 如果 AT 命令无法访问 eUICC，请使用该模块的 MBIM 端口，或者用 at-csim: 代替 at:。切换后的几秒内，该模块会报告没有 SIM 卡。
hint-ms2372h = 目前没有已知方法可以通过该模块访问 eUICC：AT+CCHO 总是失败，AT+CSIM 无法打开通道。请换用其他模块，或将卡插入读卡器。
hint-dw5934e = eUICC 在卡槽 2，卡槽 1 是卡托。切换后，模块可能拒绝访问 eUICC，直到重新加载驱动程序或重启计算机。下载后，即使配置文件已安装，模块也可能停止响应：再次下载前请先列出配置文件。ModemManager 运行时，其 AT 端口不响应。
hint-xmm7560 = eUICC 在卡槽 2。在关于该模块的唯一一份报告中，MBIM 在两个卡槽上都拒绝访问 eUICC，AT 端口也没有响应。
hint-rm520n = 通过 PCIe 连接时，该模块的 AT 端口可能没有响应：请使用其 MBIM 或 QMI 端口。
hint-sm7225 = 该模块最多打开三个到卡的通道，之后会拒绝。如果其他程序占用了这些通道，请结束这些程序或重启模块。
hint-surface-go-2 = eUICC 在卡槽 2。

## 读卡器

hint-reader-ak9563 = 固件为 4.2.0 的卡在这种读卡器中可以读取，但无法切换配置文件。如果切换失败，请换用其他读卡器。
hint-reader-mute-5ber = 已知 5ber 卡在这种读卡器中没有响应（80100066）。请换用其他读卡器。
hint-reader-basic-channel = 在这种读卡器中，曾有卡只在基本通道上响应；基本通道也已试过。请换用其他读卡器。
