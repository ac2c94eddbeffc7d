//! Pictures: what is kept of them, who gets them, and everything that is refused.

use crate::forms::{KIND, form};
use crate::front::{Front, fields};
use crm_kernel::{Clock, NewJob};
use crm_uploads::SweepUploads;
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::Client;
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(30);

crate::on_both!(
    a_picture_is_kept_shown_and_used,
    a_webp_is_kept_as_jpeg_too,
    a_picture_is_what_its_bytes_say,
    a_picture_is_cut_to_a_square_when_asked,
    names_of_the_clients_files_lead_nowhere,
    what_is_no_picture_is_refused_and_nothing_is_kept,
    a_file_may_be_as_large_as_the_limit_and_no_larger,
    forms_that_make_no_sense_are_told,
    only_those_who_are_signed_in_can_upload,
    paths_lead_to_pictures_and_nowhere_else,
    what_nobody_uses_is_swept_away,
);

const MIB: usize = 1024 * 1024;

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x % 251) as u8, (y % 241) as u8, 90])
    });
    DynamicImage::from(image)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

fn png() -> Vec<u8> {
    picture(40, 30, ImageFormat::Png)
}

const FILE: &str = "name=\"file\"; filename=\"a.png\"";

async fn upload(front: &Front, parts: &[(&str, &[u8])]) -> (u16, Value) {
    let api = &front.marketing;
    api.post_raw("/upload/image", KIND, form(parts)).await
}

async fn kept(front: &Front, bytes: &[u8]) -> Value {
    let (status, answer) = upload(front, &[(FILE, bytes)]).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"].clone()
}

/// For what the usual client does not show.
fn client() -> Client {
    Client::builder().timeout(PATIENCE).build().unwrap()
}

async fn get(front: &Front, path: &Value) -> reqwest::Response {
    let path = path.as_str().unwrap();
    let url = format!("{}{path}", front.base);
    client().get(url).send().await.unwrap()
}

fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let count = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() { files(&path) } else { 1 }
    };
    entries.map(|entry| count(entry.unwrap())).sum()
}

fn kept_files(front: &Front) -> usize {
    files(front.hotel.uploads.path())
}

async fn a_picture_is_kept_shown_and_used(front: &Front) {
    let bytes = picture(2400, 1000, ImageFormat::Jpeg);
    let image = kept(front, &bytes).await;
    assert_eq!(image["category"], "templates");
    assert_eq!(
        (&image["width"], &image["height"]),
        (&json!(1200), &json!(500))
    );
    let path = image["path"].as_str().unwrap();
    assert!(path.starts_with("images/templates/"), "{path}");
    assert_eq!(image["filename"], "a.png", "as the client calls it");
    assert_eq!(image["url"], format!("/static/uploads/{path}"));
    assert_eq!(
        image["absolute_url"],
        format!("http://127.0.0.1:8000/static/uploads/{path}")
    );
    assert_eq!(image["line_url"], image["absolute_url"]);

    let shown = get(front, &image["url"]).await;
    assert_eq!(shown.status(), 200);
    for (header, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline"),
    ] {
        assert_eq!(shown.headers()[header], value, "{header}");
    }
    assert!(!shown.headers().contains_key("x-ratelimit-limit"));
    let body = shown.bytes().await.unwrap();
    assert_eq!(json!(body.len()), image["bytes"]);
    let read = image::load_from_memory(&body).unwrap();
    assert_eq!((read.width(), read.height()), (1200, 500));
    let thumbnail = get(front, &image["thumbnail_url"])
        .await
        .bytes()
        .await
        .unwrap();
    assert_eq!(image::load_from_memory(&thumbnail).unwrap().width(), 800);

    let url = format!("{}{}", front.base, image["url"].as_str().unwrap());
    let head = client().head(url).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], body.len().to_string());
    assert!(head.bytes().await.unwrap().is_empty());

    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let message = json!({"member_id": member, "message_type": "image", "content": image["url"]});
    front.marketing.create("/messages", message).await;
    let sent = &front.hotel.line.messages_of(&uid)[0].message;
    assert_eq!(sent["originalContentUrl"], image["line_url"]);
    let log = front.admin.data("/audit-logs?action=upload.created").await;
    assert_eq!(log["items"][0]["subject_id"], image["id"]);
}

async fn a_webp_is_kept_as_jpeg_too(front: &Front) {
    let image = kept(front, &picture(60, 40, ImageFormat::WebP)).await;
    assert!(image["url"].as_str().unwrap().ends_with(".webp"));
    let line = image["line_url"].as_str().unwrap();
    assert!(line.ends_with(".jpg"), "{line}");
    let path = line.strip_prefix("http://127.0.0.1:8000").unwrap();
    for (path, kind) in [(&image["url"], "image/webp"), (&json!(path), "image/jpeg")] {
        let shown = get(front, path).await;
        assert_eq!(shown.headers()["content-type"], kind);
        assert_eq!(shown.status(), 200);
    }
}

