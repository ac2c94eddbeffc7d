use crate::{AutoResponse, KeywordEntry, Trigger, Window};
use crm_kernel::AutoResponseId;
use std::collections::{BTreeMap, HashMap};

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
    let mut before = Before::default();
    let shadows = active.into_iter().map(|rule| (rule.id(), before.add(rule)));
    shadows.filter(|(_, shadow)| !shadow.is_empty()).collect()
}

/// The rules that go before the one looked at.
#[derive(Default)]
struct Before<'a> {
    welcome: Option<AutoResponseId>,
    windows: Vec<(&'a Window, AutoResponseId)>,
    /// By folded keyword, the first that has it.
    keywords: HashMap<String, AutoResponseId>,
}

impl<'a> Before<'a> {
    /// What lies on this rule; it is one of those before from then on.
    fn add(&mut self, rule: &'a AutoResponse) -> Shadow {
        let id = rule.id();
        match rule.trigger() {
            Trigger::Welcome => {
                let by = self.welcome;
                self.welcome.get_or_insert(id);
                Shadow {
                    by,
                    keywords: Vec::new(),
                }
            }
            Trigger::Time(window) => {
                let mut earlier = self.windows.iter();
                let by = earlier.find(|(other, _)| other.overlaps(window));
                let by = by.map(|(_, id)| *id);
                self.windows.push((window, id));
                Shadow {
                    by,
                    keywords: Vec::new(),
                }
            }
            Trigger::Keyword(entries) => self.add_keywords(entries, id),
        }
    }

    fn add_keywords(&mut self, entries: &[KeywordEntry], id: AutoResponseId) -> Shadow {
        let mut keywords = Vec::new();
        for entry in entries {
            let by = *self.keywords.entry(entry.keyword.key()).or_insert(id);
            if by != id {
                let keyword = entry.keyword.as_str().to_owned();
                keywords.push(KeywordShadow { keyword, by });
            }
        }
        let all = keywords.len() == entries.len();
        let by = keywords.first().filter(|_| all).map(|shadow| shadow.by);
        Shadow { by, keywords }
    }
}
