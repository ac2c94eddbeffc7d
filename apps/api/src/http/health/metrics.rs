//! Figures for whoever watches over the installation, in the text form of Prometheus.

use crate::http::extract::BearerToken;
use crate::http::problem::{ApiError, Problems};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use crm_bootstrap::{Crm, Settings};
use secrecy::ExposeSecret;
use std::fmt::Write;

/// Figures for Prometheus: jobs, and runs with the hotel's own system. Needs `METRICS_TOKEN` as
/// bearer token; without that setting there is no such page.
#[utoipa::path(
    tag = "public",
    responses(
        (status = 200, description = "The figures", body = String, content_type = "text/plain"),
        Problems
    ),
)]
#[get("/metrics")]
pub(super) async fn metrics(
    token: Option<BearerToken>,
    crm: Data<Crm>,
    settings: Data<Settings>,
) -> Result<HttpResponse, ApiError> {
    let Some(expected) = settings.metrics_token.as_ref() else {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is no such page",
        ));
    };
    let given = token.map(|token| token.0).unwrap_or_default();
    if !is_same(given.as_bytes(), expected.expose_secret().as_bytes()) {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "the token is not that of the metrics",
        ));
    }
    let jobs = crm.database.job_figures(crm.clock.now()).await?;
    let pms = crm.pms.overview().await?;
    let mut page = Page::default();
    page.gauge(
        "crm_job_runners",
        "Job runners that are alive.",
        jobs.job_runners,
    );
    page.gauge("crm_jobs_due", "Jobs that are due and wait.", jobs.due);
    page.gauge(
        "crm_queue_lag_milliseconds",
        "How long the oldest of them waits.",
        jobs.lag_ms,
    );
    page.gauge("crm_jobs_dead", "Jobs given up.", jobs.dead);
    let reviews = i64::try_from(pms.open_reviews).unwrap_or(i64::MAX);
    page.gauge(
        "crm_pms_open_reviews",
        "Guests and stays that a person must decide about.",
        reviews,
    );
    page.head(
        "crm_pms_failed_runs_in_row",
        "Runs in a row that failed; from 3 on an alert.",
    );
    for mark in &pms.marks {
        page.value(
            "crm_pms_failed_runs_in_row",
            mark.kind.as_str(),
            i64::try_from(mark.failed_in_row).unwrap_or(i64::MAX),
        );
    }
    page.head(
        "crm_pms_last_success_timestamp_seconds",
        "When a run was last completed.",
    );
    for mark in &pms.marks {
        if let Some(at) = mark.completed_at {
            let name = "crm_pms_last_success_timestamp_seconds";
            page.value(name, mark.kind.as_str(), at.timestamp());
        }
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(page.0))
}

/// The page as it grows.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn gauge(&mut self, name: &str, help: &str, n: i64) {
        self.head(name, help);
        let _ = writeln!(self.0, "{name} {n}");
    }

    fn value(&mut self, name: &str, kind: &str, n: i64) {
        let _ = writeln!(self.0, "{name}{{kind=\"{kind}\"}} {n}");
    }
}

/// Compares without telling by its time how much was right.
fn is_same(given: &[u8], expected: &[u8]) -> bool {
    let differ = given
        .iter()
        .zip(expected)
        .fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == expected.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        assert!(is_same(b"secret", b"secret"));
        for wrong in [&b""[..], b"secre", b"secretx", b"Secret"] {
            assert!(!is_same(wrong, b"secret"));
        }
    }

    #[test]
    fn the_page_is_what_prometheus_reads() {
        let mut page = Page::default();
        page.gauge("crm_jobs_dead", "Jobs given up.", 2);
        page.head("crm_pms_failed_runs_in_row", "Runs.");
        page.value("crm_pms_failed_runs_in_row", "members", 3);
        assert_eq!(
            page.0,
            "# HELP crm_jobs_dead Jobs given up.\n# TYPE crm_jobs_dead gauge\ncrm_jobs_dead 2\n\
             # HELP crm_pms_failed_runs_in_row Runs.\n# TYPE crm_pms_failed_runs_in_row gauge\n\
             crm_pms_failed_runs_in_row{kind=\"members\"} 3\n"
        );
    }
}
