//! The secure channel that protects a profile on its way into one card: SCP03t, which SGP.22 v3 calls BSP (SGP.22 2.5.4,
//! 2.6.4 and annex M). The server protects, the card opens.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cmac::{Cmac, Mac};
use p256::ecdh::diffie_hellman;
use p256::{PublicKey, SecretKey};
use sgp22::bpp::{MAC_LENGTH, ReplaceSessionKeys};
use sgp22::id::Eid;
use sgp22::tlv::{Tag, Writer};
use sha2::{Digest, Sha256};

/// Bytes in a block of AES.
const BLOCK: usize = 16;
/// What marks the end of the data in the last block (ISO/IEC 9797-1 method 2).
const PADDING: u8 = 0x80;

/// What card and server agree upon in the key agreement (BSI TR-03111 4.3.1): the x-coordinate of the shared point. `None` if
/// `theirs`, `04||X||Y`, is no point of the curve.
#[must_use]
pub fn shared_secret(ours: &SecretKey, theirs: &[u8]) -> Option<[u8; 32]> {
    let theirs = PublicKey::from_sec1_bytes(theirs).ok()?;
    let shared = diffie_hellman(ours.to_nonzero_scalar(), theirs.as_affine());
    Some((*shared.raw_secret_bytes()).into())
}

/// Why a block cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenBlockError {
    /// Shorter than its MAC, or no whole blocks.
    #[error("the block's length cannot be")]
    Structure,
    /// The MAC or the padding is wrong.
    #[error("the block was not protected with these keys, or not in this order")]
    Security,
}

/// One end of the secure channel: keys, the value that chains the MACs, and the number of the next block.
pub struct SecureChannel {
    encryption: [u8; BLOCK],
    mac: [u8; BLOCK],
    chaining: [u8; BLOCK],
    counter: u128,
}

impl std::fmt::Debug for SecureChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecureChannel(block {})", self.counter)
    }
}

impl SecureChannel {
    /// The channel with the keys that the two derive from what they agreed upon (X9.63 KDF with SHA-256).
    #[must_use]
    pub fn derive(secret: &[u8; 32], host_id: &[u8], eid: Eid) -> Self {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let eid = eid.as_bytes();
        let shared_info = [&[0x88, 0x10, length(host_id)][..], host_id, &[length(eid)], eid].concat();
        let part = |number: u32| -> [u8; 32] {
            Sha256::new()
                .chain_update(secret)
                .chain_update(number.to_be_bytes())
                .chain_update(&shared_info)
                .finalize()
                .into()
        };
        let (first, second) = (part(1), part(2));
        let half = |bytes: &[u8]| -> [u8; BLOCK] { std::array::from_fn(|at| bytes[at]) };
        Self::new(half(&first[BLOCK..]), half(&second[..BLOCK]), half(&first[..BLOCK]))
    }

    /// A channel with keys that are known.
    #[must_use]
    pub fn new(encryption: [u8; BLOCK], mac: [u8; BLOCK], chaining: [u8; BLOCK]) -> Self {
        Self { encryption, mac, chaining, counter: 1 }
    }

    /// Goes on with the keys of a ReplaceSessionKeys, and counts from 1 again.
    pub fn replace(&mut self, keys: &ReplaceSessionKeys) {
        *self = Self::new(keys.encryption, keys.mac, keys.mac_chaining);
    }

    /// Encrypts and authenticates: the blocks `87` and `86`.
    #[must_use]
    pub fn encrypt(&mut self, tag: Tag, plain: &[u8]) -> Vec<u8> {
        let mut padded = plain.to_vec();
        padded.push(PADDING);
        padded.resize(padded.len().next_multiple_of(BLOCK), 0);
        let cipher = cbc::Encryptor::<Aes128>::new(&self.encryption.into(), &self.vector().into());
        let length = padded.len();
        // Whole blocks: there is nothing that could fail.
        let sealed = cipher.encrypt_padded::<NoPadding>(&mut padded, length).unwrap_or_default();
        self.authenticate(tag, sealed)
    }

    /// Authenticates alone: the block `88`.
    #[must_use]
    pub fn authenticate(&mut self, tag: Tag, content: &[u8]) -> Vec<u8> {
        let mac = self.next_mac(tag, content);
        let mut writer = Writer::new();
        writer.put(tag, &[content, &mac[..MAC_LENGTH]].concat());
        writer.finish()
    }

