//! The adapter of 德安 (Dexon), over the simulator of its system.

use crate::pms::{Hotel, Seen, Trouble, pms_contract};
use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use crm_dexon::{DexonClient, DexonConfig};
use crm_kernel::Clock;
use crm_members::PmsGateway;
use crm_simulator_dexon::{DexonSimulator, Fault, Hotel as Seeded, SimulatorConfig, Table};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pms_contract!(Dexon);

/// A clock that stands where the simulator's begins.
pub struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        "2025-10-08T02:00:00Z".parse().unwrap()
    }
}

/// A client as a process has it, but for its patience.
pub fn client(pms: &DexonSimulator, page_size: u32) -> DexonClient {
    crm_bootstrap::install_tls();
    let url = url::Url::parse(&pms.base_url()).unwrap();
    let config = DexonConfig {
        page_size,
        timeout: Duration::from_millis(900),
        pauses: vec![Duration::from_millis(1); 3],
        ..DexonConfig::new(url, pms.api_key().into(), chrono_tz::Asia::Taipei)
    };
    DexonClient::new(config, Arc::new(Stopped)).unwrap()
}

struct Dexon {
    pms: DexonSimulator,
    page_size: u32,
    business_date: NaiveDate,
    guests: Vec<String>,
    stays: Vec<String>,
}

fn first_moment() -> DateTime<Utc> {
    "2025-10-01T00:00:00Z".parse().unwrap()
}

fn second(place: usize) -> String {
    let at = first_moment() + TimeDelta::seconds(i64::try_from(place).unwrap());
    at.to_rfc3339()
}

fn guest(place: usize) -> Value {
    json!({"gcust_cod": format!("HFD{place:015}"), "last_nam": "王", "first_nam": "小明",
        "contact1_rmk": format!("09{place:08}"), "upd_dat": second(place)})
}

fn stay(place: usize) -> Value {
    let arrival = first_day() + Days::new(place as u64);
    json!({"ikey": format!("{place:08}"), "ikey_seq_nos": 1, "order_sta": "O", "last_nam": "王",
        "ci_dat": arrival.to_string(), "co_dat": (arrival + Days::new(1)).to_string(),
        "pay_tot": 1000, "upd_dat": second(place)})
}

fn first_day() -> NaiveDate {
    "2025-10-05".parse().unwrap()
}

#[async_trait]
impl Hotel for Dexon {
    const LIMITS: (usize, usize) = (5, 1);

    async fn with(guests: usize, stays: usize, page_size: u32) -> Self {
        let empty = Seeded::seeded(1, 0, 0);
        let business_date = empty.business_date();
        let config = SimulatorConfig {
            hotel: empty,
            ..SimulatorConfig::default()
        };
        let pms = DexonSimulator::start(config).await.unwrap();
        let order = |key: String| key.split('-').next().unwrap_or_default().to_owned();
        Self {
            guests: (0..guests).map(|n| pms.add_guest(guest(n))).collect(),
            stays: (0..stays).map(|n| order(pms.add_stay(stay(n)))).collect(),
            page_size,
            business_date,
            pms,
        }
    }

    fn gateway(&self) -> Box<dyn PmsGateway> {
        Box::new(client(&self.pms, self.page_size))
    }

    fn guests(&self) -> Vec<String> {
        self.guests.clone()
    }

    fn stays(&self) -> Vec<String> {
        self.stays.clone()
    }

    fn first_arrival(&self) -> NaiveDate {
        first_day()
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.pms.now(), 0).unwrap()
    }

    fn business_date(&self) -> NaiveDate {
        self.business_date
    }

    fn change_guest(&self, code: &str) {
        let changed = self
            .pms
            .change(Table::Guests, code, json!({"sex_typ": "F"}));
        changed.unwrap();
    }

    fn change_stay(&self, order_number: &str) {
        let key = format!("{order_number}-001");
        let changed = self
            .pms
            .change(Table::Stays, &key, json!({"pay_tot": 2000}));
        changed.unwrap();
    }

    fn change_together(&self, codes: &[String]) {
        for code in codes {
            let at = json!({"upd_dat": second(1)});
            self.pms.change(Table::Guests, code, at).unwrap();
        }
    }

    fn add_bad_guest(&self) -> String {
        let code = "HFD999999999999999";
        let row = json!({"gcust_cod": code, "last_nam": "王", "upd_dat": "1800-01-01"});
        let _ = self.pms.add_guest(row);
        code.to_owned()
    }

    fn trouble(&self, trouble: Trouble, times: u32) {
        let words = |code: &str| (code.to_owned(), "not allowed".to_owned());
        let fault = match trouble {
            Trouble::KeyRefused => Fault::WrongKey,
            Trouble::Refused => {
                let (code, message) = words("1002");
                Fault::Business { code, message }
            }
            Trouble::TooFast => Fault::TooFast {
                retry_after: Some(0),
            },
            Trouble::Away => Fault::Unavailable,
            Trouble::Slow => Fault::Slow { ms: 1_500 },
            Trouble::Cut => Fault::CutBody,
            Trouble::Nonsense => Fault::HtmlOk,
            Trouble::TooMuch => Fault::huge(),
        };
        self.pms.next(times).answer(fault);
    }

    fn expire_cursors(&self) {
        self.pms.expire_cursors();
    }

    fn seen(&self) -> Seen {
        let counts = self.pms.counts();
        Seen {
            requests: counts.requests(),
            most_in_a_second: counts.max_per_second,
            most_at_once: counts.max_at_once,
        }
    }
}
