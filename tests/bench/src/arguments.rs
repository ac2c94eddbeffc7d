//! The command line: what to measure, on how much, for how long.

use std::time::Duration;

pub const HELP: &str = "\
cargo run --release -p crm-bench -- [WHAT …] [OPTIONS]

Measures the REST API beside bare actix-web handlers that run the same SQL, on SQLite and,
when TEST_MYSQL_URL names a server, on MySQL. Prints a table in Markdown.

WHAT (all of it when nothing is named)
  detail     a member's page
  list       members with a tag that 10 % wear, and with one that 1 % wear
  search     members by a piece of a name
  deep       a page near the end of all members, one request at a time
  crowd      1000 connections that read this and that
  clicks     tracked links beside a bare redirect, and every click in the tables
  queries    how many statements each request makes

WHAT, with the real programs, each a process of its own (only when it is named)
  send       whole campaigns
  webhook    events taken in, beside a handler that only checks the signature
  replies    from a guest's words to the answer, with 2,000 rules
  reports    figures, reports and a workbook over years of campaigns
  pms        guests and stays of a hotel's own system, taken over twice

OPTIONS
  --members N        members to seed (100000)
  --sizes A,B,C      members of each send (10000,100000,1000000)
  --guests N         guests of the hotel's own system (200000)
  --stays N          its stays (500000)
  --recipients N     recipients of the campaigns that reports are about (10000000)
  --paced            sends at the usual pace (150 multicasts, 1,500 pushes a second)
  --connections N    keep-alive connections (64)
  --rounds N         how often the two sides take turns (3)
  --seconds N        length of a turn (5)
  --sqlite-only      leaves MySQL out
  --mysql-only       leaves SQLite out
";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Detail,
    List,
    Search,
    Deep,
    Crowd,
    Clicks,
    Queries,
    Send,
    Webhook,
    Replies,
    Pms,
    Reports,
}

const ALL: [(&str, What); 12] = [
    ("detail", What::Detail),
    ("list", What::List),
    ("search", What::Search),
    ("deep", What::Deep),
    ("crowd", What::Crowd),
    ("clicks", What::Clicks),
    ("queries", What::Queries),
    ("send", What::Send),
    ("webhook", What::Webhook),
    ("replies", What::Replies),
    ("pms", What::Pms),
    ("reports", What::Reports),
];

impl What {
    /// Whether it runs the programs instead of the API within this one.
    const fn needs_programs(self) -> bool {
        matches!(
            self,
            Self::Send | Self::Webhook | Self::Replies | Self::Pms | Self::Reports
        )
    }
}

#[derive(Clone, Debug)]
pub struct Arguments {
    what: Vec<What>,
    pub members: u64,
    pub sizes: Vec<u64>,
    pub paced: bool,
    pub guests: usize,
    pub stays: usize,
    pub recipients: u64,
    pub connections: usize,
    pub rounds: usize,
    pub turn: Duration,
    pub sqlite: bool,
    pub mysql: bool,
}

impl Arguments {
    /// `None` when help is wanted.
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut words = words;
        let mut parsed = Self {
            what: Vec::new(),
            members: 100_000,
            paced: false,
            guests: 200_000,
            stays: 500_000,
            recipients: 10_000_000,
            sizes: vec![10_000, 100_000, 1_000_000],
            connections: 64,
            rounds: 3,
            turn: Duration::from_secs(5),
            sqlite: true,
            mysql: true,
        };
        while let Some(word) = words.next() {
            let mut number = || {
                let value = words.next().and_then(|value| value.parse::<u32>().ok());
                value
                    .filter(|value| *value > 0)
                    .ok_or_else(|| format!("{word} needs a number above 0"))
            };
            match word.as_str() {
                "--help" | "-h" | "help" => return Ok(None),
                "--members" => parsed.members = number()?.into(),
                "--guests" => parsed.guests = number()? as usize,
                "--recipients" => parsed.recipients = number()?.into(),
                "--stays" => parsed.stays = number()? as usize,
                "--connections" => parsed.connections = number()? as usize,
                "--rounds" => parsed.rounds = number()? as usize,
                "--seconds" => parsed.turn = Duration::from_secs(number()?.into()),
                "--sizes" => parsed.sizes = sizes(words.next())?,
                "--paced" => parsed.paced = true,
                "--sqlite-only" => parsed.mysql = false,
                "--mysql-only" => parsed.sqlite = false,
                "all" => parsed.what.extend(ALL.map(|(_, what)| what)),
                name => {
                    let known = ALL.iter().find(|(known, _)| *known == name);
                    let (_, what) = known.ok_or_else(|| format!("`{name}` is not known"))?;
                    parsed.what.push(*what);
                }
            }
        }
        Ok(Some(parsed))
    }

    pub fn wants(&self, what: What) -> bool {
        (self.what.is_empty() && !what.needs_programs()) || self.what.contains(&what)
    }

    /// Whether requests are measured at all.
    pub fn wants_requests(&self) -> bool {
        ALL.iter()
            .any(|(_, what)| !what.needs_programs() && self.wants(*what))
    }
}

fn sizes(words: Option<String>) -> Result<Vec<u64>, String> {
    let words = words.unwrap_or_default();
    let sizes: Result<Vec<u64>, _> = words.split(',').map(str::parse).collect();
    sizes.map_err(|_| "--sizes needs numbers with commas between them".to_owned())
}
