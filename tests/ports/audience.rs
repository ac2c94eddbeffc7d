use crate::samples::{at, begin, campaign, commit, friends, members, tag, tags};
use crm_campaigns::{
    Audience, CampaignQueries, GateFacts, IncludeMode, PlanRequest, Selection, SkipReason, Span,
    gate,
};
use crm_database::Database;
use crm_kernel::{Actor, HotelTime, MemberId, TagId};
use crm_members::{LineState, Member, RegisterMember};
use crm_tags::TagKind;
use std::collections::{BTreeMap, BTreeSet};

crate::contract!(
    a_plan_is_the_audience_as_the_gate_judges_it_and_the_estimate_says_the_same,
    full_batches_are_numbered_by_member_however_many_are_kept_back,
    a_tag_that_does_not_exist_never_widens_an_audience,
);

/// What the rules say of a member, worked out without SQL.
struct Facts {
    id: MemberId,
    tags: BTreeSet<TagId>,
    gate: GateFacts,
    followed: chrono::DateTime<chrono::Utc>,
}

/// 60 members with every mix of three tags, blocked or not, opted out or not, with and without
/// LINE, and follow times ten minutes apart.
async fn population(db: &Database) -> (Vec<Facts>, [TagId; 3]) {
    let ids = friends(db, 60).await;
    let mut all_tags = [TagId::new(0); 3];
    for (i, place) in all_tags.iter_mut().enumerate() {
        *place = tag(db, &format!("標籤{i}"), TagKind::Member).await;
    }
    let mut facts = Vec::new();
    for (i, id) in ids.into_iter().enumerate() {
        let worn: Vec<TagId> = (0..3)
            .filter(|t| i >> t & 1 == 1)
            .map(|t| all_tags[t])
            .collect();
        if !worn.is_empty() {
            tags(db).assign(&Actor::System, id, &worn).await.unwrap();
        }
        let gate = GateFacts {
            has_line: i % 11 != 0,
            following: i % 5 != 0,
            accepts_marketing: i % 7 != 0,
        };
        let followed = at(i64::try_from(i).unwrap() * 10);
        let mut tx = begin(db).await;
        let member = tx.members().find(id).await.unwrap().unwrap();
        let mut record = member.record().clone();
        record.accept_marketing = gate.accepts_marketing;
        match &mut record.line {
            Some(line) if gate.has_line => {
                line.followed_at = Some(followed);
                if !gate.following {
                    line.state = LineState::Blocked;
                }
            }
            line => *line = None,
        }
        tx.members()
            .update(&Member::from_stored(id, record))
            .await
            .unwrap();
        commit(tx).await;
        facts.push(Facts {
            id,
            tags: worn.into_iter().collect(),
            gate,
            followed,
        });
    }
    // Never had LINE.
    let nobody = RegisterMember {
        last_name: Some("陳".into()),
        ..RegisterMember::default()
    };
    members(db).register(&Actor::System, nobody).await.unwrap();
    (facts, all_tags)
}

fn now(audience: &Audience) -> Selection {
    audience.selection(None, at(0), HotelTime::new(chrono_tz::Asia::Taipei))
}

fn belongs(facts: &Facts, audience: &Audience, followed: Option<Span>) -> bool {
    let by_tags = match audience {
        Audience::All => true,
        Audience::Rules { .. } => panic!("rules are tried elsewhere"),
        Audience::Tags {
            include_tags,
            exclude_tags,
            include_mode,
        } => {
            let worn = |tag: &TagId| facts.tags.contains(tag);
            let included = match include_mode {
                IncludeMode::All => include_tags.iter().all(worn),
                IncludeMode::Any => include_tags.is_empty() || include_tags.iter().any(worn),
            };
            included && !exclude_tags.iter().any(worn)
        }
    };
    by_tags
        && followed.is_none_or(|window| facts.gate.has_line && window.holds(Some(facts.followed)))
}

