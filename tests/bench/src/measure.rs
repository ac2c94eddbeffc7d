//! What is asked of both sides.

use crate::arguments::{Arguments, What};
use crate::bare::Bare;
use crate::load::{Crowd, Outcome, ask, get};
use crate::place::Place;
use crate::product::Product;
use crate::seed::{COMMON_TAG, RARE_TAG, SEARCHED};
use crate::{clicks, report, statements};
use crm_kernel::{PageRequest, TagId};
use crm_members::{MemberFilter, MemberQueries, MemberSearch, MemberSort};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const CROWD: usize = 1_000;
/// How often each of the crowd asks: people read what they asked for.
const PACE: Duration = Duration::from_secs(2);
const PATHS: u64 = 1_000;
/// Not counted: caches fill, connections open.
const WARM_UP: Duration = Duration::from_millis(1_500);

pub async fn all(place: &Place, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    place.fill(arguments.members).await?;
    let product = Product::start(place).await?;
    let bare = Bare::start(place).await?;
    check(&product, arguments.members).await?;

    report::head_of_comparison(place.name);
    let works = [
        (What::Detail, "member detail", details(arguments.members)),
        (What::List, "list, tag of 10 %", vec![of_tag(COMMON_TAG)]),
        (What::List, "list, tag of 1 %", vec![of_tag(RARE_TAG)]),
        (What::Search, "search, 1 % match", vec![search()]),
        (
            What::Search,
            "search, 1 matches",
            vec![search_one(arguments.members)],
        ),
    ];
    for (what, work, paths) in works {
        if arguments.wants(what) {
            let turns = compare(&product, &bare, &paths, arguments).await?;
            report::comparison(work, &turns);
        }
    }
    if arguments.wants(What::Clicks) {
        clicks::all(&product, &bare, arguments).await?;
    }
    bare.stop().await;

    if arguments.wants(What::Deep) || arguments.wants(What::Crowd) {
        report::head_of_product(place.name);
    }
    if arguments.wants(What::Deep) {
        let (first, deep) = (page(1), page(arguments.members / 20));
        let one = Crowd {
            connections: 1,
            pace: None,
            turn: arguments.turn,
        };
        for path in [first, deep] {
            let outcome = alone(&product, std::slice::from_ref(&path), one, arguments).await?;
            report::product(&format!("`{path}`, 1 connection"), &outcome);
        }
    }
    if arguments.wants(What::Crowd) {
        let mix = mixed(arguments.members);
        for (pace, how) in [
            (Some(PACE), "each asks every 2 s"),
            (None, "each asks as soon as it is answered"),
        ] {
            let crowd = Crowd {
                connections: CROWD,
                pace,
                turn: arguments.turn,
            };
            let outcome = alone(&product, &mix, crowd, arguments).await?;
            let work = format!(
                "mixed reads (16 details, 2 pages, 1 tag, 1 search), 1000 connections, {how}"
            );
            report::product(&work, &outcome);
        }
    }
    if arguments.wants(What::Queries) {
        let paths = vec![
            detail(1),
            "/api/v1/members?page_size=1".to_owned(),
            "/api/v1/members?page_size=100".to_owned(),
            format!("/api/v1/members?tags={COMMON_TAG}&page_size=100"),
            format!("{}&page_size=100", search()),
        ];
        let counts = statements::count(&product, paths.clone())?;
        let counts: Vec<_> = paths.into_iter().zip(counts).collect();
        report::statements(place.name, &counts);
    }
    product.stop().await;
    Ok(())
}

fn detail(id: u64) -> String {
    format!("/api/v1/members/{id}")
}

/// All over the table, in no order.
fn details(members: u64) -> Vec<String> {
    (0..PATHS)
        .map(|number| detail(number * 7_919 % members + 1))
        .collect()
}

fn of_tag(tag: i64) -> String {
    format!("/api/v1/members?tags={tag}")
}

fn page(number: u64) -> String {
    format!("/api/v1/members?page={}", number.max(1))
}

