//! A client that keeps to the contract, and nothing else.

#![expect(
    clippy::unwrap_used,
    reason = "a test without its surroundings has failed"
)]

use crm_simulator_dexon::{DexonSimulator, Hotel, SimulatorConfig};
use reqwest::{Client, Response};
use serde_json::Value;

/// A simulator and a client for it.
pub struct Stage {
    pub pms: DexonSimulator,
    client: Client,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(SimulatorConfig::default()).await
    }

    pub async fn of(hotel: Hotel) -> Self {
        Self::with(SimulatorConfig {
            hotel,
            ..SimulatorConfig::default()
        })
        .await
    }

    pub async fn with(config: SimulatorConfig) -> Self {
        // Whoever installed a provider before has made the same choice.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        Self {
            pms: DexonSimulator::start(config).await.unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub async fn ask(&self, path: &str) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.pms.base_url());
        let request = self.client.get(url).header("X-API-Key", self.pms.api_key());
        request.send().await
    }

    pub async fn status(&self, path: &str) -> u16 {
        self.ask(path).await.unwrap().status().as_u16()
    }

    pub async fn raw(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.pms.base_url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    pub async fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/_sim{path}", self.pms.base_url());
        let request = self.client.request(method.parse().unwrap(), url).json(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    pub async fn data(&self, path: &str) -> Value {
        let response = self.ask(path).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["resultCode"], "0000");
        body["data"].clone()
    }

    /// Every row of a window, and its `as_of`.
    pub async fn all(&self, path: &str, limit: usize) -> (Vec<Value>, String) {
        let mark = if path.contains('?') { '&' } else { '?' };
        let mut page = self.data(&format!("{path}{mark}limit={limit}")).await;
        let as_of = page["as_of"].as_str().unwrap().to_owned();
        let mut rows = Vec::new();
        loop {
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else {
                assert_eq!(page["has_more"], false);
                return (rows, as_of);
            };
            assert_eq!(page["has_more"], true);
            let table = path.split('?').next().unwrap();
            page = self
                .data(&format!("{table}?cursor={cursor}&limit={limit}"))
                .await;
            assert!(page.get("as_of").is_none(), "only page one says so");
        }
    }
}

/// A moment in a query.
pub fn escaped(moment: &str) -> String {
    moment.replace('+', "%2B")
}
