use crate::{AutoResponse, Trigger};
use crm_kernel::AutoResponseId;
use std::collections::BTreeMap;

/// What keeps an active rule from answering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadow {
    /// The rule that answers instead: always for a welcome and for a keyword rule, where both
    /// windows are open for a time rule. Of several the one that goes first.
    pub by: Option<AutoResponseId>,
    /// Keywords of this rule that another rule answers.
    pub keywords: Vec<KeywordShadow>,
}

impl Shadow {
    /// Whether nothing is in the way.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.by.is_none() && self.keywords.is_empty()
    }
}

/// A keyword that another rule answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordShadow {
    /// The word as this rule has it.
    pub keyword: String,
    /// The rule that answers it.
    pub by: AutoResponseId,
}

/// Which active rules are overshadowed, and by which. Rules that are switched off neither throw
/// a shadow nor lie in one; a rule without shadow is not in the answer.
#[must_use]
pub fn shadows<'a>(
    rules: impl IntoIterator<Item = &'a AutoResponse>,
) -> BTreeMap<AutoResponseId, Shadow> {
    let mut active: Vec<&AutoResponse> = rules.into_iter().filter(|r| r.is_active()).collect();
    active.sort_by_key(|rule| std::cmp::Reverse(rule.precedence()));
    let mut found = BTreeMap::new();
    for (place, rule) in active.iter().enumerate() {
        let shadow = of(rule, active.get(..place).unwrap_or_default());
        if !shadow.is_empty() {
            found.insert(rule.id(), shadow);
        }
    }
    found
}

fn of(rule: &AutoResponse, before: &[&AutoResponse]) -> Shadow {
    let first = |hides: &dyn Fn(&Trigger) -> bool| {
        let mut earlier = before.iter();
        earlier.find(|r| hides(r.trigger())).map(|r| r.id())
    };
    match rule.trigger() {
        Trigger::Welcome => Shadow {
            by: first(&|other| matches!(other, Trigger::Welcome)),
            keywords: Vec::new(),
        },
        Trigger::Time(window) => Shadow {
            by: first(&|other| other.window().is_some_and(|w| w.overlaps(window))),
            keywords: Vec::new(),
        },
        Trigger::Keyword(entries) => {
            let keywords: Vec<KeywordShadow> = entries
                .iter()
                .filter_map(|entry| {
                    let key = entry.keyword.key();
                    let by =
                        first(&|other| other.keywords().iter().any(|e| e.keyword.key() == key))?;
                    let keyword = entry.keyword.as_str().to_owned();
                    Some(KeywordShadow { keyword, by })
                })
                .collect();
            let all = keywords.len() == entries.len();
            let by = keywords.first().filter(|_| all).map(|shadow| shadow.by);
            Shadow { by, keywords }
        }
    }
}
