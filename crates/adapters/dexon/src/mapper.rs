use crate::envelope::Entries;
use crate::guest::guest;
use crate::known::Known;
use crate::reading::{Reading, Scope};
use crate::row::Row;
use crate::stay::stay;
use chrono::NaiveDate;
use crm_kernel::{Clock, HotelTime};
use crm_members::{PmsGuest, PmsKind, PmsRow, PmsStay, RawRow, RowDefaults, RowFault, RowSays};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Reads rows, wherever they come from.
#[derive(Clone)]
pub(crate) struct Mapper {
    pub(crate) known: Arc<Known>,
    pub(crate) hotel: HotelTime,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Mapper {
    pub(crate) fn guest_of_item(&self, item: &RawValue) -> PmsRow<PmsGuest> {
        let facts = self.known.fields(PmsKind::Members);
        self.of_item(item, |entries| {
            guest(Reading::new(
                &self.scope(None),
                &Row::of_item(entries, facts),
            ))
        })
    }

    pub(crate) fn stay_of_item(
        &self,
        item: &RawValue,
        business_date: NaiveDate,
    ) -> PmsRow<PmsStay> {
        let facts = self.known.fields(PmsKind::ConsumptionRecords);
        self.of_item(item, |entries| {
            let row = Row::of_item(entries, facts);
            stay(Reading::new(&self.scope(None), &row), business_date)
        })
    }

    pub(crate) fn guest_of_file(&self, row: &RawRow, defaults: RowDefaults) -> PmsRow<PmsGuest> {
        let row = Row::of_file(row, self.known.fields(PmsKind::Members));
        guest(Reading::new(&self.scope(Some(defaults)), &row))
    }

    pub(crate) fn stay_of_file(&self, row: &RawRow, defaults: RowDefaults) -> PmsRow<PmsStay> {
        let row = Row::of_file(row, self.known.fields(PmsKind::ConsumptionRecords));
        let scope = self.scope(Some(defaults));
        stay(Reading::new(&scope, &row), defaults.business_date)
    }

    fn scope(&self, defaults: Option<RowDefaults>) -> Scope<'_> {
        Scope {
            known: &self.known,
            hotel: self.hotel,
            today: self.hotel.day_of(self.clock.now()),
            updated_at: defaults.map(|defaults| defaults.updated_at),
        }
    }

    fn of_item<T>(
        &self,
        item: &RawValue,
        read: impl FnOnce(&Entries<'_>) -> PmsRow<T>,
    ) -> PmsRow<T> {
        match Entries::parse(item.get()) {
            Some(entries) => read(&entries),
            None => PmsRow {
                key: String::new(),
                says: RowSays::Bad(RowFault::new("row", "is not an object with fields")),
                warnings: Vec::new(),
            },
        }
    }
}

#[cfg(test)]
pub(crate) mod fixtures {
    use super::*;
    use chrono::{DateTime, Utc};
    use serde_json::{Map, Value, json};

    /// The present day in what tests read.
    pub(crate) const TODAY: &str = "2025-10-08";

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> DateTime<Utc> {
            "2025-10-08T02:00:00Z".parse().unwrap()
        }
    }

    pub(crate) fn mapper() -> Mapper {
        Mapper {
            known: Arc::new(Known::read().unwrap()),
            hotel: HotelTime::new(chrono_tz::Asia::Taipei),
            clock: Arc::new(Stopped),
        }
    }

    /// A row with these fields in place of, or beside, its own; `null` takes one away.
    pub(crate) fn changed(row: Value, changes: Value) -> Box<RawValue> {
        let (Value::Object(mut row), Value::Object(changes)) = (row, changes) else {
            panic!("not an object");
        };
        for (key, value) in changes {
            row.insert(key, value);
        }
        raw(row)
    }

    fn raw(row: Map<String, Value>) -> Box<RawValue> {
        RawValue::from_string(Value::Object(row).to_string()).unwrap()
    }

    /// A guest as the contract shows one, with changes.
    pub(crate) fn guest(changes: Value) -> PmsRow<PmsGuest> {
        let row = json!({"gcust_cod": "HFD000000000006693", "last_nam": "王  ", "first_nam": "小明",
            "alt_nam": "王小明", "id_nos": "A123456789 ", "sex_typ": "M", "birth_dat": "1988/05/20",
            "contry_cod": "TWN", "contact1_rmk": "8860912345678", "contact2_rmk": "",
            "e_mail": "wang@example.com", "requst_rmk": "高樓層", "visit_nos": 8,
            "trans_tot": 85600, "accept_dm": "Y", "merged_into": null,
            "upd_dat": "2025-10-08T09:58:12+08:00"});
        mapper().guest_of_item(&changed(row, changes))
    }

    /// A stay as the contract shows one, with changes.
    pub(crate) fn stay(changes: Value) -> PmsRow<PmsStay> {
        let row = json!({"ikey": "00708801  ", "ikey_seq_nos": 1, "order_sta": "I",
            "guest_sta": "O", "gcust_cod": "HFD000000000006693", "last_nam": "王",
            "first_nam": "小明", "alt_nam": "王小明", "id_nos": "A123456789",
            "contact1_rmk": "0912-345-678", "cust_nam": "agoda", "source_typ": "OTA",
            "rvreserve_nos": "RMAG1234567890", "room_cod": "BT", "room_nam": "商務雙人房",
            "room_nos": "0807", "ci_dat": "2025-09-15", "co_dat": "2025-09-18",
            "aci_dat": "2025-09-15", "aco_dat": null, "cancel_dat": null, "noshow": "N",
            "adult_qnt": 2, "child_qnt": 0, "rent_amt": 6000, "rent_tot": 18000, "serv_tot": 0,
            "other_tot": 0, "pay_tot": 0, "ins_dat": "2025-09-01T11:20:00+08:00",
            "upd_dat": "2025-09-15T15:02:44+08:00"});
        mapper().stay_of_item(&changed(row, changes), TODAY.parse().unwrap())
    }

    pub(crate) fn good<T: Clone>(row: &PmsRow<T>) -> T {
        match &row.says {
            RowSays::Row(row) => (**row).clone(),
            RowSays::Nothing => panic!("nothing"),
            RowSays::Bad(fault) => panic!("{} {}", fault.field, fault.reason),
        }
    }

    /// Field and reason of what is wrong with a bad row.
    pub(crate) fn fault<T>(row: &PmsRow<T>) -> String {
        match &row.says {
            RowSays::Bad(fault) => format!("{} {}", fault.field, fault.reason),
            RowSays::Row(_) => "good".to_owned(),
            RowSays::Nothing => "nothing".to_owned(),
        }
    }

    /// The fields that were dropped.
    pub(crate) fn dropped<T>(row: &PmsRow<T>) -> Vec<&str> {
        row.warnings.iter().map(|w| w.field.as_str()).collect()
    }
}
