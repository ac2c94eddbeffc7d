use super::keys::EXAMPLE_SECRET;
use super::*;
use std::collections::HashMap;

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<&'static str>> {
    let map: HashMap<String, String> = pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Settings::read(&|name| map.get(name).cloned())
        .map_err(|e| e.0.into_iter().map(|p| p.name).collect())
}

#[test]
fn nothing_set_is_a_development_on_sqlite_with_made_up_secrets() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.env, AppEnv::Development);
    assert_eq!(settings.http_addr.to_string(), "127.0.0.1:8000");
    assert_eq!(settings.public_base_url.as_str(), "http://127.0.0.1:8000/");
    assert!(settings.auto_migrate);
    assert_eq!(settings.warnings.len(), 2);
}

#[test]
fn production_refuses_missing_and_weak_secrets_all_at_once() {
    let problems = read(&[("APP_ENV", "production"), ("SECRET_KEY", "short")]).unwrap_err();
    assert_eq!(
        problems,
        [
            "SECRET_KEY",
            "ID_NUMBER_KEY",
            "LINE_CHANNEL_ACCESS_TOKEN",
            "LINE_CHANNEL_SECRET"
        ]
    );
    let example = read(&[
        ("APP_ENV", "production"),
        ("SECRET_KEY", EXAMPLE_SECRET),
        ("ID_NUMBER_KEY", KEY),
        ("LINE_CHANNEL_ACCESS_TOKEN", "t"),
        ("LINE_CHANNEL_SECRET", "s"),
    ]);
    assert_eq!(example.unwrap_err(), ["SECRET_KEY"]);
}

#[test]
fn every_mistake_is_reported_with_its_name() {
    let problems = read(&[
        ("HTTP_ADDR", "here"),
        ("DATABASE_URL", "postgres://x"),
        ("JOB_LEASE", "0"),
        ("HOTEL_TIME_ZONE", "Formosa"),
        ("LINE_API_BASE_URL", "http://api.line.me"),
        ("BOOTSTRAP_ADMIN_USERNAME", "admin"),
    ])
    .unwrap_err();
    for name in [
        "HTTP_ADDR",
        "DATABASE_URL",
        "JOB_LEASE",
        "HOTEL_TIME_ZONE",
        "LINE_API_BASE_URL",
        "BOOTSTRAP_ADMIN_EMAIL",
        "BOOTSTRAP_ADMIN_PASSWORD",
    ] {
        assert!(problems.contains(&name), "{name} in {problems:?}");
    }
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let settings = read(&[("LINE_API_BASE_URL", "http://127.0.0.1:9000")]).unwrap();
    assert_eq!(
        settings.line.data_api_base_url.as_str(),
        "http://127.0.0.1:9000/"
    );
    assert!(read(&[("LINE_API_BASE_URL", "http://10.0.0.1")]).is_err());
}

#[test]
fn exports_live_for_an_hour_unless_somebody_says_and_never_longer_than_a_day() {
    let files = read(&[]).unwrap().files;
    assert_eq!(files.export_dir.to_str(), Some("exports"));
    assert_eq!(files.export_link_ttl, Duration::from_secs(3_600));
    assert_eq!(files.pdf_font_path, None);
    for wrong in ["59", "86401", "an hour"] {
        let problems = read(&[("EXPORT_LINK_TTL", wrong)]).unwrap_err();
        assert_eq!(problems, ["EXPORT_LINK_TTL"], "{wrong}");
    }
}

#[test]
fn a_limit_of_zero_means_none_and_one_is_legal() {
    let settings = read(&[
        ("LINE_MULTICAST_PER_SECOND", "0"),
        ("LINE_PUSH_PER_SECOND", "1"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("LOGIN_RATE_LIMIT_PER_MINUTE", "1"),
        ("JOB_POLL_INTERVAL", "0.05"),
    ])
    .unwrap();
    assert_eq!(settings.line.multicast_per_second, 0);
    assert_eq!(settings.line.push_per_second, 1);
    assert_eq!(settings.rate_limit_per_minute, 0);
    assert_eq!(settings.login_rate_limit_per_minute, 1);
    assert_eq!(settings.job_poll_interval, Duration::from_millis(50));
}

#[test]
fn the_hotel_s_own_system_is_asked_hourly_once_there_is_a_key() {
    let settings = read(&[]).unwrap().pms;
    assert_eq!(settings.api_url.as_str(), "https://pms.dexon.com.tw/api");
    assert!(settings.api_key.is_none());
    assert_eq!(settings.sync_interval, Some(Duration::from_secs(3_600)));
    assert_eq!(settings.page_size, 200);
    assert_eq!(settings.overlap, Duration::from_secs(900));
    assert_eq!(settings.timeout, Duration::from_secs(30));
    let settings = read(&[
        ("PMS_API_URL", "http://127.0.0.1:8800/pms"),
        ("PMS_API_KEY", "k-1"),
        ("PMS_HOTEL_CODE", "H01"),
        ("PMS_SYNC_INTERVAL", "0"),
        ("PMS_OVERLAP", "0"),
    ])
    .unwrap()
    .pms;
    assert!(settings.api_key.is_some());
    assert_eq!(settings.hotel_code.as_deref(), Some("H01"));
    assert_eq!(settings.athena_id, None);
    assert_eq!(settings.sync_interval, None);
    assert_eq!(settings.overlap, Duration::ZERO);
}

#[test]
fn what_the_hotel_s_own_system_cannot_be_asked_with_is_reported() {
    for (name, value) in [
        ("PMS_API_URL", "http://pms.hotel.tw"),
        ("PMS_API_URL", "https://user:secret@pms.hotel.tw"),
        ("PMS_API_URL", "ftp://pms.hotel.tw"),
        ("PMS_API_KEY", "ke\ny"),
        ("PMS_HOTEL_CODE", "飯店"),
        ("PMS_ATHENA_ID", "é"),
        ("PMS_SYNC_INTERVAL", "0.5"),
        ("PMS_SYNC_INTERVAL", "-1"),
        ("PMS_PAGE_SIZE", "0"),
        ("PMS_PAGE_SIZE", "1001"),
        ("PMS_OVERLAP", "86401"),
        ("PMS_TIMEOUT", "0"),
    ] {
        assert_eq!(read(&[(name, value)]).unwrap_err(), [name], "{value}");
    }
}

#[test]
fn the_key_of_the_hotel_s_own_system_is_never_shown() {
    let settings = read(&[("PMS_API_KEY", "k-secret")]).unwrap();
    assert!(!format!("{settings:?}").contains("k-secret"));
}
