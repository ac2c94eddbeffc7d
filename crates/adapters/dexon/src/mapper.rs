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
