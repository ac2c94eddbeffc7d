use super::*;
use chrono::TimeDelta;
use crm_files::ExportFolder;
use crm_members::RegisterMember;
use crm_tests::run_jobs_of;

crate::stories!(
    members_come_as_a_workbook_with_everybody_once,
    nothing_to_tell_is_a_file_with_headings,
    a_process_killed_in_the_middle_leaves_no_half_file_and_the_next_one_begins_anew,
    what_is_deleted_while_it_is_made_is_made_no_further,
    a_folder_that_cannot_be_written_to_is_told_in_words,
    two_at_once_do_not_meet,
    whoever_was_overtaken_offers_nothing,
    identity_numbers_are_masked_for_those_who_may_know_them_and_not_there_for_others,
    an_erased_guest_is_in_no_file,
    recipients_tell_how_far_it_came_with_each,
    tags_and_messages_are_told_in_the_words_of_the_hotel,
);

async fn register(hotel: &Installation, name: &str, id_number: &str) -> crm_kernel::MemberId {
    let guest = RegisterMember {
        first_name: Some(name.into()),
        last_name: Some("王".into()),
        gender: None,
        birthday: None,
        email: None,
        phone: Some("0912345678".into()),
        id_number: Some(id_number.into()),
        accept_marketing: None,
        notes: None,
    };
    let member = hotel.crm.members.register(&Actor::System, guest).await;
    member.unwrap().id()
}

async fn members_come_as_a_workbook_with_everybody_once(hotel: &Installation) {
    hotel.friends(7).await;
    let admin = somebody(hotel, Role::Admin).await;
    let mut crm = hotel.crm.clone();
    crm.reports.rows_at_once = 3;
    for days in [(None, None), (Some("2026-08-01".parse().unwrap()), None)] {
        let members = RequestExport {
            days,
            ..wish(ReportType::Members, ExportFormat::Excel)
        };
        let id = asked(&crm, admin, members).await;
        let export = look(&crm, admin, id).await;
        assert_eq!(export.status, ExportStatus::Pending);
        assert_eq!(crm.exports.link_to(&export, admin.user), None);
        run_jobs_of(&crm).await;
        let export = look(&crm, admin, id).await;
        is_completed(&export);
        assert_eq!((export.rows_done, export.rows_total), (7, 7));
        assert_eq!(export.expires_at, Some(hotel.now() + TimeDelta::hours(1)));
        let sheet = table(&crm, admin, id).await;
        let mut numbers = column(&sheet, "會員編號");
        numbers.dedup();
        assert_eq!(numbers.len(), 7);
        let mut names = column(&sheet, "LINE 名稱");
        names.sort();
        assert_eq!(names[6], "客人6");
    }
    assert_eq!(folder(hotel).len(), 2);
}

async fn nothing_to_tell_is_a_file_with_headings(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    for report in [
        ReportType::Members,
        ReportType::Messages,
        ReportType::Tags,
        ReportType::CampaignPerformance,
    ] {
        for format in [ExportFormat::Excel, ExportFormat::Csv] {
            let id = asked(&hotel.crm, admin, wish(report, format)).await;
            hotel.run_jobs().await;
            let export = look(&hotel.crm, admin, id).await;
            is_completed(&export);
            let sheet = table(&hotel.crm, admin, id).await;
            assert!(sheet.header.len() > 3, "{report:?} {format:?}");
            assert_eq!(sheet.rows.len(), 0, "{report:?} {format:?}");
        }
    }
}

async fn a_process_killed_in_the_middle_leaves_no_half_file_and_the_next_one_begins_anew(
    hotel: &Installation,
) {
    hotel.friends(5).await;
    let admin = somebody(hotel, Role::Admin).await;
    let mortal = hotel.mortal(Arc::new(crm_members::NoPms)).await;
    let (mortal, gate) = Gate::before(&mortal);
    let members = wish(ReportType::Members, ExportFormat::Excel);
    let id = asked(&hotel.crm, admin, members).await;
    tokio::select! {
        _ = run_jobs_of(&mortal) => panic!("it was to die before its end"),
        () = gate.reached.notified() => {}
    }
    let export = look(&hotel.crm, admin, id).await;
    assert_eq!(export.status, ExportStatus::Running);
    assert_eq!(hotel.crm.exports.link_to(&export, admin.user), None);
    hotel.clock.advance(TimeDelta::minutes(1));
    hotel.run_jobs().await;
    let export = look(&hotel.crm, admin, id).await;
    is_completed(&export);
    assert_eq!((export.attempt, export.rows_done), (2, 5));
    assert_eq!(table(&hotel.crm, admin, id).await.rows.len(), 5);
    let whole: Vec<String> = folder(hotel)
        .into_iter()
        .filter(|name| !name.ends_with(".part"))
        .collect();
    assert_eq!(whole, [export.file.unwrap()]);
}

async fn what_is_deleted_while_it_is_made_is_made_no_further(hotel: &Installation) {
    hotel.friends(5).await;
    let admin = somebody(hotel, Role::Admin).await;
    let (slow, gate) = Gate::before(&hotel.crm);
    let members = wish(ReportType::Members, ExportFormat::Csv);
    let id = asked(&slow, admin, members).await;
    let delete = async {
        gate.reached.notified().await;
        slow.exports.delete(admin, id).await.unwrap();
        gate.open.notify_one();
    };
    futures::future::join(run_jobs_of(&slow), delete).await;
    let gone = slow.exports.get(admin, id).await;
    assert!(matches!(gone, Err(ExportError::NotFound)));
    assert_eq!(folder(hotel), Vec::<String>::new());
}

