//! What the system says, by trees that are built as kernels and udev build them.

use std::os::unix::fs::symlink;

use super::*;
use crate::device::modem::lock_key;

/// A root with a `/sys`, `/dev` and `/proc` of its own.
struct Root(tempfile::TempDir);

impl Root {
    fn new() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        root.directory("proc");
        root.directory("dev");
        root
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn directory(&self, path: &str) {
        std::fs::create_dir_all(self.path(path)).unwrap();
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{text}\n")).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    fn usb(&self, place: &str, id: (&str, &str), names: (&str, &str)) {
        let device = format!("sys/devices/pci0000:00/usb1/{place}");
        for (file, text) in [("idVendor", id.0), ("idProduct", id.1), ("manufacturer", names.0), ("product", names.1)] {
            self.file(&format!("{device}/{file}"), text);
        }
    }

    /// A serial port of a USB device.
    fn tty(&self, place: &str, interface: u8, name: &str, driver: &str) {
        let at = format!("devices/pci0000:00/usb1/{place}/{place}:1.{interface}/{name}");
        self.directory(&format!("sys/bus/usb-serial/drivers/{driver}"));
        self.link(&format!("sys/{at}/driver"), &format!("../../../../../../bus/usb-serial/drivers/{driver}"));
        self.file(&format!("sys/{at}/tty/{name}/dev"), &format!("188:{interface}"));
        self.link(&format!("sys/{at}/tty/{name}/device"), &format!("../../../{name}"));
        self.link(&format!("sys/class/tty/{name}"), &format!("../../{at}/tty/{name}"));
        self.file(&format!("dev/{name}"), "");
    }

    /// A control port of a USB device.
    fn control(&self, place: &str, interface: u8, name: &str, driver: &str) {
        let at = format!("devices/pci0000:00/usb1/{place}/{place}:1.{interface}");
        self.directory(&format!("sys/bus/usb/drivers/{driver}"));
        self.link(&format!("sys/{at}/driver"), &format!("../../../../../bus/usb/drivers/{driver}"));
        self.directory(&format!("sys/{at}/usbmisc/{name}"));
        self.link(&format!("sys/{at}/usbmisc/{name}/device"), "../../");
        self.link(&format!("sys/class/usbmisc/{name}"), &format!("../../{at}/usbmisc/{name}"));
        self.file(&format!("dev/{name}"), "");
    }

    fn system(&self) -> System {
        System::at(self.0.path().into())
    }
}

/// A laptop's modem as many have it: a control port and serial ports for this and that.
fn quectel(root: &Root) {
    root.usb("1-2", ("2c7c", "0125"), ("Quectel", "EG25-G"));
    for interface in 0..4 {
        root.tty("1-2", interface, &format!("ttyUSB{interface}"), "option1");
    }
    root.control("1-2", 4, "cdc-wdm0", "qmi_wwan");
    root.link("dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0", "../../ttyUSB2");
    root.file("run/udev/data/c188:0", "I:1\nE:ID_MM_PORT_TYPE_QCDM=1");
    root.file("run/udev/data/c188:1", "E:ID_MM_PORT_TYPE_GPS=1");
    root.file("run/udev/data/c188:2", "S:serial/by-path/x\nE:ID_MM_PORT_TYPE_AT_PRIMARY=1");
}

#[test]
fn a_modem_is_seen_with_all_its_ports() {
    let root = Root::new();
    quectel(&root);
    let ports = root.system().ports();
    let devices: Vec<String> = ports.iter().map(Port::device).collect();
    assert_eq!(
        devices,
        ["qmi:/dev/cdc-wdm0", "at:/dev/ttyUSB0", "at:/dev/ttyUSB1", "at:/dev/ttyUSB2", "at:/dev/ttyUSB3"]
    );
    let hardware = ModemHardware {
        place: "usb 1-2".into(),
        vendor: "Quectel".into(),
        product: "EG25-G".into(),
        id: "2c7c:0125".into(),
    };
    assert!(ports.iter().all(|port| port.modem == hardware), "{ports:?}");
    assert_eq!(
        ports.iter().map(|port| port.driver.as_str()).collect::<Vec<_>>(),
        ["qmi_wwan", "option1", "option1", "option1", "option1"]
    );
    assert_eq!(
        ports.iter().map(|port| port.role).collect::<Vec<_>>(),
        [None, Some("diagnostics"), Some("gps"), Some("at"), None]
    );
    assert_eq!(ports[3].stable.as_deref(), Some("/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0"));
    assert_eq!(ports[0].stable, None);
}

