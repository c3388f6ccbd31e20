//! Finding out what waits for a card, and where (SGP.22 3.6).

use sgp22::cert::Role;
use sgp22::es9p;
use sgp22::es11::{self, EventEntry};
use sgp22::id::MatchingId;

use crate::download::{Authentication, Mistrust, Order, Parties, Step, Stopped, authenticate};
use crate::smdp::LONGEST_ANSWER;

/// The events that an SM-DS has for the card: all of them, or the one that another SM-DS has pointed to.
///
/// The server that an event names may be an SM-DP+, or an SM-DS again; which one shows when it is spoken to, by the role
/// in its certificate ([`crate::download::Mistrust::Role`]).
pub fn events(
    parties: &mut Parties<'_, '_>,
    address: &str,
    event: Option<MatchingId>,
    device: sgp22::es10b::DeviceInfo,
) -> Result<Vec<EventEntry>, Stopped> {
    let order = Order { address: address.into(), matching_id: event, smdp_oid: None, device };
    let Authentication { session, response, .. } = authenticate(parties, &order, Role::DsAuth)?;
    parties.watch.step(Step::Asking);
    let request = es11::AuthenticateClient(es9p::AuthenticateClient {
        transaction_id: session.transaction_id.clone(),
        authenticate_server_response: response,
    });
    // An SM-DS has no CancelSession: the card forgets the session with its next challenge.
    let stopped = |cause| Stopped { cause, cancellation: None, package_requested: false };
    let events = session
        .call(parties.servers, session.peer(), &request, LONGEST_ANSWER)
        .map_err(|error| stopped(error.into()))?;
    match events.transaction_id {
        Some(id) if id != session.transaction_id => Err(stopped(Mistrust::Session("answer").into())),
        _ => Ok(events.entries),
    }
}
