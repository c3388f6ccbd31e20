//! A package that was made elsewhere: the worked example of the reference, with all keys known.

use data_encoding::HEXUPPER;
use p256::SecretKey;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sgp22::bpp::InitialiseSecureChannel;
use sgp22::es10b::ProfileInstallationResult;
use virtual_euicc::card::{CardShelf, VirtualCard};
use virtual_euicc::pki::{Pki, ServerKind};

use crate::bench::{Bench, HOST, Link, Package, Server, new_card, segments};

/// ConfigureISDP; header and block of StoreMetadata; ReplaceSessionKeys; header and block of a profile that is the text
/// "hello". Made with another program, for this EID, host id and pair of one-time keys.
const SEGMENTS: [&str; 6] = [
    "A01A871891C4B3D18DFB1A7F8BC088231320C04AFBD7BFC15BEF7D43",
    "A14D",
    "884BBF25405A0A9800103254769810321491065350204F6E659206546573742041950102B6183016800204F08110736D64702E6578616D706C652E636F6DB705800362F21035200D5C19E561ED",
    "A24A8748C4350CC084450F0EAD342BB8715531EAA28E2AD901067AF22DE1E4749BA021DD925B570216FCF847712642C5B021318578076622C41FA075C33726CA66AE105DC829A7BFDA012BD5",
    "A31A",
    "8618304C4E8890C9650C6FF07BA31B919899A33CD8BA2F7023E5",
];

#[test]
fn a_package_of_somebody_elses_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &new_card(&[])).unwrap();
    let folder = shelf.existing("card").unwrap();
    // The card is given the one-time key of the example, and the server asks for it.
    let path = folder.join("card.json");
    let mut state: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let secret = "11".repeat(32);
    state["euiccs"][0]["one_time_keys"] = serde_json::json!([{ "server": "2.999.10", "secret": secret }]);
    std::fs::write(&path, state.to_string()).unwrap();
    let euicc_key = SecretKey::from_slice(&[0x11; 32]).unwrap();
    let euicc_otpk = euicc_key.public_key().to_sec1_bytes().into_vec();

    let mut server = Server::new(pki.issue_server(ServerKind::Smdp, HOST).unwrap());
    server.one_time_key = SecretKey::from_slice(&[0x22; 32]).unwrap();
    server.bound_to = Some(euicc_otpk.clone());
    let mut bench = Bench { link: Link::new(VirtualCard::open(&folder).unwrap()), server, pki };
    assert_eq!(bench.prepare(), euicc_otpk);

    // Only the first segment is of our making: the example's is signed by a key of somebody else's.
    let mut first = segments(&Package::default().bind(&bench.server, &euicc_otpk)).swap_remove(0);
    first.splice(2..5, [0x82, 0x01, 0x82]);
    assert_eq!(first.len(), 180, "the example's has as many bytes");
    let (last, others) = SEGMENTS.split_last().unwrap();
    assert_eq!(bench.link.send(&first), (Vec::new(), 0x9000));
    for segment in others {
        assert_eq!(bench.link.send(&HEXUPPER.decode(segment.as_bytes()).unwrap()), (Vec::new(), 0x9000));
    }
    // "hello" is no profile.
    let (answer, _) = bench.link.send(&HEXUPPER.decode(last.as_bytes()).unwrap());
    let result = ProfileInstallationResult::decode(&answer).unwrap();
    let error = result.result.unwrap_err();
    assert_eq!((error.command.code(), error.reason.code()), (5, 12));
    assert_eq!(result.metadata.iccid.unwrap().digits(), "89000123456789012341");
}

/// The first part of the example's package, and what signed it: the published test key of SGP.26 for binding packages.
const INITIALISE: &str = "BF2381AB82010180100102030405060708090A0B0C0D0E0F10A60D8001888101108405736D6470315F4941\
    04D65A93977CAA3D1B081852FF57A79E465F1660577304BAEAD505DD3A48589CF350185E895372DF6221EA3A137557E473FDDB6755F05BD507C3C533FCE9C91285\
    5F37409C2EB6D69CB81F36FE93CDD7466913A61374E2DA7C9F48527782BC9B7A9467BFEE9F3B1786E1EA5DDF30FF09A2F1F69C2DC622CE5266FF9FA3F33DC0CE9257C8";
const BINDING_KEY: &str = "04104C2AE3D02DEF9C979261A7C6710076B970721D0955A2644AE05FAE4BC2314E\
    5DC09F6BF0118026165342E212318775E365F3B57325373066B9906E0BD1388D";

#[test]
fn a_binding_of_somebody_elses_is_verified_over_the_right_bytes() {
    let object = HEXUPPER.decode(INITIALISE.as_bytes()).unwrap();
    let request = InitialiseSecureChannel::decode(&object).unwrap();
    let euicc_otpk = SecretKey::from_slice(&[0x11; 32]).unwrap().public_key().to_sec1_bytes().into_vec();
    let signed = InitialiseSecureChannel::to_be_signed(&object, &euicc_otpk).unwrap();
    assert_eq!(signed.len(), 172);
    let key = VerifyingKey::from_sec1_bytes(&HEXUPPER.decode(BINDING_KEY.as_bytes()).unwrap()).unwrap();
    key.verify(&signed, &Signature::from_slice(&request.smdp_signature).unwrap()).unwrap();
}
