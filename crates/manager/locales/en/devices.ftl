### Hints on devices that are known: card-io/src/modem/known/device_table.rs and src/device/hints.rs name them by these keys.

hint-label = hint

## Modems

hint-fm350 = If AT commands do not reach the eUICC, use the MBIM port of this modem, or at-csim: in place of at:. For some seconds after a switch it reports that there is no SIM.
hint-ms2372h = No way to an eUICC is known for this modem: AT+CCHO always fails, and AT+CSIM opens no channel. Use another modem, or put the card into a card reader.
hint-dw5934e = The eUICC is in slot 2; slot 1 is the tray. After a switch the modem may refuse the eUICC until its driver is loaded again or the computer is restarted. After a download it may stop answering although the profile is installed: list the profiles before you download again. Its AT port does not answer while ModemManager runs.
hint-xmm7560 = The eUICC is in slot 2. In the only report on this modem MBIM refused the eUICC in both slots, and its AT ports did not answer.
hint-rm520n = On PCIe the AT port of this modem may not answer: use its MBIM or QMI port.
hint-sm7225 = This modem opens three channels to its card and refuses more. If other programs hold them, end those or restart the modem.
hint-surface-go-2 = The eUICC is in slot 2.

## Card readers

hint-reader-ak9563 = A card with the firmware 4.2.0 could be read in a reader of this kind, but its profiles could not be switched. If a switch fails, use another reader.
hint-reader-mute-5ber = 5ber cards are known not to answer in readers of this kind (80100066). Use another reader.
hint-reader-basic-channel = In a reader of this kind a card answered on its basic channel alone, which was tried here too. Use another reader.
