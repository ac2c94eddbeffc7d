//! `docs/tour.sh` on the demo, as somebody does who looks at the product for the first time.

use crate::processes::{Process, folder};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Operations that the tour leaves out, as `METHOD path`, each with the reason.
const LEFT_OUT: [(&str, &str); 0] = [];

/// A running demo on data of its own.
struct Demo {
    api: String,
    simulator: String,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Demo {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let program = folder().join("crm-demo");
        let mut child = Command::new(&program)
            .env_clear()
            .env("HTTP_ADDR", address.to_string())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; cargo build -p crm-demo", program.display())
            });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let process = Process::of(child);
        let mut told = |name: &str| {
            let line = lines.by_ref().map_while(Result::ok);
            let mut line = line.skip_while(|line| !line.starts_with(name));
            let line = line.next().expect("the demo says where it is");
            line.trim_start_matches(name).to_owned()
        };
        Self {
            api: told("API: "),
            simulator: told("LINE simulator: "),
            _process: process,
            _folder: home,
        }
    }
}

/// An operation as a method and the parts of its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Operation {
    method: String,
    path: Vec<String>,
}

impl Operation {
    fn new(method: &str, path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        Self {
            method: method.to_uppercase(),
            path: path.split('/').map(str::to_owned).collect(),
        }
    }

    /// Whether a request is one of this operation: `{…}` stands for any part, and `{path}` for
    /// any number of them.
    fn is_asked_by(&self, request: &Self) -> bool {
        let is_long_enough = match self.path.last().map(String::as_str) {
            Some("{path}") => self.path.len() <= request.path.len(),
            _ => self.path.len() == request.path.len(),
        };
        self.method == request.method
            && is_long_enough
            && self
                .path
                .iter()
                .zip(&request.path)
                .all(|(part, asked)| part == asked || part.starts_with('{'))
    }

    fn as_text(&self) -> String {
        format!("{} {}", self.method, self.path.join("/"))
    }
}

fn operations() -> BTreeSet<Operation> {
    let document: Value = serde_json::to_value(crm_api::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| -> Vec<Operation> {
        let methods = methods.as_object().unwrap().keys();
        methods.map(|method| Operation::new(method, path)).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

/// `  200 GET    /api/v1/tags?search=x      Look for it`
fn asked(line: &str) -> Option<Operation> {
    let mut words = line.split_whitespace();
    let status: u16 = words.next()?.parse().ok()?;
    let (method, path) = (words.next()?, words.next()?);
    (status < 600 && path.starts_with('/')).then(|| Operation::new(method, path))
}

/// Those of the operations that nobody asked; a request belongs to the most literal one.
fn unvisited(operations: &BTreeSet<Operation>, requests: &[Operation]) -> Vec<String> {
    let visited: BTreeSet<&Operation> = requests
        .iter()
        .filter_map(|request| {
            operations.get(request).or_else(|| {
                operations
                    .iter()
                    .find(|operation| operation.is_asked_by(request))
            })
        })
        .collect();
    operations
        .iter()
        .filter(|operation| !visited.contains(operation))
        .map(Operation::as_text)
        .collect()
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tour.sh")
}

#[test]
fn the_tour_of_the_demo_visits_every_operation() {
    let demo = Demo::start();
    let output = Command::new("sh")
        .arg(script())
        .env("BASE_URL", &demo.api)
        .env("SIMULATOR_URL", &demo.simulator)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let requests: Vec<Operation> = said.lines().filter_map(asked).collect();
    let missed = unvisited(&operations(), &requests);
    let unexplained: Vec<_> = missed
        .iter()
        .filter(|missed| LEFT_OUT.iter().all(|(operation, _)| operation != *missed))
        .collect();
    assert!(
        unexplained.is_empty(),
        "docs/tour.sh passes by {unexplained:#?}: add a step, or a reason to LEFT_OUT"
    );
    let visited = LEFT_OUT
        .iter()
        .find(|(operation, _)| !missed.iter().any(|missed| missed == operation));
    assert_eq!(visited, None, "the tour does visit it");
}

#[test]
fn a_request_belongs_to_the_most_literal_operation() {
    let operations = BTreeSet::from([
        Operation::new("get", "/tags/{id}"),
        Operation::new("get", "/tags/statistics"),
        Operation::new("put", "/tags/{id}"),
    ]);
    let line = "  200 GET    /tags/statistics?a=b                 Tags in figures";
    let requests = [asked(line).unwrap()];
    assert_eq!(
        unvisited(&operations, &requests),
        ["GET /tags/{id}", "PUT /tags/{id}"]
    );
    let files = BTreeSet::from([Operation::new("get", "/static/{path}")]);
    let requests = [Operation::new("GET", "/static/images/a.png")];
    assert!(unvisited(&files, &requests).is_empty());
    let requests = [Operation::new("PUT", "/tags/7")];
    assert_eq!(
        unvisited(&operations, &requests),
        ["GET /tags/statistics", "GET /tags/{id}"]
    );
}
