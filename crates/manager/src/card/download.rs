//! Downloading a profile.
//!
//! [`Card::ask_for_profile`] goes as far as nothing is spent, and gives an [`Offer`]. Whoever has one shows it to the user,
//! and then gives it to [`Card::install`] or to [`Card::decline`]: an offer that is merely dropped leaves server and card
//! waiting for each other.

mod earlier;
mod install;
mod preflight;
mod request;
mod steps;

use lpa::download::{self, Order, Parties, Stop};
use lpa::smdp::RspServer;
use serde_json::json;
use sgp22::card_limits::CardLimit;
use sgp22::es10b::{DeviceInfo, GetEuiccInfo2};
use sgp22::metadata::StoreMetadata;
use sgp22::notification::NotificationMetadata;

use super::binding::Binding;
use super::server::address_on_card;
use super::{Card, WAITED, waited};
use crate::code_key;
use crate::database::NewEntry;
use crate::error::{CodeState, Error, Id, after_cancelling, card_error, limit_error, stopped_error};
use crate::record::Record;
use crate::recover::step;

pub use earlier::{EarlierOutcome, EarlierUse};
pub use install::Downloaded;
pub use lpa::download::{Step, Unwatched, Watch};
pub use preflight::LITTLE_MEMORY;
pub use request::{Concern, DownloadRequest, Source};
use steps::{Noted, closed, note};

/// A profile that the server has for the card.
#[must_use = "install it or decline it: the server waits"]
pub struct Offer<'s> {
    inner: download::Offer,
    servers: &'s dyn RspServer,
    record: Option<Record>,
    /// The server.
    pub address: String,
    /// What should be known before agreeing.
    pub concerns: Vec<Concern>,
    /// What waited on the card before.
    before: Option<Vec<NotificationMetadata>>,
    binding: Binding,
}

/// A download that is on record. Nothing has been asked of anybody.
struct Begun<'s> {
    order: Order,
    servers: &'s dyn RspServer,
    before: Option<Vec<NotificationMetadata>>,
    record: Option<Record>,
}

/// How an offer was declined.
#[derive(Debug, Clone)]
pub struct Declined {
    /// The profile.
    pub metadata: StoreMetadata,
    /// The server.
    pub address: String,
    /// What should have been known.
    pub concerns: Vec<Concern>,
    /// Whether a confirmation code would have been needed.
    pub confirmation_required: bool,
    /// How the session was ended.
    pub cancellation: download::Cancellation,
}

impl Declined {
    /// What the activation code is worth now.
    #[must_use]
    pub fn code(&self) -> CodeState {
        crate::error::code_after_cancelling(&self.cancellation, false)
    }
}

impl Offer<'_> {
    /// The profile.
    #[must_use]
    pub fn metadata(&self) -> &StoreMetadata {
        self.inner.metadata()
    }

    /// The server wants a confirmation code, and counts wrong ones.
    #[must_use]
    pub fn confirmation_required(&self) -> bool {
        self.inner.confirmation_required()
    }
}

