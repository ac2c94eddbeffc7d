//! Content that guests sent, from the host where LINE keeps it.

use crate::answer::{Answer, no_answer};
use crate::client::LineClient;
use crate::gateway::done;
use crm_kernel::GatewayError;
use crm_workflows::{MediaContent, Preparation};
use futures::{StreamExt, stream};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use std::time::Duration;

/// A long film takes longer than a send may.
const CONTENT_TIMEOUT: Duration = Duration::from_secs(600);
/// How long nothing may come in the middle of content.
const SILENCE: Duration = Duration::from_secs(20);
/// No refusal is longer.
const REFUSAL_BYTES: usize = 100_000;

#[derive(Deserialize)]
struct PreparationBody {
    status: String,
}

impl LineClient {
    pub(crate) async fn preparation_of(
        &self,
        message_id: &str,
    ) -> Result<Preparation, GatewayError> {
        let path = ["message", message_id, "content", "transcoding"];
        let answer = self.ask_data("transcoding", &path).await?;
        done(&answer)?;
        let body: PreparationBody = answer.into_json()?;
        Ok(match body.status.as_str() {
            "succeeded" => Preparation::Ready,
            "failed" => Preparation::Failed,
            // LINE may invent more steps on the way.
            _ => Preparation::Going,
        })
    }

    pub(crate) async fn content_of(
        &self,
        message_id: &str,
    ) -> Result<Option<MediaContent>, GatewayError> {
        let path = ["message", message_id, "content"];
        let response = self.download("content", &path, CONTENT_TIMEOUT).await?;
        if response.status() == StatusCode::ACCEPTED {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(Answer::read(response, REFUSAL_BYTES).await.error());
        }
        Ok(Some(MediaContent {
            announced_bytes: response.content_length(),
            bytes: stream::try_unfold(response, chunk).boxed(),
        }))
    }
}

async fn chunk(mut response: Response) -> Result<Option<(Vec<u8>, Response)>, GatewayError> {
    let next = tokio::time::timeout(SILENCE, response.chunk()).await;
    let next = next.map_err(|_| GatewayError::Unavailable {
        reason: "the content stopped coming".into(),
    })?;
    let chunk = next.map_err(|error| no_answer(&error))?;
    Ok(chunk.map(|chunk| (chunk.to_vec(), response)))
}
