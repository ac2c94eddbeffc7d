use super::Options;
use super::answers::Answers;
use chrono::{DateTime, TimeDelta, Utc};
use crm_tests::Kind;
use std::fmt;

/// What is stored of the events.
#[derive(Debug)]
pub struct Stored {
    pub events: usize,
    /// Messages that were taken back.
    pub unsent: usize,
    /// From the delivery of an event until it was handled.
    pub longest_wait: TimeDelta,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            events: 0,
            unsent: 0,
            longest_wait: TimeDelta::zero(),
            first: DateTime::<Utc>::MAX_UTC,
            last: DateTime::UNIX_EPOCH,
        }
    }
}

/// What a run came to.
pub struct Summary {
    pub kind: Kind,
    pub options: Options,
    pub delivered: usize,
    pub repeated: usize,
    pub unanswered: usize,
    pub late: usize,
    pub stored: Stored,
    pub messages: usize,
    pub answers: Answers,
    /// What was killed, in order.
    pub kills: Vec<&'static str>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answers {
            certain,
            perhaps,
            written,
            sent,
            pushed,
            failed,
            taken_by_line,
        } = &self.answers;
        let failed: Vec<String> = failed
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        let rate = self.stored.events as f64 / self.stored.seconds();
        writeln!(
            f,
            "\n| {:?}, SOAK_SEED={} | |\n|---|---|",
            self.kind, self.options.seed
        )?;
        for (name, value) in [
            ("guests", self.options.guests().to_string()),
            ("distinct events", self.options.events.to_string()),
            ("of them out of order", self.late.to_string()),
            (
                "delivered and answered with 200",
                self.delivered.to_string(),
            ),
            ("of them delivered again", self.repeated.to_string()),
            ("bodies without a 200, retried", self.unanswered.to_string()),
            ("stored", self.stored.events.to_string()),
            ("handled", self.stored.events.to_string()),
            ("waiting or dead", "0".to_owned()),
            ("messages", self.messages.to_string()),
            ("of them taken back", self.stored.unsent.to_string()),
            (
                "answers expected",
                format!("{certain} to {}", certain + perhaps),
            ),
            ("answers written", written.to_string()),
            ("answers sent", format!("{sent}, {pushed} of them pushed")),
            ("answers not sent", failed.join(", ")),
            ("answers taken by LINE", taken_by_line.to_string()),
            ("killed", self.kills.join(", ")),
            ("seconds", format!("{:.0}", self.stored.seconds())),
            ("events handled per second", format!("{rate:.0}")),
            (
                "longest wait of a guest",
                format!("{:.1} s", self.stored.longest_wait.as_seconds_f64()),
            ),
        ] {
            writeln!(f, "| {name} | {value} |")?;
        }
        Ok(())
    }
}
