//! The API and the simulator's controls, as a client sees them.

use serde_json::{Value, json};
use std::error::Error;
use std::time::Duration;

type Failed = Box<dyn Error>;

pub struct Client {
    http: reqwest::Client,
    base: String,
    pub token: String,
}

fn http() -> Result<reqwest::Client, Failed> {
    Ok(reqwest::Client::builder()
        .timeout(Duration::from_secs(180))
        .build()?)
}

/// What an address answers, as JSON.
pub async fn get(url: &str) -> Result<Value, Failed> {
    Ok(http()?
        .get(url)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?)
}

/// What an address answers to this.
pub async fn post(url: &str, body: &Value) -> Result<Value, Failed> {
    let answer = http()?.post(url).json(body).send().await?;
    Ok(answer.error_for_status()?.json().await?)
}

impl Client {
    pub async fn sign_in(base: &str) -> Result<Self, Failed> {
        let login = json!({"username": "admin", "password": crate::product::PASSWORD});
        let answer = post(&format!("{base}/api/v1/auth/login"), &login).await?;
        let token = answer["data"]["access_token"].as_str();
        Ok(Self {
            http: http()?,
            base: format!("{base}/api/v1"),
            token: token.ok_or("no token")?.to_owned(),
        })
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failed> {
        let request = self.http.get(format!("{}{path}", self.base));
        data(request.bearer_auth(&self.token).send().await?).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        data(request.bearer_auth(&self.token).send().await?).await
    }
}

async fn data(answer: reqwest::Response) -> Result<Value, Failed> {
    let status = answer.status();
    let body: Value = answer.json().await?;
    if status.is_success() {
        Ok(body["data"].clone())
    } else {
        Err(format!("{status}: {}", body["message"]).into())
    }
}
