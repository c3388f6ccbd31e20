//! Object identifiers of remote provisioning (SGP.22 4.5.2, SGP.26).

use x509_cert::der::asn1::ObjectIdentifier;

/// The roles that a certificate policy names (id-rspRole, 2.23.146.1.2.1).
pub(super) const ROLE_CI: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.146.1.2.1.0");
pub(super) const ROLE_EUICC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.146.1.2.1.1");
pub(super) const ROLE_EUM: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.146.1.2.1.2");

/// Registered identifiers of the test parties, under 2.999, the arc that is free for examples. Contents of the DER
/// object: `const-oid` has no room for this arc.
pub(super) const CI_OID: [u8; 3] = [0x88, 0x37, 0x01];
pub(super) const EUM_OID: [u8; 3] = [0x88, 0x37, 0x05];

/// The test SM-DP+, 2.999.10, and the test SM-DS, 2.999.15.
pub(super) const SMDP_OID: [u8; 3] = [0x88, 0x37, 0x0A];
pub(super) const SMDS_OID: [u8; 3] = [0x88, 0x37, 0x0F];

/// An SM-DP+ that is none of ours, 2.999.11.
pub(super) const OTHER_SMDP_OID: [u8; 3] = [0x88, 0x37, 0x0B];
