//! The interfaces by which this machine reaches the internet.

use std::path::Path;

/// Gateway routes of the main table, as /proc/net/route flags them.
const UP: u32 = 1;
/// `::/0` that leads nowhere has this.
const REJECT: u32 = 0x200;

/// The interfaces of the default routes. `root` is `/`, but in tests.
pub(crate) fn default_interfaces(root: &Path) -> Vec<String> {
    let mut interfaces = ipv4(root);
    interfaces.extend(ipv6(root));
    interfaces
}

/// True if there are such interfaces, and all lead over mobile modems.
pub(crate) fn are_mobile(root: &Path, interfaces: &[String]) -> bool {
    !interfaces.is_empty() && interfaces.iter().all(|name| is_mobile(root, name))
}

fn lines(root: &Path, file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

fn hex(text: &str) -> u32 {
    u32::from_str_radix(text, 16).unwrap_or(0)
}

fn ipv4(root: &Path) -> Vec<String> {
    let is_default = |fields: &Vec<String>| {
        fields.len() > 7 && fields[1] == "00000000" && fields[7] == "00000000" && hex(&fields[3]) & UP != 0
    };
    lines(root, "proc/net/route").into_iter().filter(is_default).map(|fields| fields[0].clone()).collect()
}

fn ipv6(root: &Path) -> Vec<String> {
    let is_default = |fields: &Vec<String>| {
        let all = fields.len() > 9 && fields[0].bytes().all(|byte| byte == b'0') && fields[1] == "00";
        all && hex(&fields[8]) & UP != 0 && hex(&fields[8]) & REJECT == 0 && fields[9] != "lo"
    };
    lines(root, "proc/net/ipv6_route").into_iter().filter(is_default).map(|fields| fields[9].clone()).collect()
}

/// The kernel says `DEVTYPE=wwan`; older drivers are known by their names.
fn is_mobile(root: &Path, interface: &str) -> bool {
    let about = std::fs::read_to_string(root.join("sys/class/net").join(interface).join("uevent")).unwrap_or_default();
    about.lines().any(|line| line == "DEVTYPE=wwan")
        || ["wwan", "wwp", "wws", "wwx", "ppp", "rmnet", "qmimux"].iter().any(|prefix| interface.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_mobile_alone(root: &Path) -> bool {
        are_mobile(root, &default_interfaces(root))
    }

    const HEAD: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";

    fn system(v4: &[&str], v6: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("proc/net")).unwrap();
        let line = |name: &&str| format!("{name}\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
        let local = "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n";
        let text = v4.iter().map(line).collect::<String>();
        std::fs::write(root.path().join("proc/net/route"), format!("{HEAD}{text}{local}")).unwrap();
        let zeros = "0".repeat(32);
        let line = |name: &&str| format!("{zeros} 00 {zeros} 00 {zeros} 00000400 1 0 00000003 {name}\n");
        let nowhere = format!("{zeros} 00 {zeros} 00 {zeros} ffffffff 1 0 00200200 lo\n");
        let text = v6.iter().map(line).collect::<String>();
        std::fs::write(root.path().join("proc/net/ipv6_route"), text + &nowhere).unwrap();
        root
    }

    #[test]
    fn only_a_machine_without_another_way_is_told() {
        for (v4, v6, mobile) in [
            (&["wwan0"][..], &[][..], true),
            (&["wwan0"], &["wwan0"], true),
            (&["ppp0", "wwp0s20f0u2"], &[], true),
            (&["wwan0", "eth0"], &[], false),
            (&["wwan0"], &["wlan0"], false),
            (&["eth0"], &[], false),
            (&[], &[], false),
        ] {
            assert_eq!(is_mobile_alone(system(v4, v6).path()), mobile, "{v4:?} {v6:?}");
        }
    }

    #[test]
    fn the_kernel_knows_better_than_the_name() {
        let root = system(&["usb0"], &[]);
        assert!(!is_mobile_alone(root.path()));
        let directory = root.path().join("sys/class/net/usb0");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("uevent"), "DEVTYPE=wwan\nINTERFACE=usb0\n").unwrap();
        assert!(is_mobile_alone(root.path()));
        assert!(!is_mobile_alone(Path::new("/nonexistent")));
    }
}
