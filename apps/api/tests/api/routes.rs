use crate::harness::TestApi;
use actix_web::http::Method;
use crm_accounts::{Permission, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who may ask.
#[derive(Clone, Copy)]
enum Who {
    Anybody,
    AnyUser,
    Needs(Permission),
}

use Permission as P;
use Who::{AnyUser, Anybody, Needs};

/// Every route there is.
const ROUTES: &[(&str, &str, Who)] = &[
    ("GET", "/health", Anybody),
    ("GET", "/ready", Anybody),
    ("GET", "/metrics", Anybody),
    ("GET", "/t/{token}", Anybody),
    ("HEAD", "/t/{token}", Anybody),
    ("GET", "/static/uploads/{path}", Anybody),
    ("HEAD", "/static/uploads/{path}", Anybody),
    ("GET", "/api/v1/openapi.json", Anybody),
    ("POST", "/api/v1/line/webhook", Anybody),
    ("POST", "/api/v1/auth/login", Anybody),
    ("POST", "/api/v1/auth/refresh", AnyUser),
    ("GET", "/api/v1/auth/me", AnyUser),
    ("POST", "/api/v1/auth/change-password", AnyUser),
    ("GET", "/api/v1/users", Needs(P::UsersManage)),
    ("POST", "/api/v1/users", Needs(P::UsersManage)),
    ("GET", "/api/v1/users/{id}", Needs(P::UsersManage)),
    ("PUT", "/api/v1/users/{id}", Needs(P::UsersManage)),
    ("GET", "/api/v1/audit-logs", Needs(P::AuditRead)),
    ("GET", "/api/v1/members", Needs(P::MembersRead)),
    ("POST", "/api/v1/members", Needs(P::MembersWrite)),
    ("POST", "/api/v1/members/import", Needs(P::MembersWrite)),
    ("GET", "/api/v1/members/imports", Needs(P::MembersWrite)),
    (
        "GET",
        "/api/v1/members/imports/{id}",
        Needs(P::MembersWrite),
    ),
    (
        "GET",
        "/api/v1/members/imports/{id}/errors",
        Needs(P::MembersWrite),
    ),
    ("POST", "/api/v1/members/bulk-tags", Needs(P::MembersTag)),
    ("GET", "/api/v1/members/{id}", Needs(P::MembersRead)),
    (
        "GET",
        "/api/v1/members/{id}/timeline",
        Needs(P::MembersRead),
    ),
    ("POST", "/api/v1/members/{id}/merge", Needs(P::MembersMerge)),
    ("POST", "/api/v1/merges/{id}/undo", Needs(P::MembersMerge)),
    ("PUT", "/api/v1/members/{id}", Needs(P::MembersWrite)),
    ("DELETE", "/api/v1/members/{id}", Needs(P::MembersDelete)),
    ("PUT", "/api/v1/members/{id}/notes", Needs(P::MembersWrite)),
    (
        "GET",
        "/api/v1/members/{id}/consumption-records",
        Needs(P::MembersRead),
    ),
    (
        "POST",
        "/api/v1/members/{id}/consumption-records",
        Needs(P::MembersWrite),
    ),
    ("POST", "/api/v1/members/{id}/tags", Needs(P::MembersTag)),
    (
        "DELETE",
        "/api/v1/members/{id}/tags/{tag_id}",
        Needs(P::MembersTag),
    ),
    ("GET", "/api/v1/tags", Needs(P::TagsRead)),
    ("POST", "/api/v1/tags", Needs(P::TagsWrite)),
    ("GET", "/api/v1/tags/statistics", Needs(P::TagsRead)),
    ("GET", "/api/v1/tags/{id}", Needs(P::TagsRead)),
    ("GET", "/api/v1/tags/{id}/triggers", Needs(P::TagsRead)),
    ("PUT", "/api/v1/tags/{id}", Needs(P::TagsWrite)),
    ("DELETE", "/api/v1/tags/{id}", Needs(P::TagsWrite)),
    ("GET", "/api/v1/templates", Needs(P::TemplatesRead)),
    ("POST", "/api/v1/templates", Needs(P::TemplatesWrite)),
    ("GET", "/api/v1/templates/{id}", Needs(P::TemplatesRead)),
    ("PUT", "/api/v1/templates/{id}", Needs(P::TemplatesWrite)),
    ("DELETE", "/api/v1/templates/{id}", Needs(P::TemplatesWrite)),
    (
        "GET",
        "/api/v1/templates/{id}/preview",
        Needs(P::TemplatesRead),
    ),
    ("GET", "/api/v1/campaigns", Needs(P::CampaignsRead)),
    ("POST", "/api/v1/campaigns", Needs(P::CampaignsWrite)),
    (
        "POST",
        "/api/v1/campaigns/audience-estimate",
        Needs(P::CampaignsRead),
    ),
    ("GET", "/api/v1/campaigns/{id}", Needs(P::CampaignsRead)),
    ("PUT", "/api/v1/campaigns/{id}", Needs(P::CampaignsWrite)),
    ("DELETE", "/api/v1/campaigns/{id}", Needs(P::CampaignsWrite)),
    (
        "POST",
        "/api/v1/campaigns/{id}/send",
        Needs(P::CampaignsSend),
    ),
    (
        "POST",
        "/api/v1/campaigns/{id}/pause",
        Needs(P::CampaignsSend),
    ),
    (
        "POST",
        "/api/v1/campaigns/{id}/resume",
        Needs(P::CampaignsSend),
    ),
    (
        "POST",
        "/api/v1/campaigns/{id}/cancel",
        Needs(P::CampaignsSend),
    ),
    (
        "POST",
        "/api/v1/campaigns/{id}/retry-failed",
        Needs(P::CampaignsSend),
    ),
    (
        "POST",
        "/api/v1/campaigns/{id}/activate",
        Needs(P::CampaignsSend),
    ),
    (
        "POST",
        "/api/v1/campaigns/{id}/test-send",
        Needs(P::CampaignsSend),
    ),
    (
        "GET",
        "/api/v1/campaigns/{id}/recipients",
        Needs(P::CampaignsRead),
    ),
    (
        "GET",
        "/api/v1/campaigns/{id}/history",
        Needs(P::CampaignsRead),
    ),
    (
        "GET",
        "/api/v1/campaigns/{id}/events",
        Needs(P::CampaignsRead),
    ),
    (
        "GET",
        "/api/v1/campaigns/{id}/preview",
        Needs(P::CampaignsRead),
    ),
    ("GET", "/api/v1/auto-responses", Needs(P::AutoResponsesRead)),
    (
        "POST",
        "/api/v1/auto-responses",
        Needs(P::AutoResponsesWrite),
    ),
    (
        "POST",
        "/api/v1/auto-responses/try",
        Needs(P::AutoResponsesRead),
    ),
    (
        "GET",
        "/api/v1/auto-responses/{id}",
        Needs(P::AutoResponsesRead),
    ),
    (
        "PUT",
        "/api/v1/auto-responses/{id}",
        Needs(P::AutoResponsesWrite),
    ),
    (
        "DELETE",
        "/api/v1/auto-responses/{id}",
        Needs(P::AutoResponsesWrite),
    ),
    (
        "PATCH",
        "/api/v1/auto-responses/{id}/toggle",
        Needs(P::AutoResponsesWrite),
    ),
    ("GET", "/api/v1/messages", Needs(P::MessagesRead)),
    ("POST", "/api/v1/messages", Needs(P::MessagesSend)),
    (
        "GET",
        "/api/v1/messages/conversation/{member_id}",
        Needs(P::MessagesRead),
    ),
    (
        "GET",
        "/api/v1/messages/conversations",
        Needs(P::MessagesRead),
    ),
    (
        "POST",
        "/api/v1/messages/conversation/{member_id}/read",
        Needs(P::MessagesRead),
    ),
    (
        "PUT",
        "/api/v1/messages/conversation/{member_id}/assignment",
        Needs(P::MessagesSend),
    ),
    (
        "GET",
        "/api/v1/messages/conversation/{member_id}/notes",
        Needs(P::MessagesRead),
    ),
    (
        "POST",
        "/api/v1/messages/conversation/{member_id}/notes",
        Needs(P::MessagesSend),
    ),
    (
        "PUT",
        "/api/v1/messages/conversation/{member_id}/notes/{note_id}",
        Needs(P::MessagesSend),
    ),
    (
        "DELETE",
        "/api/v1/messages/conversation/{member_id}/notes/{note_id}",
        Needs(P::MessagesSend),
    ),
    ("GET", "/api/v1/canned-replies", Needs(P::MessagesSend)),
    ("POST", "/api/v1/canned-replies", Needs(P::MessagesSend)),
    ("GET", "/api/v1/canned-replies/{id}", Needs(P::MessagesSend)),
    ("PUT", "/api/v1/canned-replies/{id}", Needs(P::MessagesSend)),
    (
        "DELETE",
        "/api/v1/canned-replies/{id}",
        Needs(P::MessagesSend),
    ),
    (
        "GET",
        "/api/v1/canned-replies/{id}/text",
        Needs(P::MessagesSend),
    ),
    ("GET", "/api/v1/messages/{id}", Needs(P::MessagesRead)),
    ("GET", "/api/v1/messages/{id}/media", Needs(P::MessagesRead)),
    ("DELETE", "/api/v1/messages/{id}", Needs(P::MessagesSend)),
    ("GET", "/api/v1/events", AnyUser),
    ("GET", "/api/v1/line/events", Needs(P::JobsManage)),
    (
        "POST",
        "/api/v1/line/events/{id}/replay",
        Needs(P::JobsManage),
    ),
    ("GET", "/api/v1/sending", AnyUser),
    (
        "POST",
        "/api/v1/sending/stop",
        Needs(P::CampaignsEmergencyStop),
    ),
    (
        "POST",
        "/api/v1/sending/resume",
        Needs(P::CampaignsEmergencyStop),
    ),
    ("POST", "/api/v1/upload/image", Needs(P::UploadsCreate)),
    ("POST", "/api/v1/analytics/export", Needs(P::ExportsCreate)),
    ("GET", "/api/v1/exports", Needs(P::ExportsCreate)),
    ("GET", "/api/v1/exports/{id}", Needs(P::ExportsCreate)),
    ("GET", "/api/v1/exports/{id}/download", Anybody),
    ("DELETE", "/api/v1/exports/{id}", Needs(P::ExportsCreate)),
    ("GET", "/api/v1/report-schedules", Needs(P::ExportsCreate)),
    ("POST", "/api/v1/report-schedules", Needs(P::ExportsCreate)),
    (
        "PUT",
        "/api/v1/report-schedules/{id}",
        Needs(P::ExportsCreate),
    ),
    (
        "DELETE",
        "/api/v1/report-schedules/{id}",
        Needs(P::ExportsCreate),
    ),
    ("GET", "/api/v1/analytics/overview", Needs(P::AnalyticsRead)),
    (
        "GET",
        "/api/v1/analytics/campaign-performance",
        Needs(P::AnalyticsRead),
    ),
    (
        "GET",
        "/api/v1/analytics/tag-distribution",
        Needs(P::AnalyticsRead),
    ),
    ("GET", "/api/v1/analytics/trends", Needs(P::AnalyticsRead)),
    (
        "GET",
        "/api/v1/analytics/trends.svg",
        Needs(P::AnalyticsRead),
    ),
    ("GET", "/api/v1/analytics/friends", Needs(P::AnalyticsRead)),
    (
        "GET",
        "/api/v1/analytics/auto-responses",
        Needs(P::AnalyticsRead),
    ),
    (
        "GET",
        "/api/v1/analytics/campaigns/{id}/funnel",
        Needs(P::AnalyticsRead),
    ),
    ("POST", "/api/v1/pms/sync", Needs(P::PmsManage)),
    (
        "GET",
        "/api/v1/pms/sync-status/{task_id}",
        Needs(P::PmsManage),
    ),
    ("GET", "/api/v1/pms/syncs", Needs(P::PmsManage)),
    (
        "GET",
        "/api/v1/pms/syncs/{task_id}/errors",
        Needs(P::PmsManage),
    ),
    ("GET", "/api/v1/pms/status", Needs(P::PmsManage)),
    ("GET", "/api/v1/pms/reviews", Needs(P::PmsManage)),
    ("GET", "/api/v1/pms/reviews/{id}", Needs(P::PmsManage)),
    ("POST", "/api/v1/pms/reviews/{id}", Needs(P::PmsManage)),
    ("POST", "/api/v1/pms/imports", Needs(P::PmsManage)),
    ("GET", "/api/v1/pms/import-fields", Needs(P::PmsManage)),
    ("GET", "/api/v1/pms/import-profiles", Needs(P::PmsManage)),
    ("POST", "/api/v1/pms/import-profiles", Needs(P::PmsManage)),
    (
        "DELETE",
        "/api/v1/pms/import-profiles/{id}",
        Needs(P::PmsManage),
    ),
    ("GET", "/api/v1/analytics/rfm", Needs(P::AnalyticsRead)),
    ("GET", "/api/v1/jobs", Needs(P::JobsManage)),
    ("POST", "/api/v1/jobs/{id}/retry", Needs(P::JobsManage)),
    // Last: whoever asked it is out.
    ("POST", "/api/v1/auth/logout", AnyUser),
];

fn document() -> Value {
    serde_json::to_value(crm_api::openapi()).unwrap()
}

/// Method, path and operation of everything the document describes.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
        })
        .collect()
}

