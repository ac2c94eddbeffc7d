//! What guests send besides words, from their phone to the eyes of staff.

use chrono::TimeDelta;
use crm_bootstrap::{Crm, SystemClock};
use crm_kernel::{Actor, Clock, MemberId, MessageId, PageRequest, Transaction, Transactions};
use crm_messages::{
    FetchMedia, MediaFailure, MediaState, MediaTx, MediaView, MessageFilter, MessageRow, SentKind,
};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, Media, Place, SimulatorConfig, sign};
use crm_tests::{Installation, MovedClock};
use crm_workflows::{Fetched, MediaError};
use futures::TryStreamExt;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

crate::stories!(
    a_guests_picture_is_shown_to_staff_byte_for_byte,
    what_line_tells_of_a_message_is_in_the_record,
    line_failing_twice_loses_nothing,
    half_a_picture_is_never_shown,
    a_video_that_needs_three_looks_is_fetched_without_a_failed_attempt,
    a_video_that_line_cannot_prepare_is_told_to_be_so,
    what_is_too_large_is_not_kept,
    what_line_has_deleted_or_the_guest_took_back_is_gone,
    what_comes_after_it_was_taken_back_is_said_nowhere,
    what_is_kept_elsewhere_is_never_fetched,
    a_process_that_died_between_the_file_and_the_row_is_made_up_for,
    a_member_takes_their_files_along,
    what_is_forgotten_while_it_is_fetched_leaves_no_file,
    files_that_nobody_names_are_swept,
    a_page_sent_as_a_picture_is_never_shown_as_one,
);

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and the rest of a picture";
const MP4: &[u8] = b"\0\0\0\x20ftypisom and the rest of a video";

/// Hands over what the guests' phones have said since, as LINE would.
async fn deliver(hotel: &Installation) {
    let events: Vec<_> = hotel.line.webhooks().into_iter().map(|w| w.event).collect();
    let body = json!({"destination": hotel.line.bot_user_id(), "events": events}).to_string();
    let secret = SimulatorConfig::default().channel_secret;
    let signature = sign(&secret, body.as_bytes());
    let inbound = &hotel.crm.inbound;
    let taken = inbound.receive(body.as_bytes(), Some(&signature)).await;
    taken.unwrap();
    hotel.run_jobs().await;
}

async fn guest(hotel: &Installation) -> (MemberId, String) {
    hotel.friends(1).await.remove(0)
}

/// A guest sends something and the hotel hears of it.
async fn sends(hotel: &Installation, uid: &str, media: &Media, bytes: &[u8]) {
    let mime = "application/octet-stream";
    hotel.line.send_media(uid, media, mime, bytes).unwrap();
    deliver(hotel).await;
}

async fn rows(hotel: &Installation) -> Vec<MessageRow> {
    let page = PageRequest::new(1, 100).unwrap();
    let filter = MessageFilter::default();
    hotel.crm.messages.list(&filter, page).await.unwrap().items
}

/// The latest message, and what became of its content.
async fn latest(hotel: &Installation) -> (MessageId, MediaView) {
    let row = rows(hotel).await.remove(0);
    (row.id.unwrap(), row.media.unwrap())
}

async fn shown(crm: &Crm, id: MessageId) -> Vec<u8> {
    let open = crm.media.open(id).await.unwrap();
    let parts: Vec<Vec<u8>> = open.bytes.try_collect().await.unwrap();
    let bytes = parts.concat();
    assert_eq!(bytes.len() as u64, open.length);
    bytes
}

