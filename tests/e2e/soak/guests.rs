use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

/// Ids that a plan walks through, so that it takes several transactions.
const IDS: usize = 100_000;
const AT_ONCE: usize = 1_000;

/// Stores friends by their LINE ids, their own ids spread over five ranges of a plan.
pub async fn store(pool: &DatabaseConnection, uids: &[String]) {
    let step = (IDS / uids.len().max(1)).max(1);
    let tx = pool.begin().await.unwrap();
    for (chunk, friends) in uids.chunks(AT_ONCE).enumerate() {
        let rows: Vec<String> = friends
            .iter()
            .enumerate()
            .map(|(i, uid)| {
                let number = chunk * AT_ONCE + i;
                format!(
                    "({}, '{uid}', 'guest {number}', 'following', '2026-01-01 00:00:00', \
                     'line', TRUE, '', '2026-01-01 00:00:00')",
                    number * step + 1
                )
            })
            .collect();
        tx.execute_unprepared(&format!(
            "INSERT INTO members (id, line_uid, line_display_name, line_state, followed_at, \
             source, accept_marketing, search_key, created_at) VALUES {}",
            rows.join(", ")
        ))
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}
