use crm_bootstrap::Settings;
use std::path::Path;

fn example() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(".env.example")).unwrap()
}

fn assignments(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .collect()
}

#[test]
fn the_example_lists_exactly_the_settings_that_are_read() {
    let text = example();
    let names: Vec<&str> = assignments(&text)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, Settings::NAMES);
}

#[test]
fn the_example_as_it_stands_is_good_for_development() {
    let text = example();
    let pairs = assignments(&text);
    let lookup = |name: &str| {
        let found = pairs.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let example = Settings::read(&lookup).unwrap();
    let nothing_set = Settings::read(&|_| None).unwrap();
    assert_eq!(example.http_addr, nothing_set.http_addr);
    assert_eq!(example.database_url, nothing_set.database_url);
    assert_eq!(example.hotel_time_zone, nothing_set.hotel_time_zone);
    assert_eq!(example.job_poll_interval, nothing_set.job_poll_interval);
    assert_eq!(example.rust_log, nothing_set.rust_log);
}
