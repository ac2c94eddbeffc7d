use crate::harness::TestApi;
use crm_accounts::Role;
use crm_kernel::RfmSegment;
use serde_json::{Value, json};

const GRID: &str = "/api/v1/analytics/rfm";
const MEMBERS: &str = "/api/v1/members";
const CAMPAIGNS: &str = "/api/v1/campaigns";

/// Five members, of whom each stayed once more and later than the one before; the ids.
async fn five_guests(api: &TestApi, token: &str) -> Vec<i64> {
    let mut ids = Vec::new();
    for i in 1..=5 {
        let new = json!({"first_name": format!("客{i}")});
        let id = api.create(MEMBERS, token, new).await;
        for n in 0..i {
            let stay = json!({
                "order_number": format!("{i}-{n}"), "amount": 1000,
                "check_in_date": format!("2025-0{i}-0{}", n + 1),
                "check_out_date": format!("2025-0{i}-0{}", n + 2)
            });
            let path = format!("{MEMBERS}/{id}/consumption-records");
            assert_eq!(api.post(&path, token, stay).await.status, 201);
        }
        ids.push(id);
    }
    ids
}

fn segment<'a>(grid: &'a Value, key: &str) -> &'a Value {
    let all = grid["segments"].as_array().unwrap();
    all.iter().find(|one| one["segment"] == key).unwrap()
}

#[actix_web::test]
async fn before_the_first_night_there_are_25_empty_cells() {
    let api = TestApi::start().await;
    for role in Role::ALL {
        let token = api.sign_in_as(role).await;
        let grid = api.get(GRID, &token).await;
        assert_eq!(grid.status, 200, "{}", grid.text);
        let grid = grid.data();
        assert_eq!(
            (&grid["computed_at"], &grid["members"]),
            (&json!(null), &json!(0))
        );
        let cells = grid["grid"].as_array().unwrap();
        assert_eq!(cells.len(), 25);
        assert!(
            cells
                .iter()
                .all(|cell| cell["members"] == 0 && cell["share"] == 0.0)
        );
        assert_eq!(
            grid["segments"].as_array().unwrap().len(),
            RfmSegment::ALL.len()
        );
    }
}

#[actix_web::test]
async fn the_grid_shows_who_is_worth_most_and_the_members_page_too() {
    let (api, token) = TestApi::with_admin().await;
    let ids = five_guests(&api, &token).await;
    let page = format!("{MEMBERS}/{}", ids[4]);
    assert_eq!(api.get(&page, &token).await.data()["rfm"], json!(null));
    assert!(api.crm.rfm.grade().await.unwrap());

    let grid = api.get(GRID, &token).await.data();
    assert_eq!(
        (&grid["members"], &grid["amount"]),
        (&json!(5), &json!(15_000))
    );
    assert!(grid["computed_at"].is_string());
    let corner = &grid["grid"][4];
    assert_eq!(
        corner,
        &json!({
            "recency": 5, "frequency": 5, "segment": "champions", "segment_name": "冠軍客",
            "members": 1, "amount": 5000, "average_amount": 5000, "share": 20.0,
            "audience": {"type": "rules", "rule": {"rfm": {
                "recency": {"from": 5, "to": 5}, "frequency": {"from": 5, "to": 5}
            }}}
        })
    );
    assert_eq!(segment(&grid, "champions")["members"], 1);
    assert_eq!(segment(&grid, "lost")["segment_name"], "已流失");
    assert_eq!(
        api.get(&page, &token).await.data()["rfm"],
        json!({
            "recency": 5, "frequency": 5, "money": 5, "segment": "champions",
            "segment_name": "冠軍客"
        })
    );

    let few = api.get(&format!("{GRID}?money=1"), &token).await.data();
    assert_eq!((&few["money"], &few["members"]), (&json!(1), &json!(1)));
    let lost = segment(&few, "lost");
    assert_eq!(
        (&lost["members"], &lost["share"]),
        (&json!(1), &json!(100.0))
    );
    assert_eq!(
        lost["audience"],
        json!({"type": "rules", "rule": {"rfm": {
            "segment": "lost", "money": {"from": 1, "to": 1}
        }}})
    );
}

#[actix_web::test]
async fn a_money_score_that_there_is_not_is_refused() {
    let (api, token) = TestApi::with_admin().await;
    for wrong in ["0", "6", "x", "-1"] {
        let reply = api.get(&format!("{GRID}?money={wrong}"), &token).await;
        let (status, _, fields) = reply.refusal();
        assert_eq!((status, fields), (400, vec!["money".to_owned()]), "{wrong}");
    }
}

#[actix_web::test]
async fn the_audience_of_a_cell_or_segment_is_taken_by_a_campaign_as_it_is() {
    let (api, token) = TestApi::with_admin().await;
    five_guests(&api, &token).await;
    api.crm.rfm.grade().await.unwrap();
    let grid = api.get(&format!("{GRID}?money=5"), &token).await.data();
    let template = json!({"type": "text", "name": "問候", "content": "您好"});
    let template = api.create("/api/v1/templates", &token, template).await;
    for audience in [
        &grid["grid"][4]["audience"],
        &segment(&grid, "at_risk")["audience"],
    ] {
        let new = json!({
            "title": "格子", "template_id": template, "target_audience": audience
        });
        let id = api.create(CAMPAIGNS, &token, new).await;
        let seen = api.get(&format!("{CAMPAIGNS}/{id}"), &token).await.data();
        assert_eq!(&seen["target_audience"], audience);
        let estimate = format!("{CAMPAIGNS}/audience-estimate");
        let asked = json!({"target_audience": audience});
        assert_eq!(api.post(&estimate, &token, asked).await.status, 200);
    }
    for (rfm, field) in [
        (json!({}), "target_audience.rule.rfm"),
        (
            json!({"recency": {"from": 6}}),
            "target_audience.rule.rfm.recency.from",
        ),
    ] {
        let wrong = json!({"type": "rules", "rule": {"rfm": rfm}});
        let new = json!({"title": "格子", "template_id": template, "target_audience": wrong});
        let (status, _, fields) = api.post(CAMPAIGNS, &token, new).await.refusal();
        assert!(matches!(status, 400 | 422), "{status}");
        assert!(fields.contains(&field.to_owned()), "{fields:?}");
    }
}