#[test]
fn the_driver_of_a_control_port_tells_its_language() {
    for (driver, device) in
        [("qmi_wwan", "qmi:/dev/cdc-wdm3"), ("cdc_mbim", "mbim:/dev/cdc-wdm3"), ("huawei_cdc_ncm", "at:/dev/cdc-wdm3")]
    {
        let root = Root::new();
        root.usb("1-5", ("8087", "0911"), ("", ""));
        root.control("1-5", 0, "cdc-wdm3", driver);
        let ports = root.system().ports();
        assert_eq!(ports.iter().map(Port::device).collect::<Vec<_>>(), [device]);
        assert_eq!(ports[0].modem.name(), "modem 8087:0911");
    }
}

#[test]
fn other_serial_ports_are_left_alone() {
    let root = Root::new();
    root.usb("1-3", ("0403", "6001"), ("FTDI", "FT232R"));
    root.tty("1-3", 0, "ttyUSB7", "ftdi_sio");
    root.usb("1-4", ("2341", "0043"), ("Arduino", "Uno"));
    root.tty("1-4", 1, "ttyACM0", "cdc_acm");
    root.file("dev/ttyS0", "");
    assert_eq!(root.system().ports(), []);
    // The same driver on a device with a control port, or with a network, is a modem's.
    root.usb("1-6", ("8087", "095a"), ("Intel", "XMM"));
    root.tty("1-6", 2, "ttyACM1", "cdc_acm");
    root.control("1-6", 0, "cdc-wdm1", "cdc_mbim");
    root.usb("1-7", ("abcd", "0001"), ("Nobody", "Stick"));
    root.tty("1-7", 2, "ttyACM2", "cdc_acm");
    root.directory("sys/devices/pci0000:00/usb1/1-7/1-7:1.0/net/usb0");
    let devices: Vec<String> = root.system().ports().iter().map(Port::device).collect();
    assert_eq!(devices, ["mbim:/dev/cdc-wdm1", "at:/dev/ttyACM1", "at:/dev/ttyACM2"]);
}

#[test]
fn ports_of_pcie_modems_go_by_their_names() {
    let root = Root::new();
    let pci = "devices/pci0000:00/0000:00:1c.0/0000:08:00.0";
    root.file(&format!("sys/{pci}/vendor"), "0x14c3");
    root.file(&format!("sys/{pci}/device"), "0x4d75");
    root.link(&format!("sys/{pci}/subsystem"), "../../../../bus/pci");
    root.link(&format!("sys/{pci}/driver"), "../../../../bus/pci/drivers/mtk_t7xx");
    for name in ["wwan0at0", "wwan0mbim0", "wwan0qcdm0", "wwan0fastboot0"] {
        root.directory(&format!("sys/{pci}/wwan/wwan0/{name}"));
        root.link(&format!("sys/class/wwan/{name}"), &format!("../../{pci}/wwan/wwan0/{name}"));
    }
    let ports = root.system().ports();
    assert_eq!(ports.iter().map(Port::device).collect::<Vec<_>>(), ["at:/dev/wwan0at0", "mbim:/dev/wwan0mbim0"]);
    assert_eq!((ports[0].modem.place.as_str(), ports[0].modem.id.as_str()), ("pci 0000:08:00.0", "14c3:4d75"));
    assert_eq!((ports[1].driver.as_str(), &ports[1].modem), ("mtk_t7xx", &ports[0].modem));
}

#[test]
fn who_holds_a_port_is_named() {
    let root = Root::new();
    quectel(&root);
    root.file("proc/4242/comm", "ModemManager");
    root.link("proc/4242/fd/3", "/dev/ttyUSB2");
    root.link("proc/4242/fd/4", "/dev/null");
    root.file("proc/4300/comm", "qmi-proxy");
    root.link("proc/4300/fd/7", "/dev/cdc-wdm0");
    root.directory("proc/sys");
    let ports = root.system().ports();
    let holders: Vec<Vec<(u32, &str)>> = ports
        .iter()
        .map(|port| port.holders.iter().map(|holder| (holder.pid, holder.command.as_str())).collect())
        .collect();
    assert_eq!(holders, [vec![(4300, "qmi-proxy")], vec![], vec![], vec![(4242, "ModemManager")], vec![]]);
    assert!(ports.iter().all(|port| port.holders_known));
}

#[test]
fn nothing_at_all_is_no_error() {
    let root = Root::new();
    assert_eq!(root.system().ports(), []);
    assert_eq!(System::at("/nonexistent".into()).ports(), []);
}

