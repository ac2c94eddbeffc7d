use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_bootstrap::Crm;
use crm_dexon::{DexonClient, DexonConfig};
use crm_kernel::{Actor, MemberId, PageRequest};
use crm_members::{PmsKind, ReviewRow, ReviewStatus, SyncRun};
use crm_simulator_dexon::{Clock, DexonSimulator, Hotel, SimulatorConfig};
use crm_tests::{Installation, run_jobs_of};
use crm_workflows::PmsSyncError;
use sea_orm::{ConnectionTrait, Statement};
use std::sync::Arc;
use std::time::Duration;

/// The product with a hotel's own system beside it, whose clock is the product's.
pub struct House<'a> {
    pub hotel: &'a Installation,
    pub pms: DexonSimulator,
    pub crm: Crm,
    page_size: u32,
}

impl<'a> House<'a> {
    /// With so many rows of guests and stays.
    pub async fn with(hotel: &'a Installation, guests: usize, stays: usize) -> Self {
        let clock = hotel.clock.clone();
        let today = (hotel.now() + TimeDelta::hours(8)).date_naive();
        let config = SimulatorConfig {
            hotel: Hotel::seeded(7, guests, stays).on(today),
            clock: Some(Clock::running(move || crm_kernel::Clock::now(&*clock))),
            ..SimulatorConfig::default()
        };
        let pms = DexonSimulator::start(config).await.unwrap();
        let page_size = 50;
        let crm = process(hotel, &pms, pms.api_key(), page_size);
        Self {
            hotel,
            pms,
            crm,
            page_size,
        }
    }

    /// Another process of the same installation.
    pub fn beside(&self) -> Crm {
        process(self.hotel, &self.pms, self.pms.api_key(), self.page_size)
    }

    /// A process with this key.
    pub fn with_key(&self, key: &str) -> Crm {
        process(self.hotel, &self.pms, key, self.page_size)
    }

    /// Asks for a run and sees it through.
    pub async fn sync(&self, kind: PmsKind, force: bool) -> SyncRun {
        let asked = self.crm.pms.request(&Actor::System, kind, force).await;
        let id = asked.unwrap().id;
        run_jobs_of(&self.crm).await;
        self.crm.pms.status(id).await.unwrap()
    }

    /// Guests, then stays.
    pub async fn sync_both(&self, force: bool) -> [SyncRun; 2] {
        [
            self.sync(PmsKind::Members, force).await,
            self.sync(PmsKind::ConsumptionRecords, force).await,
        ]
    }

    /// The reviews that wait, all of them.
    pub async fn open_reviews(&self) -> Vec<ReviewRow> {
        let page = PageRequest::new(1, 100).unwrap();
        let found = self.crm.pms.reviews(ReviewStatus::Open, page).await;
        found.unwrap().items
    }

    /// The numbers of a member's stays that are shown.
    pub async fn stays_of(&self, member: MemberId) -> Vec<String> {
        let page = PageRequest::new(1, 100).unwrap();
        let stays = self.crm.members.stays(member, page).await.unwrap();
        stays.items.into_iter().map(|s| s.order_number).collect()
    }

    /// The member who has this phone, as it is stored.
    pub async fn member_with_phone(&self, phone: &str) -> Option<MemberId> {
        let sql = format!("SELECT id FROM members WHERE phone = '{phone}'");
        let found = self.column(&sql).await;
        found.first().map(|id| MemberId::new(id.parse().unwrap()))
    }

    /// What the tables say of everybody, but for ids and moments: equal after equal histories.
    pub async fn dump(&self) -> Vec<String> {
        let mut all = Vec::new();
        for sql in [
            "SELECT CONCAT_WS('|', 'stay', c.order_number, c.room_type, c.amount_minor, \
             c.check_in_date, c.check_out_date, c.nights, c.pms_status, c.pms_guest_code, m.phone, \
             m.last_name, m.first_name) FROM consumption_records c \
             JOIN members m ON m.id = c.member_id",
            "SELECT CONCAT_WS('|', 'member', m.last_name, m.first_name, m.gender, m.birthday, \
             m.phone, m.email, m.id_number_index, m.accept_marketing, m.source) FROM members m",
            "SELECT CONCAT_WS('|', 'link', g.code, g.state, g.visits, g.vip, m.phone, m.last_name, \
             m.first_name) FROM pms_guests g LEFT JOIN members m ON m.id = g.member_id",
            "SELECT CONCAT_WS('|', 'review', subject, reason, status) FROM pms_reviews",
            "SELECT CONCAT_WS('|', 'waiting', order_number, subject) FROM pms_waiting_stays",
            "SELECT CONCAT_WS('|', 'tag', t.name, t.member_count, m.phone, m.last_name) \
             FROM member_tag_relations w JOIN tags t ON t.id = w.tag_id JOIN members m ON m.id = w.member_id",
        ] {
            all.extend(self.column(sql).await);
        }
        all.sort_unstable();
        all
    }

    /// The first column of every row, as text.
    pub async fn column(&self, sql: &str) -> Vec<String> {
        let pool = self.hotel.database.database.pool();
        let statement = Statement::from_string(pool.get_database_backend(), sql);
        let rows = pool.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| {
                row.try_get_by_index::<String>(0)
                    .or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()))
                    .unwrap()
            })
            .collect()
    }

    /// How many rows a table has, where that is true.
    pub async fn count(&self, table: &str, is: &str) -> u64 {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {is}");
        self.column(&sql).await[0].parse().unwrap()
    }

    pub async fn end(self) {
        self.pms.stop().await;
    }
}

fn process(hotel: &Installation, pms: &DexonSimulator, key: &str, page_size: u32) -> Crm {
    let url = pms.base_url().parse().unwrap();
    let config = DexonConfig {
        page_size,
        timeout: Duration::from_millis(1_500),
        pauses: vec![Duration::from_millis(5); 3],
        ..DexonConfig::new(url, key.to_owned().into(), chrono_tz::Asia::Taipei)
    };
    let client = DexonClient::new(config, hotel.clock.clone()).unwrap();
    hotel.with_pms(Arc::new(client))
}

/// A moment on the hotel's wall, as its system writes it.
pub fn wall(at: DateTime<Utc>) -> String {
    (at + TimeDelta::hours(8))
        .format("%Y-%m-%dT%H:%M:%S+08:00")
        .to_string()
}

/// So many days from the hotel's present one, as its system writes it.
pub fn day(hotel: &Installation, days: i64) -> String {
    let today: NaiveDate = (hotel.now() + TimeDelta::hours(8)).date_naive();
    (today + TimeDelta::days(days)).to_string()
}

/// The id of the run that stands in the way.
pub fn running(refused: Result<SyncRun, PmsSyncError>) -> crm_kernel::SyncRunId {
    match refused {
        Err(PmsSyncError::Running { run }) => run,
        other => panic!("{other:?}"),
    }
}
