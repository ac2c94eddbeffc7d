//! Pictures, videos, sound and files that guests sent, as LINE keeps them for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Something a guest sent.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub mime: String,
    pub bytes: Arc<[u8]>,
}

/// How LINE prepares videos and sound.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Preparation {
    /// How long it takes.
    pub time: Duration,
    /// How often it must have been asked about at least.
    pub looks: u32,
    /// Whether it fails in the end.
    pub fails: bool,
}

/// How far LINE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prepared {
    Processing,
    Succeeded,
    Failed,
}

#[derive(Debug)]
struct Kept {
    content: Content,
    /// For videos and sound: since when, and how often it was asked about.
    preparing: Option<(i64, u32)>,
}

/// What LINE answers about content.
#[derive(Debug)]
pub(crate) enum Found {
    Content(Content),
    NotReady,
    Unsent,
    Unknown,
}

/// Everything sent and not yet deleted.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    kept: HashMap<String, Kept>,
    unsent: Vec<String>,
    pub preparation: Preparation,
}

impl Contents {
    /// Keeps content; `prepared_from` for what has to be prepared first.
    pub(crate) fn keep(&mut self, id: String, content: Content, prepared_from: Option<i64>) {
        let preparing = prepared_from.map(|at| (at, 0));
        self.kept.insert(id, Kept { content, preparing });
    }

    /// For the guest's own phone, which need not wait.
    pub(crate) fn of_guest(&self, id: &str) -> Option<Content> {
        self.kept.get(id).map(|kept| kept.content.clone())
    }

    pub(crate) fn find(&self, id: &str, now: i64) -> Found {
        if self.unsent.iter().any(|unsent| unsent == id) {
            return Found::Unsent;
        }
        let Some(kept) = self.kept.get(id) else {
            return Found::Unknown;
        };
        match self.state(kept, now) {
            Prepared::Succeeded => Found::Content(kept.content.clone()),
            Prepared::Processing => Found::NotReady,
            Prepared::Failed => Found::Unknown,
        }
    }

    /// Somebody asks how far it is; `None` when it is not there, or never was to be prepared.
    pub(crate) fn look(&mut self, id: &str, now: i64) -> Option<Prepared> {
        let kept = self.kept.get_mut(id)?;
        kept.preparing.as_mut()?.1 += 1;
        let kept = self.kept.get(id)?;
        Some(self.state(kept, now))
    }

    fn state(&self, kept: &Kept, now: i64) -> Prepared {
        let Some((since, looks)) = kept.preparing else {
            return Prepared::Succeeded;
        };
        let takes = i64::try_from(self.preparation.time.as_millis()).unwrap_or(i64::MAX);
        if now - since < takes || looks < self.preparation.looks {
            Prepared::Processing
        } else if self.preparation.fails {
            Prepared::Failed
        } else {
            Prepared::Succeeded
        }
    }

    /// LINE deletes it, as it does after a while.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        self.kept.remove(id).is_some()
    }

    /// The guest took it back.
    pub(crate) fn unsend(&mut self, id: &str) {
        if self.delete(id) {
            self.unsent.push(id.to_owned());
        }
    }
}
