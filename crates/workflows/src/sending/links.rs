use crate::{LinkToken, LinkTokens, SentIn};
use crm_kernel::{CampaignId, MemberId, MessageId};
use crm_templates::{TapItem, TapLinks};

/// The links and postbacks of one campaign, or of one message, for one member.
pub(crate) struct SentLinks<'a> {
    pub(crate) tokens: &'a dyn LinkTokens,
    pub(crate) base_url: &'a str,
    pub(crate) sent_in: SentIn,
    /// 0 where nobody in particular is meant: previews, and messages that go to many.
    pub(crate) member: MemberId,
}

/// Nobody in particular.
pub(crate) const NOBODY: MemberId = MemberId::new(0);
const POSTBACK: &str = "tap";
/// Stands before the number of a message; a campaign's number stands alone.
const OF_MESSAGE: &str = "m";

impl TapLinks for SentLinks<'_> {
    fn base_url(&self) -> &str {
        self.base_url
    }

    fn url(&self, item: TapItem, _target: &str) -> String {
        let token = self.tokens.sign(LinkToken {
            sent_in: self.sent_in,
            member: self.member,
            item,
        });
        format!("{}/t/{token}", self.base_url)
    }

    // LINE tells who tapped and signs the event, so what it was sent in and the item are all it
    // must carry.
    fn postback(&self, item: TapItem) -> String {
        match self.sent_in {
            SentIn::Campaign(id) => format!("{POSTBACK}:{id}:{item}"),
            SentIn::Message(id) => format!("{POSTBACK}:{OF_MESSAGE}:{id}:{item}"),
        }
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

/// Reads back what [`SentLinks::postback`] wrote; `None` for anybody else's data.
pub(crate) fn read_postback(data: &str) -> Option<(SentIn, TapItem)> {
    let mut parts = data.split(':');
    if parts.next()? != POSTBACK {
        return None;
    }
    let sent_in = match parts.next()? {
        OF_MESSAGE => SentIn::Message(MessageId::new(parts.next()?.parse().ok()?)),
        campaign => SentIn::Campaign(CampaignId::new(campaign.parse().ok()?)),
    };
    let item = parts.next()?.parse().ok()?;
    parts
        .next()
        .is_none()
        .then(|| (sent_in, TapItem::new(item)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_postbacks_are_read() {
        let item = TapItem::new(3);
        let campaign = SentIn::Campaign(CampaignId::new(12));
        assert_eq!(read_postback("tap:12:3"), Some((campaign, item)));
        let message = SentIn::Message(MessageId::new(12));
        assert_eq!(read_postback("tap:m:12:3"), Some((message, item)));
        for foreign in [
            "",
            "tap",
            "tap:12",
            "tap:x:1",
            "tap:1:2:3",
            "tap:m",
            "tap:m:1",
            "tap:m:x:1",
            "tap:m:1:2:3",
            "tap:x:1:2",
            "buy:1:2",
            "tap:1:70000",
            "test:3",
        ] {
            assert_eq!(read_postback(foreign), None, "{foreign}");
        }
    }
}
