//! Which profile is meant.

use sgp22::es10c::ProfileRef;
use sgp22::id::{Aid, Iccid};
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;

use crate::error::{Details, Error, Id};

/// A profile as the user names it: an ICCID or the beginning or end of one, an AID, a nickname or name, or `@n` for the
/// n-th of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileQuery(String);

/// How sure it is that the profile found is the one meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// By its whole ICCID, its AID, or its exact name: good enough to delete it.
    Sure,
    /// By a part of its ICCID, its name in other letters, or its place in the list.
    Likely,
}

/// The shortest part of an ICCID that is taken for one: the four digits that people read off a list.
const SHORTEST_PART: usize = 4;

impl ProfileQuery {
    /// The profile that `text` names.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// What the user wrote.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The profile, if it is named so that the card can be asked for it alone.
    #[must_use]
    pub fn reference(&self) -> Option<ProfileRef> {
        if let Ok(iccid) = self.0.parse::<Iccid>() {
            return Some(ProfileRef::Iccid(iccid));
        }
        let aid = self.0.parse::<Aid>().ok().filter(|_| self.0.to_uppercase().starts_with('A'))?;
        Some(ProfileRef::Aid(aid))
    }

    /// Finds the profile in the whole list.
    pub fn find<'p>(&self, profiles: &'p [ProfileInfo]) -> Result<(&'p ProfileInfo, Certainty), Error> {
        if let Some(position) = self.0.strip_prefix('@') {
            let found = position.parse::<usize>().ok().and_then(|n| profiles.get(n.checked_sub(1)?));
            return found.map(|profile| (profile, Certainty::Likely)).ok_or_else(|| self.not_found());
        }
        let sure: Vec<_> = profiles.iter().filter(|profile| self.is_exactly(profile)).collect();
        match sure[..] {
            [profile] => return Ok((profile, Certainty::Sure)),
            [] => {}
            _ => return Err(self.ambiguous(&sure)),
        }
        let likely: Vec<_> = profiles.iter().filter(|profile| self.is_about(profile)).collect();
        match likely[..] {
            [profile] => Ok((profile, Certainty::Likely)),
            [] => Err(self.not_found()),
            _ => Err(self.ambiguous(&likely)),
        }
    }

    fn is_exactly(&self, profile: &ProfileInfo) -> bool {
        let named = |name: &Option<Text>| name.as_ref().and_then(Text::readable).is_some_and(|name| name == self.0);
        let by_reference = match self.reference() {
            Some(ProfileRef::Iccid(iccid)) => profile.iccid.as_ref() == Some(&iccid),
            Some(ProfileRef::Aid(aid)) => profile.isdp_aid.as_ref() == Some(&aid),
            None => false,
        };
        // What the list shows, typed as it is: also where the card pads it in another way, or holds no digits.
        let shown = profile.iccid.as_ref().map(Iccid::digits).filter(|digits| digits.len() > SHORTEST_PART);
        by_reference
            || shown.is_some_and(|digits| digits.eq_ignore_ascii_case(&self.compact()))
            || named(&profile.nickname)
            || named(&profile.name)
    }

    /// Without blanks and dashes, and without the filler that some write behind an ICCID.
    fn compact(&self) -> String {
        let compact: String = self.0.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        compact.trim_end_matches(['F', 'f']).to_owned()
    }

    fn is_about(&self, profile: &ProfileInfo) -> bool {
        let lower = self.0.to_lowercase();
        let named = |name: &Option<Text>| name.as_ref().is_some_and(|name| name.to_string().to_lowercase() == lower);
        let part = self.0.len() >= SHORTEST_PART
            && profile.iccid.as_ref().is_some_and(|iccid| {
                let digits = iccid.digits();
                digits.starts_with(&self.0) || digits.ends_with(&self.0)
            });
        !self.0.is_empty() && (part || named(&profile.nickname) || named(&profile.name))
    }

    fn not_found(&self) -> Error {
        Error::new(Id::ProfileNotFound).with("profile", &self.0)
    }

    fn ambiguous(&self, matches: &[&ProfileInfo]) -> Error {
        Error::new(Id::ProfileAmbiguous)
            .with("profile", &self.0)
            .with("count", matches.len())
            .details(Details::Profiles(matches.iter().map(|profile| (*profile).clone()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(iccid: &str, nickname: &str, name: &str, counter: u16) -> ProfileInfo {
        ProfileInfo {
            iccid: Some(iccid.parse().unwrap()),
            isdp_aid: Some(Aid::isd_p(counter)),
            nickname: Some(nickname.into()),
            name: Some(name.into()),
            ..ProfileInfo::default()
        }
    }

    fn card() -> Vec<ProfileInfo> {
        vec![
            profile("8944478600004573128", "Home", "Flat", 0x10),
            profile("8944478600004573136", "", "Travel", 0x11),
            profile("89000123456789012341", "4478", "Travel", 0x12),
        ]
    }

    fn find(text: &str) -> Result<(usize, Certainty), Id> {
        let card = card();
        match ProfileQuery::new(text).find(&card) {
            Ok((found, certainty)) => Ok((card.iter().position(|profile| profile == found).unwrap(), certainty)),
            Err(error) => Err(error.id),
        }
    }

    #[test]
    fn whole_iccids_aids_and_exact_names_are_sure() {
        use Certainty::Sure;
        assert_eq!(find("8944478600004573128"), Ok((0, Sure)));
        assert_eq!(find("8944478600004573128F"), Ok((0, Sure)));
        assert_eq!(find(" 8900 0123 4567 8901 2341 "), Ok((2, Sure)));
        assert_eq!(find("A0000005591010FFFFFFFF8900001100"), Ok((1, Sure)));
        assert_eq!(find("a0000005591010ffffffff8900001100"), Ok((1, Sure)));
        assert_eq!(find("Home"), Ok((0, Sure)));
        assert_eq!(find("Flat"), Ok((0, Sure)));
        assert_eq!(find("4478"), Ok((2, Sure)), "an exact nickname goes before a part of an ICCID");
    }

    #[test]
    fn an_iccid_is_sure_however_the_card_pads_it() {
        let odd = |bytes: &[u8]| ProfileInfo { iccid: Some(Iccid::decode(bytes).unwrap()), ..ProfileInfo::default() };
        for (bytes, shown) in [
            (&b"\x98\x07\x21\x43\x65\x87\x09\x21\x43"[..], "897012345678901234"),
            (b"\x98\x07\x21\x43\x65\x87\x09", "89701234567890"),
            (b"\x98\xA4\x0F\x10\x32\x54\x76\x98\x10\xF2", "894AF00123456789012"),
        ] {
            let card = [odd(bytes)];
            assert_eq!(ProfileQuery::new(shown).find(&card).unwrap().1, Certainty::Sure, "{shown}");
        }
    }

    #[test]
    fn parts_places_and_other_letters_are_likely() {
        use Certainty::Likely;
        assert_eq!(find("3128"), Ok((0, Likely)));
        assert_eq!(find("8900"), Ok((2, Likely)));
        assert_eq!(find("home"), Ok((0, Likely)));
        assert_eq!(find("@2"), Ok((1, Likely)));
    }

    #[test]
    fn what_fits_none_or_several_is_refused() {
        assert_eq!(find("Travel"), Err(Id::ProfileAmbiguous));
        assert_eq!(find("8944478600004573"), Err(Id::ProfileAmbiguous));
        for nothing in ["", "@0", "@4", "@x", "128", "Hom", "8944478600004573127", "A0000005591010FFFFFFFF8900009900"] {
            assert_eq!(find(nothing), Err(Id::ProfileNotFound), "{nothing}");
        }
    }
}
