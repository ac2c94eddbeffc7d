use super::*;
use chrono::TimeDelta;
use crm_accounts::AuditFilter;
use crm_kernel::PageRequest;
use std::fs::File;
use std::time::{Duration, SystemTime};

crate::stories!(
    a_link_that_is_not_ours_opens_nothing,
    a_link_dies_with_its_holders_account,
    a_link_gives_no_more_than_its_holder_may_have_now,
    a_link_dies_with_its_time_and_the_file_is_taken_away,
    everybody_sees_their_own_files_and_admins_all,
    who_asked_made_and_took_what_is_written_down_without_a_name,
    what_dead_processes_left_behind_is_swept,
    a_file_that_nobody_makes_any_more_fails_in_the_end,
    nobody_asks_for_more_than_can_be_made,
);

async fn made(hotel: &Installation, viewer: Viewer) -> ExportId {
    let tags = wish(ReportType::Tags, ExportFormat::Csv);
    let id = asked(&hotel.crm, viewer, tags).await;
    hotel.run_jobs().await;
    is_completed(&look(&hotel.crm, viewer, id).await);
    id
}

async fn a_link_dies_with_its_holders_account(hotel: &Installation) {
    let (owner, admin) = (owner(hotel).await, somebody(hotel, Role::Admin).await);
    let (link, signature) = link_of(hotel, admin, ReportType::Tags).await;
    bytes_of(&hotel.crm, link, &signature).await.unwrap();
    let_go(hotel, &owner, admin.user).await;
    let refused = bytes_of(&hotel.crm, link, &signature).await;
    assert!(matches!(refused, Err(ExportError::LinkExpired)));
}

async fn a_link_gives_no_more_than_its_holder_may_have_now(hotel: &Installation) {
    let (owner, admin) = (owner(hotel).await, somebody(hotel, Role::Admin).await);
    let (members, of_members) = link_of(hotel, admin, ReportType::Members).await;
    let (tags, of_tags) = link_of(hotel, admin, ReportType::Tags).await;
    // Marketing takes files away, but none with identity numbers.
    give(hotel, &owner, admin.user, Role::Marketing).await;
    let refused = bytes_of(&hotel.crm, members, &of_members).await;
    assert!(matches!(refused, Err(ExportError::LinkExpired)));
    bytes_of(&hotel.crm, tags, &of_tags).await.unwrap();
    give(hotel, &owner, admin.user, Role::CustomerService).await;
    let refused = bytes_of(&hotel.crm, tags, &of_tags).await;
    assert!(matches!(refused, Err(ExportError::LinkExpired)));
}

async fn link_of(
    hotel: &Installation,
    viewer: Viewer,
    report: ReportType,
) -> (DownloadLink, String) {
    let id = asked(&hotel.crm, viewer, wish(report, ExportFormat::Csv)).await;
    hotel.run_jobs().await;
    let export = look(&hotel.crm, viewer, id).await;
    let signed = hotel.crm.exports.link_to(&export, viewer.user).unwrap();
    (signed.link, signed.signature)
}

async fn a_link_that_is_not_ours_opens_nothing(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let (id, other) = (made(hotel, admin).await, made(hotel, admin).await);
    let export = look(&hotel.crm, admin, id).await;
    let signed = hotel.crm.exports.link_to(&export, admin.user).unwrap();
    let (link, signature) = (signed.link, signed.signature.as_str());
    bytes_of(&hotel.crm, link, signature).await.unwrap();
    let later = link.expires + 3_600;
    for forged in [
        DownloadLink {
            export: other,
            ..link
        },
        DownloadLink {
            expires: later,
            ..link
        },
        DownloadLink {
            holder: NOBODY,
            ..link
        },
    ] {
        let refused = bytes_of(&hotel.crm, forged, signature).await;
        assert!(matches!(refused, Err(ExportError::LinkForged)));
    }
    let refused = bytes_of(&hotel.crm, link, "").await;
    assert!(matches!(refused, Err(ExportError::LinkForged)));
}

async fn a_link_dies_with_its_time_and_the_file_is_taken_away(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let id = made(hotel, admin).await;
    let export = look(&hotel.crm, admin, id).await;
    let link = hotel.crm.exports.link_to(&export, admin.user).unwrap();
    hotel.clock.advance(TimeDelta::minutes(59));
    hotel.crm.exports.sweep().await.unwrap();
    bytes_of(&hotel.crm, link.link, &link.signature)
        .await
        .unwrap();
    hotel.clock.advance(TimeDelta::minutes(1));
    let late = bytes_of(&hotel.crm, link.link, &link.signature).await;
    assert!(matches!(late, Err(ExportError::LinkExpired)));
    assert_eq!(folder(hotel).len(), 1);
    let swept = hotel.crm.exports.sweep().await.unwrap();
    assert_eq!(swept.expired, 1);
    assert_eq!(folder(hotel), Vec::<String>::new());
    let export = look(&hotel.crm, admin, id).await;
    assert_eq!(export.status, ExportStatus::Expired);
    hotel.clock.advance(TimeDelta::days(91));
    let swept = hotel.crm.exports.sweep().await.unwrap();
    assert_eq!(swept.forgotten, 1);
}