fn search() -> String {
    let encoded: String = SEARCHED
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    format!("/api/v1/members?search={encoded}")
}

fn search_one(members: u64) -> String {
    format!("/api/v1/members?search=guest{}@", members / 2)
}

fn mixed(members: u64) -> Vec<String> {
    let paths = details(members).into_iter().enumerate();
    paths
        .map(|(number, detail)| match number % 20 {
            0 | 10 => page(number as u64 % 50 + 1),
            5 => of_tag(RARE_TAG),
            15 => search(),
            _ => detail,
        })
        .collect()
}

fn requests(paths: &[String], token: &str) -> Arc<Vec<Vec<u8>>> {
    Arc::new(paths.iter().map(|path| get(path, token)).collect())
}

/// The sides take turns, so that whatever else the machine does meets both.
async fn compare(
    product: &Product,
    bare: &Bare,
    paths: &[String],
    arguments: &Arguments,
) -> Result<Vec<(Outcome, Outcome)>, Box<dyn Error>> {
    let requests = requests(paths, &product.token);
    let addresses = (product.server.address, bare.server.address);
    Ok(take_turns(addresses, requests, arguments).await?.0)
}

/// What both sides did in pairs of turns, and what the first did before.
pub async fn take_turns(
    (ours, theirs): (SocketAddr, SocketAddr),
    requests: Arc<Vec<Vec<u8>>>,
    arguments: &Arguments,
) -> Result<(Vec<(Outcome, Outcome)>, Outcome), Box<dyn Error>> {
    let turn = async |address, time| {
        let crowd = Crowd {
            connections: arguments.connections,
            pace: None,
            turn: time,
        };
        ask(address, Arc::clone(&requests), crowd).await
    };
    let warm_up = turn(ours, WARM_UP).await?;
    turn(theirs, WARM_UP).await?;
    let mut turns = Vec::with_capacity(arguments.rounds);
    for _ in 0..arguments.rounds {
        let pair = (
            turn(ours, arguments.turn).await?,
            turn(theirs, arguments.turn).await?,
        );
        turns.push(pair);
    }
    Ok((turns, warm_up))
}

async fn alone(
    product: &Product,
    paths: &[String],
    crowd: Crowd,
    arguments: &Arguments,
) -> Result<Outcome, Box<dyn Error>> {
    let requests = requests(paths, &product.token);
    let address = product.server.address;
    let warm_up = Crowd {
        turn: WARM_UP,
        ..crowd
    };
    ask(address, Arc::clone(&requests), warm_up).await?;
    let mut whole = Outcome::default();
    for _ in 0..arguments.rounds {
        whole.add(ask(address, Arc::clone(&requests), crowd).await?);
    }
    Ok(whole)
}

/// Members are seeded behind the product's back: it must find them all the same.
async fn check(product: &Product, members: u64) -> Result<(), Box<dyn Error>> {
    let of_tag = |tag| MemberFilter {
        tags: vec![TagId::new(tag)],
        ..MemberFilter::default()
    };
    let searched = MemberFilter {
        search: MemberSearch::new(SEARCHED),
        ..MemberFilter::default()
    };
    let expected = [
        ("all members", MemberFilter::default(), members),
        (
            "members with the common tag",
            of_tag(COMMON_TAG),
            members.div_ceil(10),
        ),
        (
            "members with the rare tag",
            of_tag(RARE_TAG),
            members.div_ceil(100),
        ),
        ("members found by name", searched, members.div_ceil(100)),
    ];
    for (what, filter, expected) in expected {
        let page = PageRequest::new(1, 1).ok_or("no first page")?;
        let database = &product.crm.database;
        let found = MemberQueries::list(database, &filter, MemberSort::default(), page).await?;
        if found.total != expected {
            return Err(format!(
                "{what}: {} instead of {expected}; src/seed.rs must fill what the lists are read from",
                found.total
            )
            .into());
        }
    }
    Ok(())
}
