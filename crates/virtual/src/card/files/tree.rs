//! Which files there are, how they lie below each other, and what SELECT says of them.

use sgp22::id::Aid;
use sgp22::tlv::{Tag, Writer};

use super::content;
use super::pin::PIN1;
use crate::card::quirk::{Quirk, Quirks};
use crate::card::state::StoredProfile;

/// The current application, in identifiers and paths.
const ADF: u16 = 0x7FFF;
const MF: u16 = 0x3F00;

/// The USIM's whole AID.
const USIM: [u8; 16] = *b"\xA0\x00\x00\x00\x87\x10\x02\xFF\xFF\xFF\xFF\x89\x03\x02\x00\x00";

/// The AID of the USIM.
pub(super) fn usim_aid() -> Aid {
    Aid::from_bytes(&USIM).unwrap_or_else(|_| Aid::usim())
}

/// A file.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: u16,
    pub(super) parent: usize,
    /// Short identifier; 0 for none.
    sfi: u8,
    /// Whether it takes a PIN to read it.
    pub(super) wants_pin: bool,
    pub(super) body: Body,
}

/// What a file consists of.
#[derive(Debug)]
pub(super) enum Body {
    Directory,
    Transparent(Vec<u8>),
    Records { records: Vec<Vec<u8>>, cyclic: bool },
}

/// All files of a profile.
#[derive(Debug)]
pub(super) struct FileSystem {
    nodes: Vec<Node>,
    /// The PIN is enabled.
    pub(super) has_pin: bool,
}

impl FileSystem {
    /// What this profile makes of the card.
    pub(super) fn of(profile: &StoredProfile, quirks: &Quirks) -> Self {
        let mut files = Self { nodes: Vec::new(), has_pin: profile.pin.is_some() };
        let mf = files.add(0, MF, 0, false, Body::Directory);
        files.add(mf, 0x2FE2, 0x02, false, Body::Transparent(profile.iccid.as_bytes().to_vec()));
        files.add(mf, 0x2F00, 0x1E, false, linear(content::applications(&usim_aid())));
        files.add(mf, 0x2F06, 0x06, false, linear(content::access_rules()));
        files.add_usim(mf, profile, quirks);
        files.add_telecom(mf, quirks);
        files
    }

    /// The USIM (3GPP TS 31.102 4.2).
    fn add_usim(&mut self, mf: usize, profile: &StoredProfile, quirks: &Quirks) {
        let usim = self.add(mf, ADF, 0, false, Body::Directory);
        self.add(usim, 0x6F07, 0x07, true, Body::Transparent(content::imsi(profile)));
        self.add(usim, 0x6FAD, 0x03, false, Body::Transparent(content::administrative_data(profile)));
        self.add(usim, 0x6F46, 0, false, Body::Transparent(content::provider_name(profile)));
        self.add(usim, 0x6F40, 0, true, linear(content::own_numbers(profile)));
        self.add(usim, 0x6F3C, 0, true, linear(worn(content::messages(), quirks)));
    }

    /// DF.TELECOM (3GPP TS 31.102 4.4.2, TS 51.011 10.5).
    fn add_telecom(&mut self, mf: usize, quirks: &Quirks) {
        let telecom = self.add(mf, 0x7F10, 0, false, Body::Directory);
        self.add(telecom, 0x6F3C, 0, true, linear(worn(content::messages(), quirks)));
        let dialled = Body::Records { records: worn(content::last_numbers(), quirks), cyclic: true };
        self.add(telecom, 0x6F44, 0, true, dialled);
        if quirks.has(Quirk::NoPhoneBook) {
            return;
        }
        self.add(telecom, 0x6F3A, 0, true, linear(worn(content::names(), quirks)));
        let book = self.add(telecom, 0x5F3A, 0, false, Body::Directory);
        self.add(book, 0x4F30, 0, true, linear(content::phone_book_reference()));
        self.add(book, content::BOOK_ADN, 0x01, true, linear(worn(content::names(), quirks)));
        self.add(book, content::BOOK_ANR, 0x02, true, linear(content::further_numbers()));
        self.add(book, content::BOOK_SNE, 0x03, true, linear(content::second_names()));
        self.add(book, content::BOOK_EMAIL, 0x04, true, linear(content::emails()));
    }

    fn add(&mut self, parent: usize, id: u16, sfi: u8, wants_pin: bool, body: Body) -> usize {
        self.nodes.push(Node { id, parent, sfi, wants_pin, body });
        self.nodes.len() - 1
    }

    pub(super) fn node(&self, index: usize) -> &Node {
        &self.nodes[index]
    }

