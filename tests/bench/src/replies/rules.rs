//! As many rules as there may be, each listening for a few words of its own.

use crate::place::Place;
use crm_auto_responses::{CreateAutoResponse, TriggerType};
use crm_bootstrap::Crm;
use crm_kernel::Actor;
use std::error::Error;

pub const RULES: u64 = 2_000;

/// What a rule listens for: three to five words.
fn words(rule: u64) -> Vec<String> {
    let word = |n| format!("{}{rule:04}", ["房型", "早餐", "接駁", "停車", "泳池"][n]);
    (0..3 + rule as usize % 3).map(word).collect()
}

/// The rule that a guest's words are for.
const fn rule_of(guest: u64) -> u64 {
    guest * 7 % RULES
}

/// What a guest writes.
pub fn question(guest: u64) -> String {
    let words = words(rule_of(guest));
    let word = &words[guest as usize % words.len()];
    format!("您好，想請問一下{word}的事情，我們下週五會到，謝謝")
}

/// What a guest is answered.
pub fn answer(guest: u64) -> String {
    said_by(rule_of(guest))
}

fn said_by(rule: u64) -> String {
    format!("您好，這是第 {rule:04} 號回答")
}

pub async fn write(place: &Place) -> Result<(), Box<dyn Error>> {
    let crm = Crm::connect(&place.settings()?).await?;
    for rule in 0..RULES {
        let command = CreateAutoResponse {
            name: format!("rule {rule:04}"),
            trigger_type: TriggerType::Keyword,
            content: Some(said_by(rule)),
            messages: None,
            template_id: None,
            keywords: Some(words(rule)),
            is_active: true,
            allow_push: false,
            trigger_time_start: None,
            trigger_time_end: None,
            date_start: None,
            date_end: None,
        };
        crm.auto_responses.create(&Actor::System, command).await?;
    }
    crm.database.close().await;
    Ok(())
}
