//! The table of everything that can end a download early: what card and server are told, what it costs, and who may
//! decide it.
//!
//! Servers keep an order after *postponed* and *timeout* alone ([`CancelSessionReason::keeps_the_order`]). Whatever the
//! user could cure (another card, free memory, a deleted profile, another confirmation code) therefore postpones, and
//! only the user's own word ends an order. [`Stop::Refused`] is the one row that does.

use sgp22::es10b::CancelSessionReason;

/// The party whose doing stops a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    /// The user, or a script in the user's name.
    User,
    /// The card, or the way to it.
    Card,
    /// The server, or the way to it.
    Server,
    /// The computer: its disk, its state directory.
    Computer,
}

/// The part of a download in which something can stop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Before the package is asked for: the server has given nothing out.
    Offer,
    /// From the request for the package on: the server counts the profile as handed out to this card.
    Package,
    /// Either of them.
    Any,
}

/// The message to card and server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The session is ended with this reason: the card signs it, the server gets the signature.
    Ending(CancelSessionReason),
    /// Nothing by this program: the card has signed a result, which is a notification for the server.
    CardResult,
    /// Nothing: the card has lost its session with its power, or never had one.
    Nothing,
}

/// The effect of a stop on the order, and with it on the activation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Nothing. The code works as before, and once the package was asked for, on this card.
    Kept,
    /// The order: the server is told that the profile is not wanted.
    Spent,
    /// The server decides by rules of its own.
    ServerDecides,
}

/// The one who may decide that a download ends like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// The program, by itself.
    Program,
    /// The user alone, by an explicit word: an answer to a question, or an option for just that.
    User,
    /// The card or the server: it has happened.
    Event,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopRule {
    /// A stable name, for logs and tests.
    pub name: &'static str,
    /// The one whose doing it is.
    pub party: Party,
    /// The time at which it can happen.
    pub stage: Stage,
    /// The message to card and server.
    pub told: Told,
    /// The cost.
    pub cost: Cost,
    /// The one who may decide it.
    pub decider: Decider,
}

/// The word that a row has for what is told.
macro_rules! told {
    (CardResult) => {
        Told::CardResult
    };
    (Nothing) => {
        Told::Nothing
    };
    ($reason:ident) => {
        Told::Ending(CancelSessionReason::$reason)
    };
}

