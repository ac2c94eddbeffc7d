//! Running other programs so that none outlives us: each gets a process group of its own, and Ctrl-C
//! or a request to end reaches all of them through us.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

const GLANCE: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(5);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C, SIGTERM and SIGHUP end the command in an orderly way, by way of [`pause`].
pub fn listen_for_signals() -> Result<(), Failure> {
    let (ready, outcome) = mpsc::channel();
    std::thread::spawn(move || {
        let listener = match SignalListener::new() {
            Ok(listener) => listener,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        let _ = ready.send(Ok(()));
        listener.wait();
    });
    outcome
        .recv()
        .map_err(io::Error::other)
        .and_then(|started| started)
        .map_err(Failure::while_trying("cannot listen for signals"))
}

struct SignalListener {
    runtime: tokio::runtime::Runtime,
    signals: [Signal; 3],
}

impl SignalListener {
    fn new() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let entered = runtime.enter();
        let signals = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ];
        drop(entered);
        Ok(Self { runtime, signals })
    }

    fn wait(self) {
        let [mut interrupt, mut terminate, mut hangup] = self.signals;
        self.runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                INTERRUPTED.store(true, Ordering::SeqCst);
            }
        });
    }
}

/// Waits a moment; an interruption becomes a failure, which unwinds through every guard.
pub fn pause() -> Result<(), Failure> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err(Failure::Interrupted);
    }
    std::thread::sleep(GLANCE);
    Ok(())
}

/// A running program with all its descendants; none of them is left when this is dropped.
pub struct Group {
    leader: Child,
}

impl Group {
    pub fn spawn(command: &mut Command) -> Result<Self, Failure> {
        let leader = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(Failure::while_trying(format!(
                "cannot start {}",
                command.get_program().to_string_lossy()
            )))?;
        Ok(Self { leader })
    }

    /// The pipe of a program that was started with `Stdio::piped()`.
    pub fn take_stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.leader.stdout.take()
    }

    /// The exit status, once the program has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.leader
            .try_wait()
            .map_err(Failure::while_trying("cannot watch a program"))
    }

    pub fn wait(&mut self) -> Result<ExitStatus, Failure> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if let Err(interrupted) = pause() {
                self.ask_to_end();
                return Err(interrupted);
            }
        }
    }

    fn ask_to_end(&mut self) {
        self.signal("TERM");
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && matches!(self.leader.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE);
        }
    }

    /// By way of the shell's built-in `kill`: the standard library knows no process groups.
    fn signal(&self, name: &str) {
        let script = format!("kill -s {name} -- -{}", self.leader.id());
        let sent = Command::new("sh")
            .args(["-c", &script])
            .stderr(Stdio::null())
            .status();
        if sent.is_err() {
            eprintln!("xtask: cannot end process group {}", self.leader.id());
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal("KILL");
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

/// Runs a program to its end and shows what it prints.
pub fn run(what: &str, command: &mut Command) -> Result<(), Failure> {
    let status = Group::spawn(command)?.wait()?;
    succeeded(what, status)
}

pub fn succeeded(what: &str, status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        return Ok(());
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Err(Failure::Program {
        what: what.to_owned(),
        code: code.filter(|code| *code != 0).unwrap_or(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_a_group_ends_the_descendants_too() -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(Failure::while_trying("temporary folder"))?;
        let pid = folder.path().join("pid");
        let script = format!("sleep 300 & echo $! > {}; wait", pid.display());
        let group = Group::spawn(Command::new("sh").args(["-c", &script]))?;
        let child = loop {
            let text = std::fs::read_to_string(&pid).unwrap_or_default();
            if text.ends_with('\n') {
                break text.trim().to_owned();
            }
            std::thread::sleep(GLANCE);
        };
        drop(group);
        let deadline = Instant::now() + GRACE;
        while is_running(&child) && Instant::now() < deadline {
            std::thread::sleep(GLANCE);
        }
        assert!(!is_running(&child));
        Ok(())
    }

    /// A killed process that nobody has reaped yet does not count as running.
    fn is_running(pid: &str) -> bool {
        let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output();
        state.is_ok_and(|output| {
            let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            !state.is_empty() && !state.starts_with('Z')
        })
    }

    #[test]
    fn the_exit_code_of_a_program_is_passed_on() {
        let failure = run("the script", Command::new("sh").args(["-c", "exit 7"]));
        assert!(matches!(failure, Err(Failure::Program { code: 7, .. })));
    }
}
