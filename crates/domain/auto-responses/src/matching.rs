use crate::{AutoResponse, KeywordEntry, Trigger, fold};
use aho_corasick::{AhoCorasick, BuildError};
use chrono::NaiveDateTime;
use std::collections::HashSet;

/// The active rules in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    /// Those updated last first.
    rules: Vec<AutoResponse>,
    /// All keywords: the longest first, then as the rules; the first of two equal ones.
    keywords: Vec<Listening>,
    /// Finds all of them in one walk over a text; a pattern's number is its place in `keywords`.
    /// None when nothing is listened for.
    automaton: Option<AhoCorasick>,
}

/// Where a keyword stands: the rule's place in the book, the keyword's place in the rule.
#[derive(Clone, Copy, Debug)]
struct Listening {
    rule: usize,
    keyword: usize,
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
    ///
    /// # Errors
    /// When the keywords are too many to be listened for at once, which
    /// [`MAX_RULES`](crate::MAX_RULES) keeps them far below.
    pub fn new(rules: Vec<AutoResponse>) -> Result<Self, BuildError> {
        let mut rules = rules;
        rules.retain(AutoResponse::is_active);
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.precedence()));
        let mut keys = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            for (number, entry) in rule.trigger().keywords().iter().enumerate() {
                let listening = Listening {
                    rule: place,
                    keyword: number,
                };
                keys.push((entry.keyword.key(), listening));
            }
        }
        // A stable sort: among words of one length the order of the rules stays.
        keys.sort_by_key(|(key, _)| std::cmp::Reverse(key.chars().count()));
        let mut seen = HashSet::new();
        keys.retain(|(key, _)| !key.is_empty() && seen.insert(key.clone()));
        let (words, keywords): (Vec<String>, Vec<Listening>) = keys.into_iter().unzip();
        let automaton = if words.is_empty() {
            None
        } else {
            Some(AhoCorasick::new(&words)?)
        };
        Ok(Self {
            rules,
            keywords,
            automaton,
        })
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

    /// Of all keywords in the text the first of the book.
    fn keyword_in(&self, text: &str) -> Option<Match<'_>> {
        let text = fold(text);
        let found = self.automaton.as_ref()?.find_overlapping_iter(&text);
        let first = found.map(|hit| hit.pattern().as_usize()).min()?;
        let listening = self.keywords.get(first)?;
        let rule = self.rules.get(listening.rule)?;
        Some(Match {
            rule,
            keyword: rule.trigger().keywords().get(listening.keyword),
        })
    }
}
