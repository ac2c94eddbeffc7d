//! Whatever a row says, it comes to something that can be stored, or to a fault that repeats
//! nothing of it.

use chrono::{DateTime, Utc};
use crm_dexon::DexonFormat;
use crm_kernel::Clock;
use crm_members::{
    PersonName, PmsFormat, PmsKind, PmsRow, RawRow, RecordStay, RowDefaults, RowFault, RowSays,
};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_759_888_800, 0).unwrap_or_default()
    }
}

static FORMAT: LazyLock<Option<DexonFormat>> =
    LazyLock::new(|| DexonFormat::new(chrono_tz::Asia::Taipei, Arc::new(Stopped)).ok());

fn defaults() -> RowDefaults {
    RowDefaults {
        updated_at: Stopped.now(),
        business_date: Stopped.now().date_naive(),
    }
}

/// What may stand in a cell: anything, or something that is nearly right.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        1 => "[0-9+() -]{0,30}",
        1 => "[0-9]{1,8}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}[ T]?[0-9:.]{0,12}[Z+0-9:]{0,6}",
        1 => "-?[0-9]{0,20}[.,e]?[0-9]{0,5}",
        1 => "[NORICDSKYMF0-9]{1,2}",
        1 => "20[12][0-9]-0[1-9]-[12][0-9]",
        1 => "\\PC{0,200}",
    ]
}

/// A row of this kind with some of its fields.
fn row(kind: PmsKind) -> impl Strategy<Value = RawRow> {
    let names: Vec<String> = FORMAT
        .iter()
        .flat_map(|format| format.fields(kind))
        .map(|field| field.name)
        .collect();
    let cells = prop::collection::vec(prop::option::weighted(0.9, cell()), names.len());
    cells.prop_map(move |cells| {
        let fields = names.iter().cloned().zip(cells);
        RawRow(fields.filter_map(|(n, cell)| Some((n, cell?))).collect())
    })
}

fn told<T>(row: &PmsRow<T>) -> Vec<&RowFault> {
    let bad = match &row.says {
        RowSays::Bad(fault) => Some(fault),
        _ => None,
    };
    row.warnings.iter().chain(bad).collect()
}

fn is_told_safely<T>(row: &PmsRow<T>) -> bool {
    let short = |fault: &&RowFault| {
        fault.reason.is_ascii() && fault.reason.len() < 80 && fault.field.len() < 30
    };
    row.key.chars().count() <= 50
        && !row.key.chars().any(char::is_control)
        && told(row).iter().all(short)
}

fn fits(name: Option<&PersonName>) -> bool {
    name.is_none_or(|name| PersonName::parse(name.as_str()).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_guest_fits_whatever_the_row_says(row in row(PmsKind::Members)) {
        let format = FORMAT.as_ref().ok_or_else(|| TestCaseError::fail("no format"))?;
        let read = format.guest(&row, defaults());
        prop_assert!(is_told_safely(&read));
        if let RowSays::Row(guest) = read.says {
            prop_assert!(fits(guest.last_name.as_ref()) && fits(guest.first_name.as_ref()));
            let today = defaults().business_date;
            prop_assert!(guest.birthday.is_none_or(|day| day <= today));
        }
    }

    #[test]
    fn a_stay_fits_whatever_the_row_says(row in row(PmsKind::ConsumptionRecords)) {
        let format = FORMAT.as_ref().ok_or_else(|| TestCaseError::fail("no format"))?;
        let read = format.stay(&row, defaults());
        prop_assert!(is_told_safely(&read));
        if let RowSays::Row(stay) = read.says {
            let number = stay.order_number.chars().count();
            prop_assert!((1..=RecordStay::MAX_ORDER_NUMBER_CHARS).contains(&number));
            prop_assert!((0..=RecordStay::MAX_AMOUNT_MINOR).contains(&stay.amount_minor));
            prop_assert!(stay.check_in_date <= stay.check_out_date);
            let room = stay.room_type.as_ref().map_or(0, |room| room.chars().count());
            prop_assert!(room <= RecordStay::MAX_ROOM_TYPE_CHARS);
        }
    }
}
