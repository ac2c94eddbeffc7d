use super::guest::Guest;
use super::rows::{Rows, run};
use super::{TAGS, Workshop};
use crate::DemoError;
use chrono::Datelike;
use crm_kernel::TagId;
use crm_tags::{CreateTag, TagKind, TagSource};
use sea_orm::TransactionTrait;

/// Who wears a tag.
#[derive(Clone, Copy)]
enum Wearers {
    /// So many, whoever they are.
    Some(usize),
    /// Those whose birthday is this month.
    BirthdayThisMonth,
    /// Those who stayed at least so often.
    Stayed(i64),
    /// Those who tap what a campaign offers.
    Tapped,
}

struct Kind {
    name: &'static str,
    description: &'static str,
    by_hand: bool,
    wearers: Wearers,
}

const fn tag(
    name: &'static str,
    description: &'static str,
    by_hand: bool,
    wearers: Wearers,
) -> Kind {
    Kind {
        name,
        description,
        by_hand,
        wearers,
    }
}

const ALL: [Kind; TAGS] = [
    tag("台北", "居住地為台北、新北", false, Wearers::Some(2_500)),
    tag("家庭客", "與孩子同行", true, Wearers::Some(1_600)),
    tag("商務客", "平日出差入住", true, Wearers::Some(1_150)),
    tag("VIP會員", "年度消費滿 50,000 元", false, Wearers::Some(640)),
    tag("情侶出遊", "紀念日、雙人房為主", true, Wearers::Some(480)),
    tag("海景偏好", "指定海景或高樓層", true, Wearers::Some(260)),
    tag("常客", "入住五次以上", false, Wearers::Stayed(5)),
    tag("生日壽星", "本月生日", false, Wearers::BirthdayThisMonth),
    tag("企業合約", "簽約公司員工", true, Wearers::Some(175)),
    tag("寵物友善", "曾詢問或預訂寵物房", true, Wearers::Some(95)),
    tag("素食", "餐飲需備素食", true, Wearers::Some(48)),
    tag("長期住宿", "一次七晚以上", true, Wearers::Some(21)),
    tag("婚宴新人", "婚宴或婚攝洽詢中", true, Wearers::Some(9)),
    tag("媒體貴賓", "採訪與合作邀約", true, Wearers::Some(3)),
    tag("中秋活動", "點過中秋優惠", true, Wearers::Tapped),
    tag("訂房意願", "點過立即訂房", true, Wearers::Tapped),
    tag("早鳥優惠", "對早鳥專案有興趣", true, Wearers::Tapped),
    tag("溫泉體驗", "點過溫泉券", true, Wearers::Tapped),
    tag("餐飲優惠", "點過餐廳優惠", true, Wearers::Tapped),
    tag("希望聯繫", "請專人與我聯繫", true, Wearers::Tapped),
];

/// The tags by name.
pub(super) struct Tags(Vec<(&'static str, TagId)>);

impl Tags {
    /// The tag of this name.
    pub(super) fn id(&self, name: &str) -> Result<TagId, DemoError> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, id)| *id)
            .ok_or(DemoError::Sample("a tag is missing"))
    }
}

/// Creates the tags of both kinds.
pub(super) async fn create(workshop: &Workshop<'_>) -> Result<Tags, DemoError> {
    let mut tags = Vec::with_capacity(ALL.len());
    for kind in &ALL {
        let command = CreateTag {
            name: kind.name.to_owned(),
            kind: match kind.wearers {
                Wearers::Tapped => TagKind::Interaction,
                _ => TagKind::Member,
            },
            source: Some(if kind.by_hand {
                TagSource::Manual
            } else {
                TagSource::Api
            }),
            description: Some(kind.description.to_owned()),
            campaign_id: None,
        };
        let tag = workshop.crm.tags.create(&workshop.admin, command).await?;
        tags.push((kind.name, tag.id()));
    }
    Ok(Tags(tags))
}

/// Puts the member tags on; interaction tags come with the taps.
pub(super) async fn put_on(
    workshop: &mut Workshop<'_>,
    tags: &Tags,
    guests: &[Guest],
) -> Result<(), DemoError> {
    let now = workshop.now;
    let month = workshop.hotel.day_of(now).month();
    let everybody: Vec<&Guest> = guests.iter().collect();
    let mut rows = Rows::of("member_tag_relations", "member_id, tag_id, tagged_at");
    for (kind, (_, tag)) in ALL.iter().zip(&tags.0) {
        let wearers = match kind.wearers {
            Wearers::Some(count) => workshop.dice.some_of(&everybody, count),
            Wearers::BirthdayThisMonth => {
                let born = |g: &&&Guest| g.birthday.is_some_and(|day| day.month() == month);
                everybody.iter().filter(born).copied().collect()
            }
            Wearers::Stayed(times) => {
                let often = |g: &&&Guest| g.stays >= times;
                everybody.iter().filter(often).copied().collect()
            }
            Wearers::Tapped => Vec::new(),
        };
        for guest in wearers {
            let at = workshop.dice.moment(guest.created_at, now);
            rows.add([guest.id.into(), tag.get().into(), at.into()]);
        }
    }
    let tx = workshop.crm.database.pool().begin().await?;
    rows.store(&tx).await?;
    // As staff's own assigning does: one line of the log each, which counts as no trigger.
    run(
        &tx,
        "INSERT INTO tag_trigger_logs (member_id, tag_id, tag_name, trigger_source, triggered_at) \
         SELECT r.member_id, r.tag_id, t.name, 'manual', r.tagged_at \
         FROM member_tag_relations r JOIN tags t ON t.id = r.tag_id ORDER BY r.tagged_at",
        [],
    )
    .await?;
    run(
        &tx,
        "UPDATE tags SET member_count = (SELECT COUNT(*) FROM member_tag_relations r \
         WHERE r.tag_id = tags.id)",
        [],
    )
    .await?;
    Ok(tx.commit().await?)
}
