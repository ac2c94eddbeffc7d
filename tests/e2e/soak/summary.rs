use super::Options;
use crm_simulator_line::{CountersReport, Endpoint};
use crm_tests::Kind;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What a run came to.
pub struct Summary {
    pub kind: Kind,
    pub options: Options,
    pub kills: BTreeMap<&'static str, u32>,
    pub restarts: u32,
    pub campaigns: usize,
    pub looks: u32,
    pub counts: u32,
    /// Nothing at all moved, though somebody could work.
    pub longest_stall: Duration,
    /// A job of a dead process waited after its lease, though somebody could work.
    pub longest_orphan: Duration,
    /// From the death of a planner until its plan went on.
    pub longest_replan: Duration,
    /// From the last kill until everything was sent.
    pub recovery: Duration,
    pub took: Duration,
    pub line: CountersReport,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options {
            kills,
            guests,
            seed,
        } = self.options;
        writeln!(f, "\nsoak on {:?}, SOAK_SEED={seed}", self.kind)?;
        writeln!(
            f,
            "  kills       {kills} of {:?}, {} restarts",
            self.kills, self.restarts
        )?;
        writeln!(
            f,
            "  campaigns   {} to {guests} guests each: {} deliveries, at most {} to one guest",
            self.campaigns, self.line.deliveries, self.line.max_deliveries_per_user
        )?;
        writeln!(
            f,
            "  looks       {} at the API, {} at the rows",
            self.looks, self.counts
        )?;
        writeln!(
            f,
            "  stalls      {:.1} s without progress, {:.1} s past a dead process's lease, \
             {:.1} s until a dead planner's plan went on",
            self.longest_stall.as_secs_f32(),
            self.longest_orphan.as_secs_f32(),
            self.longest_replan.as_secs_f32()
        )?;
        writeln!(
            f,
            "  time        {:.0} s, of which {:.0} s after the last kill",
            self.took.as_secs_f32(),
            self.recovery.as_secs_f32()
        )?;
        for endpoint in [Endpoint::Multicast, Endpoint::Push] {
            let answers: Vec<String> = self
                .line
                .requests
                .iter()
                .filter(|row| row.endpoint == endpoint)
                .map(|row| format!("{}: {}", row.status, row.count))
                .collect();
            writeln!(
                f,
                "  {endpoint:?} answers by status: {}",
                answers.join(", ")
            )?;
        }
        writeln!(f, "  trouble at LINE: {:?}", self.line.faults)
    }
}
