//! Making a data folder, starting the server on it, and waiting until it answers.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::find::running_as_root;
use crate::environment::find_program;
use crate::failure::Failure;
use crate::process::{Group, pause, run};

const START_LIMIT: Duration = Duration::from_secs(90);
const PORT_TRIES: usize = 3;
const USER: &str = "crm";
const DATABASE: &str = "crm";

/// A running server. Dropping it ends the server and deletes its folder, in this order.
pub struct Server {
    group: Group,
    folder: Folder,
    port: u16,
    password: String,
}

impl Server {
    pub fn start(program: &Path) -> Result<Self, Failure> {
        let began = Instant::now();
        let flavour = Flavour::of(program)?;
        let folder = Folder::create()?;
        let password = random_word()?;
        folder.write_accounts(&password)?;
        flavour.fill_data_folder(program, &folder)?;

        let mut tries = 1;
        let (group, port) = loop {
            let port = free_port()?;
            match launch(program, flavour, &folder, port) {
                Ok(group) => break (group, port),
                // Somebody else may have taken the port in between.
                Err(Failure::Because(reason)) if tries < PORT_TRIES => {
                    eprintln!("xtask: the server did not start, trying again: {reason}");
                    tries += 1;
                }
                Err(failure) => return Err(failure),
            }
        };
        println!(
            "{flavour:?} ({}) answers on 127.0.0.1:{port} after {:.1} s.",
            program.display(),
            began.elapsed().as_secs_f32()
        );
        Ok(Self {
            group,
            folder,
            port,
            password,
        })
    }

    /// Names no database: each test makes its own.
    pub fn url(&self) -> String {
        format!("mysql://{USER}:{}@127.0.0.1:{}", self.password, self.port)
    }

    /// The one database that is there from the start, empty.
    pub fn database_url(&self) -> String {
        format!("{}/{DATABASE}", self.url())
    }

    pub fn still_runs(&mut self) -> Result<(), Failure> {
        match self.group.ended()? {
            None => Ok(()),
            Some(status) => Err(Failure::because(format!(
                "the database server has ended ({status})\n{}",
                self.folder.end_of_log()
            ))),
        }
    }
}

/// The two differ in how a data folder is made and in a few options.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flavour {
    MariaDb,
    MySql,
}

impl Flavour {
    fn of(program: &Path) -> Result<Self, Failure> {
        let output = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(Failure::while_trying(format!(
                "cannot run {}",
                program.display()
            )))?;
        if !output.status.success() {
            return Err(Failure::because(format!(
                "{} --version failed: {}",
                program.display(),
                String::from_utf8_lossy(&output.stderr).trim()
            )));
        }
        let version = String::from_utf8_lossy(&output.stdout).to_lowercase();
        Ok(if version.contains("mariadb") {
            Self::MariaDb
        } else {
            Self::MySql
        })
    }

    fn fill_data_folder(self, program: &Path, folder: &Folder) -> Result<(), Failure> {
        let mut command = match self {
            Self::MariaDb => {
                let mut command = Command::new(installer_beside(program)?);
                command.args([
                    "--no-defaults",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                ]);
                command
            }
            Self::MySql => {
                let mut command = Command::new(program);
                command.args(["--no-defaults", "--initialize-insecure"]);
                command
            }
        };
        command.arg(option("datadir", &folder.data()));
        if running_as_root()? {
            command.arg("--user=root");
        }
        let log = folder.open_log()?;
        let errors = log
            .try_clone()
            .map_err(Failure::while_trying("cannot write the server's log"))?;
        command.stdout(log).stderr(errors);
        run("making a data folder", &mut command).map_err(|failure| match failure {
            Failure::Program { what, .. } => {
                Failure::because(format!("{what} failed\n{}", folder.end_of_log()))
            }
            other => other,
        })
    }
}

fn installer_beside(program: &Path) -> Result<PathBuf, Failure> {
    const NAMES: [&str; 2] = ["mariadb-install-db", "mysql_install_db"];
    let prefix = program.parent().and_then(Path::parent);
    let beside = prefix.into_iter().flat_map(|prefix| {
        ["bin", "scripts"]
            .iter()
            .flat_map(move |folder| NAMES.map(|name| prefix.join(folder).join(name)))
    });
    beside
        .into_iter()
        .find(|candidate| candidate.is_file())
        .or_else(|| find_program(&NAMES))
        .ok_or_else(|| {
            Failure::because(format!(
                "{} is there, but mariadb-install-db is not",
                program.display()
            ))
        })
}

