//! ES10b: information, authentication, download and notifications (SGP.22 5.7.5 to 5.7.14, 5.7.22).
//!
//! What one side signs travels through the others as it was received, so requests and answers of the authentication keep
//! whole objects as bytes. What is in them is read by the types of [`crate::signed`].

mod authenticate_server;
mod cancel_session;
mod get_euicc_challenge;
mod get_euicc_info;
mod get_rat;
mod list_notification;
mod load_bound_profile_package;
mod prepare_download;
mod remove_notification_from_list;
mod retrieve_notifications_list;

pub(crate) use authenticate_server::read_ctx_params1;
pub use authenticate_server::{AuthenticateServer, AuthenticateServerError, AuthenticateServerOk, DeviceInfo};
pub use cancel_session::{CancelSession, CancelSessionError, CancelSessionReason, Cancelled};
pub use get_euicc_challenge::GetEuiccChallenge;
pub use get_euicc_info::{GetEuiccInfo1, GetEuiccInfo2};
pub use get_rat::GetRat;
pub use list_notification::{ListNotification, ListNotificationError};
pub use load_bound_profile_package::{
    BppCommand, BppErrorReason, InstallationError, Installed, PeStatus, PeStatusCode, ProfileInstallationResult,
    SimaResponse,
};
pub use prepare_download::{PrepareDownload, PrepareDownloadError, PrepareDownloadOk};
pub use remove_notification_from_list::{RemoveNotificationFromList, RemoveNotificationResult};
pub use retrieve_notifications_list::{RetrieveNotificationsError, RetrieveNotificationsList};
