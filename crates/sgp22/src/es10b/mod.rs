//! ES10b: information, authentication, download and notifications (SGP.22 5.7.5 to 5.7.14, 5.7.22).

mod get_euicc_challenge;
mod get_euicc_info;
mod get_rat;
mod list_notification;
mod remove_notification_from_list;
mod retrieve_notifications_list;

pub use get_euicc_challenge::GetEuiccChallenge;
pub use get_euicc_info::{GetEuiccInfo1, GetEuiccInfo2};
pub use get_rat::GetRat;
pub use list_notification::{ListNotification, ListNotificationError};
pub use remove_notification_from_list::{RemoveNotificationFromList, RemoveNotificationResult};
pub use retrieve_notifications_list::{RetrieveNotificationsError, RetrieveNotificationsList};
