use crate::fakes::{MovedClock, QuietLine, TrustingReader};
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::http::{Method, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use crm_accounts::{CreateUser, PlainPassword, Role};
use crm_api::{RateLimits, StreamRules, Streams};
use crm_bootstrap::{Crm, Direction, Parts, RandomIds, Settings, migrate};
use crm_database::{Database, DatabaseOptions};
use crm_members::{NoPms, PmsGateway};
use crm_security::Argon2Cost;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse 7";

/// The product on a database of its own.
pub struct TestApi {
    pub crm: Crm,
    pub settings: Settings,
    pub clock: Arc<MovedClock>,
    pub streams: Streams,
    limits: RateLimits,
    _folder: TempDir,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    /// Status, code and fields of a refusal.
    pub fn refusal(&self) -> (u16, String, Vec<String>) {
        let body = self.json();
        let fields = body["errors"].as_array().cloned().unwrap_or_default();
        (
            self.status,
            body["error_code"].as_str().unwrap_or_default().to_owned(),
            fields
                .iter()
                .map(|f| f["field"].as_str().unwrap_or_default().to_owned())
                .collect(),
        )
    }

    pub fn header(&self, name: impl Into<String>) -> Option<String> {
        let name: HeaderName = name.into().parse().unwrap();
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    }
}

impl TestApi {
    pub async fn start() -> Self {
        Self::limited(0, 0).await
    }

    /// The product that takes so many requests and tries to sign in a minute.
    pub async fn limited(requests: u32, logins: u32) -> Self {
        Self::with_limits(requests, logins, 0).await
    }

    /// The product that takes so many requests, tries to sign in and messages a minute.
    pub async fn with_limits(requests: u32, logins: u32, messages: u32) -> Self {
        Self::with_pms(requests, logins, messages, Arc::new(NoPms)).await
    }

    /// The same, asking this system of the hotel.
    pub async fn with_pms(
        requests: u32,
        logins: u32,
        messages: u32,
        pms: Arc<dyn PmsGateway>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.db");
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let uploads = folder.path().join("uploads");
        let settings = Settings::read(&|name| match name {
            "DATABASE_URL" => Some(url.clone()),
            "RATE_LIMIT_PER_MINUTE" => Some(requests.to_string()),
            "LOGIN_RATE_LIMIT_PER_MINUTE" => Some(logins.to_string()),
            "MESSAGE_RATE_LIMIT_PER_MINUTE" => Some(messages.to_string()),
            "UPLOAD_DIR" => Some(uploads.display().to_string()),
            "EXPORT_DIR" => Some(uploads.join("exports").display().to_string()),
            "METRICS_TOKEN" => Some("a token for metrics".into()),
            "CORS_ALLOWED_ORIGINS" => Some("https://crm.hotel.tw".into()),
            _ => None,
        })
        .unwrap();
        let database = Database::connect(&DatabaseOptions::new(&url))
            .await
            .unwrap();
        migrate(&database, Direction::Up).await.unwrap();
        let clock = Arc::new(MovedClock::default());
        let parts = Parts {
            database,
            line: Arc::new(QuietLine),
            webhook: Arc::new(TrustingReader),
            pms,
            clock: clock.clone(),
            ids: Arc::new(RandomIds),
            password_cost: Argon2Cost::LEAST,
        };
        let crm = Crm::assemble(&settings, parts).unwrap();
        Self {
            crm,
            limits: RateLimits::new(&settings),
            streams: Streams::new(StreamRules {
                most: 3,
                look_every: Duration::from_millis(30),
                tail_every: Duration::from_millis(20),
                keep_alive: Duration::from_millis(200),
            }),
            settings,
            clock,
            _folder: folder,
        }
    }

    /// The product with an admin, and their token.
    pub async fn with_admin() -> (Self, String) {
        let api = Self::start().await;
        let token = api.sign_in_as(Role::Admin).await;
        (api, token)
    }

    /// The token of a new user of this role.
    pub async fn sign_in_as(&self, role: Role) -> String {
        let username = role.as_str().to_owned();
        let user = CreateUser {
            email: format!("{username}@hotel.tw"),
            username: username.clone(),
            password: PlainPassword::new(PASSWORD.into()),
            full_name: None,
            role,
        };
        self.crm
            .accounts
            .create_user(&crm_kernel::Actor::System, user)
            .await
            .unwrap();
        let body = json!({"username": username, "password": PASSWORD});
        let reply = self.post("/api/v1/auth/login", "", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.data()["access_token"].as_str().unwrap().to_owned()
    }

    /// The answer as it begins; its body may go on for long.
    pub async fn open(&self, request: TestRequest) -> ServiceResponse<impl MessageBody + use<>> {
        let (settings, limits) = (&self.settings, &self.limits);
        let app = crm_api::create_app(&self.crm, settings, limits, &self.streams);
        call_service(&init_service(app).await, request.to_request()).await
    }

    pub async fn send(&self, request: TestRequest) -> Reply {
        let response = self.open(request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read_body(response).await;
        Reply {
            status,
            headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Reply {
        let mut request = TestRequest::default().method(method).uri(path);
        if !token.is_empty() {
            request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        if let Some(body) = body {
            request = request.set_json(body);
        }
        self.send(request).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.call(Method::GET, path, token, None).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Reply {
        self.call(Method::POST, path, token, Some(body)).await
    }

    pub async fn put(&self, path: &str, token: &str, body: Value) -> Reply {
        self.call(Method::PUT, path, token, Some(body)).await
    }

    pub async fn delete(&self, path: &str, token: &str) -> Reply {
        self.call(Method::DELETE, path, token, None).await
    }

    /// Creates something and answers its id.
    pub async fn create(&self, path: &str, token: &str, body: Value) -> i64 {
        let reply = self.post(path, token, body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let id = reply.data()["id"].as_i64().unwrap();
        assert_eq!(reply.header("location"), Some(format!("{path}/{id}")));
        id
    }
}
