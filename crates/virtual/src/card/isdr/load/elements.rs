//! The profile itself: a stream of profile elements (TCA Interoperable Profile Package), cut anywhere.
//!
//! The card builds no file system of them. It looks at what an installation can fail for: the header, the order and
//! number of the elements, their headers, and the end. Of each element the beginning is kept, and the rest is counted.

use sgp22::es10b::{BppErrorReason, PeStatus, PeStatusCode as Status, SimaResponse};
use sgp22::id::Iccid;
use sgp22::profile::ProfileClass;
use sgp22::tlv::{DecodeErrorKind, Elements, Reader, Tag, split_header};

use super::Failure;
use super::element::{OpenElement, is_known};

/// The longest tag and length.
const LONGEST_HEADER: usize = 7;
/// More elements that the card does not know than these are not told of.
const MOST_WARNINGS: usize = 16;

/// Element tags.
const HEADER: Tag = Tag(0xA0);
const AKA_PARAMETER: Tag = Tag(0xA4);
const END: Tag = Tag(0xAA);
const USIM: Tag = Tag(0xB3);
const ISIM: Tag = Tag(0xB5);
const CSIM: Tag = Tag(0xB9);
/// Services that lift the limit of one application of a kind.
const SEVERAL_USIMS: Tag = Tag(0x8D);
const SEVERAL_ISIMS: Tag = Tag(0x8E);
const SEVERAL_CSIMS: Tag = Tag(0x8F);

/// Elements of which there is one at most, unless the header asks for the service; and the element that must come before.
const SINGLE: [(Tag, Option<Tag>, Option<Tag>); 14] = [
    (Tag(0xB0), None, None), // mf
    (Tag(0xB1), None, None), // cd
    (Tag(0xB2), None, None), // telecom
    (USIM, Some(SEVERAL_USIMS), None),
    (Tag(0xB4), Some(SEVERAL_USIMS), Some(USIM)), // opt-usim
    (ISIM, Some(SEVERAL_ISIMS), None),
    (Tag(0xB6), Some(SEVERAL_ISIMS), Some(ISIM)), // opt-isim
    (Tag(0xB7), Some(SEVERAL_USIMS), Some(USIM)), // phonebook
    (Tag(0xB8), Some(SEVERAL_USIMS), Some(USIM)), // gsm-access
    (CSIM, Some(SEVERAL_CSIMS), None),
    (Tag(0xBA), Some(SEVERAL_CSIMS), Some(CSIM)), // opt-csim
    (Tag(0xBC), Some(SEVERAL_USIMS), Some(USIM)), // df-5gs
    (Tag(0xBD), Some(SEVERAL_USIMS), Some(USIM)), // df-saip
    (Tag(0xBE), Some(SEVERAL_USIMS), Some(USIM)), // df-snpn
];

/// Services (tags of ServicesList) that the card lacks: contactless, MBMS, MULTOS, CAT-TP, and what came with SAIP 3.
const LACKING_SERVICES: [u32; 8] = [0x80, 0x89, 0x8C, 0x94, 0x99, 0x9A, 0x9B, 0x9C];
/// Templates of the TCA: 2.23.143.1.2.
const TEMPLATES: &[u8] = b"\x67\x81\x0F\x01\x02";
const LAST_TEMPLATE: u8 = 18;

/// What the profile must fit.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) iccid: Iccid,
    pub(super) class: ProfileClass,
    /// Free memory, in bytes.
    pub(super) room: u64,
}

/// The profile as far as it has come.
#[derive(Debug)]
pub(super) struct ProfileStream {
    expected: Expected,
    /// Tag and length of the next element, as far as they have come.
    header: Vec<u8>,
    element: Option<OpenElement>,
    /// Bytes so far.
    size: u64,
    elements: usize,
    /// Tags of [`SINGLE`] that have come.
    seen: Vec<Tag>,
    /// Services that the header asks for.
    services: Vec<Tag>,
    /// Which identifications have come, a bit each.
    identifications: Vec<u64>,
    ended: bool,
    warnings: Vec<PeStatus>,
}

fn status(status: Status, identification: Option<u64>) -> PeStatus {
    PeStatus { status, identification, additional: None, offset: None }
}

