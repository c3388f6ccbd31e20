//! How an eSIM is removed on devices that esimctl cannot read, in the language that was chosen.

use super::case::words;
use super::tell::say;

words! {
    /// A kind of device with its own way to remove an eSIM.
    pub enum Guide {
        /// An iPhone.
        Iphone = "iphone",
        /// An iPad.
        Ipad = "ipad",
        /// A Google Pixel.
        Pixel = "pixel",
        /// A Samsung Galaxy.
        Samsung = "samsung",
        /// Another Android phone.
        Android = "android",
        /// A watch: Apple Watch or Wear OS.
        Watch = "watch",
        /// A laptop or tablet with Windows.
        Windows = "windows",
    }
}

/// Words in the names of devices that tell their kind. A watch comes first: there are Galaxy and Pixel Watches.
const SIGNS: &[(Guide, &[&str])] = &[
    (Guide::Watch, &["watch", "wear os", "wearos", "手表"]),
    (Guide::Ipad, &["ipad"]),
    (Guide::Iphone, &["iphone", "苹果手机"]),
    (Guide::Samsung, &["samsung", "galaxy", "三星"]),
    (Guide::Windows, &["windows", "surface", "laptop", "notebook", "thinkpad", "笔记本", "电脑"]),
    (Guide::Pixel, &["pixel"]),
    (
        Guide::Android,
        &[
            "android",
            "安卓",
            "xiaomi",
            "redmi",
            "小米",
            "红米",
            "huawei",
            "华为",
            "honor",
            "荣耀",
            "oppo",
            "vivo",
            "oneplus",
            "一加",
            "motorola",
            "moto",
            "sony",
            "xperia",
            "fairphone",
            "nokia",
            "nothing phone",
        ],
    ),
];

/// The guide for a device, by the name that the user gave it; `None` if the name tells no kind.
#[must_use]
pub fn guide_of(device: &str) -> Option<Guide> {
    let device = device.to_lowercase();
    SIGNS.iter().find(|(_, signs)| signs.iter().any(|sign| device.contains(sign))).map(|(guide, _)| *guide)
}

impl Guide {
    /// The kind of device, as people call it.
    #[must_use]
    pub fn title(self) -> String {
        say(&format!("retire-guide-{}", self.name()), &[])
    }

    /// The steps on the device, a paragraph each.
    #[must_use]
    pub fn steps(self) -> Vec<String> {
        paragraphs(&format!("retire-guide-{}.steps", self.name()))
    }

    /// Facts about removing an eSIM that hold on every device, a paragraph each.
    #[must_use]
    pub fn notes() -> Vec<String> {
        paragraphs("retire-guide-notes")
    }
}

fn paragraphs(key: &str) -> Vec<String> {
    say(key, &[]).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_device_tells_its_guide() {
        for (name, guide) in [
            ("my iPhone 15", Some(Guide::Iphone)),
            ("Annas iPad", Some(Guide::Ipad)),
            ("Apple Watch", Some(Guide::Watch)),
            ("Galaxy Watch", Some(Guide::Watch)),
            ("Pixel Watch 2", Some(Guide::Watch)),
            ("old PIXEL", Some(Guide::Pixel)),
            ("Galaxy S23", Some(Guide::Samsung)),
            ("我的小米手机", Some(Guide::Android)),
            ("苹果手表", Some(Guide::Watch)),
            ("Surface Pro", Some(Guide::Windows)),
            ("the one in the drawer", None),
            ("", None),
        ] {
            assert_eq!(guide_of(name), guide, "{name}");
        }
    }

    #[test]
    fn every_guide_has_steps_in_both_languages() {
        use crate::words::{Language, text_in};
        for guide in Guide::ALL {
            let steps = |language| text_in(language, &format!("retire-guide-{}.steps", guide.name()), &[]);
            let (english, chinese) = (steps(Language::English), steps(Language::Chinese));
            assert!(english.lines().count() >= 3, "{english}");
            assert_eq!(english.lines().count(), chinese.lines().count(), "{chinese}");
        }
    }
}