    /// The directory of the USIM.
    pub(super) fn usim(&self) -> Option<usize> {
        self.child(0, ADF)
    }

    fn child(&self, parent: usize, id: u16) -> Option<usize> {
        self.nodes.iter().skip(1).position(|node| node.parent == parent && node.id == id).map(|at| at + 1)
    }

    /// What an identifier names from a directory: a child, a directory beside it, the one above, or the MF (ETSI TS 102
    /// 221 8.4.1).
    pub(super) fn near(&self, directory: usize, id: u16, usim: bool) -> Option<usize> {
        if id == MF {
            return Some(0);
        }
        if id == ADF {
            return self.usim().filter(|_| usim);
        }
        let parent = self.nodes[directory].parent;
        let is_directory = |index: &usize| matches!(self.nodes[*index].body, Body::Directory);
        let above = || [directory, parent].into_iter().find(|index| self.nodes[*index].id == id);
        self.child(directory, id).or_else(above).or_else(|| self.child(parent, id).filter(is_directory))
    }

    /// What a path names below a directory. [`ADF`] at its beginning is the current application.
    pub(super) fn below(&self, directory: usize, path: &[u16], usim: bool) -> Option<usize> {
        path.iter().try_fold(directory, |at, id| match *id {
            ADF if at == 0 && !usim => None,
            id => self.child(at, id),
        })
    }

    /// The file with this short identifier in a directory.
    pub(super) fn by_short_id(&self, directory: usize, sfi: u8) -> Option<usize> {
        self.nodes
            .iter()
            .position(|node| node.parent == directory && node.sfi == sfi && !matches!(node.body, Body::Directory))
    }

    /// File control parameters (ETSI TS 102 221 11.1.1.3).
    pub(super) fn fcp(&self, node: &Node) -> Vec<u8> {
        Writer::object(Tag(0x62), |w| {
            w.put(Tag(0x82), &descriptor(&node.body));
            if node.id != ADF {
                w.put(Tag(0x83), &node.id.to_be_bytes());
            }
            if let Body::Directory = node.body {
                self.describe_directory(node, w);
                return;
            }
            // Activated; who may read it stands in EF.ARR.
            w.put(Tag(0x8A), &[0x05]);
            w.put(Tag(0x8B), &[0x2F, 0x06, if node.wants_pin { 2 } else { 1 }]);
            let size = u16::try_from(node.body.size()).unwrap_or(u16::MAX);
            w.put(Tag(0x80), &size.to_be_bytes());
            // In the high five bits; an empty one says that there is none.
            let short = [node.sfi << 3];
            w.put(Tag(0x88), if node.sfi == 0 { &[] } else { &short });
        })
    }

    fn describe_directory(&self, node: &Node, w: &mut Writer) {
        if node.id == ADF {
            w.put(Tag(0x84), &USIM);
        }
        // UICC characteristics: the clock may be stopped, at either level.
        w.nest(Tag(0xA5), |w| {
            w.put(Tag(0x80), &[0x71]);
        });
        w.put(Tag(0x8A), &[0x05]);
        w.put(Tag(0x8B), &[0x2F, 0x06, 0x01]);
        w.nest(Tag(0xC6), |w| {
            w.put(Tag(0x90), &[if self.has_pin { 0x80 } else { 0x00 }]);
            w.put(Tag(0x83), &[PIN1]);
        });
    }
}

fn linear(records: Vec<Vec<u8>>) -> Body {
    Body::Records { records, cyclic: false }
}

/// Some SIMs hold nonsense.
fn worn(mut records: Vec<Vec<u8>>, quirks: &Quirks) -> Vec<Vec<u8>> {
    if quirks.has(Quirk::GarbageRecords) {
        records.iter_mut().enumerate().skip(1).step_by(2).for_each(|(at, record)| content::spoil(record, at));
    }
    records
}

impl Body {
    fn size(&self) -> usize {
        match self {
            Self::Directory => 0,
            Self::Transparent(bytes) => bytes.len(),
            Self::Records { records, .. } => records.iter().map(Vec::len).sum(),
        }
    }
}

/// File descriptor: shareable, its kind, and for records their length and number.
fn descriptor(body: &Body) -> Vec<u8> {
    match body {
        Body::Directory => vec![0x78, 0x21],
        Body::Transparent(_) => vec![0x41, 0x21],
        Body::Records { records, cyclic } => {
            let length = u8::try_from(records.first().map_or(0, Vec::len)).unwrap_or(u8::MAX);
            let count = u8::try_from(records.len()).unwrap_or(u8::MAX);
            vec![if *cyclic { 0x46 } else { 0x42 }, 0x21, 0x00, length, count]
        }
    }
}