/// Breaks the installation off.
fn refuse(why: Status, identification: Option<u64>) -> Failure {
    let response = SimaResponse { elements: vec![status(why, identification)], aborted: true, message: None };
    Failure { reason: BppErrorReason::PeProcessing, sima_response: Some(response.encode()) }
}

/// What a card says that refuses element 5.
pub(super) fn refusal_of_a_quirk() -> Vec<u8> {
    let element = PeStatus { additional: Some(1), ..status(Status::BadValues, Some(5)) };
    SimaResponse { elements: vec![element], aborted: true, message: None }.encode()
}

impl ProfileStream {
    pub(super) fn new(expected: Expected) -> Self {
        Self {
            expected,
            header: Vec::new(),
            element: None,
            size: 0,
            elements: 0,
            seen: Vec::new(),
            services: Vec::new(),
            identifications: Vec::new(),
            ended: false,
            warnings: Vec::new(),
        }
    }

    /// Takes the next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        self.size += bytes.len() as u64;
        if self.size > self.expected.room {
            return Err(BppErrorReason::InsufficientMemory.into());
        }
        while let Some((first, behind)) = bytes.split_first() {
            if let Some(element) = &mut self.element {
                bytes = element.take(bytes);
            } else {
                self.header.push(*first);
                bytes = behind;
                self.open_element()?;
            }
            if let Some(complete) = self.element.take_if(|element| element.left == 0) {
                self.check(&complete)?;
            }
        }
        Ok(())
    }

    /// The size of the profile, and what the card says of its elements.
    pub(super) fn finish(mut self) -> Result<(u64, Vec<u8>), Failure> {
        if !self.ended || self.element.is_some() || !self.header.is_empty() {
            return Err(refuse(Status::InvalidRequestFormat, None));
        }
        let mut response = SimaResponse::ok();
        self.warnings.append(&mut response.elements);
        response.elements = self.warnings;
        Ok((self.size, response.encode()))
    }

    /// Opens the next element once its tag and length are there.
    fn open_element(&mut self) -> Result<(), Failure> {
        let malformed = || refuse(Status::InvalidRequestFormat, None);
        if self.ended {
            return Err(malformed());
        }
        match split_header(&self.header) {
            Ok((tag, length, _)) => {
                self.header.clear();
                self.element = Some(OpenElement::new(tag, length));
                Ok(())
            }
            Err(DecodeErrorKind::Incomplete) if self.header.len() < LONGEST_HEADER => Ok(()),
            Err(_) => Err(malformed()),
        }
    }

    fn check(&mut self, element: &OpenElement) -> Result<(), Failure> {
        self.elements += 1;
        match (self.elements, element.tag) {
            (1, HEADER) => return self.check_profile_header(element),
            (1, _) | (_, HEADER) => return Err(refuse(Status::InvalidRequestFormat, None)),
            _ => {}
        }
        let header = element.header().ok_or_else(|| refuse(Status::InvalidRequestFormat, None))?;
        let refuse = |why| Err(refuse(why, Some(header.identification)));
        if !self.note_identification(header.identification) {
            return refuse(Status::BadValues);
        }
        match element.tag {
            END => self.ended = true,
            AKA_PARAMETER if self.expected.class == ProfileClass::Test && !element.has_test_key() => {
                return Err(BppErrorReason::InvalidNaaKey.into());
            }
            tag if !is_known(tag) => {
                if header.mandated {
                    return refuse(Status::NotSupported);
                }
                if self.warnings.len() < MOST_WARNINGS {
                    self.warnings.push(status(Status::NotSupported, Some(header.identification)));
                }
            }
            tag if !self.has_its_place(tag) => return refuse(Status::InvalidParameter),
            _ => {}
        }
        Ok(())
    }

    /// ProfileHeader: version, number, and what the profile needs of the card.
    fn check_profile_header(&mut self, element: &OpenElement) -> Result<(), Failure> {
        let bad = || refuse(Status::BadValues, None);
        let mut fields = Elements::parse("ProfileHeader", &element.kept).map_err(|_| bad())?;
        let version = fields.take(Tag(0x80)).ok_or_else(bad)?;
        if !matches!(version.value, [2 | 3]) {
            return Err(refuse(Status::UnsupportedVersion, None));
        }
        // Here the digits stand in their order, and not swapped as everywhere else.
        let number = fields.take(Tag(0x83)).filter(|iccid| iccid.value.len() == 10).ok_or_else(bad)?;
        let swapped: Vec<u8> = number.value.iter().map(|byte| byte.rotate_left(4)).collect();
        if Iccid::decode(&swapped).map(|iccid| iccid.digits()) != Ok(self.expected.iccid.digits()) {
            return Err(BppErrorReason::DataMismatch.into());
        }
        if let Some(services) = fields.take(Tag(0xA5)) {
            for service in Reader::new("eUICC-Mandatory-services", services.value) {
                let service = service.map_err(|_| bad())?.tag;
                if LACKING_SERVICES.contains(&service.0) {
                    return Err(refuse(Status::FeatureNotSupported, None));
                }
                if [SEVERAL_USIMS, SEVERAL_ISIMS, SEVERAL_CSIMS].contains(&service) {
                    self.services.push(service);
                }
            }
        }
        if let Some(templates) = fields.take(Tag(0xA6)) {
            for template in Reader::new("eUICC-Mandatory-GFSTEList", templates.value) {
                let template = template.map_err(|_| bad())?.value;
                let known = matches!(template.strip_prefix(TEMPLATES), Some([1..=LAST_TEMPLATE, ..]));
                if !known {
                    return Err(refuse(Status::TemplateNotSupported, None));
                }
            }
        }
        Ok(())
    }

    /// False if the number was there before.
    fn note_identification(&mut self, identification: u64) -> bool {
        let (word, bit) = (identification / 64, identification % 64);
        let Ok(word) = usize::try_from(word) else { return false };
        if self.identifications.len() <= word {
            self.identifications.resize(word + 1, 0);
        }
        let fresh = self.identifications[word] & (1 << bit) == 0;
        self.identifications[word] |= 1 << bit;
        fresh
    }

    /// True if there may be one more of these, here.
    fn has_its_place(&mut self, tag: Tag) -> bool {
        let Some((_, several, behind)) = SINGLE.iter().find(|(single, ..)| *single == tag) else { return true };
        let first = !self.seen.contains(&tag);
        if first {
            self.seen.push(tag);
        }
        (first || several.is_some_and(|service| self.services.contains(&service)))
            && behind.is_none_or(|before| self.seen.contains(&before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sgp22::tlv::Writer;

    fn element(tag: u32, identification: u8, rest: &[u8]) -> Vec<u8> {
        Writer::object(Tag(tag), |w| {
            w.nest(HEADER, |w| {
                w.put(Tag(0x80), &[]).put(Tag(0x81), &[identification]);
            });
            w.raw(rest);
        })
    }

    fn header(services: &[u32]) -> Vec<u8> {
        Writer::object(HEADER, |w| {
            w.put(Tag(0x80), &[2]).put(Tag(0x81), &[3]);
            w.put(Tag(0x83), b"\x89\x00\x01\x23\x45\x67\x89\x01\x23\x41");
            w.nest(Tag(0xA5), |w| {
                for service in services {
                    w.put(Tag(*service), &[]);
                }
            });
        })
    }

    fn outcome(class: ProfileClass, elements: &[Vec<u8>]) -> Result<(u64, SimaResponse), Failure> {
        let profile = elements.concat();
        let mut results = [1, 7, 1007].map(|step| {
            let iccid = "89000123456789012341".parse().unwrap();
            let mut stream = ProfileStream::new(Expected { iccid, class, room: 100_000 });
            for part in profile.chunks(step) {
                stream.feed(part)?;
            }
            let (size, response) = stream.finish()?;
            Ok((size, SimaResponse::decode(&response).unwrap()))
        });
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "it does not matter where the stream is cut");
        std::mem::replace(&mut results[0], Ok((0, SimaResponse::ok())))
    }

    fn refusal(elements: &[Vec<u8>]) -> (Status, Option<u64>) {
        let failure = outcome(ProfileClass::Operational, elements).unwrap_err();
        assert_eq!(failure.reason, BppErrorReason::PeProcessing);
        let response = SimaResponse::decode(&failure.sima_response.unwrap()).unwrap();
        assert!(response.aborted);
        (response.elements[0].status, response.elements[0].identification)
    }

    fn end() -> Vec<u8> {
        element(0xAA, 99, &[])
    }

    #[test]
    fn a_profile_of_known_elements_is_taken() {
        let big = Writer::object(Tag(0xA1), |w| {
            w.put(Tag(0x81), &[0x55; 20_000]);
        });
        let profile = [
            header(&[0x81, 0x84, 0x92]),
            element(0xB0, 1, &big),
            element(0xB3, 2, &[]),
            element(0xB4, 3, &[]),
            element(0xBF1F, 4, &[]),
            end(),
        ];
        let (size, response) = outcome(ProfileClass::Operational, &profile).unwrap();
        assert_eq!((size, response), (profile.concat().len() as u64, SimaResponse::ok()));
    }

    #[test]
    fn what_the_card_refuses() {
        let twice = [header(&[]), element(0xB3, 1, &[]), element(0xB3, 2, &[]), end()];
        assert_eq!(refusal(&twice), (Status::InvalidParameter, Some(2)));
        let lifted = [header(&[0x8D]), element(0xB3, 1, &[]), element(0xB3, 2, &[]), end()];
        assert!(outcome(ProfileClass::Operational, &lifted).is_ok());
        let format = Status::InvalidRequestFormat;
        let cases: [(&[Vec<u8>], _); 12] = [
            (&[], (format, None)),
            (&[header(&[])], (format, None)),
            (&[end()], (format, None)),
            (&[header(&[]), header(&[]), end()], (format, None)),
            (&[header(&[]), end(), end()], (format, None)),
            (&[header(&[]), vec![0xB0, 0x80, 0, 0]], (format, None)),
            (&[header(&[]), vec![0xB0, 0x02, 0x80, 0x00], end()], (format, None)),
            (&[header(&[0x80]), end()], (Status::FeatureNotSupported, None)),
            (&[header(&[]), element(0xB4, 1, &[]), end()], (Status::InvalidParameter, Some(1))),
            (&[header(&[]), element(0xB0, 1, &[]), element(0xB2, 1, &[]), end()], (Status::BadValues, Some(1))),
            (&[header(&[]), element(0xAB, 7, &[]), end()], (Status::NotSupported, Some(7))),
            (&[vec![0xA0, 0x03, 0x80, 0x01, 0x01], end()], (Status::UnsupportedVersion, None)),
        ];
        for (number, (profile, refused)) in cases.into_iter().enumerate() {
            assert_eq!(refusal(profile), refused, "case {number}");
        }
    }

    #[test]
    fn an_unknown_element_that_need_not_be_is_skipped_and_told_of() {
        let optional = vec![0xAB, 0x05, 0xA0, 0x03, 0x81, 0x01, 0x07];
        let (_, response) = outcome(ProfileClass::Operational, &[header(&[]), optional, end()]).unwrap();
        let told: Vec<_> = response.elements.iter().map(|element| (element.status, element.identification)).collect();
        assert_eq!(told, [(Status::NotSupported, Some(7)), (Status::Ok, None)]);
        assert!(!response.aborted);
    }

    #[test]
    fn test_profiles_have_test_keys() {
        let aka = |algorithm: u8, key: &[u8]| {
            let rest = Writer::object(Tag(0xA1), |w| {
                w.nest(Tag(0xA1), |w| {
                    w.put(Tag(0x80), &[algorithm]).put(Tag(0x81), &[0]).put(Tag(0x82), key);
                });
            });
            [header(&[]), element(0xA4, 1, &rest), end()]
        };
        let known: Vec<u8> = (0..16).collect();
        let test = |profile: &[Vec<u8>]| outcome(ProfileClass::Test, profile).map(|_| ());
        assert_eq!(test(&aka(1, &known)), Ok(()));
        assert_eq!(test(&aka(3, &[7; 16])), Ok(()));
        assert_eq!(test(&aka(1, &[7; 16])), Err(BppErrorReason::InvalidNaaKey.into()));
        assert!(outcome(ProfileClass::Operational, &aka(1, &[7; 16])).is_ok());
    }
}