#[test]
fn the_document_describes_every_route_and_no_other() {
    let described: BTreeSet<(String, String)> = operations(&document())
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let known = ROUTES.iter().map(|(m, p, _)| ((*m).into(), (*p).into()));
    assert_eq!(described, known.collect());
}

#[test]
fn every_operation_tells_its_errors_and_whether_it_asks_who_comes() {
    let document = document();
    for (method, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        for status in ["4XX", "5XX"] {
            assert!(responses.contains_key(status), "{method} {path}: {status}");
        }
        assert!(operation["summary"].is_string(), "{method} {path}");
        let who = ROUTES.iter().find(|(m, p, _)| *m == method && *p == path);
        let is_public = matches!(who, Some((_, _, Anybody)));
        assert_eq!(
            operation["security"].is_null(),
            is_public,
            "{method} {path}"
        );
        let is_write = ["PUT", "PATCH"].contains(&method.as_str());
        assert_eq!(
            operation["requestBody"].is_object(),
            is_write || takes_body(&method, &path)
        );
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let operations = operations(&document());
    let names: BTreeSet<String> = operations
        .iter()
        .map(|(_, _, operation)| operation["operationId"].to_string())
        .collect();
    assert_eq!(names.len(), operations.len());
}

#[test]
fn lists_tell_how_to_page_and_paths_what_they_are_made_of() {
    for (method, path, operation) in operations(&document()) {
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let told = |name: &str| parameters.iter().any(|p| p["name"] == name);
        let properties = operation.to_string();
        if properties.contains("PageOf_") || properties.contains("CampaignPage") {
            assert!(told("page") && told("page_size"), "{method} {path}");
        }
        for segment in path.split('/').filter(|part| part.starts_with('{')) {
            let name = segment.trim_matches(['{', '}']);
            assert!(told(name), "{method} {path}: {name}");
        }
    }
}

fn takes_body(method: &str, path: &str) -> bool {
    let without = [
        "/send",
        "/pause",
        "/resume",
        "/cancel",
        "/retry",
        "/retry-failed",
        "/activate",
        "/refresh",
        "/logout",
        "/undo",
        "/read",
        "/replay",
    ];
    method == "POST" && !without.iter().any(|end| path.ends_with(end))
}

#[test]
fn whatever_the_document_points_to_is_in_it() {
    let document = document();
    let mut pointers = BTreeSet::new();
    collect(&document, &mut pointers);
    assert!(!pointers.is_empty());
    for pointer in pointers {
        let target = document.pointer(pointer.trim_start_matches('#'));
        assert!(target.is_some(), "{pointer}");
    }
}

fn collect(value: &Value, pointers: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(pointer)) = fields.get("$ref") {
                pointers.insert(pointer.clone());
            }
            fields.values().for_each(|v| collect(v, pointers));
        }
        Value::Array(items) => items.iter().for_each(|v| collect(v, pointers)),
        _ => {}
    }
}

