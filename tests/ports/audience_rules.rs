//! What a rule means in SQL and in words: random members, random rules, the same answer.

mod campaigns;
pub mod dice;
mod people;
mod rules;

use crate::batches::stored;
use crate::samples::{Store, at, begin, campaign};
use campaigns::Opens;
use crm_campaigns::{Audience, PlanRequest, Selection, Test};
use crm_kernel::{CampaignId, HotelTime, MemberId};
use dice::Dice;
use people::{Person, population};
use rules::random_rule;

crate::contract_on_every_store!(
    a_rule_means_the_same_in_storage_as_in_words,
    what_is_not_known_of_a_member_is_not_true_of_them,
);

/// Members in each population.
const PEOPLE: usize = 150;
/// Rules tried on it.
const RULES: usize = 250;

fn hotel() -> HotelTime {
    HotelTime::new(chrono_tz::Asia::Taipei)
}

/// Whom a plan made of this selection holds; nothing is left behind.
async fn planned(store: &impl Store, campaign: CampaignId, selection: &Selection) -> Vec<MemberId> {
    let mut tx = begin(store).await;
    let request = PlanRequest {
        campaign_id: campaign,
        selection,
        batch_size: 500,
    };
    tx.recipients().plan(&request).await.unwrap();
    let batch = stored(&mut *tx, campaign, 0).await;
    let people = tx.recipients().people(&batch).await.unwrap();
    people.iter().map(|person| person.member_id).collect()
}

async fn a_rule_means_the_same_in_storage_as_in_words(store: impl Opens) {
    let mut dice = Dice::new(20_261_010);
    let known = population(&store, &mut dice, PEOPLE).await;
    let id = campaign(&store, Audience::All).await.id();
    let mut telling = 0;
    for number in 0..RULES {
        let audience = Audience::Rules {
            rule: random_rule(&mut dice, &known, 1),
        };
        let written = serde_json::to_string(&audience).unwrap();
        audience
            .validate(None)
            .unwrap_or_else(|e| panic!("{written}: {e:?}"));
        let read: Audience = serde_json::from_str(&written).unwrap();
        assert_eq!(read, audience);
        let selection = audience.selection(None, at(0), hotel());
        let expected = matching(&known.people, &selection);
        telling += usize::from(!expected.is_empty() && expected.len() < PEOPLE);
        let found = planned(&store, id, &selection).await;
        assert_eq!(found, expected, "rule {number}: {written}");
    }
    assert!(
        telling > RULES / 2,
        "only {telling} rules tell members apart"
    );
}

fn matching(people: &[Person], selection: &Selection) -> Vec<MemberId> {
    let those = people.iter().filter(|one| selection.matches(&one.facts));
    those.map(|one| one.id).collect()
}

async fn what_is_not_known_of_a_member_is_not_true_of_them(store: impl Opens) {
    let mut dice = Dice::new(5);
    let known = population(&store, &mut dice, 40).await;
    let id = campaign(&store, Audience::All).await.id();
    let everybody: Vec<MemberId> = known.people.iter().map(|one| one.id).collect();
    for _ in 0..60 {
        let leaf = rules::random_leaf(&mut dice, &known);
        let written = serde_json::to_string(&leaf).unwrap();
        let audience = Audience::Rules { rule: leaf };
        let yes = audience.selection(None, at(0), hotel());
        let no = Selection::new(Test::Not(Box::new(yes.test().clone())));
        let mut both = planned(&store, id, &yes).await;
        both.extend(planned(&store, id, &no).await);
        both.sort_unstable();
        assert_eq!(both, everybody, "{written}");
    }
}
