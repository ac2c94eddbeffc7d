//! What the rows that went straight into the tables mean for reports.

use super::Workshop;
use super::rows::run;
use crate::DemoError;

/// Counts friends, bookings, scores and every figure, as they would have been on the way.
pub(super) async fn count(workshop: &Workshop<'_>) -> Result<(), DemoError> {
    let crm = workshop.crm;
    let pool = crm.database.pool();
    for (follows, at) in [(true, "followed_at"), (false, "unfollowed_at")] {
        let friends = format!(
            "INSERT INTO friend_changes (member_id, follows, changed_at) \
             SELECT id, ?, {at} FROM members WHERE {at} IS NOT NULL"
        );
        run(pool, &friends, [follows.into()]).await?;
    }
    crm.conversions.recount_all().await?;
    crm.rfm.grade().await?;
    crm.figures.rebuild().await?;
    Ok(())
}
