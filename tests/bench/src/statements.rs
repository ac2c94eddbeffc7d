//! How many statements a request makes: SeaORM opens a span for each.

use crate::product::Product;
use actix_web::test::{TestRequest, call_service, init_service};
use crm_api::{RateLimits, Streams, create_app};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const RUNS: [&str; 6] = [
    "query_one_raw",
    "query_all_raw",
    "execute_raw",
    "execute_unprepared",
    "stream_raw",
    "begin",
];

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> Layer<S> for Counter {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let metadata = span.metadata();
        if metadata.target().starts_with("sea_orm::database") && RUNS.contains(&metadata.name()) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The number for each of these paths. They are asked on a thread of their own, where spans are
/// counted; nothing else is.
pub fn count(product: &Product, paths: Vec<String>) -> Result<Vec<usize>, Box<dyn Error>> {
    let (crm, settings) = (product.crm.clone(), product.settings.clone());
    let token = format!("Bearer {}", product.token);
    let thread = std::thread::spawn(move || {
        let counter = Counter::default();
        let subscriber = tracing_subscriber::registry().with(counter.clone());
        let _counting = tracing::subscriber::set_default(subscriber);
        actix_web::rt::System::new().block_on(async {
            let limits = RateLimits::new(&settings);
            let streams = Streams::default();
            let app = init_service(create_app(&crm, &settings, &limits, &streams)).await;
            let mut counts = Vec::with_capacity(paths.len());
            for path in paths {
                let before = counter.0.load(Ordering::Relaxed);
                let request = TestRequest::get()
                    .uri(&path)
                    .insert_header(("authorization", token.as_str()))
                    .to_request();
                let answer = call_service(&app, request).await;
                if !answer.status().is_success() {
                    return Err(format!("{path} answered {}", answer.status()));
                }
                counts.push(counter.0.load(Ordering::Relaxed) - before);
            }
            Ok(counts)
        })
    });
    let counts = thread.join().map_err(|_| "the counting thread panicked")?;
    Ok(counts?)
}
