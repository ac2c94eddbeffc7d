use chrono::{DateTime, SubsecRound, Utc};
use crm_kernel::{Clock, IdGenerator};
use uuid::Uuid;

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock port's one implementation"
    )]
    fn now(&self) -> DateTime<Utc> {
        // Both databases keep microseconds; more would change a value by storing it.
        Utc::now().trunc_subsecs(6)
    }
}

/// Random UUIDs.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdGenerator for RandomIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the IdGenerator port's one implementation"
    )]
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// Waits in real time.
pub(crate) struct Sleep;

#[async_trait::async_trait]
impl crm_workflows::Pause for Sleep {
    async fn pause(&self, time: std::time::Duration) {
        tokio::time::sleep(time).await;
    }
}