async fn a_picture_is_what_its_bytes_say(front: &Front) {
    let named = "name=\"file\"; filename=\"holiday.jpg\"\r\nContent-Type: text/html";
    let (status, answer) = upload(front, &[(named, &png())]).await;
    assert_eq!(status, 201, "{answer}");
    let url = &answer["data"]["url"];
    assert!(url.as_str().unwrap().ends_with(".png"), "{answer}");
    let shown = get(front, url).await;
    assert_eq!(shown.headers()["content-type"], "image/png");
}

async fn a_picture_is_cut_to_a_square_when_asked(front: &Front) {
    let wide = picture(80, 40, ImageFormat::Png);
    let crop = [("name=\"crop\"", &b"square"[..]), (FILE, &wide)];
    let (_, answer) = upload(front, &crop).await;
    let size = |answer: &Value| {
        (
            answer["data"]["width"].clone(),
            answer["data"]["height"].clone(),
        )
    };
    assert_eq!(size(&answer), (json!(40), json!(40)), "{answer}");
    let api = &front.marketing;
    let path = "/upload/image?category=members&crop=square";
    let (_, answer) = api.post_raw(path, KIND, form(&[(FILE, &wide)])).await;
    assert_eq!(size(&answer), (json!(40), json!(40)), "{answer}");
    assert_eq!(answer["data"]["category"], "members");
    // What the form says goes before the address.
    let parts = [(FILE, &wide[..]), ("name=\"category\"", b"temp")];
    let (_, answer) = api.post_raw(path, KIND, form(&parts)).await;
    assert_eq!(answer["data"]["category"], "temp");
}

async fn names_of_the_clients_files_lead_nowhere(front: &Front) {
    for name in [
        "../../../etc/passwd",
        "..\\x.png",
        "/tmp/x.png",
        "a\u{202e}gnp.exe",
        "",
        "𠮷😀.png",
    ] {
        let named = format!("name=\"file\"; filename=\"{name}\"");
        let (status, answer) = upload(front, &[(&named, &png())]).await;
        assert_eq!(status, 201, "{name}: {answer}");
        let path = answer["data"]["path"].as_str().unwrap();
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        assert!(
            path.starts_with("images/templates/2026") && path.chars().all(plain),
            "{path}"
        );
        assert!(!path.contains("..") && !path.contains("passwd"), "{path}");
    }
    for category in [
        "../members",
        "members/..",
        "Templates",
        "",
        "%2e%2e",
        "a\0b",
    ] {
        let parts = [
            (FILE, &png()[..]),
            ("name=\"category\"", category.as_bytes()),
        ];
        let (status, answer) = upload(front, &parts).await;
        assert_eq!(
            (status, fields(&answer)),
            (400, vec!["category"]),
            "{category}"
        );
    }
    let path = "/upload/image?category=..%2fmembers";
    let body = form(&[(FILE, &png())]);
    let (status, answer) = front.marketing.post_raw(path, KIND, body).await;
    assert_eq!((status, fields(&answer)), (400, vec!["category"]));
}

/// A PNG that says how large it is, and has next to nothing behind that.
fn claim(width: u32, height: u32) -> Vec<u8> {
    let small = picture(1, 1, ImageFormat::Png);
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let mut header = [b"IHDR", &size[..], &small[24..29]].concat();
    let crc = !header.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    });
    header.extend(crc.to_be_bytes());
    [&small[..12], &header, &small[33..]].concat()
}

async fn what_is_no_picture_is_refused_and_nothing_is_kept(front: &Front) {
    let mut cut = picture(300, 200, ImageFormat::Jpeg);
    cut.truncate(cut.len() / 2);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (bytes, status, code) in [
        (&claim(30_000, 30_000)[..], 400, "upload_invalid"),
        (&cut, 400, "upload_invalid"),
        (&png()[..20], 400, "upload_invalid"),
        (b"", 400, "upload_invalid"),
        (svg, 415, "unsupported_image_type"),
        (b"GIF89a\x01\0\x01\0", 415, "unsupported_image_type"),
        (b"<?php system($_GET['c']);", 415, "unsupported_image_type"),
        (b"%PDF-1.7", 415, "unsupported_image_type"),
    ] {
        let (got, answer) = upload(front, &[(FILE, bytes)]).await;
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]);
        assert_eq!(
            (got, &answer["error_code"]),
            (status, &json!(code)),
            "{start}: {answer}"
        );
        assert_eq!(fields(&answer), ["file"], "{start}");
    }
    assert_eq!(kept_files(front), 0);
}

async fn a_file_may_be_as_large_as_the_limit_and_no_larger(front: &Front) {
    // Whatever stands behind the last line of a picture is not looked at, and not kept.
    let mut large = picture(40, 30, ImageFormat::Jpeg);
    large.resize(10 * MIB, 0);
    let image = kept(front, &large).await;
    assert!(image["bytes"].as_u64().unwrap() < 10_000);
    let before = kept_files(front);
    large.push(0);
    let (status, answer) = upload(front, &[(FILE, &large)]).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (413, &json!("file_too_large"))
    );
    assert_eq!(fields(&answer), ["file"]);
    assert_eq!(answer["details"]["max_bytes"], 10 * MIB);
    large.resize(11 * MIB, 0);
    let (status, answer) = upload(front, &[(FILE, &large)]).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (413, &json!("file_too_large"))
    );
    assert_eq!(kept_files(front), before);
}

