use crate::{AutoResponse, KeywordEntry, Trigger, fold};
use chrono::NaiveDateTime;
use crm_kernel::KeywordId;

/// The active rules in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    /// Those updated last first.
    rules: Vec<AutoResponse>,
    /// All keywords, folded: the longest first, then as the rules.
    keywords: Vec<Listening>,
}

#[derive(Clone, Debug)]
struct Listening {
    key: String,
    rule: usize,
    keyword: Option<KeywordId>,
}

/// The rule that answers, and the keyword it answers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match<'a> {
    /// Which rule.
    pub rule: &'a AutoResponse,
    /// The keyword that won; none for hours and welcomes.
    pub keyword: Option<&'a KeywordEntry>,
}

impl RuleBook {
    /// A book of those of the rules that are active.
    #[must_use]
    pub fn new(rules: Vec<AutoResponse>) -> Self {
        let mut rules = rules;
        rules.retain(AutoResponse::is_active);
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.precedence()));
        let mut keywords: Vec<Listening> = rules
            .iter()
            .enumerate()
            .flat_map(|(place, rule)| {
                rule.trigger()
                    .keywords()
                    .iter()
                    .map(move |entry| Listening {
                        key: entry.keyword.key(),
                        rule: place,
                        keyword: entry.id,
                    })
            })
            .filter(|listening| !listening.key.is_empty())
            .collect();
        // A stable sort: among words of one length the order of the rules stays.
        keywords.sort_by_key(|listening| std::cmp::Reverse(listening.key.chars().count()));
        Self { rules, keywords }
    }

    /// What answers a guest's text when the hotel's wall shows `wall`: a keyword that the text
    /// contains, else a time rule.
    #[must_use]
    pub fn answer_to_text(&self, text: &str, wall: NaiveDateTime) -> Option<Match<'_>> {
        self.keyword_in(text).or_else(|| self.answer_to_other(wall))
    }

    /// What answers a sticker, a picture or the like: only hours can.
    #[must_use]
    pub fn answer_to_other(&self, wall: NaiveDateTime) -> Option<Match<'_>> {
        self.first(|trigger| trigger.window().is_some_and(|w| w.is_open_at(wall)))
    }

    /// What answers somebody who follows.
    #[must_use]
    pub fn welcome(&self) -> Option<Match<'_>> {
        self.first(|trigger| matches!(trigger, Trigger::Welcome))
    }

    fn first(&self, fits: impl Fn(&Trigger) -> bool) -> Option<Match<'_>> {
        let rule = self.rules.iter().find(|rule| fits(rule.trigger()))?;
        Some(Match {
            rule,
            keyword: None,
        })
    }

    fn keyword_in(&self, text: &str) -> Option<Match<'_>> {
        let text = fold(text);
        let hit = self.keywords.iter().find(|l| text.contains(&l.key))?;
        let rule = self.rules.get(hit.rule)?;
        let mut entries = rule.trigger().keywords().iter();
        Some(Match {
            rule,
            keyword: entries.find(|e| e.id == hit.keyword && e.keyword.key() == hit.key),
        })
    }
}
