//! Which conversations stand on a page of the list.
//!
//! The list goes along the index of whatever narrows it most, each of which has its order. A
//! search takes the few guests it finds from the search index and sorts their conversations; one
//! that finds many goes along the list and looks at each guest.

use crate::Database;
use crate::member_list::{FEW, MemberList};
use crate::member_list_statements::in_order;
use crate::search_terms::Needle;
use crate::sql::{Sql, sql};
use crm_kernel::{PageRequest, StoreError, UserId};
use crm_members::{MemberFilter, MemberSearch, MemberSort};
use crm_messages::{AssignedTo, ConversationFilter};

const ORDER: &str = " ORDER BY c.last_at DESC, c.member_id DESC";

/// A list to be read.
pub(crate) struct ConversationList {
    /// Goes on after `SELECT …`.
    from: Sql,
    /// A name for it among remembered totals.
    name: String,
}

impl ConversationList {
    /// How many there are.
    fn counting(&self) -> Sql {
        sql("SELECT COUNT(*)").join(self.from.clone())
    }

    /// The members of a page, in order.
    pub(crate) fn ids(&self, page: PageRequest) -> Sql {
        sql("SELECT c.member_id")
            .join(self.from.clone())
            .then(ORDER)
            .page(page)
    }
}

/// ` AND …` for every part of the filter but the search.
fn narrowed(filter: &ConversationFilter) -> Sql {
    let mut all = sql("");
    if let Some(unread) = filter.unread {
        all = all.then(" AND c.is_unread = ?").bind(unread);
    }
    if let Some(needs_answer) = filter.needs_answer {
        let word = if needs_answer { "incoming" } else { "outgoing" };
        all = all.then(" AND c.last_direction = ?").bind(word);
    }
    match filter.assigned_to {
        None => all,
        Some(AssignedTo::Nobody) => all.then(" AND c.assigned_to IS NULL"),
        Some(AssignedTo::User(id)) => all.then(" AND c.assigned_to = ?").bind(UserId::get(id)),
    }
}

impl Database {
    /// Chooses how to read the list; `None` for a search that means nothing, which finds nobody.
    pub(crate) async fn conversation_list(
        &self,
        filter: &ConversationFilter,
    ) -> Result<Option<ConversationList>, StoreError> {
        let name = format!("conversations {filter:?}");
        let said = " WHERE c.last_at IS NOT NULL";
        let Some(text) = filter.search.as_deref() else {
            let from = sql(" FROM conversations c")
                .then(said)
                .join(narrowed(filter));
            return Ok(Some(ConversationList { from, name }));
        };
        let found = MemberFilter {
            search: MemberSearch::new(text),
            ..MemberFilter::default()
        };
        let found = MemberList::uncounted(&found, MemberSort::default(), self.is_mysql());
        if found.needles.is_empty() {
            return Ok(None);
        }
        let join = in_order(self.is_mysql());
        let member = format!(" {join} members m ON m.id = c.member_id");
        let holds = vec!["INSTR(m.search_key, ?) > 0"; found.needles.len()].join(" OR ");
        let holds = sql(format!(" AND ({holds})")).bind_all(found.needles.iter().map(Needle::text));
        let terms = found.touching().number(&self.pool).await?;
        let from = if terms < FEW {
            let few = sql(" FROM (").join(found.found(None)).then(&format!(
                ") d {join} conversations c ON c.member_id = d.member_id"
            ));
            // A text longer than a term was looked up by its beginning only.
            if found.needles.iter().any(Needle::is_cut) {
                few.then(&member).then(said).join(holds)
            } else {
                few.then(said)
            }
        } else {
            sql(" FROM conversations c")
                .then(&member)
                .then(said)
                .join(holds)
        };
        let from = from.join(narrowed(filter));
        Ok(Some(ConversationList { from, name }))
    }

    /// How many conversations the list has in all.
    pub(crate) async fn conversations_in(
        &self,
        list: &ConversationList,
    ) -> Result<i64, StoreError> {
        self.total(list.name.clone(), list.counting()).await
    }

    /// How this database finds the conversations of a page, one line per step in its own words.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_conversations(
        &self,
        filter: &ConversationFilter,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        match self.conversation_list(filter).await? {
            Some(list) => self.explain(list.ids(page)).await,
            None => Ok(Vec::new()),
        }
    }
}
