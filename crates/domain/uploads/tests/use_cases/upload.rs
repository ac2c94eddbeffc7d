use crate::fakes::{Fake, broken};
use crm_kernel::{Actor, DomainError, ErrorKind, UserId};
use crm_uploads::{AllowedTypes, PictureError, UploadError, UploadPicture, UploadRules};
use serde_json::json;

pub const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0 a photo";
pub const WEBP: &[u8] = b"RIFF\0\0\0\0WEBPVP8 ";
pub const STAFF: Actor = Actor::User { id: UserId::new(9) };

pub fn picture(category: &str, bytes: &[u8]) -> UploadPicture {
    UploadPicture {
        category: category.to_owned(),
        bytes: bytes.to_vec(),
        crop_square: false,
    }
}

async fn refused(fake: &Fake, command: UploadPicture) -> UploadError {
    let error = fake.uploads().upload(&STAFF, command).await.unwrap_err();
    let world = fake.world();
    assert!(world.files.is_empty() && world.rows.is_empty() && world.audit.is_empty());
    error
}

fn fields(error: &UploadError) -> Vec<String> {
    error
        .fields()
        .into_iter()
        .map(|field| field.field)
        .collect()
}

#[tokio::test]
async fn a_picture_is_kept_with_its_thumbnail_under_a_name_of_ours() {
    let fake = Fake::default();
    let mut command = picture("templates", JPEG);
    command.crop_square = true;
    let upload = fake.uploads().upload(&STAFF, command).await.unwrap();
    let stem = "images/templates/19700101_000000_00000000-0000-0000-0000-000000000001";
    assert_eq!(upload.record().path, format!("{stem}.jpg"));
    assert_eq!(upload.record().thumbnail_path, format!("{stem}_thumb.jpg"));
    assert_eq!(upload.record().jpeg_path, None);
    assert_eq!(upload.url(), format!("/static/uploads/{stem}.jpg"));
    assert_eq!(upload.line_url(), upload.url());
    assert!(stem.ends_with(upload.file_name().trim_end_matches(".jpg")));
    assert_eq!((upload.record().width, upload.record().height), (1200, 600));
    assert_eq!(upload.record().bytes, 1200);
    assert_eq!(upload.record().uploaded_by, Some(UserId::new(9)));
    assert_eq!(
        fake.paths(),
        [format!("{stem}.jpg"), format!("{stem}_thumb.jpg")]
    );
    let world = fake.world();
    assert!(world.orders[0].crop_square);
    assert_eq!(world.rows.values().collect::<Vec<_>>(), [&upload]);
}

#[tokio::test]
async fn the_audit_log_says_who_kept_what() {
    let fake = Fake::default();
    let upload = fake
        .uploads()
        .upload(&STAFF, picture("temp", JPEG))
        .await
        .unwrap();
    let world = fake.world();
    let entry = &world.audit[0];
    assert_eq!((entry.action, entry.subject), ("upload.created", "upload"));
    assert_eq!(entry.subject_id, Some(upload.id().get()));
    assert_eq!(entry.actor, STAFF);
    assert_eq!(
        json!(entry.after),
        json!({"path": upload.record().path, "bytes": 1200, "width": 1200, "height": 600})
    );
}

#[tokio::test]
async fn a_webp_is_kept_as_jpeg_under_the_same_stem() {
    let fake = Fake::default();
    let upload = fake
        .uploads()
        .upload(&STAFF, picture("members", WEBP))
        .await
        .unwrap();
    let stem = upload
        .record()
        .path
        .strip_suffix(".webp")
        .unwrap()
        .to_owned();
    assert_eq!(upload.record().jpeg_path, Some(format!("{stem}.jpg")));
    assert_eq!(upload.line_url(), format!("/static/uploads/{stem}.jpg"));
    assert_eq!(fake.paths().len(), 3);
}

