use crate::auto_responses::{RuleStore, rule_saying};
use crate::messages::{StaffedStore, insert, said, staff};
use crate::samples::{Store, at, begin, campaign, commit, friends, template};
use crm_bootstrap::{Direction, migrate, migration_status};
use crm_campaigns::Audience;
use crm_database::Database;
use crm_kernel::{StoreError, UploadId, UserId};
use crm_kernel::{Transaction, Transactions};
use crm_templates::{Button, Card, InteractionResult, Template, TemplateContent};
use crm_uploads::{Category, NewUpload, OrphanAge, UploadQueries, UploadRecord, UploadsTx};
use std::collections::HashSet;

mod repository {
    use super::*;

    crate::contract_on_every_store!(
        a_path_belongs_to_one_upload_and_a_sender_exists,
        an_unused_upload_is_deleted_once,
        a_kept_upload_stays_whichever_of_its_files_was_named,
        nothing_is_kept_where_no_upload_is,
        of_a_save_and_a_sweep_at_once_one_wins,
    );
}

mod queries {
    use super::*;

    crate::contract!(
        orphans_are_old_enough_unused_and_come_in_order,
        an_orphan_is_read_back_as_it_was_written,
        a_kept_upload_is_no_orphan,
        the_migration_keeps_what_anything_names,
        every_path_of_a_row_is_known,
    );
}

/// A store that uploads can be written to.
trait PictureRows: RuleStore + Transactions<dyn UploadsTx> {}
impl<S: RuleStore + Transactions<dyn UploadsTx>> PictureRows for S {}

fn upload(name: &str, category: Category, minute: i64) -> NewUpload {
    let path = |end: &str| format!("images/{}/{name}{end}", category.as_str());
    NewUpload::new(UploadRecord {
        category,
        path: path(".webp"),
        jpeg_path: Some(path(".jpg")),
        thumbnail_path: path("_thumb.jpg"),
        bytes: 5_000_000_000,
        width: 1200,
        height: 900,
        uploaded_by: None,
        created_at: at(minute),
    })
}

async fn open(db: &impl Transactions<dyn UploadsTx>) -> Box<dyn UploadsTx> {
    db.begin().await.unwrap()
}

async fn store(db: &impl Transactions<dyn UploadsTx>, new: &NewUpload) -> UploadId {
    let mut tx = open(db).await;
    let id = tx.uploads().insert(new).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    id
}

async fn delete(db: &impl Transactions<dyn UploadsTx>, id: UploadId) -> bool {
    let mut tx = open(db).await;
    let deleted = tx.uploads().delete_if_unused(id).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    deleted
}

/// Where a path could occur before uploads were marked.
#[derive(Clone, Copy, Debug)]
enum Place {
    TemplateText,
    TemplateTap,
    TemplateButton,
    CardPicture,
    CardTap,
    CardButton,
    FrozenTemplate,
    Message,
    Rule,
}

const PLACES: [Place; 9] = [
    Place::TemplateText,
    Place::TemplateTap,
    Place::TemplateButton,
    Place::CardPicture,
    Place::CardTap,
    Place::CardButton,
    Place::FrozenTemplate,
    Place::Message,
    Place::Rule,
];

fn button(url: &str) -> Button {
    Button {
        label: "看".into(),
        interaction_result: Some(InteractionResult::OpenUrl(url.to_owned())),
        interaction_tag_id: None,
    }
}

fn card() -> Card {
    Card {
        id: None,
        image_url: "https://hotel.tw/a.jpg".into(),
        title: Some("標題".into()),
        description: None,
        price: None,
        interaction_result: None,
        interaction_tag_id: None,
        sort_order: 1,
        buttons: Vec::new(),
    }
}

async fn name_in_template(db: &impl Store, change: impl FnOnce(&mut TemplateContent)) {
    let id = template(db).await;
    let mut tx = begin(db).await;
    let found = tx.templates().find(id).await.unwrap().unwrap();
    let mut content = found.content().clone();
    change(&mut content);
    let named = Template::from_stored(id, "圖".into(), content, at(0), Some(at(1)));
    tx.templates().update(&named).await.unwrap();
    commit(tx).await;
}