async fn a_folder_that_cannot_be_written_to_is_told_in_words(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let file = hotel.uploads.path().join("a file, no folder");
    std::fs::write(&file, "x").unwrap();
    let mut crm = hotel.crm.clone();
    let maker = crm.report_maker.clone();
    let folder = ExportFolder::new(&file.join("exports"), maker);
    crm.reports.exports.ports.files = Arc::new(folder);
    let id = asked(&crm, admin, wish(ReportType::Tags, ExportFormat::Excel)).await;
    run_jobs_of(&crm).await;
    let export = look(&crm, admin, id).await;
    assert_eq!(export.status, ExportStatus::Failed);
    let failure = export.failure.unwrap();
    assert_eq!(failure.reason, "not_written");
    assert!(failure.message.contains("EXPORT_DIR"), "{failure:?}");
}

async fn two_at_once_do_not_meet(hotel: &Installation) {
    hotel.friends(5).await;
    let admin = somebody(hotel, Role::Admin).await;
    let other = hotel.beside(hotel.clock.clone());
    let members = || wish(ReportType::Members, ExportFormat::Csv);
    let first = asked(&hotel.crm, admin, members()).await;
    let second = asked(&hotel.crm, admin, members()).await;
    futures::future::join(run_jobs_of(&hotel.crm), run_jobs_of(&other)).await;
    for id in [first, second] {
        is_completed(&look(&hotel.crm, admin, id).await);
        assert_eq!(table(&hotel.crm, admin, id).await.rows.len(), 5);
    }
    assert_eq!(folder(hotel).len(), 2);
}

async fn whoever_was_overtaken_offers_nothing(hotel: &Installation) {
    hotel.friends(5).await;
    let admin = somebody(hotel, Role::Admin).await;
    let (slow, gate) = Gate::before(&hotel.crm);
    let members = wish(ReportType::Members, ExportFormat::Csv);
    let id = asked(&slow, admin, members).await;
    let job = crm_exports::MakeExport { export_id: id };
    let hold = crate::exports::Ours;
    let overtake = async {
        gate.reached.notified().await;
        hotel.crm.reports.make(&job, &hold).await.unwrap();
        gate.open.notify_one();
    };
    let (made, ()) = futures::future::join(slow.reports.make(&job, &hold), overtake).await;
    made.unwrap();
    let export = look(&slow, admin, id).await;
    is_completed(&export);
    assert_eq!(export.attempt, 2);
    assert_eq!(folder(hotel), [export.file.unwrap()]);
}

async fn identity_numbers_are_masked_for_those_who_may_know_them_and_not_there_for_others(
    hotel: &Installation,
) {
    register(hotel, "小明", "A123456789").await;
    let admin = somebody(hotel, Role::Admin).await;
    for (shows, header) in [(true, true), (false, false)] {
        let members = RequestExport {
            shows_id_numbers: shows,
            ..wish(ReportType::Members, ExportFormat::Csv)
        };
        let id = asked(&hotel.crm, admin, members).await;
        hotel.run_jobs().await;
        let bytes = downloaded(&hotel.crm, admin, id).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("小明"));
        assert!(!text.contains("A123456789"));
        assert_eq!(text.contains("A12****789"), header);
        assert_eq!(text.contains("身分證"), header);
    }
}

async fn an_erased_guest_is_in_no_file(hotel: &Installation) {
    let gone = register(hotel, "阿美", "B223456789").await;
    register(hotel, "小明", "A123456789").await;
    hotel.crm.erasure.erase(&Actor::System, gone).await.unwrap();
    let admin = somebody(hotel, Role::Admin).await;
    let id = asked(
        &hotel.crm,
        admin,
        wish(ReportType::Members, ExportFormat::Csv),
    )
    .await;
    hotel.run_jobs().await;
    let sheet = table(&hotel.crm, admin, id).await;
    assert_eq!(column(&sheet, "名"), ["小明"]);
}

async fn recipients_tell_how_far_it_came_with_each(hotel: &Installation) {
    let friends = hotel.friends(5).await;
    let campaign = sent_campaign(hotel).await;
    let erased = friends[4].0;
    hotel
        .crm
        .erasure
        .erase(&Actor::System, erased)
        .await
        .unwrap();
    let admin = somebody(hotel, Role::Admin).await;
    let mut crm = hotel.crm.clone();
    crm.reports.rows_at_once = 2;
    let recipients = RequestExport {
        campaign: Some(campaign),
        ..wish(ReportType::CampaignRecipients, ExportFormat::Excel)
    };
    let id = asked(&crm, admin, recipients).await;
    run_jobs_of(&crm).await;
    let sheet = table(&crm, admin, id).await;
    assert_eq!(column(&sheet, "狀態"), ["已送達"; 5]);
    let mut members = column(&sheet, "會員編號");
    members.retain(|number| !number.is_empty());
    let known: Vec<String> = friends[..4].iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(members, known);
    assert!(column(&sheet, "發送時間").iter().all(|at| !at.is_empty()));
}

async fn tags_and_messages_are_told_in_the_words_of_the_hotel(hotel: &Installation) {
    crate::samples::interaction_tag(hotel).await;
    let admin = somebody(hotel, Role::Admin).await;
    let id = asked(&hotel.crm, admin, wish(ReportType::Tags, ExportFormat::Csv)).await;
    hotel.run_jobs().await;
    let sheet = table(&hotel.crm, admin, id).await;
    assert_eq!(column(&sheet, "類型"), ["互動標籤"]);
    let overview = wish(ReportType::Overview, ExportFormat::Csv);
    let id = asked(&hotel.crm, admin, overview).await;
    hotel.run_jobs().await;
    let sheet = table(&hotel.crm, admin, id).await;
    assert_eq!(column(&sheet, "日期").len(), 30);
    assert_eq!(column(&sheet, "日期")[29], "2026-09-01");
}
