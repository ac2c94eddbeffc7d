//! Files of members: what staff are told before, during and after one is read in.

use crate::forms::{KIND, form};
use crate::front::{Front, fields};
use crm_tests::Api;
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;

crate::on_both!(
    a_file_is_rehearsed_then_read_in_and_its_bad_rows_are_told,
    names_are_kept_as_they_were_typed,
    what_is_no_table_is_refused_and_nothing_is_kept,
    tables_that_say_nothing_of_guests_fail_with_a_reason,
    names_of_files_lead_nowhere,
    requests_that_make_no_sense_are_told,
    only_who_may_can_import_and_look,
    a_file_sent_twice_with_one_key_is_one_import,
);

const FILE: &str = "name=\"file\"; filename=\"guests.csv\"";
const MIB: usize = 1024 * 1024;

async fn send(api: &Api, path: &str, name: &str, bytes: &[u8]) -> (u16, Value) {
    api.post_raw(path, KIND, form(&[(name, bytes)])).await
}

/// What became of a file once it was read in.
async fn read_in(front: &Front, query: &str, bytes: &[u8]) -> Value {
    let path = format!("/members/import{query}");
    let (status, answer) = send(&front.service, &path, FILE, bytes).await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["data"]["task_id"].as_i64().unwrap();
    front.hotel.crm.members.run_import(id.into()).await.unwrap();
    let path = format!("/members/imports/{id}");
    front.service.data(&path).await
}

async fn errors(front: &Front, import: &Value) -> Vec<Value> {
    let path = format!("/members/imports/{}/errors", import["task_id"]);
    let page = front.service.data(&path).await;
    page["items"].as_array().unwrap().clone()
}

async fn members(front: &Front) -> Value {
    front.admin.data("/members").await["total"].clone()
}

/// Files that lie below a folder.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let below = |path: std::path::PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path.display().to_string()]
        }
    };
    paths.flat_map(below).collect()
}

