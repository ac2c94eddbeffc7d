use crate::answer::{Answer, no_answer};
use crate::limits;
use crm_kernel::GatewayError;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::{Duration, Instant};
use thiserror::Error;
use url::Url;
use uuid::Uuid;

/// No answer of ours is longer, pictures and films apart.
const ANSWER_BYTES: usize = 1_000_000;
/// A connection that takes longer than this never comes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How to reach LINE.
#[derive(Clone, Debug)]
pub struct LineConfig {
    /// Everything but content: `https://api.line.me`.
    pub api_base_url: Url,
    /// Content that guests sent: `https://api-data.line.me`.
    pub data_api_base_url: Url,
    /// The channel's access token.
    pub channel_access_token: SecretString,
    /// How long a call may take from beginning to end.
    pub timeout: Duration,
}

/// A client that cannot be made.
#[derive(Debug, Error)]
pub enum LineClientError {
    /// A base address that nothing can be appended to.
    #[error("{0} is not an address that requests can be sent to")]
    BaseUrl(Url),
    /// The access token has characters that no header can carry.
    #[error("the channel access token has characters that are not possible")]
    Token,
    /// TLS or the connection pool could not be set up.
    #[error("the http client cannot be made")]
    Http(#[from] reqwest::Error),
}

/// Calls the LINE Messaging API.
///
/// One call is one request: repeating is the caller's decision, because only the caller knows
/// whether the retry key was stored.
pub struct LineClient {
    http: Client,
    api: Url,
    pub(crate) data: Url,
    token: HeaderValue,
    timeout: Duration,
}

impl LineClient {
    /// Makes a client with its own connection pool. A rustls provider must be installed.
    ///
    /// # Errors
    /// [`LineClientError`] for settings that can never work; nothing is sent.
    pub fn new(config: LineConfig) -> Result<Self, LineClientError> {
        for base in [&config.api_base_url, &config.data_api_base_url] {
            if base.cannot_be_a_base() {
                return Err(LineClientError::BaseUrl(base.clone()));
            }
        }
        let bearer = format!("Bearer {}", config.channel_access_token.expose_secret());
        let mut token = HeaderValue::from_str(&bearer).map_err(|_| LineClientError::Token)?;
        token.set_sensitive(true);
        let http = Client::builder()
            .connect_timeout(config.timeout.min(CONNECT_TIMEOUT))
            .timeout(config.timeout)
            // LINE never redirects, and the token is for nobody else
            .redirect(redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            api: config.api_base_url,
            data: config.data_api_base_url,
            token,
            timeout: config.timeout,
        })
    }

    /// `what` names the call in the log, where addresses do not belong: some hold a guest's id.
    pub(crate) async fn get(
        &self,
        what: &'static str,
        path: &[&str],
    ) -> Result<Answer, GatewayError> {
        let request = self.request(Method::GET, &self.api, path);
        self.send(what, request, ANSWER_BYTES).await
    }

    /// The same with a query.
    pub(crate) async fn ask(
        &self,
        what: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Answer, GatewayError> {
        let request = self.request(Method::GET, &self.api, path).query(query);
        self.send(what, request, ANSWER_BYTES).await
    }

    /// Asks the host of content.
    pub(crate) async fn ask_data(
        &self,
        what: &'static str,
        path: &[&str],
    ) -> Result<Answer, GatewayError> {
        let request = self.request(Method::GET, &self.data, path);
        self.send(what, request, ANSWER_BYTES).await
    }

    /// Begins to fetch content, which may take so long from beginning to end; only to begin
    /// takes no longer than any call.
    pub(crate) async fn download(
        &self,
        what: &'static str,
        path: &[&str],
        timeout: Duration,
    ) -> Result<Response, GatewayError> {
        let request = self.request(Method::GET, &self.data, path);
        let begun = self.begin(what, request.timeout(timeout));
        let begun = tokio::time::timeout(self.timeout, begun).await;
        begun.unwrap_or_else(|_| {
            Err(GatewayError::Unavailable {
                reason: "timed out".into(),
            })
        })
    }

    pub(crate) async fn post(
        &self,
        what: &'static str,
        path: &[&str],
        body: &Value,
        retry_key: Option<Uuid>,
    ) -> Result<Answer, GatewayError> {
        let body = body.to_string();
        if body.len() > limits::REQUEST_BYTES {
            return Err(GatewayError::Rejected {
                message: "the request is larger than 2 MB".into(),
                properties: Vec::new(),
            });
        }
        let mut request = self
            .request(Method::POST, &self.api, path)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        if let Some(key) = retry_key {
            request = request.header("X-Line-Retry-Key", key.to_string());
        }
        self.send(what, request, ANSWER_BYTES).await
    }

    fn request(&self, method: Method, base: &Url, path: &[&str]) -> RequestBuilder {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v2", "bot"]).extend(path);
        }
        self.http
            .request(method, url)
            .header(AUTHORIZATION, self.token.clone())
    }

    async fn begin(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<Response, GatewayError> {
        let start = Instant::now();
        request.send().await.map_err(|error| {
            let (error, took) = (no_answer(&error), start.elapsed());
            tracing::warn!(line.call = what, ?took, %error, "LINE did not answer {what}");
            error
        })
    }

    async fn send(
        &self,
        what: &'static str,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Answer, GatewayError> {
        let start = Instant::now();
        let response = self.begin(what, request).await?;
        let took = start.elapsed();
        let answer = Answer::read(response, limit).await;
        tracing::debug!(
            line.call = what,
            line.status = answer.status.as_u16(),
            line.request_id = answer.request_id(),
            ?took,
            "LINE answered {what} with {}",
            answer.status.as_u16(),
        );
        Ok(answer)
    }
}
