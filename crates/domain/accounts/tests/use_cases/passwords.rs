use crate::fakes::{House, secret};
use crm_accounts::{AccountError, Caller, PasswordHash};
use crm_kernel::{DomainError, ErrorKind};

async fn change(house: &House, caller: &Caller, old: &str, new: &str) -> Result<(), AccountError> {
    let (old, new) = (secret(old), secret(new));
    house.accounts.change_password(caller, &old, &new).await
}

#[tokio::test]
async fn changing_the_password_ends_all_other_sessions() {
    let house = House::with_mei().await;
    let (here, there) = (house.sign_in().await, house.sign_in().await);
    let caller = house.accounts.authenticate(&here.token).await.unwrap();
    change(&house, &caller, "open sesame", "close sesame")
        .await
        .unwrap();

    house.accounts.authenticate(&here.token).await.unwrap();
    let result = house.accounts.authenticate(&there.token).await;
    assert!(matches!(result, Err(AccountError::SessionEnded)));
    let old = house.accounts.login("mei", &secret("open sesame")).await;
    assert!(matches!(old, Err(AccountError::InvalidCredentials)));
    house
        .accounts
        .login("mei", &secret("close sesame"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_wrong_current_password_is_the_fields_fault_and_no_sign_out() {
    let house = House::with_mei().await;
    let token = house.sign_in().await.token;
    let caller = house.accounts.authenticate(&token).await.unwrap();
    let error = change(&house, &caller, "open sesam", "close sesame").await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.fields()[0].field, "current_password");
    house.accounts.authenticate(&token).await.unwrap();
}

#[tokio::test]
async fn a_new_password_obeys_the_rules_and_differs() {
    let house = House::with_mei().await;
    let token = house.sign_in().await.token;
    let caller = house.accounts.authenticate(&token).await.unwrap();
    for new in ["short", "MEI@hotel.com", "open sesame"] {
        let error = change(&house, &caller, "open sesame", new)
            .await
            .unwrap_err();
        assert_eq!(error.code(), "weak_password", "{new}");
        assert_eq!(error.fields()[0].field, "new_password");
    }
}

#[tokio::test]
async fn of_two_changes_at_once_the_second_knows_no_current_password() {
    let house = House::with_mei().await;
    let token = house.sign_in().await.token;
    let caller = house.accounts.authenticate(&token).await.unwrap();
    *house.hasher.meanwhile.lock().unwrap() = Some(Box::new(|t| {
        t.users[0].password_hash = PasswordHash::new("new:another one".to_owned());
    }));
    let result = change(&house, &caller, "open sesame", "close sesame").await;
    assert!(matches!(result, Err(AccountError::WrongCurrentPassword)));
    let hash = house.store.read(|t| t.users[0].password_hash.clone());
    assert_eq!(hash.as_str(), "new:another one");
}
