use crm_kernel::Figure;

/// What can be drawn along days (document 000 §4.9, `metric`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Recipients of campaigns that LINE accepted.
    Sent,
    /// Recipients who opened, by the day they did.
    Opened,
    /// Recipients who clicked, by the day they did.
    Clicked,
    /// Recipients who booked, by the day they did.
    Converted,
    /// Hundredths of what they booked.
    Revenue,
    /// Everything that LINE accepted.
    MessagesSent,
    /// Messages of guests.
    MessagesReceived,
    /// Friends won.
    Follows,
    /// Friends lost.
    Blocks,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Sent,
        Self::Opened,
        Self::Clicked,
        Self::Converted,
        Self::Revenue,
        Self::MessagesSent,
        Self::MessagesReceived,
        Self::Follows,
        Self::Blocks,
    ];

    /// Reads the spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == word)
    }

    /// The spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Converted => "converted",
            Self::Revenue => "revenue",
            Self::MessagesSent => "messages_sent",
            Self::MessagesReceived => "messages_received",
            Self::Follows => "follows",
            Self::Blocks => "blocks",
        }
    }

    /// Its name on charts and sheets.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sent => "推播送達",
            Self::Opened => "開啟",
            Self::Clicked => "點擊",
            Self::Converted => "訂房",
            Self::Revenue => "訂房金額",
            Self::MessagesSent => "發送訊息",
            Self::MessagesReceived => "收到訊息",
            Self::Follows => "新好友",
            Self::Blocks => "封鎖",
        }
    }

    /// The kept figures that add up to it.
    #[must_use]
    pub const fn figures(self) -> &'static [Figure] {
        match self {
            Self::Sent => &[Figure::CampaignSent],
            Self::Opened => &[Figure::CampaignOpened],
            Self::Clicked => &[Figure::CampaignClicked],
            Self::Converted => &[Figure::CampaignConverted],
            Self::Revenue => &[Figure::CampaignRevenue],
            Self::MessagesSent => &[Figure::CampaignSent, Figure::MessagesSent],
            Self::MessagesReceived => &[Figure::MessagesReceived],
            Self::Follows => &[Figure::Follows],
            Self::Blocks => &[Figure::Blocks],
        }
    }
}
