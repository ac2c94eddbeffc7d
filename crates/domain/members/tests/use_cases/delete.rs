use crate::desk::{Desk, STAFF};
use crm_kernel::{DomainError, MemberId};
use crm_members::MemberError;

async fn delete(desk: &Desk, id: MemberId) -> Result<(), MemberError> {
    let mut tx = desk.begin().await;
    desk.members.delete_in(&mut *tx, &STAFF, id).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_deleted_guest_is_gone_and_comes_back_as_somebody_new() {
    let desk = Desk::new();
    let id = desk.follow("U1", 0).await.member.id();
    delete(&desk, id).await.unwrap();
    assert!(desk.store.members().is_empty());
    let error = delete(&desk, id).await.unwrap_err();
    assert_eq!(error.code(), "member_not_found");

    let contact = desk.seen("U1", 1).await;
    assert!(contact.created);
    assert_ne!(contact.member.id(), id);
}
