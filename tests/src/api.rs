//! A client of the REST API, as a front end would be one.

use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A signed-in user.
pub struct Api {
    base: String,
    http: reqwest::Client,
    token: String,
}

impl Api {
    /// Signs in.
    pub async fn sign_in(base: &str, username: &str, password: &str) -> Self {
        let mut api = Self::stranger(base);
        let login = json!({"username": username, "password": password});
        let (status, body) = api.post("/auth/login", login).await;
        assert_eq!(status, 200, "{body}");
        body["data"]["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut api.token);
        api
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn stranger(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            base: format!("{base}/api/v1"),
            http,
            token: String::new(),
        }
    }

    /// The same client with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            base: self.base.clone(),
            http: self.http.clone(),
            token: token.to_owned(),
        }
    }

    /// Their access token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// GET: status and body.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.call(self.http.get(self.url(path))).await
    }

    /// POST: status and body.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(self.http.post(self.url(path)).json(&body)).await
    }

    /// PUT: status and body.
    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(self.http.put(self.url(path)).json(&body)).await
    }

    /// DELETE: status and body.
    pub async fn delete(&self, path: &str) -> (u16, Value) {
        self.call(self.http.delete(self.url(path))).await
    }

    /// POST of any bytes.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> (u16, Value) {
        let request = self.http.post(self.url(path)).body(body);
        self.call(request.header("content-type", content_type))
            .await
    }

    /// POST that must create: the `data` of the answer.
    pub async fn create(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, 201, "{path}: {answer}");
        answer["data"].clone()
    }

    /// GET that must succeed: the `data` of the answer.
    pub async fn data(&self, path: &str) -> Value {
        let (status, answer) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer["data"].clone()
    }

    /// Looks again and again until `is_it`; the last `data` seen.
    pub async fn wait_for(
        &self,
        path: &str,
        patience: Duration,
        is_it: impl Fn(&Value) -> bool,
    ) -> Value {
        let start = Instant::now();
        loop {
            let data = self.data(path).await;
            if is_it(&data) {
                return data;
            }
            assert!(
                start.elapsed() < patience,
                "waited in vain for {path}: {data}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let request = match self.token.as_str() {
            "" => request,
            token => request.bearer_auth(token),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"));
        assert_eq!(body["code"], status, "{body}");
        (status, body)
    }
}