async fn a_file_is_rehearsed_then_read_in_and_its_bad_rows_are_told(front: &Front) {
    let known = json!({"first_name": "小明", "last_name": "王", "phone": "0912-345-678"});
    front.admin.create("/members", known).await;
    let table = "姓名,手機,電子信箱,生日\n\
        王小明,+886912345678,ming@hotel.example,1988-05-20\n\
        李小華,0987-654-321,,2025-02-30\n\
        陳美麗,,mei@hotel.example,\n";
    let (status, begun) = send(
        &front.marketing,
        "/members/import?dry_run=true",
        FILE,
        table.as_bytes(),
    )
    .await;
    assert_eq!(status, 202, "{begun}");
    let begun = &begun["data"];
    assert_eq!(begun["status"], "pending");
    assert_eq!(
        (&begun["total_rows"], &begun["dry_run"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(begun["file_name"], "guests.csv");
    assert!(
        begun.get("file_path").is_none(),
        "where files lie is nobody's business"
    );

    let rehearsed = read_in(front, "?dry_run=true", table.as_bytes()).await;
    let real = read_in(front, "", table.as_bytes()).await;
    for (import, dry_run) in [(&rehearsed, true), (&real, false)] {
        assert_eq!(import["status"], "completed", "{import}");
        assert_eq!(import["dry_run"], dry_run);
        for (count, n) in [
            ("processed_rows", 3),
            ("created_count", 1),
            ("updated_count", 1),
            ("unchanged_count", 0),
            ("failed_count", 1),
        ] {
            assert_eq!(import[count], n, "{count}");
        }
        let errors = errors(front, import).await;
        assert_eq!(errors.len(), 1);
        assert_eq!(
            (&errors[0]["row"], &errors[0]["field"]),
            (&json!(3), &json!("birthday"))
        );
    }
    assert_eq!(members(front).await, 2);
    let ming = front.admin.data("/members?search=王小明").await;
    assert_eq!(ming["items"][0]["email"], "ming@hotel.example");
    assert_eq!(ming["items"][0]["phone"], "+886912345678");
    let list = front.service.data("/members/imports").await;
    assert_eq!(list["total"], 3);
    assert_eq!(
        list["items"][0]["task_id"], real["task_id"],
        "the newest first"
    );
    let left = files(front.hotel.uploads.path());
    assert_eq!(left.len(), 1, "only the one that was not run: {left:?}");
}

async fn names_are_kept_as_they_were_typed(front: &Front) {
    let sql = "'; DROP TABLE members; --";
    let html = "<script>alert(1)</script>";
    let table =
        format!("first_name,last_name,notes\n𠮷,𠮷田,😀👩‍👩‍👧 {html}\n\"{sql}\",{html},\"a\nb\"\n");
    let import = read_in(front, "", table.as_bytes()).await;
    assert_eq!(import["created_count"], 2, "{import}");
    let found = front.admin.data("/members?search=𠮷田").await;
    assert_eq!(found["items"][0]["last_name"], "𠮷田");
    let list = front.admin.data("/members?sort_by=id&order=desc").await;
    let id = &list["items"][0]["id"];
    let shown = front.admin.data(&format!("/members/{id}")).await;
    assert_eq!(
        (&shown["first_name"], &shown["last_name"]),
        (&json!(sql), &json!(html))
    );
    assert_eq!(shown["notes"], "a\nb");

    let formulas = "姓名,備註\n\"=HYPERLINK(\"\"http://evil.example\"\")\",\n王小明,@SUM(A1)\n";
    let import = read_in(front, "", formulas.as_bytes()).await;
    assert_eq!(
        (&import["created_count"], &import["failed_count"]),
        (&json!(0), &json!(2))
    );
    let errors = errors(front, &import).await;
    let fields: Vec<&Value> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["name", "notes"]);
    for error in errors {
        assert!(!error.to_string().contains("evil"), "{error}");
    }
    assert_eq!(members(front).await, 2);
}

fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

async fn what_is_no_table_is_refused_and_nothing_is_kept(front: &Front) {
    // Elsewhere: packing takes longer than an idle connection lasts.
    let bomb = || packed("xl/worksheets/sheet1.xml", &vec![b' '; 101 * MIB]);
    let bomb = tokio::task::spawn_blocking(bomb).await.unwrap();
    assert!(bomb.len() < MIB);
    let wide = vec!["x"; 101].join(",");
    let long = format!("姓名\n{}\n", "長".repeat(1_001));
    let xlsx = "name=\"file\"; filename=\"guests.xlsx\"";
    for (what, name, bytes) in [
        ("nothing", FILE, &b""[..]),
        ("blanks", FILE, b" \n\r\n , \n"),
        ("a bomb", xlsx, &bomb),
        (
            "another packed file",
            xlsx,
            &packed("word/document.xml", b"<w/>"),
        ),
        ("the start of a workbook", xlsx, b"PK\x03\x04 and no more"),
        (
            "an old workbook",
            xlsx,
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 rest",
        ),
        ("NUL bytes", FILE, "姓名\n王\0小明\n".as_bytes()),
        ("a picture", FILE, b"\x89PNG\r\n\x1a\n\0\0"),
        ("no known text", FILE, b"name\n\xff\xff\xff\n"),
        ("too many columns", FILE, wide.as_bytes()),
        ("too long a cell", FILE, long.as_bytes()),
    ] {
        let (status, answer) = send(&front.service, "/members/import", name, bytes).await;
        assert_eq!(
            (status, fields(&answer)),
            (400, vec!["file"]),
            "{what}: {answer}"
        );
    }
    let mut large = b"name\n".to_vec();
    large.resize(10 * MIB + 1, b'x');
    let (status, answer) = send(&front.service, "/members/import", FILE, &large).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (413, &json!("file_too_large"))
    );
    assert_eq!(front.admin.data("/members/imports").await["total"], 0);
    assert_eq!(members(front).await, 0);
    assert_eq!(files(front.hotel.uploads.path()), Vec::<String>::new());
}

async fn tables_that_say_nothing_of_guests_fail_with_a_reason(front: &Front) {
    // A text in spite of its name, with one column that nobody knows.
    let xlsx = "name=\"file\"; filename=\"guests.xlsx\"";
    let (status, answer) = send(&front.service, "/members/import", xlsx, b"hello\nworld\n").await;
    assert_eq!(status, 202, "{answer}");
    for (table, reason) in [
        ("hello\nworld\n", "no_known_column"),
        ("姓名,name\n王,王\n", "column_twice"),
    ] {
        let import = read_in(front, "", table.as_bytes()).await;
        assert_eq!(
            (&import["status"], &import["reason"]),
            (&json!("failed"), &json!(reason))
        );
    }
    let one_column = read_in(front, "", "姓名\n王小明\n".as_bytes()).await;
    assert_eq!(one_column["created_count"], 1);
    let (big5, _, lossy) = encoding_rs::BIG5.encode("姓名,手機\n陳美麗,0912345678\n");
    assert!(!lossy);
    let import = read_in(front, "", &big5).await;
    assert_eq!(import["created_count"], 1, "{import}");
    assert_eq!(front.admin.data("/members?search=陳美麗").await["total"], 1);
}

async fn names_of_files_lead_nowhere(front: &Front) {
    for (name, kept) in [
        ("../../../etc/passwd", "../../../etc/passwd"),
        ("..\\\\x.csv", "..\\x.csv"),
        ("/tmp/x.csv", "/tmp/x.csv"),
        ("𠮷😀.csv", "𠮷😀.csv"),
        ("", ""),
    ] {
        let named = format!("name=\"file\"; filename=\"{name}\"");
        let (status, answer) = send(
            &front.service,
            "/members/import",
            &named,
            "姓名\n王\n".as_bytes(),
        )
        .await;
        assert_eq!(status, 202, "{name}: {answer}");
        assert_eq!(answer["data"]["file_name"], kept);
    }
    let lie = files(front.hotel.uploads.path());
    assert_eq!(lie.len(), 5);
    let folder = front.hotel.uploads.path().join("imports");
    for path in lie {
        let path = Path::new(&path);
        assert_eq!(path.parent(), Some(&*folder), "{}", path.display());
        // Full of personal data, and so never served.
        let name = path.file_name().unwrap().to_str().unwrap();
        for way in ["imports", "images/../imports"] {
            let url = format!("{}/static/uploads/{way}/{name}", front.base);
            let status = reqwest::get(url).await.unwrap().status().as_u16();
            assert_eq!(status, 404);
        }
    }
}

async fn requests_that_make_no_sense_are_told(front: &Front) {
    let api = &front.service;
    let table = "姓名\n王\n".as_bytes();
    let path = "/members/import";
    for (parts, field) in [
        (vec![], "file"),
        (vec![("name=\"profile\"", &b"default"[..])], "file"),
        (vec![(FILE, table), (FILE, table)], "file"),
        (vec![(FILE, table), ("name=\"profile\"", b"pms")], "profile"),
        (vec![(FILE, table), ("name=\"tags\"", b"1")], "tags"),
        (
            vec![(FILE, table), ("name=\"category\"", b"temp")],
            "category",
        ),
    ] {
        let (status, answer) = api.post_raw(path, KIND, form(&parts)).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]), "{answer}");
    }
    for (kind, status) in [
        ("application/json", 415),
        ("text/csv", 415),
        ("multipart/form-data", 400),
    ] {
        let (got, answer) = api.post_raw(path, kind, form(&[(FILE, table)])).await;
        assert_eq!(got, status, "{kind}: {answer}");
    }
    let (status, answer) = send(api, "/members/import?dry_run=maybe", FILE, table).await;
    assert_eq!(
        (status, fields(&answer)),
        (400, vec!["dry_run"]),
        "{answer}"
    );
    for path in [
        "/members/imports/4711",
        "/members/imports/4711/errors",
        "/members/imports/-1",
        "/members/imports/99999999999999999999",
        "/members/imports/x/errors",
    ] {
        let (status, answer) = api.get(path).await;
        assert_eq!(status, 404, "{path}: {answer}");
    }
    let far = api.data("/members/imports?page=999999999").await;
    assert_eq!((&far["items"], &far["total"]), (&json!([]), &json!(0)));
    for (query, field) in [("page=0", "page"), ("page_size=1000", "page_size")] {
        let (status, answer) = api.get(&format!("/members/imports?{query}")).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]));
    }
    assert_eq!(members(front).await, 0);
}