/// Makes something at this place name an address.
async fn name_at(db: &impl RuleStore, place: Place, url: &str) {
    let tap = InteractionResult::TriggerImage(url.to_owned());
    match place {
        Place::TemplateText => {
            name_in_template(db, |c| c.content = Some(url.to_owned())).await;
        }
        Place::TemplateTap => name_in_template(db, |c| c.interaction_result = Some(tap)).await,
        Place::TemplateButton => name_in_template(db, |c| c.buttons = vec![button(url)]).await,
        Place::CardPicture => {
            let image_url = url.to_owned();
            name_in_template(db, |c| {
                c.cards = vec![Card {
                    image_url,
                    ..card()
                }];
            })
            .await;
        }
        Place::CardTap => {
            let interaction_result = Some(tap);
            let named = Card {
                interaction_result,
                ..card()
            };
            name_in_template(db, |c| c.cards = vec![named]).await;
        }
        Place::CardButton => {
            let buttons = vec![button(url)];
            name_in_template(db, |c| c.cards = vec![Card { buttons, ..card() }]).await;
        }
        Place::FrozenTemplate => {
            let id = campaign(db, Audience::All).await.id();
            let mut tx = begin(db).await;
            let mut planned = tx.campaigns().get(id).await.unwrap();
            planned.freeze(format!("{{\"image_url\":\"{url}\"}}"), 0, 0, at(0));
            tx.campaigns().update(&planned).await.unwrap();
            commit(tx).await;
        }
        Place::Message => {
            let member = friends(db, 1).await[0];
            insert(db, &said(member, &format!("看 {url} 吧"), 0)).await;
        }
        Place::Rule => {
            rule_saying(db, &format!("看 {url} 吧")).await;
        }
    }
}

/// An upload for each path and each place that names it.
async fn used_everywhere(db: &Database) -> Vec<(Place, UploadId)> {
    let mut used = Vec::new();
    for (i, place) in PLACES.into_iter().enumerate() {
        let new = upload(&format!("20260924_{i}"), Category::Templates, 0);
        let id = store(db, &new).await;
        let path = new.record().paths().nth(i % 3).unwrap();
        name_at(
            db,
            place,
            &format!("https://crm.hotel.tw/static/uploads/{path}"),
        )
        .await;
        used.push((place, id));
    }
    used
}

async fn a_path_belongs_to_one_upload_and_a_sender_exists(db: impl PictureRows + StaffedStore) {
    let new = upload("a", Category::Temp, 0);
    store(&db, &new).await;
    let again = open(&db).await.uploads().insert(&new).await;
    assert!(matches!(
        again,
        Err(StoreError::Duplicate { key: "upload_path" })
    ));
    let mut record = upload("b", Category::Temp, 0).record().clone();
    record.uploaded_by = Some(UserId::new(999_999));
    let by_nobody = NewUpload::new(record.clone());
    let refused = open(&db).await.uploads().insert(&by_nobody).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
    record.uploaded_by = Some(staff(&db, "mei", None).await);
    store(&db, &NewUpload::new(record)).await;
}

async fn keep(db: &impl Transactions<dyn UploadsTx>, address: &str) -> bool {
    let mut tx = open(db).await;
    let kept = tx.pictures().keep(address, at(0)).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    kept
}

async fn an_unused_upload_is_deleted_once(db: impl PictureRows) {
    let id = store(&db, &upload("a_b", Category::Temp, 0)).await;
    assert!(delete(&db, id).await);
    assert!(!delete(&db, id).await);
    assert!(!delete(&db, UploadId::new(999_999)).await);
}

async fn a_kept_upload_stays_whichever_of_its_files_was_named(db: impl PictureRows) {
    for (i, category) in Category::ALL.into_iter().enumerate() {
        let new = upload("a", category, 0);
        let id = store(&db, &new).await;
        let path = new.record().paths().nth(i).unwrap().to_owned();
        let address = format!("/static/uploads/{path}");
        assert!(keep(&db, &address).await, "{address}");
        assert!(keep(&db, &address).await, "{address}");
        assert!(!delete(&db, id).await, "{address}");
    }
}

async fn nothing_is_kept_where_no_upload_is(db: impl PictureRows) {
    let id = store(&db, &upload("a_b", Category::Temp, 0)).await;
    for address in [
        "/static/uploads/images/temp/aXb.webp",
        "/static/uploads/images/temp/A_B.webp",
        "/static/uploads/images/temp/a_b.png",
        "images/temp/a_b.webp",
        "/static/uploads/",
        "",
    ] {
        assert!(!keep(&db, address).await, "{address}");
    }
    let mut undone = open(&db).await;
    let address = "/static/uploads/images/temp/a_b.webp";
    assert!(undone.pictures().keep(address, at(0)).await.unwrap());
    drop(undone);
    assert!(delete(&db, id).await);
    assert!(!keep(&db, address).await);
}

