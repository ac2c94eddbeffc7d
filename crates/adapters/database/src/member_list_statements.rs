//! The statements that count a list of members and find the ids of its pages.

use crate::dialect::marks;
use crate::member_list::{FEW, MemberList, Way};
use crate::search_terms::Needle;
use crate::sql::{Sql, sql};
use crm_members::{MemberFilter, MemberSort, MemberSortColumn, SortOrder, TagsMode};

/// `SELECT m.id …` of everybody whom a list with this filter shows, in no order.
pub(crate) fn selected(filter: &MemberFilter, mysql: bool) -> Sql {
    let list = MemberList::uncounted(filter, MemberSort::default(), mysql);
    let all = sql("SELECT m.id").join(list.from("")).join(list.matching());
    if list.is_nobodys() {
        return all.then(" AND 1 = 0");
    }
    all
}

impl MemberList<'_> {
    /// Whether anything but search and tags narrows the list.
    pub(crate) fn is_narrowed(&self) -> bool {
        let f = self.filter;
        !f.sources.is_empty()
            || f.gender.is_some()
            || f.line_state.is_some()
            || f.created_from.is_some()
            || f.created_before.is_some()
    }

    /// Whether the terms alone answer.
    pub(crate) fn is_only_found(&self) -> bool {
        self.tags.is_empty() && !self.is_narrowed() && !self.needles.iter().any(Needle::is_cut)
    }

    /// A name for this list, or a part of it, among remembered totals.
    pub(crate) fn named(&self, part: &str) -> String {
        let column = if part.is_empty() { "" } else { self.column().0 };
        format!("{part} {column} {:?}", self.filter)
    }

    /// The ids that the search index has, each once; at most so many of each text's terms.
    pub(crate) fn found(&self, at_most: Option<i64>) -> Sql {
        let mut all = sql("");
        for (place, needle) in self.needles.iter().enumerate() {
            if place > 0 {
                all = all.then(if at_most.is_some() {
                    " UNION ALL "
                } else {
                    " UNION "
                });
            }
            let (from, until) = needle.range();
            let words = match at_most {
                Some(_) => {
                    "SELECT member_id FROM (SELECT member_id FROM member_search_terms \
                            WHERE term >= ? AND term < ? LIMIT ?) t"
                }
                None => {
                    "SELECT DISTINCT member_id FROM member_search_terms \
                         WHERE term >= ? AND term < ?"
                }
            };
            all = all.then(words).bind(from).bind(until);
            if let Some(n) = at_most {
                all = all.bind(n);
            }
        }
        all
    }

    pub(crate) fn touching(&self) -> Sql {
        sql("SELECT COUNT(*) AS terms, COUNT(DISTINCT f.member_id) AS members FROM (")
            .join(self.found(Some(FEW)))
            .then(") f")
    }

    /// The statement that counts the list.
    pub(crate) fn counting(&self) -> Sql {
        if self.is_only_found() && !self.needles.is_empty() {
            return sql("SELECT COUNT(*) FROM (")
                .join(self.found(None))
                .then(") f");
        }
        sql("SELECT COUNT(*)")
            .join(self.from(""))
            .join(self.matching())
    }

    /// `FROM …`, whatever drives it first.
    fn from(&self, index: &str) -> Sql {
        let gathered = match self.way {
            Way::Walk | Way::GatherNarrowed => return sql(format!(" FROM members m{index}")),
            Way::GatherFound => self.found(None),
            Way::GatherWearing(tag) => {
                sql("SELECT member_id FROM member_tag_relations WHERE tag_id = ?").bind(tag)
            }
            Way::GatherWearingAny => sql(format!(
                "SELECT DISTINCT member_id FROM member_tag_relations WHERE tag_id IN ({})",
                marks(self.tags.len())
            ))
            .bind_all(self.tags.iter().copied()),
        };
        sql(" FROM (").join(gathered).then(&format!(
            ") d {} members m ON m.id = d.member_id",
            in_order(self.mysql)
        ))
    }

    /// `WHERE …`; `1 = 1` keeps every part an `AND`.
    fn matching(&self) -> Sql {
        let mut all = sql(" WHERE 1 = 1");
        let is_known = self.way == Way::GatherFound && !self.needles.iter().any(Needle::is_cut);
        if !self.needles.is_empty() && !is_known {
            let any = vec!["INSTR(m.search_key, ?) > 0"; self.needles.len()].join(" OR ");
            all = all
                .then(&format!(" AND ({any})"))
                .bind_all(self.needles.iter().map(Needle::text));
        }
        all.join(self.wearing()).join(self.narrowed())
    }

    fn wearing(&self) -> Sql {
        const WEARS: &str = " AND EXISTS (SELECT 1 FROM member_tag_relations r \
                             WHERE r.member_id = m.id AND r.tag_id";
        match self.filter.tags_mode {
            TagsMode::Any if self.tags.is_empty() || self.way == Way::GatherWearingAny => sql(""),
            TagsMode::Any => sql(format!("{WEARS} IN ({}))", marks(self.tags.len())))
                .bind_all(self.tags.iter().copied()),
            TagsMode::All => self
                .tags
                .iter()
                .filter(|tag| self.way != Way::GatherWearing(**tag))
                .fold(sql(""), |all, tag| all.then(WEARS).then(" = ?)").bind(*tag)),
        }
    }

    fn narrowed(&self) -> Sql {
        let filter = self.filter;
        let mut all = sql("");
        if !filter.sources.is_empty() {
            all = all
                .then(&format!(
                    " AND m.source IN ({})",
                    marks(filter.sources.len())
                ))
                .bind_all(filter.sources.iter().map(|s| s.as_str()));
        }
        if let Some(gender) = filter.gender {
            all = all.then(" AND m.gender = ?").bind(gender.as_str());
        }
        if let Some(state) = filter.line_state {
            all = all.then(" AND m.line_state = ?").bind(state.as_str());
        }
        if let Some(from) = filter.created_from {
            all = all.then(" AND m.created_at >= ?").bind(from);
        }
        if let Some(before) = filter.created_before {
            all = all.then(" AND m.created_at < ?").bind(before);
        }
        all
    }

    /// The order's column, and the index along which to walk.
    fn column(&self) -> (&'static str, &'static str) {
        match self.sort.column {
            MemberSortColumn::LastInteractionAt => {
                ("m.last_interaction_at", "ix_members_last_interaction")
            }
            MemberSortColumn::CreatedAt => ("m.created_at", "ix_members_created"),
            MemberSortColumn::UpdatedAt => ("m.updated_at", "ix_members_updated"),
            MemberSortColumn::Id => ("m.id", "PRIMARY"),
            MemberSortColumn::FirstName => ("m.first_name", "ix_members_first_name"),
            MemberSortColumn::LastName => ("m.last_name", "ix_members_last_name"),
            MemberSortColumn::LineDisplayName => ("m.line_display_name", "ix_members_line_name"),
            // Folded, so that capitals do not part an address from its like.
            MemberSortColumn::Email => ("m.email_key", "ix_members_email"),
        }
    }

    /// `ORDER BY …` with nulls last in both directions and ties by id.
    pub(crate) fn order(&self) -> String {
        let (column, _) = self.column();
        match self.sort.order {
            // Both databases put nulls first going up and last going down.
            SortOrder::Asc if self.never_null() => format!(" ORDER BY {column} ASC, m.id ASC"),
            SortOrder::Asc => format!(" ORDER BY {column} IS NULL, {column} ASC, m.id ASC"),
            SortOrder::Desc => format!(" ORDER BY {column} DESC, m.id DESC"),
        }
    }

    fn never_null(&self) -> bool {
        use MemberSortColumn::{CreatedAt, Id};
        matches!(self.sort.column, Id | CreatedAt)
    }

    /// Whether the list is read in two parts, those with a value and then those without: no
    /// index has nulls behind the values it has in rising order.
    pub(crate) fn has_two_parts(&self) -> bool {
        self.way == Way::Walk && self.sort.order == SortOrder::Asc && !self.never_null()
    }

    /// The ids of the list, or of its first part, in order.
    pub(crate) fn ids(&self, limit: i64, offset: i64) -> Sql {
        let (column, _) = self.column();
        let ids = sql("SELECT m.id")
            .join(self.from(&self.index()))
            .join(self.matching());
        let ids = if self.has_two_parts() {
            ids.then(&format!(
                " AND {column} IS NOT NULL ORDER BY {column} ASC, m.id ASC"
            ))
        } else {
            ids.then(&self.order())
        };
        ids.then(" LIMIT ? OFFSET ?").bind(limit).bind(offset)
    }

    /// The ids of the list in order, of its first `far` members only.
    pub(crate) fn ids_near(&self, far: i64, limit: i64, offset: i64) -> Sql {
        sql(format!(
            "SELECT m.id FROM (SELECT m.id FROM members m{}{} LIMIT ?) w {} members m \
             ON m.id = w.id",
            self.index(),
            self.order(),
            in_order(self.mysql)
        ))
        .bind(far)
        .join(self.matching())
        .then(&self.order())
        .then(" LIMIT ? OFFSET ?")
        .bind(limit)
        .bind(offset)
    }

    /// The ids of the second part.
    pub(crate) fn ids_without_value(&self, limit: i64, offset: i64) -> Sql {
        let (column, _) = self.column();
        sql("SELECT m.id")
            .join(self.from(&self.index()))
            .join(self.matching())
            .then(&format!(
                " AND {column} IS NULL ORDER BY m.id ASC LIMIT ? OFFSET ?"
            ))
            .bind(limit)
            .bind(offset)
    }

    /// The statement that counts the first part.
    pub(crate) fn counting_first_part(&self) -> Sql {
        let (column, _) = self.column();
        sql("SELECT COUNT(*)")
            .join(self.from(""))
            .join(self.matching())
            .then(&format!(" AND {column} IS NOT NULL"))
    }

    /// Names the index to walk, as a planner may prefer to sort, or the one to gather by, as it
    /// may prefer to walk. A list of a few days is better left to the planner.
    fn index(&self) -> String {
        let (_, walked) = self.column();
        let filter = self.filter;
        if filter.created_from.is_some() || filter.created_before.is_some() {
            return String::new();
        }
        match (self.way, self.mysql) {
            (Way::GatherNarrowed, true) => format!(" IGNORE INDEX FOR ORDER BY ({walked})"),
            (Way::GatherNarrowed, false) if filter.sources.is_empty() => " NOT INDEXED".to_owned(),
            (Way::GatherNarrowed, false) => " INDEXED BY ix_members_filters".to_owned(),
            (_, true) => format!(" FORCE INDEX ({walked})"),
            (_, false) if walked == "PRIMARY" => " NOT INDEXED".to_owned(),
            (_, false) => format!(" INDEXED BY {walked}"),
        }
    }
}

/// The join that reads its left side first.
pub(crate) fn in_order(mysql: bool) -> &'static str {
    if mysql { "STRAIGHT_JOIN" } else { "CROSS JOIN" }
}
