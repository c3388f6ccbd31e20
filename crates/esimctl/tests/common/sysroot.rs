//! A system with modems, as `/sys` and `/dev` show them: below a directory of its own.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::common::Sandbox;

/// Below the sandbox's root; commands of the sandbox look for the system there.
pub struct Sysroot(PathBuf);

impl Sysroot {
    pub fn new(sandbox: &Sandbox) -> Self {
        let root = sandbox.sysroot();
        for directory in ["proc", "dev/serial/by-path", "sys/class/tty"] {
            std::fs::create_dir_all(root.join(directory)).unwrap();
        }
        Self(root)
    }

    /// A serial port of the USB modem at this place. Gives the node below the root, which is for the test to make.
    pub fn modem_port(&self, place: &str, interface: u8, name: &str) -> PathBuf {
        let node = self.port(place, &format!("{place}:1.{interface}/{name}"), "tty", name);
        let links = self.0.join("dev/serial/by-path");
        symlink(format!("../../{name}"), links.join(format!("usb-{place}-{interface}"))).unwrap();
        node
    }

    /// Its control port, with this driver.
    pub fn control_port(&self, place: &str, name: &str, driver: &str) -> PathBuf {
        let interface = format!("{place}:1.4");
        let node = self.port(place, &interface, "usbmisc", name);
        let drivers = self.0.join("sys/bus/usb/drivers").join(driver);
        std::fs::create_dir_all(&drivers).unwrap();
        symlink(drivers, self.usb(place).join(interface).join("driver")).unwrap();
        node
    }

    /// A port of the modem at this place on PCI, with vendor, device and those of the board. Gives the node.
    pub fn pci_port(&self, place: &str, ids: [&str; 4], name: &str) -> PathBuf {
        let device = self.0.join("sys/devices/pci0000:00").join(place);
        let port = device.join("mhi0/wwan/wwan0").join(name);
        for directory in [&port, &self.0.join("sys/bus/pci"), &self.0.join("sys/class/wwan")] {
            std::fs::create_dir_all(directory).unwrap();
        }
        for (file, id) in ["vendor", "device", "subsystem_vendor", "subsystem_device"].into_iter().zip(ids) {
            std::fs::write(device.join(file), format!("0x{id}\n")).unwrap();
        }
        for (target, link) in
            [(self.0.join("sys/bus/pci"), device.join("subsystem")), (port, self.0.join("sys/class/wwan").join(name))]
        {
            drop(std::fs::remove_file(&link));
            symlink(target, link).unwrap();
        }
        self.0.join("dev").join(name)
    }

    /// Has the USB modem at this place leave and come back: its ports are made anew.
    pub fn plug_anew(&self, place: &str) {
        // The old one stays under another name, so that no inode is used again.
        let gone = self.0.join("gone");
        std::fs::create_dir_all(&gone).unwrap();
        let number = std::fs::read_dir(&gone).unwrap().count();
        let old = gone.join(number.to_string());
        std::fs::rename(self.usb(place), &old).unwrap();
        copy(&old, &self.usb(place));
    }

    fn usb(&self, place: &str) -> PathBuf {
        self.0.join("sys/devices/pci0000:00/usb1").join(place)
    }

    fn port(&self, place: &str, below: &str, class: &str, name: &str) -> PathBuf {
        let device = self.usb(place);
        let port = device.join(below).join(class).join(name);
        std::fs::create_dir_all(&port).unwrap();
        std::fs::create_dir_all(self.0.join("sys/class").join(class)).unwrap();
        for (file, text) in
            [("idVendor", "2c7c"), ("idProduct", "0125"), ("manufacturer", "Quectel"), ("product", "EG25-G")]
        {
            std::fs::write(device.join(file), format!("{text}\n")).unwrap();
        }
        symlink(&port, self.0.join("sys/class").join(class).join(name)).unwrap();
        self.0.join("dev").join(name)
    }

    pub fn file(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A process that has these files open.
    pub fn process(&self, pid: u32, command: &str, open: &[&str]) {
        self.file(&format!("proc/{pid}/comm"), &format!("{command}\n"));
        std::fs::create_dir_all(self.0.join(format!("proc/{pid}/fd"))).unwrap();
        for (number, target) in open.iter().enumerate() {
            symlink(target, self.0.join(format!("proc/{pid}/fd/{number}"))).unwrap();
        }
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Copies a directory, with links as they are.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            symlink(std::fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
