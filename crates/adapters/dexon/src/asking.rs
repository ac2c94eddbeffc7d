use crate::answer::{self, Came, Vain, no_answer};
use crate::client::DexonClient;
use crm_members::PmsError;
use std::time::Instant;

impl DexonClient {
    /// Asks until there is an answer that can be read, or as often as is polite: once, and once
    /// more after each pause. `what` names the call in the log, where cursors do not belong.
    pub(crate) async fn ask<T>(
        &self,
        what: &'static str,
        query: &[(&str, String)],
        read: impl Fn(Came) -> Result<T, Vain> + Send,
    ) -> Result<T, PmsError> {
        let mut pauses = self.pauses.iter();
        loop {
            let came = self.once(what, query).await;
            let (error, wait) = match came.and_then(&read) {
                Ok(found) => return Ok(found),
                Err(Vain::Final(error)) => return Err(self.told(what, error)),
                Err(Vain::ForNow(error, wait)) => (error, wait),
            };
            let Some(pause) = pauses.next() else {
                return Err(self.told(what, error));
            };
            let pause = wait.unwrap_or(*pause);
            tracing::info!(
                pms.call = what,
                %error,
                ?pause,
                "the PMS is asked again for {what}"
            );
            tokio::time::sleep(pause).await;
        }
    }

    async fn once(&self, what: &'static str, query: &[(&str, String)]) -> Result<Came, Vain> {
        let _turn = self.turns.next().await;
        let (start, asked_at) = (Instant::now(), self.clock.now());
        let sent = self.request(what, query).send().await;
        let response = sent.map_err(|error| no_answer(&error))?;
        let status = response.status().as_u16();
        let came = answer::read(response, asked_at).await;
        tracing::debug!(
            pms.call = what,
            pms.status = status,
            took = ?start.elapsed(),
            "the PMS answered {what} with {status}",
        );
        came
    }

    fn told(&self, what: &'static str, error: PmsError) -> PmsError {
        let error = match error {
            PmsError::Refused { code, message } => PmsError::Refused {
                code: self.without_key(&code),
                message: self.without_key(&message),
            },
            error => error,
        };
        tracing::warn!(pms.call = what, %error, "the PMS gave no {what}");
        error
    }
}