    /// Checks and decrypts the value of a block `87` or `86`.
    pub fn decrypt(&mut self, tag: Tag, value: &[u8]) -> Result<Vec<u8>, OpenBlockError> {
        let vector = self.vector();
        let sealed = self.verify(tag, value)?;
        if sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK) {
            return Err(OpenBlockError::Structure);
        }
        let cipher = cbc::Decryptor::<Aes128>::new(&self.encryption.into(), &vector.into());
        let mut plain = sealed.to_vec();
        cipher.decrypt_padded::<NoPadding>(&mut plain).map_err(|_| OpenBlockError::Structure)?;
        let end = plain.iter().rposition(|byte| *byte != 0).filter(|end| plain[*end] == PADDING);
        match end {
            Some(end) if plain.len() - end <= BLOCK => {
                plain.truncate(end);
                Ok(plain)
            }
            _ => Err(OpenBlockError::Security),
        }
    }

    /// Checks the value of a block `88`; what is in it.
    pub fn verify<'v>(&mut self, tag: Tag, value: &'v [u8]) -> Result<&'v [u8], OpenBlockError> {
        let (content, mac) = value.split_last_chunk::<MAC_LENGTH>().ok_or(OpenBlockError::Structure)?;
        let expected = self.next_mac(tag, content);
        if expected[..MAC_LENGTH] == *mac { Ok(content) } else { Err(OpenBlockError::Security) }
    }

    /// The vector that encryption of this block begins with: its number, encrypted.
    fn vector(&self) -> [u8; BLOCK] {
        let mut block = self.counter.to_be_bytes().into();
        Aes128::new(&self.encryption.into()).encrypt_block(&mut block);
        block.into()
    }

    /// The MAC of this block; the channel moves on to the next.
    fn next_mac(&mut self, tag: Tag, content: &[u8]) -> [u8; BLOCK] {
        // Tag and length as they stand before content and MAC.
        let mut header = Writer::new();
        header.header(tag, content.len() + MAC_LENGTH);
        let mut mac = <Cmac<Aes128> as KeyInit>::new(&self.mac.into());
        mac.update(&self.chaining);
        mac.update(&header.finish());
        mac.update(content);
        self.chaining = mac.finalize().into_bytes().into();
        self.counter += 1;
        self.chaining
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    fn key(hex: &str) -> [u8; 16] {
        bytes(hex).try_into().unwrap()
    }

    #[test]
    fn keys_are_derived_as_others_derive_them() {
        let secret = bytes("8902dca391bbb22570fe60c176076246f568b1941265dff1d729e63039658089").try_into().unwrap();
        let eid = "89049032123451234512345678901335".parse().unwrap();
        let channel = SecureChannel::derive(&secret, &[0x80; 8], eid);
        assert_eq!(channel.encryption, key("d782d575b22a38334556a3d9a1e2ae6b"));
        assert_eq!(channel.mac, key("a35addc192ae8f934e2932116c7e89e7"));
        assert_eq!(channel.chaining, key("734bc93ddb10c71c5ad13d420dc08b5b"));
    }

    /// Blocks that a server of somebody else's made.
    const BLOCKS: [(u32, &str, &str); 3] = [
        (0x87, "bf2400", "8718f6fe031e4b9cfe87c8e1e62f3fde85c49412d7722a6a2d89"),
        (
            0x88,
            "bf252d5a0a98001032547698103214910947534d415f54455354921147534d415f544553545f50524f46494c45950100",
            "8838bf252d5a0a98001032547698103214910947534d415f54455354921147534d415f544553545f50524f46494c459501008a62cc9adbb5ccbc",
        ),
        (
            0x87,
            "bf26368010000102030405060708090a0b0c0d0e0f8110010102030405060708090a0b0c0d0e0f8210020102030405060708090a0b0c0d0e0f",
            "8748a14c800a001992351cd46ad2945654674369701d82b7b46567652bc8fbed234939fc57fba748015525fd6c651e9d3d1330652d42a0cfad950e912122af4ec5362d3c0bc535729c40",
        ),
    ];

    fn channel() -> SecureChannel {
        SecureChannel::new(
            key("472f5bfadd97f21d34f3ce9b51b92751"),
            key("9ec07f5b36a13e12a991d66e294e6242"),
            key("406d507b448a699e7a36a38494debbde"),
        )
    }

    #[test]
    fn blocks_are_protected_and_opened_as_others_do() {
        let (mut server, mut card) = (channel(), channel());
        for (tag, plain, block) in BLOCKS {
            let (tag, plain, block) = (Tag(tag), bytes(plain), bytes(block));
            let encrypted = tag == Tag(0x87);
            let made = if encrypted { server.encrypt(tag, &plain) } else { server.authenticate(tag, &plain) };
            assert_eq!(made, block);
            let value = &block[2..];
            let opened =
                if encrypted { card.decrypt(tag, value).unwrap() } else { card.verify(tag, value).unwrap().to_vec() };
            assert_eq!(opened, plain);
        }
    }

    #[test]
    fn a_block_that_was_touched_moved_or_shortened_is_refused() {
        let block = bytes(BLOCKS[0].2);
        for at in 2..block.len() {
            let mut touched = block.clone();
            touched[at] ^= 1;
            assert_eq!(channel().decrypt(Tag(0x87), &touched[2..]), Err(OpenBlockError::Security), "byte {at}");
        }
        let mut second = channel();
        let _ = second.authenticate(Tag(0x88), b"first");
        assert_eq!(second.decrypt(Tag(0x87), &block[2..]), Err(OpenBlockError::Security));
        assert_eq!(channel().decrypt(Tag(0x86), &block[2..]), Err(OpenBlockError::Security));
        assert_eq!(channel().decrypt(Tag(0x87), &block[2..8]), Err(OpenBlockError::Structure));
    }
}