macro_rules! stops {
    ($( $(#[doc = $doc:literal])+ $stop:ident = $name:literal, $party:ident, $stage:ident, $told:ident, $cost:ident, $decider:ident; )*) => {
        /// A way in which a download ends early. Each variant is a row of the table, see [`Stop::rule`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Stop {
            $( $(#[doc = $doc])+ $stop, )*
        }

        impl Stop {
            /// All rows.
            pub const ALL: &'static [Self] = &[$( Self::$stop, )*];

            /// The row.
            #[must_use]
            pub const fn rule(self) -> StopRule {
                match self {
                    $( Self::$stop => StopRule {
                        name: $name,
                        party: Party::$party,
                        stage: Stage::$stage,
                        told: told!($told),
                        cost: Cost::$cost,
                        decider: Decider::$decider,
                    }, )*
                }
            }
        }
    };
}

stops! {
    // What it is              name                   whose     when     told              cost           who decides
    /// The user refuses the profile: the one stop that ends the order.
    Refused =                  "refused",             User,     Offer,   EndUserRejection, Spent,         User;
    /// The user puts it off.
    NotNow =                   "not_now",             User,     Offer,   Postponed,        Kept,          User;
    /// The user only wanted to look.
    OnlyLooked =               "only_looked",         User,     Offer,   Postponed,        Kept,          User;
    /// The user did not answer in time.
    Unanswered =               "unanswered",          User,     Offer,   Timeout,          Kept,          Program;
    /// The user is not there to be asked, and has not agreed beforehand.
    Unasked =                  "unasked",             User,     Offer,   Postponed,        Kept,          Program;
    /// The user has not agreed to the rules of the operator.
    RulesNotAccepted =         "rules_not_accepted",  User,     Offer,   Postponed,        Kept,          Program;
    /// A confirmation code is missing, or is none.
    ConfirmationMissing =      "confirmation_missing", User,    Offer,   Postponed,        Kept,          Program;
    /// The user has interrupted the program.
    Interrupted =              "interrupted",         User,     Any,     Postponed,        Kept,          Program;
    /// What was to be written down could not be: the journal, or a file that was asked for.
    NotWritten =               "not_written",         Computer, Any,     Postponed,        Kept,          Program;
    /// The profile is on the card already.
    ProfilePresent =           "profile_present",     Card,     Offer,   Postponed,        Kept,          Program;
    /// The card has next to no memory.
    LittleMemory =             "little_memory",       Card,     Offer,   Postponed,        Kept,          Program;
    /// The card does not let the operator use a rule of the profile.
    RuleNotAuthorised =        "rule_not_authorised", Card,     Offer,   Postponed,        Kept,          Program;
    /// The profile can never be disabled, and the card has another one.
    OtherProfilePresent =      "other_profile_present", Card,   Offer,   Postponed,        Kept,          Program;
    /// The card speaks a version that no server does any more.
    OldCard =                  "old_card",            Card,     Offer,   Postponed,        Kept,          Program;
    /// The card's own description rules downloads out.
    UnfitCard =                "unfit_card",          Card,     Offer,   Nothing,          Kept,          Program;
    /// The card fails, or refuses the server, before the package is asked for.
    CardFailed =               "card_failed",         Card,     Offer,   Postponed,        Kept,          Program;
    /// The card refuses a part of the package with a status word, and has signed nothing.
    PackageRefused =           "package_refused",     Card,     Package, Postponed,        Kept,          Program;
    /// The card has lost a load half-way, and has signed nothing.
    LoadLost =                 "load_lost",           Card,     Package, Nothing,          Kept,          Event;
    /// The card has signed why it did not install the profile.
    InstallRefused =           "install_refused",     Card,     Package, CardResult,       ServerDecides, Event;
    /// The server does not answer in time.
    ServerTimeout =            "server_timeout",      Server,   Any,     Timeout,          Kept,          Program;
    /// The server cannot be reached, or its answer cannot be read.
    ServerFailed =             "server_failed",       Server,   Any,     Postponed,        Kept,          Program;
    /// The server refuses; its reason says what the order is worth.
    ServerRefused =            "server_refused",      Server,   Any,     Postponed,        ServerDecides, Event;
    /// The server is not the one that it should be, or mixes things up.
    ServerDistrusted =         "server_distrusted",   Server,   Any,     Postponed,        Kept,          Program;
    /// The package describes another profile than was offered.
    OfferChanged =             "offer_changed",       Server,   Package, Postponed,        Kept,          Program;
    /// The package has other rules than were offered.
    RulesChanged =             "rules_changed",       Server,   Package, Postponed,        Kept,          Program;
    /// The package cannot be cut for the card.
    PackageUnusable =          "package_unusable",    Server,   Package, Postponed,        Kept,          Program;
}

impl Stop {
    /// The reason that the session is ended with; *postponed* where the table has none, which costs nothing.
    #[must_use]
    pub const fn reason(self) -> CancelSessionReason {
        match self.rule().told {
            Told::Ending(reason) => reason,
            Told::CardResult | Told::Nothing => CancelSessionReason::Postponed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_users_word_ends_an_order() {
        for stop in Stop::ALL {
            let rule = stop.rule();
            let ends = !stop.reason().keeps_the_order();
            assert_eq!(ends, rule.cost == Cost::Spent, "{}", rule.name);
            if ends {
                assert_eq!((rule.party, rule.decider), (Party::User, Decider::User), "{}", rule.name);
            }
        }
    }

    #[test]
    fn every_row_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Stop::ALL.iter().map(|stop| stop.rule().name).collect();
        assert_eq!(names.len(), Stop::ALL.len());
    }
}
