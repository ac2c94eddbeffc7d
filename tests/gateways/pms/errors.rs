use super::{Hotel, Trouble, everything};
use crm_members::PmsError;

pub async fn every_trouble_has_its_name<H: Hotel>() {
    let hotel = H::with(3, 0, 10).await;
    let gateway = hotel.gateway();
    for trouble in [
        Trouble::KeyRefused,
        Trouble::Refused,
        Trouble::TooFast,
        Trouble::Away,
        Trouble::Slow,
        Trouble::Cut,
        Trouble::Nonsense,
        Trouble::TooMuch,
    ] {
        let before = hotel.seen().requests;
        hotel.trouble(trouble, tries(trouble));
        let error = gateway.guests(&everything()).await.unwrap_err();
        assert!(is_its_name(&error, trouble), "{trouble:?}: {error}");
        let asked = hotel.seen().requests - before;
        assert_eq!(asked, u64::from(tries(trouble)), "{trouble:?}");
        // nothing of it is left
        assert_eq!(gateway.guests(&everything()).await.unwrap().rows.len(), 3);
    }
}

/// Four where asking again may help, else one.
const fn tries(trouble: Trouble) -> u32 {
    match trouble {
        Trouble::KeyRefused | Trouble::Refused | Trouble::TooMuch => 1,
        _ => 4,
    }
}

fn is_its_name(error: &PmsError, trouble: Trouble) -> bool {
    match error {
        PmsError::KeyRefused => trouble == Trouble::KeyRefused,
        PmsError::Refused { code, message } => {
            trouble == Trouble::Refused && !code.is_empty() && !message.is_empty()
        }
        PmsError::Unreadable(_) => trouble == Trouble::Nonsense,
        PmsError::Unavailable(_) => matches!(
            trouble,
            Trouble::TooFast | Trouble::Away | Trouble::Slow | Trouble::Cut | Trouble::TooMuch
        ),
        PmsError::NotConfigured | PmsError::CursorExpired => false,
    }
}
