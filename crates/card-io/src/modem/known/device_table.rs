//! The rows of devices.
//!
//! USB ids are those of Linux's drivers (option, qcserial, qmi_wwan) and of ModemManager's rules, PCI ids those of
//! `mhi_pci_generic`, `iosm` and `mtk_t7xx`. An id that several models share sets nothing that could harm one of them.

use super::devices::KnownDevice;
use super::devices::Sign::{self, Isdr, Pci, Says, Usb};

/// The quirks that lpac PR 438 found together in modems of several makers.
const PR_438: [&str; 4] = ["extended-class", "select-p2-0c", "slot-mapping-hangs", "needs-le"];

/// The AIDs under which cards of these makers have their ISD-R.
const FIVE_BER: Sign = Isdr(*b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x05\x05\x00");
const ESIM_ME: Sign = Isdr(*b"\xA0\x00\x00\x05\x59\x10\x10\x00\x00\x00\x00\x89\x00\x00\x03\x00");

/// A row without a hint.
const fn device(
    name: &'static str,
    signs: &'static [Sign],
    quirks: &'static [&'static str],
    source: &'static str,
) -> KnownDevice {
    KnownDevice { name, signs, quirks, hint: None, source }
}

impl KnownDevice {
    /// The row with a hint: the key of a text.
    const fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// All known devices.
pub static KNOWN_DEVICES: &[KnownDevice] = &[
    device("Fibocom FM350-GL", &[Says("fm350")], &["bare-session", "small-blocks"], "lpac 209, 394, PR 445"),
    device("Sierra MC7455", &[Says("mc7455")], &["long-session"], "lpac 138"),
    device("Sierra EM7590", &[Says("em7590"), Usb(0x1199, 0xC081)], &["long-session", "no-test-forms"], "lpac 139"),
    device("Fibocom FG132-GL", &[Says("fg132"), Usb(0x2CB7, 0x0112)], &["no-test-forms"], "lpac 300"),
    device(
        "Quectel EM05-G",
        &[Says("em05-g"), Usb(0x2C7C, 0x030A), Usb(0x2C7C, 0x030E)],
        &["no-test-forms", "open-fails"],
        "lpac 300, PR 447",
    ),
    device(
        "Sierra EM9191",
        &[Says("em9191"), Says("em9190"), Usb(0x1199, 0x90D3)],
        &["ccho-parameters", "no-cchc", "slow-slot"],
        "lpac 187, 241",
    ),
    device("Quectel EC20", &[Says("ec20")], &["last-block-error"], "lpac 186, 173"),
    device(
        "Dell DW5821e",
        &[Says("dw5821e"), Usb(0x413C, 0x81D7), Usb(0x413C, 0x81E0)],
        &["only-csim", PR_438[0], PR_438[1], PR_438[2], PR_438[3]],
        "lpac 164, PR 438",
    ),
    device("Alcatel IK41", &[Says("ik41")], &["only-csim"], "lpac 164"),
    device(
        "Quectel EG25",
        &[Says("eg25")],
        &["csim-basic-only", "leftover-session", "reenumerates"],
        "lpac 164; openpilot 37271, 37779; agnos 556",
    ),
    device(
        "Quectel EG916Q",
        &[Says("eg916q"), Usb(0x2C7C, 0x6007)],
        &["leftover-session", "needs-cfun"],
        "openpilot 37271, 37779",
    ),
    device("Quectel EM061K-GL", &[Says("em061k")], &["ccho-needs-profile"], "lpac 242"),
    device("Foxconn T99W696", &[Says("t99w696")], &["upper-hex-only"], "lpac 428"),
    device("Sequans Monarch", &[Says("sequans"), Says("monarch")], &["line-limit"], "pycom 411, 544"),
    device("Sony Xperia 10 IV", &[Says("xperia 10 iv")], &["small-blocks"], "lpac 185"),
    device("Fibocom L850-GL", &[Says("l850"), Usb(0x2CB7, 0x0007)], &PR_438, "lpac PR 438"),
    device(
        "Foxconn T99W175",
        &[Says("t99w175")],
        &[PR_438[0], PR_438[1], PR_438[2], PR_438[3], "slow-slot"],
        "lpac 241, PR 438",
    ),
    device("Fibocom L860-GL", &[Says("l860")], &["stale-channels"], "lpac 114"),
    device("Intel XMM7560", &[Says("xmm7560")], &["select-fails"], "lpac 434"),
    device("Quectel RM500Q", &[Says("rm500q")], &["slow-slot"], "lpac 241"),
    device("SIMCom SIM7600", &[Says("sim7600")], &["isdr-blocked"], "lpac 221"),
    device("Telit LE910C4", &[Says("le910c4")], &["isdr-blocked"], "lpac 221"),
    device("5ber", &[FIVE_BER], &["no-iccid-refresh"], "lpac 13, SimAdmin 31"),
    device("eSIM.me", &[ESIM_ME], &["no-iccid-refresh"], "lpac 13, SimAdmin 31"),
];