/// Every file below the folder of content, whole or half.
fn files(hotel: &Installation) -> Vec<PathBuf> {
    let mut folders = vec![hotel.uploads.path().join("media")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// The same process with a limit of its own for content.
fn keeping_at_most(hotel: &Installation, bytes: u64) -> Crm {
    let mut crm = hotel.crm.clone();
    crm.media.max_bytes = bytes;
    crm
}

async fn a_guests_picture_is_shown_to_staff_byte_for_byte(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let picture: Vec<u8> = PNG
        .iter()
        .copied()
        .chain((0..=255).cycle().take(900_000))
        .collect();
    sends(hotel, &uid, &Media::Image, &picture).await;
    let (id, media) = latest(hotel).await;
    assert_eq!(media.state, MediaState::Stored);
    assert_eq!(media.content_type.as_deref(), Some("image/png"));
    assert_eq!(media.bytes, Some(picture.len() as u64));
    assert_eq!(shown(&hotel.crm, id).await, picture);
    assert!(hotel.crm.media.open(id).await.unwrap().is_shown);
    // What is stored is not to be guessed from anything that is public.
    let name = files(hotel).remove(0);
    let name = name.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(uuid::Uuid::parse_str(&name).unwrap().to_string(), name);
}

async fn what_line_tells_of_a_message_is_in_the_record(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    hotel.line.send_sticker(&uid, "446", "1988").unwrap();
    let place = Place {
        title: Some("台北 101".into()),
        address: Some("台北市信義區".into()),
        latitude: 25.033_964,
        longitude: 121.564_468,
    };
    hotel.line.send_place(&uid, &place).unwrap();
    let recording = Media::Audio(61_000);
    sends(hotel, &uid, &recording, b"ID3 sound").await;
    sends(
        hotel,
        &uid,
        &Media::File("發票.pdf".into()),
        b"%PDF-1.7 paper",
    )
    .await;
    let rows = rows(hotel).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| serde_json::to_value(row.details.as_ref().unwrap()).unwrap())
        .collect();
    for expected in [
        json!({"kind": "sticker", "package_id": "446", "sticker_id": "1988",
            "resource_type": "STATIC"}),
        json!({"kind": "location", "title": "台北 101", "address": "台北市信義區",
            "latitude": 25.033_964, "longitude": 121.564_468}),
        json!({"kind": "audio", "duration_ms": 61_000}),
        json!({"kind": "file", "name": "發票.pdf", "size": 14}),
    ] {
        assert!(told.contains(&expected), "{expected} is not in {told:?}");
    }
    let has_file = |row: &&MessageRow| matches!(row.details, Some(SentKind::File(_)));
    let file = rows.iter().find(has_file).unwrap();
    let open = hotel.crm.media.open(file.id.unwrap()).await.unwrap();
    assert_eq!(open.content_type, "application/pdf");
    assert_eq!(open.name.as_deref(), Some("發票.pdf"));
    assert!(!open.is_shown);
}

async fn line_failing_twice_loses_nothing(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let fault = Fault::times(FaultEndpoint::Content, FaultKind::ServerError, 2);
    hotel.line.inject_fault(fault);
    sends(hotel, &uid, &Media::Image, PNG).await;
    let (id, media) = latest(hotel).await;
    assert_eq!(media.state, MediaState::Pending);
    let not_yet = hotel.crm.media.open(id).await;
    assert!(matches!(not_yet, Err(MediaError::Pending)));
    hotel.run_jobs_for(TimeDelta::seconds(20)).await;
    assert_eq!(latest(hotel).await.1.state, MediaState::Stored);
    assert_eq!(shown(&hotel.crm, id).await, PNG);
}

async fn half_a_picture_is_never_shown(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let fault = Fault::times(FaultEndpoint::Content, FaultKind::CutOff, 1);
    hotel.line.inject_fault(fault);
    let picture: Vec<u8> = PNG
        .iter()
        .copied()
        .chain(std::iter::repeat_n(7, 2_000_000))
        .collect();
    sends(hotel, &uid, &Media::Image, &picture).await;
    let (id, media) = latest(hotel).await;
    assert_eq!(media.state, MediaState::Pending);
    assert_eq!(files(hotel), Vec::<PathBuf>::new());
    hotel.run_jobs_for(TimeDelta::seconds(10)).await;
    assert_eq!(shown(&hotel.crm, id).await, picture);
    assert_eq!(files(hotel).len(), 1);
}

async fn a_video_that_needs_three_looks_is_fetched_without_a_failed_attempt(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    hotel.line.set_preparation(Duration::ZERO, 3);
    sends(hotel, &uid, &Media::Video(5_000), MP4).await;
    assert_eq!(latest(hotel).await.1.state, MediaState::Pending);
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    let (id, media) = latest(hotel).await;
    assert_eq!(media.content_type.as_deref(), Some("video/mp4"));
    assert_eq!(shown(&hotel.crm, id).await, MP4);
    let counters = hotel.line.counters();
    let asked = |status| {
        move |r: &&crm_simulator_line::RequestCount| {
            r.endpoint == crm_simulator_line::Endpoint::Transcoding && r.status == status
        }
    };
    assert_eq!(counters.requests.iter().find(asked(200)).unwrap().count, 3);
}

async fn a_video_that_line_cannot_prepare_is_told_to_be_so(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    hotel
        .line
        .set_preparation(Duration::from_secs(9_999_999), 0);
    sends(hotel, &uid, &Media::Video(5_000), MP4).await;
    hotel.clock.advance(TimeDelta::days(1));
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    let (id, media) = latest(hotel).await;
    assert_eq!(media.state, MediaState::Failed);
    assert_eq!(media.failure, Some(MediaFailure::NotPrepared));
    let failed = hotel.crm.media.open(id).await;
    assert!(matches!(failed, Err(MediaError::Failed)));
}

async fn what_is_too_large_is_not_kept(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let crm = keeping_at_most(hotel, 20);
    let media = [
        Media::File("a.pdf".into()),
        Media::Image,
        Media::Video(1_000),
    ];
    for media in media {
        hotel
            .line
            .send_media(&uid, &media, "x/y", &[7; 21])
            .unwrap();
    }
    hotel
        .line
        .send_media(&uid, &Media::Image, "x/y", &[7; 20])
        .unwrap();
    let events: Vec<_> = hotel.line.webhooks().into_iter().map(|w| w.event).collect();
    let body = json!({"events": events}).to_string();
    let secret = SimulatorConfig::default().channel_secret;
    let signature = sign(&secret, body.as_bytes());
    let taken = crm.inbound.receive(body.as_bytes(), Some(&signature)).await;
    taken.unwrap();
    hotel.run_jobs_of(&crm).await;
    let ended: Vec<_> = rows(hotel)
        .await
        .into_iter()
        .map(|row| row.media.unwrap())
        .collect();
    let too_large = |media: &&MediaView| media.failure == Some(MediaFailure::TooLarge);
    assert_eq!(ended.iter().filter(too_large).count(), 3);
    let stored = |media: &&MediaView| media.state == MediaState::Stored;
    assert_eq!(ended.iter().filter(stored).count(), 1);
    assert_eq!(files(hotel).len(), 1);
}

async fn what_line_has_deleted_or_the_guest_took_back_is_gone(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    for takes_back in [true, false] {
        hotel.line.send_image(&uid, "image/png", PNG).unwrap();
        let bubble = hotel.line.messages_of(&uid).pop().unwrap();
        if takes_back {
            hotel.line.unsend(&uid, &bubble.id).unwrap();
        } else {
            assert!(hotel.line.delete_content(&bubble.id));
        }
    }
    deliver(hotel).await;
    let rows = rows(hotel).await;
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row.media.unwrap().state, MediaState::Gone);
        let gone = hotel.crm.media.open(row.id.unwrap()).await;
        assert!(matches!(gone, Err(MediaError::Gone)));
    }
    assert!(files(hotel).is_empty());
}