async fn a_plan_is_the_audience_as_the_gate_judges_it_and_the_estimate_says_the_same(db: Database) {
    let (facts, [a, b, c]) = population(&db).await;
    let tags = |include: &[TagId], exclude: &[TagId], include_mode| Audience::Tags {
        include_tags: include.to_vec(),
        exclude_tags: exclude.to_vec(),
        include_mode,
    };
    let some = Span {
        from: Some(at(100)),
        until: Some(at(300)),
    };
    for (audience, followed) in [
        (Audience::All, None),
        (Audience::All, Some(some)),
        (tags(&[a], &[], IncludeMode::All), None),
        (tags(&[a, b], &[], IncludeMode::All), None),
        (tags(&[a, b], &[], IncludeMode::Any), None),
        (tags(&[a, a], &[c], IncludeMode::All), None),
        (tags(&[], &[b, c], IncludeMode::All), None),
        (tags(&[b], &[a], IncludeMode::Any), Some(some)),
    ] {
        let mut expected: BTreeMap<MemberId, Result<(), SkipReason>> = BTreeMap::new();
        for person in facts.iter().filter(|p| p.gate.has_line) {
            if belongs(person, &audience, followed) {
                expected.insert(person.id, gate(person.gate));
            }
        }
        let mut skipped: BTreeMap<SkipReason, i64> = BTreeMap::new();
        for reason in expected.values().filter_map(|r| r.err()) {
            *skipped.entry(reason).or_default() += 1;
        }
        let mut selection = now(&audience);
        if let Some(span) = followed {
            selection = selection.who_followed(span);
        }
        let campaign = campaign(&db, audience.clone()).await;
        let mut tx = begin(&db).await;
        let request = PlanRequest {
            campaign_id: campaign.id(),
            selection: &selection,
            batch_size: 7,
        };
        let counts = tx.recipients().plan(&request).await.unwrap();
        commit(tx).await;
        assert_eq!(
            counts.planned,
            i64::try_from(expected.len()).unwrap(),
            "{audience:?}"
        );
        assert_eq!(counts.skipped, skipped, "{audience:?}");

        let estimate = db.estimate(&selection).await.unwrap();
        assert_eq!(estimate.eligible, counts.eligible(), "{audience:?}");
        assert_eq!(estimate.skipped, counts.skipped, "{audience:?}");
        let without = facts
            .iter()
            .filter(|p| !p.gate.has_line && belongs(p, &audience, followed))
            .count();
        // The one who was typed in wears no tag and follows since never.
        let typed_in = usize::from(
            followed.is_none()
                && !matches!(&audience, Audience::Tags { include_tags, .. } if !include_tags.is_empty()),
        );
        assert_eq!(
            estimate.without_line,
            i64::try_from(without + typed_in).unwrap()
        );
    }
}

async fn full_batches_are_numbered_by_member_however_many_are_kept_back(db: Database) {
    let (facts, _) = population(&db).await;
    let audience = Audience::All;
    let campaign = campaign(&db, audience.clone()).await;
    let mut tx = begin(&db).await;
    let request = PlanRequest {
        campaign_id: campaign.id(),
        selection: &now(&audience),
        batch_size: 10,
    };
    let counts = tx.recipients().plan(&request).await.unwrap();
    let eligible: Vec<MemberId> = facts
        .iter()
        .filter(|p| gate(p.gate).is_ok())
        .map(|p| p.id)
        .collect();
    assert_eq!(counts.eligible(), i64::try_from(eligible.len()).unwrap());
    let mut planned = Vec::new();
    for (number, expected) in eligible.chunks(10).enumerate() {
        let batch =
            crate::batches::stored(&mut *tx, campaign.id(), i64::try_from(number).unwrap()).await;
        let people = tx.recipients().people(&batch).await.unwrap();
        let ids: Vec<MemberId> = people.iter().map(|p| p.member_id).collect();
        assert_eq!(ids, expected);
        assert!(people.iter().all(|p| gate(p.facts).is_ok()));
        planned.extend(ids);
    }
    assert_eq!(planned, eligible);
}

async fn a_tag_that_does_not_exist_never_widens_an_audience(db: Database) {
    population(&db).await;
    let unknown = TagId::new(987_654);
    let audience = Audience::Tags {
        include_tags: vec![unknown],
        exclude_tags: vec![],
        include_mode: IncludeMode::All,
    };
    assert_eq!(db.estimate(&now(&audience)).await.unwrap().eligible, 0);
    assert_eq!(
        CampaignQueries::missing_tags(&db, &audience.tags())
            .await
            .unwrap(),
        [unknown]
    );
}
