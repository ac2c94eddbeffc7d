use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use crm_accounts::AuditFilter;
use crm_exports::{Frequency, ReportSchedule, ScheduleDraft, UpdateSchedule};
use crm_kernel::PageRequest;
use crm_tests::run_jobs_of;

crate::stories!(
    a_weekly_report_is_made_once_however_many_look_at_the_calendar,
    a_report_that_is_switched_off_is_not_made,
    a_report_of_somebody_who_may_have_it_no_more_is_switched_off,
);

fn mondays(report: ReportType) -> ScheduleDraft {
    ScheduleDraft {
        report,
        format: ExportFormat::Csv,
        frequency: Frequency::Weekly,
        weekday: Some(1),
        day: None,
        hour: 8,
        is_active: true,
    }
}

async fn all(hotel: &Installation, viewer: Viewer) -> Vec<Export> {
    let page = PageRequest::new(1, 100).unwrap();
    hotel.crm.exports.list(viewer, page).await.unwrap().items
}

async fn only(hotel: &Installation, viewer: Viewer) -> ReportSchedule {
    let page = PageRequest::new(1, 10).unwrap();
    let schedules = hotel.crm.exports.schedules(viewer, page).await.unwrap();
    schedules.items[0].clone()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn a_weekly_report_is_made_once_however_many_look_at_the_calendar(hotel: &Installation) {
    let marketing = somebody(hotel, Role::Marketing).await;
    let exports = &hotel.crm.exports;
    let draft = mondays(ReportType::Overview);
    let schedule = exports.create_schedule(marketing, draft).await.unwrap();
    // 1 September 2026 is a Tuesday.
    assert_eq!(schedule.new.next_at, Some(moment("2026-09-07T00:00:00Z")));
    hotel.run_jobs().await;
    assert_eq!(all(hotel, marketing).await.len(), 0);
    hotel.clock.set(moment("2026-09-07T00:00:03Z"));
    let other = hotel.beside(hotel.clock.clone());
    let looks = (0..6).map(|i| {
        let crm = if i % 2 == 0 { &hotel.crm } else { &other };
        async move {
            loop {
                match crm.exports.begin_schedules().await {
                    Ok(begun) => return begun,
                    // Two writers met; the loser looks again, as its job would.
                    Err(ExportError::Store(StoreError::Busy(_))) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
    let begun = futures::future::join_all(looks).await;
    assert_eq!(begun.iter().sum::<u64>(), 1, "{begun:?}");
    futures::future::join(run_jobs_of(&hotel.crm), run_jobs_of(&other)).await;
    let made = all(hotel, marketing).await;
    assert_eq!(made.len(), 1);
    is_completed(&made[0]);
    assert!(made[0].new.is_scheduled);
    let days = ("2026-08-31", "2026-09-06");
    let days = (days.0.parse().unwrap(), days.1.parse().unwrap());
    assert_eq!(made[0].new.about.days, Some(days));
    let schedule = only(hotel, marketing).await;
    assert_eq!(schedule.last_export, Some(made[0].id));
    // The next one comes by itself, by the job that was left for it.
    hotel.clock.set(moment("2026-09-14T00:00:01Z"));
    hotel.run_jobs().await;
    assert_eq!(all(hotel, marketing).await.len(), 2);
}

async fn a_report_that_is_switched_off_is_not_made(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let marketing = somebody(hotel, Role::Marketing).await;
    let exports = &hotel.crm.exports;
    let draft = mondays(ReportType::Tags);
    let id = exports.create_schedule(admin, draft).await.unwrap().id;
    let off = UpdateSchedule {
        is_active: Some(false),
        ..UpdateSchedule::default()
    };
    let hidden = exports.update_schedule(marketing, id, off.clone()).await;
    assert!(matches!(hidden, Err(ExportError::ScheduleNotFound)));
    let schedule = exports.update_schedule(admin, id, off).await.unwrap();
    assert_eq!(schedule.new.next_at, None);
    hotel.clock.advance(TimeDelta::days(30));
    hotel.run_jobs().await;
    assert_eq!(all(hotel, admin).await.len(), 0);
    let on = UpdateSchedule {
        is_active: Some(true),
        ..UpdateSchedule::default()
    };
    exports.update_schedule(admin, id, on).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(
        all(hotel, admin).await.len(),
        0,
        "past times are not made up for"
    );
    hotel.clock.advance(TimeDelta::days(8));
    hotel.run_jobs().await;
    assert_eq!(all(hotel, admin).await.len(), 1);
    exports.delete_schedule(admin, id).await.unwrap();
    hotel.clock.advance(TimeDelta::days(8));
    hotel.run_jobs().await;
    assert_eq!(all(hotel, admin).await.len(), 1);
}

async fn a_report_of_somebody_who_may_have_it_no_more_is_switched_off(hotel: &Installation) {
    let (owner, admin) = (owner(hotel).await, somebody(hotel, Role::Admin).await);
    let gone = named(hotel, "gone", Role::Marketing).await;
    let at_the_desk = named(hotel, "desk", Role::Marketing).await;
    for viewer in [gone, at_the_desk, admin] {
        let draft = mondays(ReportType::Messages);
        let exports = &hotel.crm.exports;
        exports.create_schedule(viewer, draft).await.unwrap();
    }
    let_go(hotel, &owner, gone.user).await;
    give(hotel, &owner, at_the_desk.user, Role::CustomerService).await;
    hotel.clock.advance(TimeDelta::days(8));
    hotel.run_jobs().await;
    let made = all(hotel, admin).await;
    let owners: Vec<_> = made.iter().map(|export| export.new.requested_by).collect();
    assert_eq!(owners, [Some(admin.user)]);
    for viewer in [gone, at_the_desk] {
        let schedule = only(hotel, viewer).await;
        assert_eq!(
            (schedule.new.is_active, schedule.new.next_at),
            (false, None)
        );
        let on = UpdateSchedule {
            is_active: Some(true),
            ..UpdateSchedule::default()
        };
        let exports = &hotel.crm.exports;
        let refused = exports.update_schedule(admin, schedule.id, on).await;
        assert!(matches!(refused, Err(ExportError::Invalid(_))));
    }
    let filter = AuditFilter {
        action: Some("report_schedule.stopped".to_owned()),
        ..AuditFilter::default()
    };
    let page = PageRequest::new(1, 10).unwrap();
    let log = hotel.crm.accounts.audit_log(&filter, page).await.unwrap();
    assert_eq!(log.total, 2);
}
