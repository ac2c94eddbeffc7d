use crate::config::DexonError;
use crate::field::Field;
use crate::known::{FieldFacts, Known};
use crate::mapper::Mapper;
use crate::text::folded;
use chrono_tz::Tz;
use crm_kernel::{Clock, HotelTime};
use crm_members::{PmsField, PmsFormat, PmsGuest, PmsKind, PmsRow, PmsStay, RawRow, RowDefaults};
use std::sync::Arc;

/// Reads rows that somebody exported from the vendor's system, or wrote like them.
#[derive(Clone)]
pub struct DexonFormat(Mapper);

impl DexonFormat {
    /// Days without an offset are those of `zone`.
    ///
    /// # Errors
    /// `Data` when the crate's own data file is damaged.
    pub fn new(zone: Tz, clock: Arc<dyn Clock>) -> Result<Self, DexonError> {
        Ok(Self(Mapper {
            known: Arc::new(Known::read()?),
            hotel: HotelTime::new(zone),
            clock,
        }))
    }
}

impl PmsFormat for DexonFormat {
    fn fields(&self, kind: PmsKind) -> Vec<PmsField> {
        self.0.known.fields(kind).iter().map(field).collect()
    }

    fn guest(&self, row: &RawRow, defaults: RowDefaults) -> PmsRow<PmsGuest> {
        self.0.guest_of_file(row, defaults)
    }

    fn stay(&self, row: &RawRow, defaults: RowDefaults) -> PmsRow<PmsStay> {
        self.0.stay_of_file(row, defaults)
    }
}

/// A field as tables have it: its own name and the vendor's are headings too, and the moment of
/// the upload stands in for that of the change.
fn field(facts: &FieldFacts) -> PmsField {
    let name = facts.field.name().to_owned();
    let mut headings: Vec<String> = Vec::new();
    for heading in [&name]
        .into_iter()
        .chain(&facts.columns)
        .chain(&facts.headings)
    {
        if !headings
            .iter()
            .any(|other| folded(other) == folded(heading))
        {
            headings.push(heading.clone());
        }
    }
    PmsField {
        name,
        headings,
        is_required: facts.required && facts.field != Field::UpdatedAt,
    }
}
