use crm_kernel::{RfmScores, RfmSegment};
use serde::Serialize;
use utoipa::ToSchema;

/// What guests of like recency and frequency are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Segment {
    /// 冠軍客
    Champions,
    /// 忠實客
    Loyal,
    /// 潛力客
    PotentialLoyal,
    /// 新客
    New,
    /// 有望客
    Promising,
    /// 需關注
    NeedAttention,
    /// 快沉睡
    AboutToSleep,
    /// 流失風險
    AtRisk,
    /// 不可失去
    CantLose,
    /// 沉睡客
    Hibernating,
    /// 已流失
    Lost,
}

impl From<RfmSegment> for Segment {
    fn from(segment: RfmSegment) -> Self {
        match segment {
            RfmSegment::Champions => Self::Champions,
            RfmSegment::Loyal => Self::Loyal,
            RfmSegment::PotentialLoyal => Self::PotentialLoyal,
            RfmSegment::New => Self::New,
            RfmSegment::Promising => Self::Promising,
            RfmSegment::NeedAttention => Self::NeedAttention,
            RfmSegment::AboutToSleep => Self::AboutToSleep,
            RfmSegment::AtRisk => Self::AtRisk,
            RfmSegment::CantLose => Self::CantLose,
            RfmSegment::Hibernating => Self::Hibernating,
            RfmSegment::Lost => Self::Lost,
        }
    }
}

/// How a member compares with all guests who have stayed: each score from 1 to 5, 5 is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "recency": 5, "frequency": 4, "money": 3, "segment": "champions", "segment_name": "冠軍客"
}))]
pub(crate) struct MemberScores {
    /// How lately they stayed.
    recency: u8,
    /// How often.
    frequency: u8,
    /// For how much.
    money: u8,
    /// What such guests are called.
    segment: Segment,
    /// The same on screens.
    segment_name: &'static str,
}

impl From<RfmScores> for MemberScores {
    fn from(scores: RfmScores) -> Self {
        Self {
            recency: scores.recency,
            frequency: scores.frequency,
            money: scores.money,
            segment: scores.segment().into(),
            segment_name: scores.segment().title(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_written_as_the_product_knows_them() {
        for segment in RfmSegment::ALL {
            let written = serde_json::to_value(Segment::from(*segment)).unwrap();
            assert_eq!(written, segment.as_str());
        }
    }
}