async fn forms_that_make_no_sense_are_told(front: &Front) {
    let api = &front.marketing;
    let png = &png()[..];
    for (parts, field) in [
        (vec![], "file"),
        (vec![("name=\"category\"", &b"temp"[..])], "file"),
        (vec![(FILE, png), (FILE, png)], "file"),
        (vec![(FILE, png), ("name=\"colour\"", b"red")], "colour"),
        (vec![(FILE, png), ("name=\"crop\"", b"round")], "crop"),
        (
            vec![(FILE, png), ("name=\"category\"", &[b'x'; 9_000])],
            "category",
        ),
    ] {
        let (status, answer) = upload(front, &parts).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]), "{answer}");
    }
    for (kind, body, status) in [
        (KIND, b"hello".to_vec(), 400),
        (KIND, Vec::new(), 400),
        ("multipart/form-data", form(&[(FILE, png)]), 400),
        ("application/json", b"{}".to_vec(), 415),
        ("image/png", png.to_vec(), 415),
    ] {
        let (got, answer) = api.post_raw("/upload/image", kind, body).await;
        assert_eq!(got, status, "{kind}: {answer}");
    }
    let body = form(&[(FILE, png)]);
    let (status, answer) = api.post_raw("/upload/image?crop=round", KIND, body).await;
    assert_eq!((status, fields(&answer)), (400, vec!["crop"]));
    assert_eq!(kept_files(front), 0);
}

async fn only_those_who_are_signed_in_can_upload(front: &Front) {
    let body = || form(&[(FILE, &png())]);
    let path = "/upload/image";
    assert_eq!(front.stranger.post_raw(path, KIND, body()).await.0, 401);
    // Nothing of a form is told to whoever may not send one.
    let broken = b"hello".to_vec();
    assert_eq!(front.stranger.post_raw(path, KIND, broken).await.0, 401);
    assert_eq!(kept_files(front), 0);
    for user in [&front.service, &front.marketing, &front.admin] {
        assert_eq!(user.post_raw(path, KIND, body()).await.0, 201);
    }
}

/// The status and body of a path that a polite client would have tidied up.
async fn raw(front: &Front, path: &str) -> (u16, Value) {
    let address = front.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: hotel\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

async fn paths_lead_to_pictures_and_nowhere_else(front: &Front) {
    let image = kept(front, &png()).await;
    let url = image["url"].as_str().unwrap();
    let secret = front.hotel.uploads.path().join("images/secret.png");
    std::fs::write(&secret, png()).unwrap();
    let name = url.rsplit('/').next().unwrap();
    for path in [
        "/static/uploads/".to_owned(),
        "/static/uploads/images/templates/".into(),
        "/static/uploads/images/templates/nothing.png".into(),
        "/static/uploads/images/secret.png".into(),
        "/static/uploads/images/templates/../secret.png".into(),
        "/static/uploads/images/templates/%2e%2e/secret.png".into(),
        "/static/uploads/images/templates/..%2fsecret.png".into(),
        "/static/uploads/images/templates/%2e%2e%2fsecret.png".into(),
        "/static/uploads/../../../../../../etc/passwd".into(),
        "/static/uploads//etc/passwd".into(),
        format!("/static/uploads/images//templates/{name}"),
        format!("/static/uploads/images/templates/{name}%00"),
        format!("/static/uploads/images/templates/{name}%00.png"),
        format!("/static/uploads/images%5ctemplates%5c{name}"),
        "/static/uploads/images/templates/%ff.png".into(),
    ] {
        let (status, body) = raw(front, &path).await;
        assert_eq!(
            (status, &body["code"]),
            (404, &json!(404)),
            "{path}: {body}"
        );
        assert!(body["error_code"].is_string(), "{path}: {body}");
    }
    assert_eq!(raw(front, url).await.0, 200);
    let posted = client().post(format!("{}{url}", front.base));
    let status = posted.send().await.unwrap().status().as_u16();
    assert!([404, 405].contains(&status), "{status}");
}

async fn what_nobody_uses_is_swept_away(front: &Front) {
    let temp = [(FILE, &png()[..]), ("name=\"category\"", b"temp")];
    let (_, answer) = upload(front, &temp).await;
    let temp = answer["data"]["url"].clone();
    let used = kept(front, &png()).await;
    let (member, _) = front.hotel.friends(1).await.remove(0);
    let message = json!({"member_id": member, "message_type": "image", "content": used["url"]});
    front.marketing.create("/messages", message).await;
    front.hotel.clock.advance(chrono::TimeDelta::days(9));
    let job = NewJob::of(&SweepUploads {}, front.hotel.clock.now()).unwrap();
    let queue: &dyn crm_kernel::JobQueue = &front.hotel.crm.database;
    assert!(queue.put(job).await.unwrap());
    front.hotel.run_jobs().await;
    assert_eq!(get(front, &temp).await.status(), 404);
    assert_eq!(get(front, &used["url"]).await.status(), 200);
}
