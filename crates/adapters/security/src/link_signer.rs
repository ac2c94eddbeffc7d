use crate::{KeyError, MasterKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_kernel::{CampaignId, MemberId, MessageId};
use crm_templates::TapItem;
use crm_workflows::{LinkToken, LinkTokens, SentIn};
use ring::hmac;
use std::fmt;

/// Tokens of tracked links: three or four numbers and a signature, in base64url.
///
/// The numbers are campaign, member and item; for what was sent in a message of its own 0, the
/// message, the member and the item.
///
/// Each number takes seven bits a byte (LEB128), so that everyday ids make about twenty characters
/// and ids below 2⁵⁶ at most forty. Of the HMAC-SHA256 ten bytes are kept: what a forger could win
/// is a wrong count, and 2⁸⁰ requests are more than anybody can send. Tokens do not run out, as
/// messages stay on guests' phones.
pub struct LinkSigner {
    key: hmac::Key,
    compare: hmac::Key,
}

const SIGNATURE_LEN: usize = 10;

impl LinkSigner {
    /// Signs with a key derived from `SECRET_KEY`.
    ///
    /// # Errors
    /// `Refused` when the cryptography library does not take a key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            key: master.derive_hmac("crm.tracked-link.v1")?,
            compare: master.derive_hmac("crm.tracked-link.compare.v1")?,
        })
    }

    fn signature(&self, numbers: &[u8]) -> [u8; SIGNATURE_LEN] {
        let mut short = [0; SIGNATURE_LEN];
        let full = hmac::sign(&self.key, numbers);
        short.copy_from_slice(&full.as_ref()[..SIGNATURE_LEN]);
        short
    }

    /// Compares without telling by its time where two signatures differ. ring promises that for
    /// whole HMACs only, hence a second one over the shortened signatures.
    fn is_same(&self, a: &[u8], b: &[u8]) -> bool {
        hmac::verify(&self.compare, a, hmac::sign(&self.compare, b).as_ref()).is_ok()
    }
}

impl LinkTokens for LinkSigner {
    fn sign(&self, link: LinkToken) -> String {
        let mut bytes = Vec::with_capacity(32);
        match link.sent_in {
            SentIn::Campaign(id) => write_number(&mut bytes, id.get().cast_unsigned()),
            SentIn::Message(id) => {
                write_number(&mut bytes, NO_CAMPAIGN);
                write_number(&mut bytes, id.get().cast_unsigned());
            }
        }
        write_number(&mut bytes, link.member.get().cast_unsigned());
        write_number(&mut bytes, link.item.get().into());
        let signature = self.signature(&bytes);
        bytes.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, token: &str) -> Option<LinkToken> {
        if token.len() > MOST_CHARS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (mut numbers, signature) = bytes.split_last_chunk::<SIGNATURE_LEN>()?;
        if !self.is_same(signature, &self.signature(numbers)) {
            return None;
        }
        let mut read = Vec::with_capacity(4);
        while !numbers.is_empty() {
            read.push(read_number(&mut numbers)?);
        }
        let (sent_in, member, item) = match read[..] {
            [campaign, member, item] => {
                let id = CampaignId::new(campaign.cast_signed());
                (SentIn::Campaign(id), member, item)
            }
            [NO_CAMPAIGN, message, member, item] => {
                let id = MessageId::new(message.cast_signed());
                (SentIn::Message(id), member, item)
            }
            _ => return None,
        };
        Some(LinkToken {
            sent_in,
            member: MemberId::new(member.cast_signed()),
            item: TapItem::new(u16::try_from(item).ok()?),
        })
    }
}

/// Stands before a message's number, where a campaign's would be.
const NO_CAMPAIGN: u64 = 0;

/// Base64 of a 0, two 64-bit numbers, a 16-bit one and the signature; nothing longer is looked at.
const MOST_CHARS: usize = ((1 + 10 + 10 + 3 + SIGNATURE_LEN) * 4).div_ceil(3);

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

