use super::canned::Treatment;
use super::{EMPTY, asked, at, unavailable};
use crm_members::{PmsError, RowSays};

const MIB: usize = 1024 * 1024;

/// A page with these items, filled up with blanks to so many bytes.
fn page(items: &str, bytes: usize) -> Treatment {
    let mut body = EMPTY.replace(r#""items":[]"#, &format!(r#""items":[{items}]"#));
    let blanks = bytes.saturating_sub(body.len());
    body.insert_str(1, &" ".repeat(blanks));
    Treatment::json("200 OK", &body)
}

const GUEST: &str = r#"{"gcust_cod":"HFD1","last_nam":"王","first_nam":"小明","upd_dat":"2025-10-08T09:58:12+08:00"}"#;

#[tokio::test]
async fn a_body_of_20_mib_is_read_and_one_byte_more_is_not() {
    let (read, _) = asked([page(GUEST, 20 * MIB)]).await;
    assert_eq!(read.unwrap().rows.len(), 1);

    let too_long = unavailable("the answer has more than 20 MiB");
    let (read, times) = asked([page(GUEST, 20 * MIB + 1)]).await;
    assert_eq!((read.unwrap_err(), times), (too_long.clone(), 1));
    // without a length it shows only on the way
    let (read, times) = asked([Treatment::Endless]).await;
    assert_eq!((read.unwrap_err(), times), (too_long, 1));
}

#[tokio::test]
async fn an_answer_is_read_whatever_its_capitals_wrapping_and_additions() {
    for body in [
        format!(
            r#"{{"resultCode":"0000","data":{{"items":[{GUEST}],"as_of":"2025-10-08T10:00:00+08:00"}}}}"#
        ),
        format!(
            r#"{{"ResultCode":"0000","Data":{{"DATA":{{"Items":[{GUEST}],"AS_OF":"2025/10/08 10:00:00","x":[]}}}}}}"#
        ),
        format!(
            r#"{{"Code":0,"Message":"OK","data":{{"data":{{"items":[{GUEST}],"as_of":"2025-10-08T02:00:00Z"}}}}}}"#
        ),
        format!("\u{feff}{{\"data\":{{\"items\":[{GUEST}],\"as_of\":\"20251008100000\"}}}}"),
    ] {
        let (page, _) = asked([Treatment::json("200 OK", &body)]).await;
        let page = page.unwrap();
        assert_eq!(page.rows.len(), 1, "{body}");
        assert_eq!(page.as_of, Some(at("2025-10-08T02:00:00Z")), "{body}");
    }
}

#[tokio::test]
async fn a_first_page_that_does_not_say_up_to_when_it_holds_is_not_read() {
    let body = EMPTY.replace("as_of", "until");
    let (page, times) = asked([Treatment::json("200 OK", &body)]).await;
    assert!(matches!(page.unwrap_err(), PmsError::Unreadable(_)));
    assert_eq!(times, 4);
}

#[tokio::test]
async fn hostile_rows_are_bad_one_by_one_and_end_nothing() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{{}\"a\":1}}", "\"b\":1,".repeat(100_000));
    let long = "長".repeat(100_000);
    let rows = [
        "1".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        deep.clone(),
        wide,
        r#"{"gcust_cod":{"a":1},"upd_dat":"2025-10-08"}"#.to_owned(),
        r#"{"gcust_cod":"\ud800","upd_dat":"2025-10-08"}"#.to_owned(),
        r#"{"gcust_cod":"a\u0007b","upd_dat":"2025-10-08"}"#.to_owned(),
        format!(r#"{{"gcust_cod":"{long}","upd_dat":"2025-10-08"}}"#),
        r#"{"gcust_cod":"x","upd_dat":1e999}"#.to_owned(),
        format!(r#"{{"gcust_cod":"x","upd_dat":{deep}}}"#),
    ];
    let (read, times) = asked([page(&format!("{},{GUEST}", rows.join(",")), 0)]).await;
    let read = read.unwrap();
    assert_eq!((read.rows.len(), times), (rows.len() + 1, 1));
    for row in &read.rows[..rows.len()] {
        let RowSays::Bad(fault) = &row.says else {
            panic!("{} was read", row.key);
        };
        assert!(row.key.chars().count() <= 50);
        assert!(fault.field.len() + fault.reason.len() < 100);
    }
    assert!(matches!(read.rows[rows.len()].says, RowSays::Row(_)));
}

#[tokio::test]
async fn bytes_that_are_no_text_cost_one_field_and_not_the_page() {
    let mut body = EMPTY
        .replace(r#""items":[]"#, &format!(r#""items":[{GUEST}]"#))
        .into_bytes();
    let place = body.windows(3).position(|w| w == "王".as_bytes()).unwrap();
    body[place] = 0xa4;
    let (page, _) = asked([Treatment::Answer("200 OK", Vec::new(), body)]).await;
    let page = page.unwrap();
    let RowSays::Row(guest) = &page.rows[0].says else {
        panic!("the row is bad");
    };
    assert_eq!(guest.last_name, None);
    assert_eq!(page.rows[0].warnings[0].field, "last_nam");
}
