use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// A setting that cannot be used, and why. Never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// Name of the variable.
    pub name: &'static str,
    /// What is wrong.
    pub message: String,
}

/// Reads settings one by one and collects every problem on the way.
pub(crate) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<SettingProblem>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    pub(crate) fn problem(&mut self, name: &'static str, message: impl Into<String>) {
        self.problems.push(SettingProblem {
            name,
            message: message.into(),
        });
    }

    pub(crate) fn into_problems(self) -> Vec<SettingProblem> {
        self.problems
    }

    /// The text of a variable; an empty one counts as not set.
    pub(crate) fn text(&self, name: &'static str) -> Option<String> {
        (self.lookup)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// A value that can be parsed, or its default.
    pub(crate) fn parsed<T>(&mut self, name: &'static str, default: T) -> T
    where
        T: FromStr<Err: Display>,
    {
        match self.text(name).map(|text| text.parse::<T>()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.problem(name, error.to_string());
                default
            }
        }
    }

    /// A number within bounds, or its default.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        default: u64,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> u64 {
        let value = self.parsed(name, default);
        if bounds.contains(&value) {
            return value;
        }
        let (least, most) = bounds.into_inner();
        self.problem(name, format!("must be between {least} and {most}"));
        default
    }

    /// Seconds, whole or with a fraction (`0.2`), or the default.
    pub(crate) fn seconds(
        &mut self,
        name: &'static str,
        default: Duration,
        least: Duration,
        most: Duration,
    ) -> Duration {
        let seconds = self.parsed(name, default.as_secs_f64());
        match Duration::try_from_secs_f64(seconds) {
            Ok(value) if (least..=most).contains(&value) => value,
            _ => {
                let (least, most) = (least.as_secs_f64(), most.as_secs_f64());
                self.problem(name, format!("must be between {least} and {most} seconds"));
                default
            }
        }
    }

    /// true / false, or the default.
    pub(crate) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        match self.text(name).as_deref() {
            None => default,
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            Some(_) => {
                self.problem(name, "must be true or false");
                default
            }
        }
    }
}