#[test]
fn names_of_one_modem_have_one_lock() {
    let root = Root::new();
    quectel(&root);
    let system = root.system();
    let key = |address: ModemAddress| lock_key(&system, &address);
    let lock = key(ModemAddress::At("/dev/ttyUSB2".into()));
    for address in [
        ModemAddress::At("/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0".into()),
        ModemAddress::AtCsim("/dev/ttyUSB3".into()),
        ModemAddress::Qmi("/dev/cdc-wdm0".into()),
    ] {
        assert_eq!(key(address.clone()), lock, "{address:?}");
    }
    root.usb("1-9", ("2c7c", "0125"), ("Quectel", "EG25-G"));
    root.tty("1-9", 0, "ttyUSB9", "option1");
    assert_ne!(key(ModemAddress::At("/dev/ttyUSB9".into())), lock, "another one of the kind");
    // A port without hardware is what it is, whatever leads to it.
    root.file("dev/pts/5", "");
    root.link("modem", "dev/pts/5");
    let by_link = key(ModemAddress::At(root.path("modem")));
    assert_eq!(by_link, key(ModemAddress::At("/dev/pts/5".into())));
}

#[test]
fn a_modem_that_no_driver_has_taken_is_noticed() {
    let root = Root::new();
    root.usb("1-2", ("2c7c", "0125"), ("Quectel", "EG25-G"));
    root.file("sys/devices/pci0000:00/usb1/1-2/1-2:1.0/bInterfaceClass", "ff");
    root.usb("1-3", ("0489", "e0cd"), ("Foxconn", "Bluetooth"));
    root.file("sys/devices/pci0000:00/usb1/1-3/1-3:1.0/bInterfaceClass", "e0");
    for place in ["1-2", "1-3"] {
        root.link(&format!("sys/bus/usb/devices/{place}"), &format!("../../../devices/pci0000:00/usb1/{place}"));
    }
    root.link("sys/bus/usb/devices/1-2:1.0", "../../../devices/pci0000:00/usb1/1-2/1-2:1.0");
    assert_eq!(plugged_without_driver(&root.system()), ["Quectel EG25-G, usb 1-2"]);
    root.directory("sys/bus/usb/drivers/option");
    root.link("sys/devices/pci0000:00/usb1/1-2/1-2:1.0/driver", "../../../../../bus/usb/drivers/option");
    assert_eq!(plugged_without_driver(&root.system()), [""; 0]);
}

/// The signature and enumeration of the modem at a port.
fn unit(root: &Root, node: &str) -> ModemUnit {
    root.system().modem_unit(Path::new(node)).unwrap()
}

#[test]
fn a_usb_modem_goes_by_its_ids_and_its_place_or_serial_number() {
    let root = Root::new();
    quectel(&root);
    let signature = |node: &str| unit(&root, node).signature;
    assert_eq!(signature("/dev/ttyUSB2"), "usb 1-2|2c7c:0125");
    assert_eq!(signature("/dev/cdc-wdm0"), signature("/dev/ttyUSB2"), "one modem, whatever the port");
    let device = "sys/devices/pci0000:00/usb1/1-2";
    for (serial, tells) in [
        ("352906112345671", true),
        ("a1b2c3d4", true),
        ("0123456789ABCDEF", false),
        ("1234567890ABCDEF", false),
        ("00000000", false),
        ("abc1", false),
        ("", false),
    ] {
        root.file(&format!("{device}/serial"), serial);
        let signature = signature("/dev/ttyUSB2");
        assert_eq!(signature.starts_with("usb#"), tells, "{serial}: {signature}");
        assert!(signature.ends_with("|2c7c:0125"), "{serial}: {signature}");
        assert!(serial.is_empty() || !signature.contains(serial), "it may be an IMEI: {signature}");
    }
    // One that moves to another place keeps its name; one of the same kind has another.
    root.file(&format!("{device}/serial"), "a1b2c3d4");
    let first = signature("/dev/ttyUSB2");
    root.usb("1-9", ("2c7c", "0125"), ("Quectel", "EG25-G"));
    root.tty("1-9", 0, "ttyUSB9", "option1");
    root.file("sys/devices/pci0000:00/usb1/1-9/serial", "a1b2c3d5");
    assert_ne!(signature("/dev/ttyUSB9"), first);
    root.file("sys/devices/pci0000:00/usb1/1-9/serial", "a1b2c3d4");
    assert_eq!(signature("/dev/ttyUSB9"), first);
    // Both are there: then the number tells nothing.
    for place in ["1-2", "1-9"] {
        root.link(&format!("sys/bus/usb/devices/{place}"), &format!("../../../devices/pci0000:00/usb1/{place}"));
    }
    assert_eq!(signature("/dev/ttyUSB2"), "usb 1-2|2c7c:0125");
    assert_eq!(signature("/dev/ttyUSB9"), "usb 1-9|2c7c:0125");
}

