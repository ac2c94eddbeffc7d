//! Tables that somebody exported, for hotels whose system cannot be asked.

use super::house::House;
use crm_kernel::{Actor, PageRequest};
use crm_members::{PmsKind, SyncFile, SyncRun, SyncStatus};
use crm_tests::{Installation, run_jobs_of};

crate::stories!(
    a_table_is_taken_over_by_the_same_rules_after_a_rehearsal,
    a_profile_names_columns_and_a_header_nobody_understands_is_refused,
);

async fn read(
    house: &House<'_>,
    kind: PmsKind,
    table: &str,
    how: (&[(&str, &str)], bool),
) -> SyncRun {
    let bytes = table.as_bytes().to_vec();
    let put = house
        .crm
        .files
        .put_aside("export.csv", bytes)
        .await
        .unwrap();
    let file = SyncFile {
        path: put.path,
        name: "export.csv".to_owned(),
        headings: how
            .0
            .iter()
            .map(|(heading, field)| ((*heading).to_owned(), (*field).to_owned()))
            .collect(),
        dry_run: how.1,
        total_rows: 0,
    };
    let asked = house.crm.pms.start_file(&Actor::System, kind, file).await;
    let id = asked.unwrap().id;
    run_jobs_of(&house.crm).await;
    house.crm.pms.status(id).await.unwrap()
}

const GUESTS: &str = "gcust_cod,alt_nam,contact1_rmk,id_nos\n\
                      G1,王小明,0912345678,A123456789\n\
                      G2,,,\n\
                      G3,李大同,0922-333-444,\n";

async fn a_table_is_taken_over_by_the_same_rules_after_a_rehearsal(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    let rehearsal = read(&house, PmsKind::Members, GUESTS, (&[], true)).await;
    assert_eq!(
        rehearsal.status,
        SyncStatus::Completed,
        "{:?}",
        rehearsal.message
    );
    assert_eq!((rehearsal.counts.created, rehearsal.counts.failed), (2, 1));
    assert_eq!(house.count("members", "1 = 1").await, 0, "only rehearsed");
    let run = read(&house, PmsKind::Members, GUESTS, (&[], false)).await;
    assert_eq!(run.counts, rehearsal.counts);
    assert_eq!(house.count("members", "1 = 1").await, 2);
    let page = PageRequest::new(1, 10).unwrap();
    let faults = house.crm.pms.faults(run.id, page).await.unwrap().items;
    assert_eq!(
        faults.iter().map(|f| f.row).collect::<Vec<_>>(),
        [3],
        "row 3 of the file"
    );

    let stays = "ikey,order_sta,gcust_cod,ci_dat,co_dat,room_nam,pay_tot\n\
                 00000001,I,G1,2026/08/30,2026/09/03,海景房,12000\n";
    let run = read(&house, PmsKind::ConsumptionRecords, stays, (&[], false)).await;
    assert_eq!(run.counts.created, 1, "{:?}", run.message);
    let id = house.member_with_phone("+886912345678").await.unwrap();
    assert_eq!(house.stays_of(id).await, ["00000001"]);
    let mark = house.crm.pms.overview().await.unwrap().marks.remove(0);
    assert_eq!(mark.until, None, "a file says nothing about the window");
    house.end().await;
}

async fn a_profile_names_columns_and_a_header_nobody_understands_is_refused(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    let table = "卡號,稱呼,聯絡\nG1,王小明,0912345678\n";
    let refused = read(&house, PmsKind::Members, table, (&[], false)).await;
    assert_eq!(refused.reason.as_deref(), Some("no_known_column"));
    let fields = house.crm.pms.fields(PmsKind::Members);
    let name = |known: &str| {
        let field = fields
            .iter()
            .find(|f| f.name == known || f.headings.iter().any(|h| h == known));
        field.map(|f| f.name.clone()).unwrap()
    };
    let (code, full, phone) = (name("gcust_cod"), name("alt_nam"), name("contact1_rmk"));
    let profile = [("卡號", &*code), ("稱呼", &*full), ("聯絡", &*phone)];
    let run = read(&house, PmsKind::Members, table, (&profile, false)).await;
    assert_eq!(run.counts.created, 1, "{:?} {:?}", run.reason, run.message);
    house.end().await;
}
