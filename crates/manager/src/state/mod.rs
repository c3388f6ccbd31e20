//! The state directory: where it is, who may use it, and which ones this machine has.
//!
//! Root and services share `/var/lib/esimctl` with the people in the group `esimctl`. Everybody else has a directory of
//! their own.

pub(crate) mod filesystem;
pub(crate) mod modes;
pub(crate) mod place;
mod register;
mod relocate;
mod users;

pub use register::StateDir;
pub use users::User;

use crate::Paths;
use crate::database::Database;
use crate::error::{Error, Id};
use crate::words;
use modes::Sharing;
use place::GROUP;

impl Paths {
    /// Makes the state directory: for its owner alone, or as the machine's for its group.
    ///
    /// # Errors
    /// `state_directory` if the system refuses.
    pub fn make_state(&self) -> Result<(), Error> {
        let made = match self.sharing() {
            Sharing::Group(group) if !self.state().exists() => modes::make_shared(self.state(), group),
            _ => private_files::make_directory(self.state(), private_files::Access::Directory),
        };
        made.map_err(|error| Error::new(Id::StateDirectory).with("path", self.state().display()).cause(error))
    }

    /// Root alone gives the directory of the machine to its group.
    fn sharing(&self) -> Sharing {
        let account = self.account();
        if !account.is_root() || self.state() != account.machine_state() {
            return Sharing::AsItIs;
        }
        users::group_id(&account.system, GROUP).map_or(Sharing::AsItIs, Sharing::Group)
    }

    /// Puts the state directory right before it is used: moved from where older versions had it, and with the right
    /// permissions. Gives what the user should know, a sentence each.
    ///
    /// # Errors
    /// `state_in_two_places`, `state_in_use` or `state_not_moved` if root's state is elsewhere and has to stay there.
    pub(crate) fn settle(&self, named: bool) -> Result<Vec<String>, Error> {
        let account = self.account();
        let mut told = Vec::new();
        let path = self.state().display().to_string();
        if !named
            && account.is_root()
            && account.uses_machine_state()
            && let Some(from) = relocate::move_roots_state(account)?
        {
            // Permissions change with the place: that is no news.
            modes::repair(self.state(), self.sharing());
            let from = from.display().to_string();
            told.push(words::text("state-moved", &[("from", from.into()), ("to", path.into())]));
        }
        let repaired = modes::repair(self.state(), self.sharing());
        if !repaired.is_empty() {
            let names: Vec<String> = repaired.iter().map(|path| path.display().to_string()).collect();
            told.push(words::text("state-permissions", &[("files", names.join(", ").into())]));
        }
        if !named {
            told.extend(self.left_behind());
        }
        Ok(told)
    }

    /// Puts the permissions right after the database has been made, which shows that the directory is ours alone.
    pub(crate) fn settle_new_database(&self) {
        for path in modes::repair(self.state(), self.sharing()) {
            log::info!("other users could have used {}: its permissions are put right now", path.display());
        }
    }

    /// What waits in the directory that a person used before joining the group.
    fn left_behind(&self) -> Option<String> {
        let account = self.account();
        let own = account.own_state().filter(|own| !account.is_root() && own != self.state())?;
        let database = Database::peek(&Self::in_system(&account.system, Some(own.clone())))?;
        let open = database.unfinished().map_or(0, |entries| entries.len());
        let waiting = database.letters(false).map_or(0, |letters| letters.len());
        let own = own.display().to_string();
        (open + waiting > 0).then(|| words::text("state-left-behind", &[("path", own.into())]))
    }
}
