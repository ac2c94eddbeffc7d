//! What every hotel system's adapter promises ([`PmsGateway`]).
//!
//! To add an adapter: a type that implements [`Hotel`] over the vendor's sandbox or a simulator,
//! and `pms_contract!(TheType);` beside it.

mod errors;
mod faults;
mod pages;
mod windows;

pub use errors::*;
pub use faults::*;
pub use pages::*;
pub use windows::*;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_members::{
    PageAsk, PmsError, PmsGateway, PmsGuest, PmsPage, PmsRow, PmsStay, PmsWindow, RowSays,
};

/// Trouble that a hotel's system makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The key is refused.
    KeyRefused,
    /// The request is refused with a code and words.
    Refused,
    /// It is asked too often.
    TooFast,
    /// It is out of order.
    Away,
    /// It answers too late.
    Slow,
    /// The connection ends in the middle.
    Cut,
    /// It answers with a web page.
    Nonsense,
    /// It answers with more than anybody reads.
    TooMuch,
}

/// What the other side saw.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// All requests.
    pub requests: u64,
    /// The most within one second.
    pub most_in_a_second: usize,
    /// The most at once.
    pub most_at_once: usize,
}

/// A hotel's system in the hands of a test. Rows have whatever codes and order numbers the type
/// gives them; all can be read, and each changed a second after the one before.
#[async_trait]
pub trait Hotel: Send + Sync + Sized {
    /// Most requests within one second that the other side allows, and at once.
    const LIMITS: (usize, usize);

    /// A system with so many rows, asked for so many at a time. Stay `n` (from 0) arrives on the
    /// `n`th day after the first one's arrival.
    async fn with(guests: usize, stays: usize, page_size: u32) -> Self;

    /// The adapter, as a process that just started has it.
    fn gateway(&self) -> Box<dyn PmsGateway>;

    /// The codes of all guests, the longest unchanged first.
    fn guests(&self) -> Vec<String>;

    /// The numbers of all stays, the longest unchanged first.
    fn stays(&self) -> Vec<String>;

    /// When the first stay arrives.
    fn first_arrival(&self) -> NaiveDate;

    /// What its clock shows; a change lets it go on, and nothing else does.
    fn now(&self) -> DateTime<Utc>;

    /// Its present day.
    fn business_date(&self) -> NaiveDate;

    /// Something of a guest changes now.
    fn change_guest(&self, code: &str);

    /// Something of a stay changes now.
    fn change_stay(&self, order_number: &str);

    /// These guests changed at one moment.
    fn change_together(&self, codes: &[String]);

    /// A guest is added whose row cannot be read; answers what it is found by.
    fn add_bad_guest(&self) -> String;

    /// The next so many requests meet trouble.
    fn trouble(&self, trouble: Trouble, times: u32);

    /// Every cursor that was given is forgotten.
    fn expire_cursors(&self);

    /// What was asked for so far.
    fn seen(&self) -> Seen;
}

pub fn everything() -> PageAsk {
    PageAsk::default()
}

pub fn since(at: DateTime<Utc>) -> PageAsk {
    PageAsk {
        window: PmsWindow {
            since: Some(at),
            arrivals: None,
        },
        cursor: None,
    }
}

pub fn after<T>(ask: &PageAsk, page: &PmsPage<T>) -> Option<PageAsk> {
    Some(PageAsk {
        window: ask.window,
        cursor: Some(page.next.clone()?),
    })
}

/// All pages of guests.
pub async fn all_guests(
    gateway: &dyn PmsGateway,
    ask: PageAsk,
) -> Result<Vec<PmsPage<PmsGuest>>, PmsError> {
    let mut pages = Vec::new();
    let mut next = Some(ask);
    while let Some(ask) = next {
        let page = gateway.guests(&ask).await?;
        next = after(&ask, &page);
        pages.push(page);
    }
    Ok(pages)
}

/// All pages of stays.
pub async fn all_stays<H: Hotel>(
    hotel: &H,
    ask: PageAsk,
) -> Result<Vec<PmsPage<PmsStay>>, PmsError> {
    let gateway = hotel.gateway();
    let mut pages = Vec::new();
    let mut next = Some(ask);
    while let Some(ask) = next {
        let page = gateway.stays(&ask, hotel.business_date()).await?;
        next = after(&ask, &page);
        pages.push(page);
    }
    Ok(pages)
}

pub fn rows<T: Clone>(pages: &[PmsPage<T>]) -> Vec<T> {
    let rows = pages.iter().flat_map(|page| &page.rows);
    rows.map(good).collect()
}

pub fn good<T: Clone>(row: &PmsRow<T>) -> T {
    match &row.says {
        RowSays::Row(row) => (**row).clone(),
        RowSays::Nothing => panic!("{} says nothing", row.key),
        RowSays::Bad(fault) => panic!("{}: {} {}", row.key, fault.field, fault.reason),
    }
}

pub fn codes(pages: &[PmsPage<PmsGuest>]) -> Vec<String> {
    let code = |guest: PmsGuest| guest.code.unwrap().as_str().to_owned();
    rows(pages).into_iter().map(code).collect()
}

pub fn numbers(pages: &[PmsPage<PmsStay>]) -> Vec<String> {
    let rows = rows(pages).into_iter();
    rows.map(|stay| stay.order_number).collect()
}

/// Every promise for one adapter.
macro_rules! pms_contract {
    ($hotel:ty) => {
        crate::pms::pms_contract!($hotel:
            pages_follow_each_other_in_the_order_of_change_and_hold_everything_once,
            stays_are_paged_like_guests,
            equal_moments_over_a_page_border_lose_nobody,
            a_page_asked_for_again_is_the_same_page,
            another_process_goes_on_where_one_stopped,
            the_first_page_says_up_to_when_its_window_holds_by_the_clock_there,
            rows_that_change_between_two_pages_come_in_the_next_window_and_none_is_left_out,
            stays_that_change_between_two_pages_are_not_left_out_either,
            a_window_begins_with_the_very_moment_it_names,
            a_window_without_changes_is_one_empty_last_page,
            stays_by_arrival_come_whenever_they_changed,
            every_trouble_has_its_name,
            trouble_that_passes_is_not_seen,
            an_expired_cursor_is_told_and_the_window_can_be_begun_anew,
            a_bad_row_is_told_by_its_key_and_the_others_come,
            the_limits_of_the_other_side_are_kept,
            the_day_and_the_clock_there_are_told,
        );
    };
    ($hotel:ty: $($promise:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $promise() {
            crate::pms::$promise::<$hotel>().await;
        }
    )*};
}
pub(crate) use pms_contract;
