use crate::fakes::{House, new_user, secret};
use crm_accounts::{AccountError, Role};
use crm_kernel::{Actor, DomainError, ErrorKind, StoreError};

#[tokio::test]
async fn all_fields_at_fault_are_named_at_once() {
    let mut new = new_user("mei", Role::Marketing);
    new.username = "m".to_owned();
    new.email = "nowhere".to_owned();
    new.full_name = Some("a\nb".to_owned());
    new.password = secret("short");
    let error = House::empty()
        .accounts
        .create_user(&Actor::System, new)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let fields: Vec<_> = error.fields().into_iter().map(|f| f.field).collect();
    assert_eq!(fields, ["username", "email", "full_name", "password"]);
}

#[tokio::test]
async fn a_weak_password_alone_is_named_as_such() {
    let mut new = new_user("mei-lin-wang", Role::Marketing);
    new.password = secret("Mei-Lin-Wang");
    let error = House::empty()
        .accounts
        .create_user(&Actor::System, new)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "weak_password");
    assert_eq!(error.fields()[0].field, "password");
}

#[tokio::test]
async fn neither_a_name_nor_an_address_is_given_twice() {
    let house = House::with_mei().await;
    let same_name = new_user("MEI", Role::Admin);
    let mut same_address = new_user("lin", Role::Admin);
    same_address.email = "Mei@hotel.com".to_owned();
    for (new, field) in [(same_name, "username"), (same_address, "email")] {
        let error = house
            .accounts
            .create_user(&Actor::System, new)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!(error.fields()[0].field, field);
    }
}

#[test]
fn a_lost_race_is_told_like_the_friendly_check() {
    for (key, field) in [("user_username", "username"), ("user_email", "email")] {
        let error = AccountError::from(StoreError::Duplicate { key });
        assert_eq!(error.code(), "user_duplicate");
        assert_eq!(error.fields()[0].field, field);
    }
}

#[tokio::test]
async fn the_first_admin_is_created_once() {
    let house = House::with_mei().await;
    let create = async |password| {
        house
            .accounts
            .bootstrap_admin("admin", "admin@hotel.com", secret(password))
            .await
    };
    let error = create("short").await.unwrap_err();
    assert_eq!(error.code(), "weak_password");
    let admin = create("open sesame").await.unwrap().unwrap();
    assert_eq!(admin.role(), Role::Admin);
    // Not even looked at any more.
    assert!(create("short").await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_processes_that_start_together_one_creates_the_first_admin() {
    let (house, faster) = (House::empty(), House::empty());
    faster.create("admin", Role::Admin).await;
    let admin = faster.store.read(|t| t.users[0].clone());
    *house.hasher.meanwhile.lock().unwrap() = Some(Box::new(|t| t.users.push(admin)));
    let created = house
        .accounts
        .bootstrap_admin("admin", "admin@hotel.com", secret("open sesame"))
        .await
        .unwrap();
    assert!(created.is_none());
    assert_eq!(house.store.read(|t| t.users.len()), 1);
}

#[tokio::test]
async fn the_first_admin_does_not_take_over_somebody_elses_name() {
    let house = House::with_mei().await;
    let result = house
        .accounts
        .bootstrap_admin("mei", "admin@hotel.com", secret("open sesame"))
        .await;
    assert!(matches!(result, Err(AccountError::UserDuplicate { .. })));
    let role = house.store.read(|t| t.users[0].role);
    assert_eq!(role, Role::Marketing);
}
