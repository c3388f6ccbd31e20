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
    device(
        "Fibocom FM350-GL",
        &[Says("fm350"), Usb(0x0E8D, 0x7127), Pci(0x14C3, 0x4D75)],
        &["bare-session", "small-blocks", "cchc-error", "empty-euicc", "returns-91xx", "names-eid"],
        "lpac 179, 209, 394, PR 445; 71395089918; 60255598350",
    )
    .hint("fm350"),
    // Dell's name of it; only AT+CSIM worked.
    device("Dell DW5931e", &[Says("dw5931e")], &["only-csim", "small-blocks"], "lpac 394"),
    device("Sierra MC7455", &[Says("mc7455")], &["long-session", "no-channel-in-class"], "lpac 138"),
    device(
        "Sierra EM7590",
        &[Says("em7590"), Usb(0x1199, 0xC081)],
        &["long-session", "no-channel-in-class", "no-test-forms"],
        "lpac 139",
    ),
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
    // These three, and more, have this id together: it gives them a name, and nothing else.
    device(
        "Quectel EC25, EC20 or EG25",
        &[Says("ec25"), Usb(0x2C7C, 0x0125)],
        &[],
        "mdd-sim-gateway PR 5; Linux option, qmi_wwan",
    ),
    device("Quectel EC200U", &[Says("ec200u"), Usb(0x2C7C, 0x0901)], &[], "Linux option"),
    device("Quectel EC200T", &[Says("ec200t"), Usb(0x2C7C, 0x6026)], &[], "luci-app-3ginfo-lite 43; Linux option"),
    device(
        "Dell DW5821e",
        &[Says("dw5821e"), Usb(0x413C, 0x81D7), Usb(0x413C, 0x81E0)],
        &["only-csim", PR_438[0], PR_438[1], PR_438[2], PR_438[3]],
        "lpac 164, PR 438",
    ),
    device("Alcatel IK41", &[Says("ik41")], &["only-csim"], "lpac 164"),
    device("Huawei MS2372h-517", &[Says("ms2372h")], &["no-channels", "iccid-command"], "lpac 164").hint("ms2372h"),
    device(
        "Quectel EG25",
        // DJI's stick says EG25G_QDC507 (celldock-for-mac 14).
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
    device("Sequans Monarch", &[Says("sequans"), Says("monarch")], &["line-limit", "iccid-command"], "pycom 411, 544"),
    device("Sony Xperia 10 IV", &[Says("xperia 10 iv")], &["small-blocks"], "lpac 185"),
    device("Fibocom L850-GL", &[Says("l850"), Usb(0x2CB7, 0x0007)], &PR_438, "lpac PR 438"),
    device(
        "Foxconn T99W175",
        // Also sold as Cinterion MV31-W and Dell DW5930e.
        &[
            Says("t99w175"),
            Says("mv31-w"),
            Says("dw5930e"),
            Usb(0x05C6, 0x90D5),
            Usb(0x1E2D, 0x00B3),
            Pci(0x105B, 0xE0AB),
            Pci(0x105B, 0xE0B0),
            Pci(0x105B, 0xE0BF),
            Pci(0x1E2D, 0x00B3),
        ],
        &[PR_438[0], PR_438[1], PR_438[2], PR_438[3], "slow-slot"],
        "lpac 241, PR 438; obsy/modemdata 1; luci-app-3ginfo-lite 55; Linux mhi_pci_generic",
    ),
    // Qualcomm's own id for QMI, which makers of other modems have left as it is.
    device(
        "Foxconn T99W175 or another Qualcomm modem",
        &[Usb(0x05C6, 0x9025)],
        &["slow-slot"],
        "obsy/modemdata 1; Linux qmi_wwan",
    ),
    device(
        "Foxconn DW5934e",
        &[Says("dw5934e"), Pci(0x105B, 0xE11D)],
        &["select-fails-after-switch", "load-unanswered"],
        "Linux mhi_pci_generic; reports on Dell Rugged 12 tablets",
    )
    .hint("dw5934e"),
    device("Fibocom L860-GL", &[Says("l860")], &["stale-channels"], "lpac 114"),
    device("Intel XMM7560", &[Says("xmm7560"), Pci(0x8086, 0x7560)], &["select-fails"], "lpac 434; Linux iosm")
        .hint("xmm7560"),
    device("Quectel RM500Q", &[Says("rm500q")], &["slow-slot"], "lpac 241"),
    device(
        "Quectel RM520N-GL",
        &[Says("rm520n"), Usb(0x2C7C, 0x0801), Pci(0x1EAC, 0x1004), Pci(0x1EAC, 0x1007)],
        &[],
        "lpac 182; Linux option, mhi_pci_generic",
    )
    .hint("rm520n"),
    device("Qualcomm SM7225", &[Says("sm7225")], &["few-channels"], "libqmi MR 376").hint("sm7225"),
    device("Microsoft Surface Go 2", &[Usb(0x045E, 0x09A5)], &[], "linux-surface 2272").hint("surface-go-2"),
    device("SIMCom A7908E", &[Says("a7908e")], &["fetches-answers", "no-blank"], "lpac PR 238"),
    device("SIMCom SIM8230", &[Says("sim8230")], &[], "lpac 234"),
    device("SIMCom SIM7600", &[Says("sim7600")], &["isdr-blocked", "iccid-command"], "lpac 221"),
    device("Telit LE910C4", &[Says("le910c4")], &["isdr-blocked", "iccid-command"], "lpac 221"),
    device("5ber", &[FIVE_BER], &["no-iccid-refresh"], "lpac 13, SimAdmin 31"),
    device("eSIM.me", &[ESIM_ME], &["no-iccid-refresh"], "lpac 13, SimAdmin 31"),
];