/// As mhi_pci_generic has them.
#[test]
fn a_pci_modem_goes_by_its_ids_and_its_board() {
    let root = Root::new();
    let pci = "devices/pci0000:00/0000:00:1c.0/0000:08:00.0";
    for (file, id) in
        [("vendor", "0x105b"), ("device", "0xe11d"), ("subsystem_vendor", "0x105b"), ("subsystem_device", "0xe11e")]
    {
        root.file(&format!("sys/{pci}/{file}"), id);
    }
    root.link(&format!("sys/{pci}/subsystem"), "../../../../bus/pci");
    let port = "mhi0/mhi0_MBIM/wwan/wwan0/wwan0mbim0";
    root.file(&format!("sys/{pci}/{port}/type"), "MBIM");
    root.link("sys/class/wwan/wwan0mbim0", &format!("../../{pci}/{port}"));
    root.file("dev/wwan0mbim0", "");
    let unit = unit(&root, "/dev/wwan0mbim0");
    assert_eq!(unit.signature, "pci 0000:08:00.0|105b:e11d:105b:e11e");
    assert_eq!((unit.hardware.usb_id(), unit.hardware.pci_id()), (None, Some((0x105B, 0xE11D))));
    assert_eq!(unit.hardware.name(), "Foxconn DW5934e", "PCI has no names");
    assert_eq!(root.system().ports()[0].modem.name(), "Foxconn DW5934e");
}

#[test]
fn a_port_that_is_made_anew_is_another_enumeration() {
    let root = Root::new();
    quectel(&root);
    // Below a root of its own the boot is the machine's.
    let enumeration = || unit(&root, "/dev/ttyUSB2").enumeration.unwrap();
    let before = enumeration();
    assert_eq!(enumeration(), before);
    let port = root.path("sys/devices/pci0000:00/usb1/1-2/1-2:1.2/ttyUSB2/tty/ttyUSB2");
    std::fs::rename(&port, root.path("gone")).unwrap();
    std::fs::create_dir(&port).unwrap();
    assert_ne!(enumeration(), before);
}

/// Behind an adapter can be any modem.
#[test]
fn an_adapter_is_no_modem() {
    let root = Root::new();
    root.usb("1-3", ("0403", "6001"), ("FTDI", "FT232R"));
    root.tty("1-3", 0, "ttyUSB7", "ftdi_sio");
    assert_eq!(root.system().modem_unit(Path::new("/dev/ttyUSB7")), None);
    assert!(root.system().hardware(Path::new("/dev/ttyUSB7")).is_some());
}

#[test]
fn what_a_device_says_of_itself_may_be_anything() {
    let root = Root::new();
    quectel(&root);
    let device = root.path("sys/devices/pci0000:00/usb1/1-2");
    std::fs::write(device.join("manufacturer"), vec![b'A'; 1 << 20]).unwrap();
    std::fs::write(device.join("product"), b"<b>\x1b[2J\n\xFF\xE2\x80\xAEgnp</b>").unwrap();
    std::fs::write(device.join("serial"), vec![b'7'; 1 << 20]).unwrap();
    let hardware = root.system().ports()[0].modem.clone();
    assert_eq!(hardware.vendor, "A".repeat(100));
    assert_eq!(hardware.product, "<b>[2J\u{FFFD}gnp</b>");
    assert_eq!(unit(&root, "/dev/ttyUSB2").signature, "usb 1-2|2c7c:0125");
    // What is no file is not read: a pipe would keep us for ever.
    for file in ["idVendor", "serial"] {
        std::fs::remove_file(device.join(file)).unwrap();
        let status = std::process::Command::new("mkfifo").arg(device.join(file)).status().unwrap();
        assert!(status.success());
    }
    std::fs::remove_file(device.join("product")).unwrap();
    symlink("product", device.join("product")).unwrap();
    assert!(root.system().ports().iter().all(|port| port.modem.product.is_empty()));
}

#[test]
fn loops_in_the_tree_lead_nowhere() {
    let root = Root::new();
    quectel(&root);
    let before = root.system().ports().len();
    root.link("sys/class/tty/ttyUSB8", "ttyUSB8");
    root.link("sys/class/usbmisc/cdc-wdm8", "../usbmisc/cdc-wdm9");
    root.link("sys/class/usbmisc/cdc-wdm9", "../usbmisc/cdc-wdm8");
    root.link("sys/devices/pci0000:00/usb1/1-2/1-2:1.0/net", "../1-2:1.0");
    root.link("dev/loop-a", "loop-b");
    root.link("dev/loop-b", "loop-a");
    assert_eq!(root.system().ports().len(), before);
    assert_eq!(root.system().modem_unit(Path::new("/dev/loop-a")), None);
}