async fn what_comes_after_it_was_taken_back_is_said_nowhere(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let written = hotel.line.send_text(&uid, "my secret").unwrap();
    let bubble = hotel.line.messages_of(&uid).pop().unwrap();
    hotel.line.unsend(&uid, &bubble.id).unwrap();
    let secret = SimulatorConfig::default().channel_secret;
    let webhooks = hotel.line.webhooks();
    let (late, first): (Vec<_>, Vec<_>) = webhooks
        .into_iter()
        .partition(|webhook| webhook.webhook_event_id == written);
    for webhook in first.into_iter().chain(late) {
        let body = json!({"events": [webhook.event]}).to_string();
        let signature = sign(&secret, body.as_bytes());
        let inbound = &hotel.crm.inbound;
        let taken = inbound.receive(body.as_bytes(), Some(&signature)).await;
        taken.unwrap();
        hotel.run_jobs().await;
    }
    let statement = format!("SELECT payload FROM line_events WHERE webhook_event_id = '{written}'");
    let pool = hotel.crm.database.pool();
    let statement = Statement::from_string(pool.get_database_backend(), statement);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    let payload: String = row.try_get("", "payload").unwrap();
    assert!(!payload.contains("my secret"), "{payload}");
    assert_eq!(rows(hotel).await.len(), 1, "its place is left");
}

async fn what_is_kept_elsewhere_is_never_fetched(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let event = json!({"type": "message", "webhookEventId": "01", "timestamp": hotel.now().timestamp_millis(),
        "source": {"type": "user", "userId": uid}, "message": {"type": "image", "id": "77",
        "contentProvider": {"type": "external", "originalContentUrl": "https://h.tw/a.jpg"}}});
    let body = json!({"events": [event]}).to_string();
    let secret = SimulatorConfig::default().channel_secret;
    let signature = sign(&secret, body.as_bytes());
    let taken = hotel
        .crm
        .inbound
        .receive(body.as_bytes(), Some(&signature))
        .await;
    taken.unwrap();
    hotel.run_jobs().await;
    let row = rows(hotel).await.remove(0);
    assert_eq!(row.media, None);
    let details = serde_json::to_value(row.details.unwrap()).unwrap();
    assert_eq!(details["elsewhere"]["content_url"], "https://h.tw/a.jpg");
    let none = hotel.crm.media.open(row.id.unwrap()).await;
    assert!(matches!(none, Err(MediaError::NotFound)));
}

