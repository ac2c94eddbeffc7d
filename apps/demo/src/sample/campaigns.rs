use super::Workshop;
use super::tags::Tags;
use super::templates::Templates;
use crate::DemoError;
use chrono::{Days, NaiveTime, TimeDelta};
use crm_campaigns::{Audience, CreateCampaign, IncludeMode, TriggerCondition};

const TEN_O_CLOCK: TimeDelta = TimeDelta::hours(10);

/// Writes what is still to come: a draft, and a campaign that goes out tomorrow morning.
pub(super) async fn create(
    workshop: &Workshop<'_>,
    tags: &Tags,
    templates: &Templates,
) -> Result<(), DemoError> {
    let tomorrow = workshop.hotel.day_of(workshop.now) + Days::new(1);
    let at_ten = workshop
        .hotel
        .utc_of(tomorrow.and_time(NaiveTime::MIN) + TEN_O_CLOCK);
    let wearing = |tag| Audience::Tags {
        include_tags: vec![tag],
        exclude_tags: Vec::new(),
        include_mode: IncludeMode::All,
    };
    let coming = [
        CreateCampaign {
            title: "本月壽星祝福".into(),
            template_id: templates.birthday,
            audience: wearing(tags.id("生日壽星")?),
            trigger: Some(TriggerCondition::FriendDays {
                days_range: [7, 3_650],
            }),
            scheduled_at: None,
        },
        CreateCampaign {
            title: "中秋禮盒預購（VIP）".into(),
            template_id: templates.greeting,
            audience: wearing(tags.id("VIP會員")?),
            trigger: None,
            scheduled_at: Some(at_ten),
        },
    ];
    for campaign in coming {
        let campaigns = &workshop.crm.campaigns;
        campaigns.create(&workshop.admin, campaign).await?;
    }
    Ok(())
}