async fn of_a_save_and_a_sweep_at_once_one_wins(db: impl PictureRows) {
    for i in 0..10 {
        let new = upload(&format!("a{i}"), Category::Temp, 0);
        let id = store(&db, &new).await;
        let address = format!("/static/uploads/{}", new.record().path);
        let (kept, deleted) = futures::join!(keep(&db, &address), delete(&db, id));
        assert_ne!(kept, deleted);
    }
}

const AGE: fn() -> OrphanAge = || OrphanAge {
    temp_before: at(100),
    templates_before: at(10),
};

async fn orphans(db: &Database, after: Option<UploadId>, limit: u32) -> Vec<UploadId> {
    let found = db.orphans(&AGE(), after, limit).await.unwrap();
    found.iter().map(crm_uploads::Upload::id).collect()
}

async fn orphans_are_old_enough_unused_and_come_in_order(db: Database) {
    let mut old = Vec::new();
    for (name, category, minute, is_old) in [
        ("a", Category::Temp, 99, true),
        ("b", Category::Temp, 100, false),
        ("c", Category::Templates, 9, true),
        ("d", Category::Templates, 10, false),
        ("e", Category::Members, 0, false),
        ("f", Category::Temp, 0, true),
    ] {
        let id = store(&db, &upload(name, category, minute)).await;
        old.extend(is_old.then_some(id));
    }
    assert_eq!(orphans(&db, None, 10).await, old);
    assert_eq!(orphans(&db, None, 2).await, old[..2]);
    assert_eq!(orphans(&db, Some(old[0]), 10).await, old[1..]);
    assert_eq!(orphans(&db, Some(old[2]), 10).await, []);
}

async fn an_orphan_is_read_back_as_it_was_written(db: Database) {
    let mut record = upload("a", Category::Templates, 0).record().clone();
    record.uploaded_by = Some(staff(&db, "mei", None).await);
    let plain = UploadRecord {
        path: "images/templates/b.png".into(),
        jpeg_path: None,
        thumbnail_path: "images/templates/b_thumb.png".into(),
        uploaded_by: None,
        ..record.clone()
    };
    let mut wanted = Vec::new();
    for new in [NewUpload::new(record), NewUpload::new(plain)] {
        let id = store(&db, &new).await;
        wanted.push(new.stored_as(id));
    }
    assert_eq!(db.orphans(&AGE(), None, 10).await.unwrap(), wanted);
}

async fn a_kept_upload_is_no_orphan(db: Database) {
    let new = upload("a", Category::Temp, 0);
    store(&db, &new).await;
    let unused = store(&db, &upload("b", Category::Temp, 0)).await;
    let address = format!("/static/uploads/{}", new.record().path);
    assert!(keep(&db, &address).await);
    assert_eq!(orphans(&db, None, 100).await, [unused]);
}

async fn the_migration_keeps_what_anything_names(db: Database) {
    let used = used_everywhere(&db).await;
    let unused = store(&db, &upload("z", Category::Temp, 0)).await;
    // Only the rule was written by a use-case, which keeps what it names.
    assert_eq!(orphans(&db, None, 100).await.len(), PLACES.len());
    let steps = migration_status(&db).await.unwrap();
    let since = steps
        .iter()
        .skip_while(|(name, _)| !name.starts_with("m0011"));
    let since = u32::try_from(since.count()).unwrap();
    migrate(&db, Direction::Down(since)).await.unwrap();
    migrate(&db, Direction::Up).await.unwrap();
    assert_eq!(orphans(&db, None, 100).await, [unused]);
    for (place, id) in used {
        assert!(!delete(&db, id).await, "{place:?}");
    }
}

async fn every_path_of_a_row_is_known(db: Database) {
    let new = upload("a", Category::Temp, 0);
    store(&db, &new).await;
    let mut asked: Vec<String> = new.record().paths().map(str::to_owned).collect();
    let known: HashSet<String> = asked.iter().cloned().collect();
    // Names differ in case, too.
    asked.extend(["images/temp/A.webp".into(), "images/temp/b.webp".into()]);
    assert_eq!(db.known_paths(&asked).await.unwrap(), known);
    assert!(db.known_paths(&[]).await.unwrap().is_empty());
}
