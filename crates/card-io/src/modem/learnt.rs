//! What was found out about one device, in words that can be kept.

use modem_wire::at::IccidCommand;

use super::habits::{ApduForm, ClassByte, Habits};

/// What was found out about a device: names and values, as [`Learnt::set`] takes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learnt {
    /// The form of APDUs over AT.
    pub apdu_form: Option<ApduForm>,
    /// The channel in the class byte of `AT+CGLA`.
    pub channel_in_class: Option<bool>,
    /// The AT command for the ICCID.
    pub iccid_command: Option<IccidCommand>,
    /// MBIM: the class byte type.
    pub class_byte: Option<ClassByte>,
    /// MBIM: P2 of the SELECT.
    pub select_p2: Option<u8>,
    /// MBIM: TERMINAL CAPABILITY is set first, or never.
    pub terminal_capability: Option<bool>,
}

/// The names of what can be learnt.
pub const LEARNABLE: [&str; 6] =
    ["apdu_form", "channel_in_class", "iccid_command", "class_byte", "select_p2", "terminal_capability"];

const FORMS: [(ApduForm, &str); 2] = [(ApduForm::Cgla, "cgla"), (ApduForm::Csim, "csim")];
const CLASSES: [(ClassByte, &str); 3] = [
    (ClassByte::ByCommand, "by-command"),
    (ClassByte::Extended, "extended"),
    (ClassByte::Interindustry, "interindustry"),
];

fn named<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, word)| *word == name).map(|(value, _)| *value)
}

fn name<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> Option<String> {
    table.iter().find(|(one, _)| one == value).map(|(_, word)| (*word).to_owned())
}

impl Learnt {
    /// Takes something that was kept. What cannot be read is as if it had not been learnt.
    pub fn set(&mut self, what: &str, value: &str) {
        match what {
            "apdu_form" => self.apdu_form = named(&FORMS, value),
            "channel_in_class" => self.channel_in_class = value.parse().ok(),
            // Nothing but a command of the table is ever sent.
            "iccid_command" => self.iccid_command = IccidCommand::from_text(value),
            "class_byte" => self.class_byte = named(&CLASSES, value),
            "select_p2" => self.select_p2 = u8::from_str_radix(value, 16).ok(),
            "terminal_capability" => self.terminal_capability = value.parse().ok(),
            _ => {}
        }
    }

    /// What there is to keep: names and values.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let values = [
            self.apdu_form.as_ref().and_then(|form| name(&FORMS, form)),
            self.channel_in_class.map(|named| named.to_string()),
            self.iccid_command.map(|command| command.text().to_owned()),
            self.class_byte.as_ref().and_then(|class| name(&CLASSES, class)),
            self.select_p2.map(|p2| format!("{p2:02X}")),
            self.terminal_capability.map(|set| set.to_string()),
        ];
        LEARNABLE.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Changes what was learnt to be otherwise.
    pub fn apply(&self, habits: &mut Habits) {
        habits.apdu_form = self.apdu_form.unwrap_or(habits.apdu_form);
        habits.channel_in_class = self.channel_in_class.or(habits.channel_in_class);
        habits.iccid_command = self.iccid_command.or(habits.iccid_command);
        habits.class_byte = self.class_byte.unwrap_or(habits.class_byte);
        habits.select_p2 = self.select_p2.unwrap_or(habits.select_p2);
        habits.terminal_capability = self.terminal_capability.or(habits.terminal_capability);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learnt_can_be_kept_and_holds() {
        let learnt = Learnt {
            apdu_form: Some(ApduForm::Csim),
            channel_in_class: Some(false),
            iccid_command: IccidCommand::from_text("AT+CICCID"),
            class_byte: Some(ClassByte::Extended),
            select_p2: Some(0x0C),
            terminal_capability: Some(true),
        };
        let mut again = Learnt::default();
        for (what, value) in learnt.facts() {
            again.set(what, &value);
        }
        assert_eq!(again, learnt);
        assert_eq!(learnt.facts().len(), LEARNABLE.len());
        let mut habits = Habits::default();
        again.apply(&mut habits);
        assert_eq!((habits.apdu_form, habits.select_p2), (ApduForm::Csim, 0x0C));
        let mut nothing = Learnt::default();
        for what in LEARNABLE {
            nothing.set(what, "nonsense");
        }
        nothing.set("colour", "red");
        assert_eq!((&nothing, nothing.facts().len()), (&Learnt::default(), 0));
        nothing.apply(&mut habits);
        assert_eq!(habits.apdu_form, ApduForm::Csim, "what was not learnt changes nothing");
    }
}
