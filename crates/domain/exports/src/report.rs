use crate::SheetFormat;

/// What a file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportType {
    /// The figures of a period, day by day.
    Overview,
    /// How the campaigns of a period did.
    CampaignPerformance,
    /// Everybody a campaign was planned for.
    CampaignRecipients,
    /// Guests.
    Members,
    /// What guests and the hotel wrote to each other in a period.
    Messages,
    /// Tags.
    Tags,
}

impl ReportType {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Overview,
        Self::CampaignPerformance,
        Self::CampaignRecipients,
        Self::Members,
        Self::Messages,
        Self::Tags,
    ];

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.as_str() == word)
    }

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::CampaignPerformance => "campaign_performance",
            Self::CampaignRecipients => "campaign_recipients",
            Self::Members => "members",
            Self::Messages => "messages",
            Self::Tags => "tags",
        }
    }

    /// Its name on sheets and papers.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "數據總覽",
            Self::CampaignPerformance => "活動成效",
            Self::CampaignRecipients => "活動收件名單",
            Self::Members => "會員名單",
            Self::Messages => "訊息紀錄",
            Self::Tags => "標籤",
        }
    }

    /// Whether it has as many rows as there are of something, and not only figures.
    #[must_use]
    pub const fn is_list(self) -> bool {
        !matches!(self, Self::Overview | Self::CampaignPerformance)
    }

    /// What it may be narrowed down by.
    #[must_use]
    pub const fn asks_for(self) -> AsksFor {
        match self {
            Self::Overview | Self::CampaignPerformance | Self::Messages => AsksFor::Period,
            Self::Members => AsksFor::PeriodOrNone,
            Self::CampaignRecipients => AsksFor::Campaign,
            Self::Tags => AsksFor::Nothing,
        }
    }
}

/// What a report is about, besides its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsksFor {
    /// Days; the last thirty when nobody says.
    Period,
    /// Days; all there are when nobody says.
    PeriodOrNone,
    /// One campaign.
    Campaign,
    /// Nothing.
    Nothing,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// An Excel workbook.
    Excel,
    /// A paper to be printed.
    Pdf,
    /// Values separated by commas.
    Csv,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Excel, Self::Pdf, Self::Csv];

    /// Rows of a list that a paper has at most.
    pub const MOST_ROWS_ON_PAPER: u64 = 5_000;

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excel => "excel",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }

    /// How the file's name ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Excel => "xlsx",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }

    /// What the file is, for whoever downloads it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The sheet it is; `None` for a paper.
    #[must_use]
    pub const fn sheet(self) -> Option<SheetFormat> {
        match self {
            Self::Excel => Some(SheetFormat::Excel),
            Self::Csv => Some(SheetFormat::Csv),
            Self::Pdf => None,
        }
    }
}
