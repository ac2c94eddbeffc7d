use crate::samples::{Store, at, begin, commit};
use crm_kernel::{Actor, AuditEntry, UserId};
use serde_json::json;

crate::contract_on_every_store!(an_entry_lands_with_its_unit_of_work_or_not_at_all);

async fn an_entry_lands_with_its_unit_of_work_or_not_at_all(db: impl Store) {
    let actor = Actor::User { id: UserId::new(7) };
    let entry = AuditEntry::new(&actor, at(0), "member.updated", "member", 3)
        .with("phone", json!("0912-345-678"));
    let mut tx = begin(&db).await;
    tx.audit().record(entry.clone()).await.unwrap();
    drop(tx);
    let mut tx = begin(&db).await;
    tx.audit().record(entry).await.unwrap();
    tx.audit().forget("member", 3).await.unwrap();
    commit(tx).await;
}
