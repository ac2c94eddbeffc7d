use crm_exports::{Chart, ChartKind, ReportMaker, Series};
use crm_reports::Reports;
use roxmltree::{Document, Node};
use std::collections::HashSet;

const KINDS: [ChartKind; 3] = [ChartKind::Lines, ChartKind::Bars, ChartKind::Groups];

fn chart(kind: ChartKind, labels: usize, values: &[Vec<f64>]) -> Chart {
    Chart {
        title: "每日 <開信> & \"點擊\"".to_owned(),
        kind,
        labels: (1..=labels).map(|day| format!("11/{day}")).collect(),
        series: values
            .iter()
            .enumerate()
            .map(|(n, values)| Series {
                name: format!("數列{n}"),
                values: values.clone(),
            })
            .collect(),
        unit: "人".to_owned(),
    }
}

fn svg(chart: &Chart, width: u32) -> String {
    Reports::default().svg(chart, width, 400).unwrap()
}

fn texts<'a>(document: &'a Document<'a>) -> Vec<&'a str> {
    let nodes = document
        .descendants()
        .filter(|n| n.has_tag_name((NS, "text")));
    nodes.filter_map(|n| n.text()).collect()
}

fn number(node: Node<'_, '_>, name: &str) -> f32 {
    node.attribute(name).unwrap().parse().unwrap()
}

const NS: &str = "http://www.w3.org/2000/svg";

#[test]
fn a_chart_says_its_title_to_those_who_cannot_see_it() {
    for kind in KINDS {
        let svg = svg(&chart(kind, 2, &[vec![1.0, 2.0]]), 800);
        let document = Document::parse(&svg).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        let title = root.first_element_child().unwrap();
        assert!(title.has_tag_name((NS, "title")));
        assert_eq!(title.text(), Some("每日 <開信> & \"點擊\""));
        assert_eq!(root.attribute("aria-label"), title.text());
        let family = root.attribute("font-family").unwrap();
        assert!(family.starts_with("'Noto Sans TC'") && family.ends_with("sans-serif"));
        assert!(texts(&document).contains(&"單位：人"));
    }
}

#[test]
fn no_figures_give_an_axis_and_the_words_that_there_are_none() {
    let nothing: [(usize, Vec<Vec<f64>>); 4] = [
        (0, vec![]),
        (3, vec![]),
        (0, vec![vec![1.0]]),
        (2, vec![vec![f64::NAN, f64::INFINITY]]),
    ];
    for kind in KINDS {
        for (labels, values) in &nothing {
            let svg = svg(&chart(kind, *labels, values), 800);
            let document = Document::parse(&svg).unwrap();
            assert!(texts(&document).contains(&"沒有資料"), "{svg}");
            assert!(svg.contains("<polyline"), "{svg}");
        }
    }
}

#[test]
fn series_are_told_apart_without_colour() {
    let figures = [
        vec![1.0, 2.0],
        vec![2.0, 3.0],
        vec![4.0, 1.0],
        vec![5.0, 2.0],
    ];
    let lines = svg(&chart(ChartKind::Lines, 2, &figures), 800);
    let document = Document::parse(&lines).unwrap();
    let coloured = document.descendants().filter(|n| {
        n.attribute("stroke")
            .is_some_and(|s| s != "#e3e7ec" && s != "#9aa3af")
    });
    let dashes: HashSet<Option<&str>> = coloured.map(|n| n.attribute("stroke-dasharray")).collect();
    assert_eq!(dashes.len(), figures.len(), "{dashes:?}");

    let groups = svg(&chart(ChartKind::Groups, 2, &figures), 800);
    let hatch = groups.matches("stroke=\"#ffffff\"").count();
    assert!(
        hatch > 20,
        "bars from the second series on are hatched: {hatch}"
    );
}

#[test]
fn labels_of_days_never_meet() {
    for (days, width) in [(7, 800), (31, 800), (92, 800), (366, 600), (31, 240)] {
        let values = vec![(0..days).map(f64::from).collect()];
        let svg = svg(&chart(ChartKind::Lines, days as usize, &values), width);
        let document = Document::parse(&svg).unwrap();
        let labels: Vec<Node<'_, '_>> = document
            .descendants()
            .filter(|n| n.text().is_some_and(|t| t.starts_with("11/")) && n.is_element())
            .collect();
        assert!(labels.len() >= 3, "{days} days: {}", labels.len());
        for pair in labels.windows(2) {
            let wide = pair[1].text().unwrap().len() as f32 * 0.5 * number(pair[1], "font-size");
            let apart = number(pair[1], "x") - number(pair[0], "x");
            assert!(apart > wide, "{days} days at {width}: {apart} < {wide}");
        }
    }
}

#[test]
fn a_gap_in_the_figures_is_a_gap_in_the_line() {
    let with_gap = vec![vec![1.0, 2.0, f64::NAN, 3.0, 4.0]];
    let whole = vec![vec![1.0, 2.0, 2.5, 3.0, 4.0]];
    let strokes = |values: &[Vec<f64>]| {
        let svg = svg(&chart(ChartKind::Lines, 5, values), 800);
        svg.matches("stroke=\"#0072b2\"").count()
    };
    assert_eq!(strokes(&with_gap), strokes(&whole) + 1);
}

#[test]
fn bars_left_out_for_want_of_room_are_counted() {
    let values = vec![vec![5.0; 90]];
    let svg = svg(&chart(ChartKind::Bars, 90, &values), 800);
    let document = Document::parse(&svg).unwrap();
    let texts = texts(&document);
    let shown = texts.iter().filter(|t| t.starts_with("11/")).count();
    let remark = format!("另有 {} 項未列出", 90 - shown);
    assert!(texts.contains(&remark.as_str()), "{texts:?}");
}

#[test]
fn everything_stays_within_the_picture() {
    let figures = [vec![-1e300, 3.0, 1e300], vec![f64::MAX, f64::MIN, f64::NAN]];
    for kind in KINDS {
        let mut chart = chart(kind, 3, &figures);
        chart.labels[1] = "很長的標籤".repeat(30);
        let svg = svg(&chart, 640);
        let document = Document::parse(&svg).unwrap();
        for node in document
            .descendants()
            .filter(|n| n.attribute("x").is_some())
        {
            assert!((0.0..=640.0).contains(&number(node, "x")), "{node:?}");
            assert!((0.0..=400.0).contains(&number(node, "y")), "{node:?}");
        }
    }
}

#[test]
fn a_picture_has_a_size_whatever_is_asked_for() {
    let chart = chart(ChartKind::Lines, 2, &[vec![1.0, 2.0]]);
    for (asked, given) in [(0, "240"), (960, "960"), (u32::MAX, "4000")] {
        let svg = svg(&chart, asked);
        let document = Document::parse(&svg).unwrap();
        assert_eq!(document.root_element().attribute("width"), Some(given));
    }
}
