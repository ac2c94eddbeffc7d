use crate::desk::Desk;
use crm_kernel::{MemberId, TagId};
use crm_tags::{Fed, FedTag, TagSource, feed_tags};

async fn feed(desk: &Desk, wanted: &[(MemberId, &'static str, bool)]) -> Fed {
    let wanted: Vec<FedTag> = wanted
        .iter()
        .map(|(member, name, is_worn)| FedTag {
            member: *member,
            name,
            is_worn: *is_worn,
        })
        .collect();
    let mut tx = desk.begin().await;
    let fed = feed_tags(&mut *tx, &wanted, desk.at(0)).await.unwrap();
    tx.commit().await.unwrap();
    fed
}

fn fed(put_on: u64, taken_off: u64) -> Fed {
    Fed { put_on, taken_off }
}

/// The one tag that a member wears, with its name.
fn worn(desk: &Desk, member: MemberId) -> Vec<(TagId, String)> {
    let worn = desk.store.worn_since().into_iter();
    worn.filter(|(wearer, _, _)| *wearer == member)
        .map(|(_, tag, _)| {
            let stored = desk.store.tag(tag).unwrap();
            assert_eq!(stored.record().source, TagSource::Api);
            (tag, stored.name().as_str().to_owned())
        })
        .collect()
}

#[tokio::test]
async fn a_tag_is_made_when_it_is_first_worn_and_goes_on_and_off_with_the_facts() {
    let desk = Desk::new();
    let (one, two) = (desk.store.some_member(), desk.store.some_member());
    assert_eq!(feed(&desk, &[(one, "VIP", false)]).await, fed(0, 0));
    assert!(desk.store.audit().is_empty(), "nobody wears it");

    let both = [(one, "VIP", true), (two, "VIP", true)];
    assert_eq!(feed(&desk, &both).await, fed(2, 0));
    assert_eq!(feed(&desk, &both).await, fed(0, 0), "the same again");
    let [(tag, name)] = &worn(&desk, one)[..] else {
        panic!("one tag");
    };
    assert_eq!(name, "VIP");
    assert_eq!(desk.counts(*tag), (2, 0));
    let audit = desk.store.audit();
    assert_eq!(audit.len(), 1);
    assert_eq!(
        (audit[0].action, audit[0].subject_id),
        ("tag.created", Some(tag.get()))
    );

    let parted = [(one, "VIP", false), (two, "VIP", true)];
    assert_eq!(feed(&desk, &parted).await, fed(0, 1));
    assert_eq!(desk.counts(*tag), (1, 0));
    assert!(desk.store.trigger_logs().is_empty());
}

#[tokio::test]
async fn a_tag_of_staffs_own_is_left_alone() {
    let desk = Desk::new();
    let own = desk.member_tag("ｖｉｐ").await;
    let (one, two) = (desk.store.some_member(), desk.store.some_member());
    desk.assign(two, &[own]).await.unwrap();
    let both = [(one, "VIP", true), (two, "VIP", false)];
    assert_eq!(feed(&desk, &both).await, fed(1, 0));
    assert_eq!(worn(&desk, one)[0].1, "VIP（PMS）");
    assert_eq!(desk.store.wearers(own), [two]);

    // It goes on under that name when staff's own is gone.
    desk.tags
        .delete(&crate::desk::STAFF, own, false)
        .await
        .unwrap();
    assert_eq!(feed(&desk, &[(two, "VIP", true)]).await, fed(1, 0));
    assert_eq!(worn(&desk, two), worn(&desk, one));
}

#[tokio::test]
async fn of_two_words_on_one_member_the_later_counts() {
    let desk = Desk::new();
    let one = desk.store.some_member();
    let twice = [(one, "VIP", true), (one, "VIP", false)];
    assert_eq!(feed(&desk, &twice).await, fed(0, 0));
    let twice = [(one, "VIP", false), (one, "VIP", true)];
    assert_eq!(feed(&desk, &twice).await, fed(1, 0));
}