async fn only_who_may_can_import_and_look(front: &Front) {
    let table = "姓名\n王\n".as_bytes();
    for path in [
        "/members/imports",
        "/members/imports/1",
        "/members/imports/1/errors",
    ] {
        assert_eq!(front.stranger.get(path).await.0, 401, "{path}");
    }
    let (status, _) = send(&front.stranger, "/members/import", FILE, table).await;
    assert_eq!(status, 401);
    // Nothing of a form is told to whoever may not send one.
    let broken = b"hello".to_vec();
    let (status, answer) = front
        .stranger
        .post_raw("/members/import", KIND, broken)
        .await;
    assert_eq!((status, fields(&answer)), (401, vec![]));
    assert_eq!(files(front.hotel.uploads.path()), Vec::<String>::new());
    for api in [&front.admin, &front.marketing, &front.service] {
        let (status, answer) = send(api, "/members/import", FILE, table).await;
        assert_eq!(status, 202, "{answer}");
        let path = format!("/members/imports/{}", answer["data"]["task_id"]);
        assert_eq!(api.data(&path).await["status"], "pending");
    }
}

async fn a_file_sent_twice_with_one_key_is_one_import(front: &Front) {
    let mut tasks = Vec::new();
    let body = String::from_utf8(form(&[(FILE, "姓名\n王\n".as_bytes())])).unwrap();
    // A client draws a boundary for each try.
    for (kind, body) in [
        (KIND.to_owned(), body.clone()),
        (KIND.replace("--b", "--c"), body.replace("----b", "----c")),
    ] {
        let request = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(30))
            .build()
            .unwrap()
            .post(format!("{}/api/v1/members/import", front.base))
            .bearer_auth(front.service.token())
            .header("idempotency-key", "k-1")
            .header("content-type", kind)
            .body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 202);
        let answer: Value = answer.json().await.unwrap();
        tasks.push(answer["data"]["task_id"].clone());
    }
    assert_eq!(tasks[0], tasks[1]);
    assert_eq!(front.admin.data("/members/imports").await["total"], 1);
    assert_eq!(files(front.hotel.uploads.path()).len(), 1);
}