async fn everybody_sees_their_own_files_and_admins_all(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let marketing = somebody(hotel, Role::Marketing).await;
    let (of_admin, of_marketing) = (made(hotel, admin).await, made(hotel, marketing).await);
    let page = PageRequest::new(1, 10).unwrap();
    let seen = async |viewer| {
        let page = hotel.crm.exports.list(viewer, page).await.unwrap();
        let ids: Vec<ExportId> = page.items.iter().map(|export| export.id).collect();
        assert_eq!(page.total, ids.len() as u64);
        ids
    };
    assert_eq!(seen(admin).await, [of_marketing, of_admin]);
    assert_eq!(seen(marketing).await, [of_marketing]);
    let exports = &hotel.crm.exports;
    let hidden = exports.get(marketing, of_admin).await;
    assert!(matches!(hidden, Err(ExportError::NotFound)));
    let refused = exports.delete(marketing, of_admin).await;
    assert!(matches!(refused, Err(ExportError::NotFound)));
    exports.delete(admin, of_marketing).await.unwrap();
    assert_eq!(folder(hotel).len(), 1);
}

async fn who_asked_made_and_took_what_is_written_down_without_a_name(hotel: &Installation) {
    hotel.friends(3).await;
    let admin = somebody(hotel, Role::Admin).await;
    let members = wish(ReportType::Members, ExportFormat::Csv);
    let id = asked(&hotel.crm, admin, members).await;
    hotel.run_jobs().await;
    downloaded(&hotel.crm, admin, id).await.unwrap();
    let page = PageRequest::new(1, 50).unwrap();
    let filter = AuditFilter::default();
    let log = hotel.crm.accounts.audit_log(&filter, page).await.unwrap();
    let told = |action: &str| {
        let entry = log.items.iter().find(|entry| entry.action == action);
        let entry = entry.unwrap();
        assert_eq!(entry.subject_id, Some(id.get()));
        let facts = serde_json::to_value(&entry.after).unwrap();
        assert_eq!(facts["report_type"], "members");
        assert!(!facts.to_string().contains("客人"));
        facts
    };
    told("export.created");
    assert_eq!(told("export.completed")["rows"], 3);
    assert_eq!(told("export.downloaded")["rows"], 3);
}

async fn what_dead_processes_left_behind_is_swept(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let id = made(hotel, admin).await;
    let named = look(&hotel.crm, admin, id).await.file.unwrap();
    let place = hotel.uploads.path().join("exports");
    let old = SystemTime::from(hotel.now()) - Duration::from_secs(7 * 3_600);
    let dead = "9-0198c0de-1234-7abc-8def-0123456789ab.xlsx";
    let young = "9-0198c0de-1234-7abc-8def-0123456789ff.csv.part";
    let part = format!("{dead}.part");
    // What is none of ours stays, whatever its age.
    let other = "crm.db";
    for name in [dead, &part, young, other] {
        let file = File::create(place.join(name)).unwrap();
        if name != young {
            file.set_modified(old).unwrap();
        }
    }
    let file = File::options().append(true).open(place.join(&named));
    file.unwrap().set_modified(old).unwrap();
    let swept = hotel.crm.exports.sweep().await.unwrap();
    assert_eq!(swept.orphans, 2);
    let mut left = folder(hotel);
    left.sort();
    let mut expected = vec![young.to_owned(), other.to_owned(), named];
    expected.sort();
    assert_eq!(left, expected);
}

async fn a_file_that_nobody_makes_any_more_fails_in_the_end(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    hotel.friends(5).await;
    let mortal = hotel.mortal(Arc::new(crm_members::NoPms)).await;
    let (mortal, gate) = Gate::before(&mortal);
    let members = wish(ReportType::Members, ExportFormat::Csv);
    let id = asked(&hotel.crm, admin, members).await;
    tokio::select! {
        _ = crm_tests::run_jobs_of(&mortal) => panic!("it was to die before its end"),
        () = gate.reached.notified() => {}
    }
    hotel.clock.advance(TimeDelta::hours(23));
    assert_eq!(hotel.crm.exports.sweep().await.unwrap().given_up, 0);
    hotel.clock.advance(TimeDelta::hours(2));
    assert_eq!(hotel.crm.exports.sweep().await.unwrap().given_up, 1);
    let failure = look(&hotel.crm, admin, id).await.failure.unwrap();
    assert_eq!(failure.reason, "interrupted");
}

async fn nobody_asks_for_more_than_can_be_made(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let tags = || wish(ReportType::Tags, ExportFormat::Csv);
    for _ in 0..crm_exports::Exports::MOST_WAITING {
        asked(&hotel.crm, admin, tags()).await;
    }
    let refused = hotel.crm.exports.request(admin, tags()).await;
    assert!(matches!(refused, Err(ExportError::TooMany)));
    let unknown = RequestExport {
        campaign: Some(CampaignId::new(999_999)),
        ..wish(ReportType::CampaignRecipients, ExportFormat::Csv)
    };
    let refused = hotel.crm.exports.request(admin, unknown).await;
    let Err(ExportError::Invalid(fields)) = refused else {
        panic!("an unknown campaign was taken");
    };
    assert_eq!(fields[0].field, "campaign_id");
}