#[tokio::test]
async fn every_unknown_category_and_an_empty_file_are_named() {
    for category in ["", "other", "../x", "templates/..", "Temp", "temp\0"] {
        let error = refused(&Fake::default(), picture(category, JPEG)).await;
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(fields(&error), ["category"], "{category}");
    }
    let error = refused(&Fake::default(), picture("../x", b"")).await;
    assert_eq!(fields(&error), ["category", "file"]);
}

#[tokio::test]
async fn exactly_the_largest_size_is_fine() {
    let rules = UploadRules {
        max_bytes: JPEG.len(),
        allowed: AllowedTypes::default(),
    };
    let uploads = Fake::default().uploads_with(rules);
    uploads.upload(&STAFF, picture("temp", JPEG)).await.unwrap();
    let over = [JPEG, b"x"].concat();
    let error = uploads
        .upload(&STAFF, picture("temp", &over))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "file_too_large");
    assert_eq!(error.details(), Some(json!({"max_bytes": JPEG.len()})));
}

#[tokio::test]
async fn only_accepted_kinds_are_taken_by_their_content() {
    for bytes in [&b"<svg/>"[..], b"GIF89a", b"%PDF-1.7"] {
        let error = refused(&Fake::default(), picture("temp", bytes)).await;
        assert_eq!(error.code(), "unsupported_image_type");
    }
    let rules = UploadRules {
        allowed: AllowedTypes::parse("png,webp").unwrap(),
        ..UploadRules::default()
    };
    let uploads = Fake::default().uploads_with(rules);
    let error = uploads
        .upload(&STAFF, picture("temp", JPEG))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "unsupported_image_type");
    uploads.upload(&STAFF, picture("temp", WEBP)).await.unwrap();
}

#[tokio::test]
async fn what_the_maker_refuses_is_told_and_leaves_nothing() {
    for (error, kind, code) in [
        (
            PictureError::TooManyPixels,
            ErrorKind::Invalid,
            "upload_invalid",
        ),
        (
            PictureError::Unreadable,
            ErrorKind::Invalid,
            "upload_invalid",
        ),
        (PictureError::Animated, ErrorKind::Invalid, "upload_invalid"),
        (PictureError::Busy, ErrorKind::Unavailable, "uploads_busy"),
        (
            PictureError::Failed(broken()),
            ErrorKind::Internal,
            "internal",
        ),
    ] {
        let fake = Fake::default();
        fake.world().maker_fails = Some(error);
        let error = refused(&fake, picture("temp", JPEG)).await;
        assert_eq!((error.kind(), error.code()), (kind, code));
    }
}

#[tokio::test]
async fn a_failed_file_or_row_takes_the_files_with_it() {
    for written in 0..3 {
        let fake = Fake::default();
        fake.world().put_fails_after = Some(written);
        refused(&fake, picture("temp", WEBP)).await;
    }
    let fake = Fake::default();
    fake.world().insert_fails = true;
    refused(&fake, picture("temp", WEBP)).await;
}

#[tokio::test]
async fn files_stay_when_nobody_knows_whether_the_row_was_stored() {
    let fake = Fake::default();
    fake.world().commit_fails = true;
    let failed = fake.uploads().upload(&STAFF, picture("temp", JPEG)).await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(fake.paths().len(), 2);
}

#[tokio::test]
async fn a_file_is_shown_and_a_trick_path_finds_nothing() {
    let fake = Fake::default();
    let uploads = fake.uploads();
    let upload = uploads.upload(&STAFF, picture("temp", JPEG)).await.unwrap();
    let shown = uploads
        .find_file(&upload.record().path)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(shown.media_type, "image/jpeg");
    let now = fake.world().now;
    for path in ["images/temp/../secret.jpg", "secret.jpg"] {
        fake.world().files.insert(path.to_owned(), now);
        assert_eq!(uploads.find_file(path).await.unwrap(), None, "{path}");
    }
    assert_eq!(
        uploads.find_file("images/temp/none.jpg").await.unwrap(),
        None
    );
}