async fn a_process_that_died_between_the_file_and_the_row_is_made_up_for(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let fault = Fault::times(FaultEndpoint::Content, FaultKind::ServerError, 1);
    hotel.line.inject_fault(fault);
    sends(hotel, &uid, &Media::Image, PNG).await;
    let (id, _) = latest(hotel).await;
    // The file is there as it would be had the process died after renaming it.
    let path = {
        let mut tx = Transactions::<dyn MediaTx>::begin(&hotel.crm.database)
            .await
            .unwrap();
        tx.media().find(id).await.unwrap().unwrap().path.unwrap()
    };
    let place = hotel.uploads.path().join(&path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(&place, b"from the life before").unwrap();
    let not_yet = hotel.crm.media.open(id).await;
    assert!(matches!(not_yet, Err(MediaError::Pending)));
    let job = FetchMedia { message_id: id };
    for _ in 0..2 {
        let done = hotel.crm.media.fetch(&job, false).await.unwrap();
        assert_eq!(done, Fetched::Done);
    }
    assert_eq!(shown(&hotel.crm, id).await, PNG);
    assert_eq!(files(hotel), [place]);
}

async fn a_member_takes_their_files_along(hotel: &Installation) {
    let two = hotel.friends(2).await;
    for (_, uid) in &two {
        sends(hotel, uid, &Media::Image, PNG).await;
    }
    assert_eq!(files(hotel).len(), 2);
    hotel
        .crm
        .erasure
        .erase(&Actor::System, two[0].0)
        .await
        .unwrap();
    hotel.run_jobs().await;
    assert_eq!(files(hotel).len(), 1);
    let left = rows(hotel).await;
    assert_eq!(left.len(), 1);
    assert_eq!(shown(&hotel.crm, left[0].id.unwrap()).await, PNG);
}

async fn what_is_forgotten_while_it_is_fetched_leaves_no_file(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    let slow = Fault::times(FaultEndpoint::Content, FaultKind::Slow, 1);
    let slow = slow.with_delay(Duration::from_millis(400));
    hotel.line.inject_fault(slow);
    let forget = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if let Some(id) = rows(hotel).await.first().and_then(|row| row.id) {
                // Until it is being fetched.
                tokio::time::sleep(Duration::from_millis(150)).await;
                let mut tx = Transactions::<dyn MediaTx>::begin(&hotel.crm.database)
                    .await
                    .unwrap();
                let messages = &hotel.crm.messages;
                messages.forget_media_in(&mut *tx, id).await.unwrap();
                Transaction::commit(tx).await.unwrap();
                break;
            }
        }
    };
    tokio::join!(sends(hotel, &uid, &Media::Image, PNG), forget);
    hotel.run_jobs().await;
    let row = rows(hotel).await.remove(0);
    assert_eq!(row.media.unwrap().state, MediaState::Gone);
    assert!(row.details.is_none());
    assert!(files(hotel).is_empty());
}

async fn files_that_nobody_names_are_swept(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    sends(hotel, &uid, &Media::Image, PNG).await;
    let kept = files(hotel).remove(0);
    let orphan = kept.with_file_name("orphan");
    let half = kept.with_file_name("half#1");
    for path in [&orphan, &half] {
        std::fs::write(path, b"left behind").unwrap();
    }
    let mut crm = hotel.crm.clone();
    let swept = crm.media.sweep().await.unwrap();
    assert_eq!((swept.files, swept.halves), (0, 0), "too young to go");
    // Files are as old as the computer's clock says, which is far ahead of the stories'.
    let clock = MovedClock::at(SystemClock.now() + TimeDelta::days(2));
    crm.media.clock = Arc::new(clock);
    let swept = crm.media.sweep().await.unwrap();
    assert_eq!((swept.files, swept.halves), (1, 1));
    assert_eq!(files(hotel), [kept]);
}

async fn a_page_sent_as_a_picture_is_never_shown_as_one(hotel: &Installation) {
    let (_, uid) = guest(hotel).await;
    sends(
        hotel,
        &uid,
        &Media::Image,
        b"<html><script>alert(1)</script>",
    )
    .await;
    let (id, media) = latest(hotel).await;
    assert_eq!(media.state, MediaState::Stored);
    let open = hotel.crm.media.open(id).await.unwrap();
    assert_eq!(open.content_type, "application/octet-stream");
    assert!(!open.is_shown);
}
