use crate::{LinkToken, LinkTokens};
use crm_kernel::{CampaignId, MemberId};
use crm_templates::{TapItem, TapLinks};

/// The links and postbacks of one campaign for one member.
pub(crate) struct CampaignLinks<'a> {
    pub(crate) tokens: &'a dyn LinkTokens,
    pub(crate) base_url: &'a str,
    pub(crate) campaign: CampaignId,
    /// 0 where nobody in particular is meant: previews, and messages that go to many.
    pub(crate) member: MemberId,
}

/// Nobody in particular.
pub(crate) const NOBODY: MemberId = MemberId::new(0);
const POSTBACK: &str = "tap";

impl TapLinks for CampaignLinks<'_> {
    fn base_url(&self) -> &str {
        self.base_url
    }

    fn url(&self, item: TapItem, _target: &str) -> String {
        let token = self.tokens.sign(LinkToken {
            campaign: self.campaign,
            member: self.member,
            item,
        });
        format!("{}/t/{token}", self.base_url)
    }

    // LINE tells who tapped and signs the event, so campaign and item are all it must carry.
    fn postback(&self, item: TapItem) -> String {
        format!("{POSTBACK}:{}:{item}", self.campaign)
    }
}

/// Links of a test: they lead straight to where they lead, and taps on them are nobody's.
pub(crate) struct TestLinks<'a> {
    pub(crate) base_url: &'a str,
}

impl TapLinks for TestLinks<'_> {
    fn base_url(&self) -> &str {
        self.base_url
    }

    fn url(&self, _item: TapItem, target: &str) -> String {
        target.to_owned()
    }

    fn postback(&self, item: TapItem) -> String {
        format!("test:{item}")
    }
}

/// Reads back what [`CampaignLinks::postback`] wrote; `None` for anybody else's data.
pub(crate) fn read_postback(data: &str) -> Option<(CampaignId, TapItem)> {
    let mut parts = data.split(':');
    if parts.next()? != POSTBACK {
        return None;
    }
    let campaign = parts.next()?.parse::<i64>().ok()?;
    let item = parts.next()?.parse::<u16>().ok()?;
    parts
        .next()
        .is_none()
        .then(|| (CampaignId::new(campaign), TapItem::new(item)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_postbacks_are_read() {
        assert_eq!(
            read_postback("tap:12:3"),
            Some((CampaignId::new(12), TapItem::new(3)))
        );
        for foreign in [
            "",
            "tap",
            "tap:12",
            "tap:x:1",
            "tap:1:2:3",
            "buy:1:2",
            "tap:1:70000",
            "test:3",
        ] {
            assert_eq!(read_postback(foreign), None, "{foreign}");
        }
    }
}