impl fmt::Debug for LinkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSigner").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signer(letter: &str) -> LinkSigner {
        let master = MasterKey::from_text(&letter.repeat(32).into()).unwrap();
        LinkSigner::new(&master).unwrap()
    }

    fn link(campaign: i64, member: i64, item: u16) -> LinkToken {
        LinkToken {
            sent_in: SentIn::Campaign(CampaignId::new(campaign)),
            member: MemberId::new(member),
            item: TapItem::new(item),
        }
    }

    fn message_link(message: i64, member: i64, item: u16) -> LinkToken {
        LinkToken {
            sent_in: SentIn::Message(MessageId::new(message)),
            ..link(0, member, item)
        }
    }

    #[test]
    fn tokens_that_are_out_already_stay_good() {
        let numbers = [42, 0xc0, 0xc4, 7, 3];
        let signer = signer("a");
        let out = URL_SAFE_NO_PAD.encode([&numbers[..], &signer.signature(&numbers)].concat());
        assert_eq!(signer.open(&out), Some(link(42, 123_456, 3)));
        assert_eq!(signer.sign(link(42, 123_456, 3)), out);
    }

    #[test]
    fn a_message_and_a_campaign_of_one_number_have_different_tokens() {
        let signer = signer("a");
        let (campaign, message) = (link(42, 7, 3), message_link(42, 7, 3));
        assert_ne!(signer.sign(campaign), signer.sign(message));
        assert_eq!(signer.open(&signer.sign(message)), Some(message));
        assert!(signer.sign(message_link(123_456, 123_456, 3)).len() <= 24);
    }

    #[test]
    fn everyday_tokens_are_short_and_safe_in_a_url() {
        let token = signer("a").sign(link(42, 123_456, 3));
        assert!(token.len() <= 20, "{token}");
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(token.chars().all(safe), "{token}");
        let most = (1 << 56) - 1;
        let token = signer("a").sign(link(most, most, u16::MAX));
        assert!(token.len() <= 40, "{token}");
    }

    #[test]
    fn the_same_link_always_has_the_same_token() {
        let signer = signer("a");
        assert_eq!(signer.sign(link(1, 2, 3)), signer.sign(link(1, 2, 3)));
        assert_ne!(signer.sign(link(1, 2, 3)), signer.sign(link(2, 1, 3)));
    }

    #[test]
    fn any_changed_shortened_or_lengthened_token_is_refused() {
        let signer = signer("a");
        let token = signer.sign(link(42, 123_456, 3));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(signer.open(&changed), None, "{at}");
            assert_eq!(signer.open(&token[..at]), None, "{at}");
        }
        for longer in ["A", "AAAA", "=", "\n"] {
            assert_eq!(signer.open(&format!("{token}{longer}")), None);
        }
        assert_eq!(signer.open(&"A".repeat(100_000)), None);
        assert_eq!(signer.open("力麗"), None);
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        assert_eq!(signer("b").open(&signer("a").sign(link(1, 2, 3))), None);
    }

    #[test]
    fn numbers_that_do_not_end_or_are_left_over_are_refused_even_when_signed() {
        let signer = signer("a");
        for numbers in [
            &[][..],
            &[1, 2],
            &[1, 2, 3, 4],
            &[0, 2, 3, 4, 5],
            &[0x80; 20],
            &[1, 2, 0xff, 0xff, 0x7f],
        ] {
            let signed = [numbers, &signer.signature(numbers)].concat();
            assert_eq!(signer.open(&URL_SAFE_NO_PAD.encode(signed)), None);
        }
    }

    proptest! {
        #[test]
        fn every_link_comes_back(campaign: i64, member: i64, item: u16) {
            let signer = signer("a");
            let token = signer.sign(link(campaign, member, item));
            prop_assert!(token.len() <= MOST_CHARS);
            prop_assert_eq!(signer.open(&token), Some(link(campaign, member, item)));
            let token = signer.sign(message_link(campaign, member, item));
            prop_assert!(token.len() <= MOST_CHARS);
            prop_assert_eq!(signer.open(&token), Some(message_link(campaign, member, item)));
        }

        #[test]
        fn no_rubbish_is_believed_and_none_of_it_panics(text in "[A-Za-z0-9_-]{0,50}") {
            prop_assert_eq!(signer("a").open(&text), None);
        }
    }
}
