/// What `--help` says.
pub const HELP: &str = "\
Runs the API, the job runner, a simulated LINE and a simulated PMS in one process, on
sample data.

Usage: cargo demo [--fresh]

  --fresh    delete data/demo/ and start over
  --help     show this

HTTP_ADDR (127.0.0.1:8000) says where the API listens; LINE is 700 ports above, the
pictures of the sample templates 701, the PMS 702, or on any free port. RUST_LOG, LOG_FORMAT and
LOG_DIR work as everywhere; all other settings are the demo's own.
";

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// To be told what can be asked for.
    Help,
    /// The demo.
    Run {
        /// Without what an earlier one left.
        fresh: bool,
    },
}

impl Arguments {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// A sentence about the first one that is not known.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut fresh = false;
        for argument in arguments {
            match argument.as_str() {
                "--fresh" => fresh = true,
                "--help" | "-h" => return Ok(Self::Help),
                other => return Err(format!("unknown argument: {other}")),
            }
        }
        Ok(Self::Run { fresh })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(arguments.iter().map(|&a| a.to_owned()))
    }

    #[test]
    fn nothing_starts_over_unless_asked_to() {
        assert_eq!(parse(&[]), Ok(Arguments::Run { fresh: false }));
        assert_eq!(parse(&["--fresh"]), Ok(Arguments::Run { fresh: true }));
        assert_eq!(parse(&["--fresh", "-h"]), Ok(Arguments::Help));
        assert!(parse(&["fresh"]).is_err());
    }
}