fn launch(program: &Path, flavour: Flavour, folder: &Folder, port: u16) -> Result<Group, Failure> {
    let mut command = dying_with_us(program);
    command.arg("--no-defaults"); // has to be the first
    command.args([
        option("datadir", &folder.data()),
        option("tmpdir", folder.path()),
        option("socket", &folder.path().join("mysql.sock")),
        option("pid-file", &folder.path().join("mysql.pid")),
        option("log-error", &folder.log()),
        option("init-file", &folder.accounts()),
        format!("--port={port}"),
    ]);
    command.args([
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--max-connections=500",
        "--character-set-server=utf8mb4",
        // Nothing has to survive a crash.
        "--skip-log-bin",
        "--innodb-flush-log-at-trx-commit=2",
        "--loose-innodb-flush-method=nosync",
        "--innodb-doublewrite=OFF",
        "--innodb-buffer-pool-size=256M",
        "--performance-schema=OFF",
    ]);
    if flavour == Flavour::MySql {
        command.args(["--mysqlx=OFF", "--secure-file-priv="]);
    }
    if running_as_root()? {
        command.arg("--user=root");
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut group = Group::spawn(&mut command)?;
    let deadline = Instant::now() + START_LIMIT;
    while !answers(port) {
        if let Some(status) = group.ended()? {
            return Err(Failure::because(format!(
                "the server ended at once ({status})\n{}",
                folder.end_of_log()
            )));
        }
        if Instant::now() > deadline {
            return Err(Failure::because(format!(
                "the server gave no answer within {} s\n{}",
                START_LIMIT.as_secs(),
                folder.end_of_log()
            )));
        }
        pause()?;
    }
    // The port may be answered by another server while ours has just failed to take it.
    match group.ended()? {
        None => Ok(group),
        Some(status) => Err(Failure::because(format!(
            "the server ended at once ({status})\n{}",
            folder.end_of_log()
        ))),
    }
}

/// Where the system offers it, the server ends even when this process is killed outright.
fn dying_with_us(program: &Path) -> Command {
    match find_program(&["setpriv"]) {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// The greeting is sent only after the accounts of the init file exist; byte 4 is the protocol's version.
fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let wait = Duration::from_millis(500);
    let Ok(mut stream) = TcpStream::connect_timeout(&address, wait) else {
        return false;
    };
    let mut greeting = [0; 5];
    stream.set_read_timeout(Some(wait)).is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && greeting[4] == 10
}

fn free_port() -> Result<u16, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Failure::while_trying("there is no free port"))
}

fn random_word() -> Result<String, Failure> {
    let mut bytes = [0; 12];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(Failure::while_trying("cannot read /dev/urandom"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}

/// Everything the server writes; deleted when dropped.
struct Folder(TempDir);

impl Folder {
    fn create() -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("crm-mysql-")
            .tempdir()
            .map_err(Failure::while_trying("cannot create a temporary folder"))?;
        std::fs::create_dir(folder.path().join("data"))
            .map_err(Failure::while_trying("cannot create a data folder"))?;
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.path().join("server.log")
    }

    fn accounts(&self) -> PathBuf {
        self.path().join("accounts.sql")
    }

    /// The server runs this file before it takes connections. The installation's own `root` has no
    /// password, which would let anybody on this machine in while the tests run.
    fn write_accounts(&self, password: &str) -> Result<(), Failure> {
        let mut statements = format!(
            "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';\n\
             ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n"
        );
        for host in ["127.0.0.1", "localhost"] {
            statements.push_str(&format!(
                "CREATE USER '{USER}'@'{host}' IDENTIFIED BY '{password}';\n\
                 GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'{host}' WITH GRANT OPTION;\n"
            ));
        }
        statements.push_str(&format!(
            "CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;\n"
        ));
        std::fs::write(self.accounts(), statements)
            .map_err(Failure::while_trying("cannot write the server's accounts"))
    }

    fn open_log(&self) -> Result<std::fs::File, Failure> {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .map_err(Failure::while_trying("cannot write the server's log"))
    }

    fn end_of_log(&self) -> String {
        let log = std::fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let end = &lines[lines.len().saturating_sub(25)..];
        format!("the end of its log:\n  {}", end.join("\n  "))
    }
}
