use crate::{ExportFormat, Frequency, NewSchedule, ReportSchedule, ReportType, Rhythm};
use crate::{ScheduleDraft, UpdateSchedule};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{ExportId, HotelTime, Patch, ReportScheduleId};

fn taipei() -> HotelTime {
    HotelTime::default()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn schedule(frequency: Frequency, on: u32, next: &str) -> ReportSchedule {
    ReportSchedule {
        id: ReportScheduleId::new(1),
        new: NewSchedule {
            report: ReportType::Overview,
            format: ExportFormat::Pdf,
            rhythm: Rhythm::new(frequency, on, 8).unwrap(),
            is_active: true,
            created_by: None,
            created_at: at("2026-10-01T00:00:00Z"),
            next_at: Some(at(next)),
        },
        last_at: None,
        last_export: None,
        updated_at: None,
    }
}

#[test]
fn the_hour_is_that_of_the_hotels_wall() {
    let monday = Rhythm::new(Frequency::Weekly, 1, 8).unwrap();
    // 2026-11-23 is a Monday; eight in Taipei is midnight in Greenwich.
    let next = monday.next_after(at("2026-11-22T10:00:00Z"), taipei());
    assert_eq!(next, at("2026-11-23T00:00:00Z"));
    let after = monday.next_after(next, taipei());
    assert_eq!(after, at("2026-11-30T00:00:00Z"));
    // Seven in the evening in Greenwich is already Monday in Taipei.
    let early = Rhythm::new(Frequency::Weekly, 1, 4).unwrap();
    let next = early.next_after(at("2026-11-22T19:30:00Z"), taipei());
    assert_eq!(next, at("2026-11-22T20:00:00Z"));
}

#[test]
fn every_month_has_its_day() {
    let last = Rhythm::new(Frequency::Monthly, 28, 0).unwrap();
    let next = last.next_after(at("2026-02-01T00:00:00Z"), taipei());
    assert_eq!(taipei().day_of(next), day("2026-02-28"));
    let next = last.next_after(next, taipei());
    assert_eq!(taipei().day_of(next), day("2026-03-28"));
}

#[test]
fn an_hour_that_summer_time_skips_comes_all_the_same_and_once() {
    let berlin = HotelTime::new(chrono_tz::Europe::Berlin);
    let sunday = Rhythm::new(Frequency::Weekly, 7, 2).unwrap();
    let skipped = sunday.next_after(at("2026-03-28T12:00:00Z"), berlin);
    assert_eq!(skipped, at("2026-03-29T01:00:00Z"));
    let next = sunday.next_after(skipped, berlin);
    assert_eq!(next, at("2026-04-05T00:00:00Z"));
}

#[test]
fn a_weekly_report_is_about_the_week_before_and_a_monthly_one_about_the_month_before() {
    let weekly = schedule(Frequency::Weekly, 1, "2026-11-23T00:00:00Z");
    let (due, about) = weekly.due(at("2026-11-23T00:00:00Z"), taipei()).unwrap();
    assert_eq!(due, at("2026-11-23T00:00:00Z"));
    assert_eq!(about.days, Some((day("2026-11-16"), day("2026-11-22"))));
    let monthly = schedule(Frequency::Monthly, 5, "2026-03-05T00:00:00Z");
    let (_, about) = monthly.due(at("2026-03-05T00:00:01Z"), taipei()).unwrap();
    assert_eq!(about.days, Some((day("2026-02-01"), day("2026-02-28"))));
}

#[test]
fn after_weeks_without_anybody_only_the_latest_report_is_made() {
    let mut weekly = schedule(Frequency::Weekly, 1, "2026-11-02T00:00:00Z");
    let now = at("2026-11-25T00:00:00Z");
    let (due, _) = weekly.due(now, taipei()).unwrap();
    assert_eq!(due, at("2026-11-23T00:00:00Z"));
    weekly.made(due, ExportId::new(9), taipei());
    assert_eq!(weekly.new.next_at, Some(at("2026-11-30T00:00:00Z")));
    assert_eq!(weekly.due(now, taipei()), None, "once");
}

#[test]
fn days_and_hours_that_no_clock_knows_are_refused_by_their_field() {
    let draft = ScheduleDraft {
        report: ReportType::Overview,
        format: ExportFormat::Pdf,
        frequency: Frequency::Weekly,
        weekday: Some(1),
        day: None,
        hour: 8,
        is_active: true,
    };
    let fields = |draft: &ScheduleDraft| -> Vec<String> {
        let refused = draft.rhythm().err().unwrap_or_default();
        refused.into_iter().map(|field| field.field).collect()
    };
    assert_eq!(fields(&draft), Vec::<String>::new());
    for (weekday, day, hour, refused) in [
        (Some(0), None, 8, vec!["weekday"]),
        (Some(8), None, 24, vec!["weekday", "hour"]),
        (None, None, 8, vec!["weekday"]),
        (Some(1), Some(1), 8, vec!["day"]),
    ] {
        let draft = ScheduleDraft {
            weekday,
            day,
            hour,
            ..draft.clone()
        };
        assert_eq!(fields(&draft), refused);
    }
    let monthly = draft.clone().with(UpdateSchedule {
        frequency: Some(Frequency::Monthly),
        day: Patch::Set(29),
        ..UpdateSchedule::default()
    });
    assert_eq!(fields(&monthly), ["day"]);
    let of_a_campaign = ScheduleDraft {
        report: ReportType::CampaignRecipients,
        ..draft
    };
    assert_eq!(fields(&of_a_campaign), ["report_type"]);
}