#[actix_web::test]
async fn every_route_is_there_and_open_to_those_it_is_for() {
    let api = TestApi::start().await;
    // Else the stream of events would not end.
    api.streams.end();
    for role in Role::ALL {
        let token = api.sign_in_as(role).await;
        for (method, path, who) in ROUTES {
            let method: Method = method.parse().unwrap();
            let address = ["{id}", "{tag_id}", "{member_id}", "{note_id}", "{task_id}"]
                .into_iter()
                .fold((*path).to_owned(), |path, part| {
                    path.replace(part, "999999")
                });
            let body = (method != Method::GET && method != Method::HEAD).then(|| json!({}));
            let stranger = api.call(method.clone(), &address, "", body.clone()).await;
            let known = api.call(method.clone(), &address, &token, body).await;
            let of = format!("{role} {method} {path}: {}", known.text);
            match who {
                Anybody => assert_ne!(known.status, 403, "{of}"),
                AnyUser => {
                    assert_eq!(stranger.status, 401, "{of}");
                    assert!(![401, 403].contains(&known.status), "{of}");
                }
                Needs(permission) => {
                    assert_eq!(stranger.status, 401, "{of}");
                    assert_eq!(known.status == 403, !role.allows(*permission), "{of}");
                }
            }
            assert_ne!(known.status, 405, "{of}");
            assert_ne!(known.json()["error_code"], "not_found", "{of}");
            assert!(known.status < 500, "{of}");
        }
    }
}
