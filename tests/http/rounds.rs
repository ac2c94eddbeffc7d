//! What comes round by the clock.

use crate::front::Front;
use chrono::TimeDelta;
use crm_job_runner::runner;

crate::on_both!(every_round_of_the_clock_is_done_once_and_by_somebody);

async fn every_round_of_the_clock_is_done_once_and_by_somebody(front: &Front) {
    let hotel = &front.hotel;
    let runner = runner(&hotel.crm, &hotel.settings);
    let rounds = runner.put_due_schedules().await;
    assert_eq!(rounds, 21);
    // Schedules are kept by their rounds, whoever looks at the clock.
    assert_eq!(runner.put_due_schedules().await, 0);
    assert_eq!(runner.run_due().await, rounds, "each at its first attempt");
    hotel.clock.advance(TimeDelta::minutes(30));
    assert_eq!(runner.run_due().await, 0, "nothing was put off");
    assert_eq!(front.admin.data("/jobs").await["total"], 0, "nothing died");
    hotel.clock.advance(TimeDelta::hours(24));
    assert_eq!(runner.put_due_schedules().await, rounds);
}
