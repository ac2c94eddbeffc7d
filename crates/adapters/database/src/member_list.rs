//! Which members stand on a page of the list, and how many there are in all.
//!
//! There are two ways. *Walk* goes along the index of the order and passes over whoever does not
//! match: quick when many match. *Gather* takes the few from the search index, from who wears a
//! tag or from whom the rest of the filter fits, and sorts them: quick when few match. The total,
//! known first, tells which is cheaper, if those who match stand here and there in the order. They
//! may all stand at its end, so that walking goes a few times as far as it should need to, and
//! then gathers after all. Either finds ids only, by the statements of `member_list_statements`;
//! the rows of the page are read afterwards.

use crate::Database;
use crate::dialect::marks;
use crate::search_terms::Needle;
use crate::sql::sql;
use crm_kernel::{PageRequest, StoreError};
use crm_members::{MemberFilter, MemberSort, TagsMode};

/// Terms a search may touch to be gathered; with more, walking meets a match soon.
pub(crate) const FEW: i64 = 5_000;

/// So many are gathered without looking whether walking were cheaper.
const VERY_FEW: i64 = 500;

/// How many times as far as should be needed is walked before there is an end to it.
const PATIENT: i64 = 4;

/// Where the ids come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Walk,
    GatherFound,
    GatherWearing(i64),
    GatherWearingAny,
    /// By source, gender, state or day alone.
    GatherNarrowed,
}

/// A list to be read.
pub(crate) struct MemberList<'a> {
    pub(crate) filter: &'a MemberFilter,
    pub(crate) sort: MemberSort,
    pub(crate) needles: Vec<Needle>,
    pub(crate) tags: Vec<i64>,
    pub(crate) mysql: bool,
    pub(crate) way: Way,
    /// Where a walk that met too few ends, counted in members, and the way then taken.
    pub(crate) instead: Option<(i64, Way)>,
    /// How many members the list has in all.
    pub(crate) total: i64,
}

impl<'a> MemberList<'a> {
    /// A list that was not counted yet, and is walked.
    pub(crate) fn uncounted(filter: &'a MemberFilter, sort: MemberSort, mysql: bool) -> Self {
        let mut tags: Vec<i64> = filter.tags.iter().map(|t| t.get()).collect();
        tags.sort_unstable();
        tags.dedup();
        let search = filter.search.as_ref();
        Self {
            filter,
            sort,
            needles: search.map(Needle::all).unwrap_or_default(),
            tags,
            mysql,
            way: Way::Walk,
            instead: None,
            total: 0,
        }
    }

    /// The same list, read another way.
    pub(crate) fn by(&self, way: Way) -> Self {
        Self {
            way,
            instead: None,
            needles: self.needles.clone(),
            tags: self.tags.clone(),
            ..*self
        }
    }

    /// Whether the search means nothing, which finds nobody.
    pub(crate) fn is_nobodys(&self) -> bool {
        self.filter.search.is_some() && self.needles.is_empty()
    }
}

impl Database {
    /// Counts the list and chooses the way.
    pub(crate) async fn member_list<'a>(
        &self,
        filter: &'a MemberFilter,
        sort: MemberSort,
        page: PageRequest,
    ) -> Result<MemberList<'a>, StoreError> {
        let mut list = MemberList::uncounted(filter, sort, self.is_mysql());
        if list.is_nobodys() {
            return Ok(list);
        }
        let search = filter.search.as_ref();
        if search.is_none() && list.tags.is_empty() && !list.is_narrowed() {
            list.total = self.all_members().await?;
            return Ok(list);
        }
        let mut gathered = i64::MAX;
        if search.is_some() {
            let touched: Touched = list.touching().one(&self.pool).await?.unwrap_or(Touched {
                terms: 0,
                members: 0,
            });
            if touched.terms < FEW {
                list.way = Way::GatherFound;
                gathered = touched.members;
                if list.is_only_found() {
                    list.total = touched.members;
                    self.choose(&mut list, gathered, page).await?;
                    return Ok(list);
                }
            }
        }
        if !list.tags.is_empty() {
            let counts = self.wearers(&list.tags).await?;
            if filter.tags_mode == TagsMode::All && counts.len() < list.tags.len() {
                return Ok(list);
            }
            let (way, wearing) = match filter.tags_mode {
                TagsMode::All => counts
                    .iter()
                    .min_by_key(|(_, n)| *n)
                    .map_or((Way::Walk, i64::MAX), |(tag, n)| {
                        (Way::GatherWearing(*tag), *n)
                    }),
                TagsMode::Any => (Way::GatherWearingAny, counts.iter().map(|(_, n)| n).sum()),
            };
            if wearing < gathered {
                (list.way, gathered) = (way, wearing);
            }
            if list.tags.len() == 1 && search.is_none() && !list.is_narrowed() {
                list.total = gathered;
            }
        }
        if list.total == 0 {
            list.total = self.total(list.named(""), list.counting()).await?;
        }
        if list.way == Way::Walk && list.is_narrowed() {
            (list.way, gathered) = (Way::GatherNarrowed, list.total);
        }
        self.choose(&mut list, gathered, page).await?;
        Ok(list)
    }

    /// Walks after all when that meets the page's members sooner: of `all` members `total`
    /// match, so that each match is `all / total` steps away.
    async fn choose(
        &self,
        list: &mut MemberList<'_>,
        gathered: i64,
        page: PageRequest,
    ) -> Result<(), StoreError> {
        if list.way == Way::Walk || gathered <= VERY_FEW {
            return Ok(());
        }
        let reach = (page.offset() + page.page_size()) as i64;
        let all = self.all_members().await?;
        let walked = all.saturating_mul(reach);
        if gathered.saturating_mul(list.total) > walked {
            let far = (walked / list.total.max(1)).saturating_mul(PATIENT);
            let is_quicker =
                far.saturating_add(gathered.saturating_mul(gathering(list.mysql))) < all;
            let way = std::mem::replace(&mut list.way, Way::Walk);
            // Of two parts neither tells that it met too few.
            list.instead = (is_quicker && !list.has_two_parts()).then_some((far, way));
        }
        Ok(())
    }

    /// These tags with how many members wear them; unknown ones are left out.
    async fn wearers(&self, tags: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        #[derive(sea_orm::FromQueryResult)]
        struct Worn {
            id: i64,
            member_count: i64,
        }
        let rows: Vec<Worn> = sql(format!(
            "SELECT id, member_count FROM tags WHERE id IN ({})",
            marks(tags.len())
        ))
        .bind_all(tags.iter().copied())
        .all(&self.pool)
        .await?;
        Ok(rows.iter().map(|r| (r.id, r.member_count)).collect())
    }
}

/// Members passed by in the time that gathering one takes, measured with 100,000 members: SQLite
/// walks fast, within one index, and reads whole rows to sort them.
const fn gathering(mysql: bool) -> i64 {
    if mysql { 4 } else { 64 }
}

#[derive(sea_orm::FromQueryResult)]
struct Touched {
    terms: i64,
    members: i64,
}