impl<'s> Card<'s> {
    /// Has card and server authenticate each other, asks what the server has, and looks whether the card can take it.
    ///
    /// Nothing is spent. What speaks against the profile postpones it, and is the error.
    pub fn ask_for_profile(&mut self, request: &DownloadRequest, watch: &mut dyn Watch) -> Result<Offer<'s>, Error> {
        // Before this download is on record itself.
        let earlier = self.earlier_use(request).map_err(|error| request.source.unspent(error))?;
        match self.ask(request, watch) {
            Ok(mut offer) => {
                offer.concerns.extend(earlier.map(Concern::UsedBefore));
                Ok(offer)
            }
            // The server says that something is wrong with the order: that it was used here is the likeliest reason.
            Err(error) if error.refusal.is_some() => Err(match earlier {
                Some(earlier) => error.aside(earlier.sentence()),
                None => error,
            }),
            Err(error) => Err(error),
        }
    }

    fn ask(&mut self, request: &DownloadRequest, watch: &mut dyn Watch) -> Result<Offer<'s>, Error> {
        let begun = self.begin(request).map_err(|error| request.source.unspent(error))?;
        let Begun { order, servers, before, record } = begun;
        let mut noted = Noted::new(watch, record.as_ref());
        let mut parties = Parties { isdr: &mut self.isdr, servers, watch: &mut noted };
        let inner = match download::begin(&mut parties, &order) {
            Ok(inner) => inner,
            Err(stopped) => return Err(closed(record, stopped_error(&stopped, &order.address))),
        };
        let binding = match self.binding() {
            Ok(binding) => binding,
            Err(error) => {
                let mut noted = Noted::new(watch, record.as_ref());
                let mut parties = Parties { isdr: &mut self.isdr, servers, watch: &mut noted };
                let cancellation = inner.cancel(&mut parties, Stop::CardFailed);
                return Err(closed(record, after_cancelling(error, &cancellation, false)));
            }
        };
        let offer = Offer { inner, servers, record, address: order.address, concerns: Vec::new(), before, binding };
        self.look_at(offer, request, watch)
    }

    /// All that comes before the server is asked.
    fn begin(&mut self, request: &DownloadRequest) -> Result<Begun<'s>, Error> {
        let order = self.order(request)?;
        self.check_limits(request)?;
        let servers = self.servers()?;
        // The connection is made while the card is read.
        servers.expect(&order.address);
        self.stretch()?;
        let before = self.before_change()?;
        let record = self.begin_download(&order, before.as_deref())?;
        Ok(Begun { order, servers, before, record })
    }

    /// Refuses what cannot work by what the card says of itself, before anything goes out.
    fn check_limits(&mut self, request: &DownloadRequest) -> Result<(), Error> {
        download::check_card(&mut self.isdr).map_err(|stopped| stopped_error(&stopped, ""))?;
        let limits = match self.isdr.call(&GetEuiccInfo2) {
            Ok(info) => info.limits(|_| true),
            Err(error @ (lpa::Error::Transport { .. } | lpa::Error::Interrupted)) => return Err(card_error(error)),
            // A card that does not describe itself here does so when it signs.
            Err(_) => Vec::new(),
        };
        let despite_memory = request.despite_memory || request.refuse;
        let stops =
            |limit: &&CardLimit| limit.blocks_downloads() || (**limit == CardLimit::NoFreeMemory && !despite_memory);
        match limits.iter().find(stops) {
            Some(CardLimit::NoFreeMemory) => Err(Error::new(Id::CardMemoryFull)),
            Some(limit) => Err(limit_error(limit)),
            None => Ok(()),
        }
    }

    fn order(&mut self, request: &DownloadRequest) -> Result<Order, Error> {
        let device = DeviceInfo::new(request.imei);
        let (address, matching_id, smdp_oid) = match &request.source {
            Source::Code(code) => (code.smdp.clone(), Some(code.matching_id.clone()), code.smdp_oid.clone()),
            Source::Server { address, matching_id } => (address.clone(), matching_id.clone(), None),
            Source::Default => {
                let default = address_on_card("default SM-DP+", self.addresses()?.default_smdp.as_ref())?;
                (default.ok_or(Error::new(Id::NoDefaultServer))?.to_string(), None, None)
            }
        };
        Ok(Order { address, matching_id, smdp_oid, device })
    }

    /// Opens the journal: without that nothing is done.
    fn begin_download(
        &mut self,
        order: &Order,
        before: Option<&[NotificationMetadata]>,
    ) -> Result<Option<Record>, Error> {
        let eid = self.eid()?.to_string();
        let plan = json!({ "server": order.address, WAITED: waited(before) });
        let entry = NewEntry { command: "download", device: self.device, eid, iccid: None, plan };
        let code = code_key::fingerprint(self.manager.paths(), &order.address, order.matching_id.as_ref());
        let begin = || Record::begin_with_code(self.manager, &entry, code.as_deref());
        let record = self.fact_key.map(|_| begin()).transpose()?;
        match note(record.as_ref(), step::AUTHENTICATING, json!({ "server": order.address })) {
            Ok(()) => Ok(record),
            Err(error) => Err(closed(record, error)),
        }
    }

    /// Looks whether the card can take what is offered.
    fn look_at(
        &mut self,
        mut offer: Offer<'s>,
        request: &DownloadRequest,
        watch: &mut dyn Watch,
    ) -> Result<Offer<'s>, Error> {
        let detail = json!({
            "server": offer.address,
            "transaction_id": offer.inner.transaction_id().to_string(),
            "iccid": offer.metadata().iccid.digits(),
        });
        let looked = note(offer.record.as_ref(), step::AUTHENTICATED, detail)
            .map_err(|error| (error, Stop::NotWritten))
            .and_then(|()| if request.refuse { Ok(Vec::new()) } else { self.concerns(&offer, request) });
        match looked {
            Ok(concerns) => {
                offer.concerns = concerns;
                Ok(offer)
            }
            Err((error, stop)) => {
                let declined = self.decline(offer, stop, watch);
                Err(after_cancelling(error, &declined.cancellation, false))
            }
        }
    }

    /// Ends the session without installing: the card signs why, and the server is told.
    ///
    /// Of all stops, [`Stop::Refused`] alone ends the order, and takes the user's explicit word.
    pub fn decline(&mut self, offer: Offer<'_>, stop: Stop, watch: &mut dyn Watch) -> Declined {
        let Offer { inner, servers, record, address, concerns, .. } = offer;
        let (metadata, confirmation_required) = (inner.metadata().clone(), inner.confirmation_required());
        let mut noted = Noted::new(watch, record.as_ref());
        let mut parties = Parties { isdr: &mut self.isdr, servers, watch: &mut noted };
        let cancellation = inner.cancel(&mut parties, stop);
        if let Some(record) = record {
            record.end(Some(&crate::error::declined(&cancellation)));
        }
        Declined { metadata, address, concerns, confirmation_required, cancellation }
    }
}
