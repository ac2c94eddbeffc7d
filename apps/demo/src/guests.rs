use crm_bootstrap::Crm;
use crm_simulator_line::{LineSimulator, SeedUser};
use sea_orm::{ConnectionTrait, DbErr, Statement};

/// Tells the simulated LINE, which remembers nothing, who follows the account and who blocks it.
pub(crate) async fn introduce(crm: &Crm, line: &LineSimulator) -> Result<(), DbErr> {
    let pool = crm.database.pool();
    let rows = pool
        .query_all_raw(Statement::from_string(
            pool.get_database_backend(),
            "SELECT line_uid, line_display_name, line_picture_url, line_state FROM members \
             WHERE line_uid IS NOT NULL ORDER BY followed_at, id",
        ))
        .await?;
    for row in rows {
        let uid: String = row.try_get_by_index(0)?;
        let state: Option<String> = row.try_get_by_index(3)?;
        let user = SeedUser {
            uid: uid.clone(),
            display_name: row.try_get_by_index(1)?,
            picture_url: row.try_get_by_index(2)?,
            following: state.as_deref() == Some("following"),
        };
        if let Err(refused) = line.seed_user(user) {
            tracing::warn!(%refused, "the simulated LINE does not know the guest {uid}");
        }
    }
    Ok(())
}
