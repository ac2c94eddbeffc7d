use crate::fakes::{House, secret};
use chrono::TimeDelta;
use crm_accounts::{AccountError, PasswordHash, Permission, Role};
use crm_kernel::{Clock, DomainError, ErrorKind};

#[tokio::test]
async fn a_user_signs_in_by_username_or_by_address_in_any_case() {
    let house = House::with_mei().await;
    for name in ["mei", " MEI", "mei@hotel.com", "Mei@Hotel.com"] {
        let signed_in = house
            .accounts
            .login(name, &secret("open sesame"))
            .await
            .unwrap();
        assert_eq!(signed_in.expires_in, 3600);
        assert_eq!(signed_in.user.role, Role::Marketing);
        assert_eq!(signed_in.user.full_name.unwrap().as_str(), "林小美");
    }
    assert_eq!(house.store.read(|t| t.sessions.len()), 4);
    let last_login = house.store.read(|t| t.users[0].last_login_at);
    assert_eq!(last_login, Some(house.clock.now()));
}

#[tokio::test]
async fn unknown_wrong_and_disabled_look_the_same_and_cost_a_check_each() {
    let house = House::with_mei().await;
    house.create("ann", Role::Admin).await;
    house.store.write(|t| t.users[1].is_active = false);

    let attempts = [
        ("nobody", "open sesame"),
        ("a@b@c", "open sesame"),
        ("mei", "open sesam"),
        ("ann", "open sesame"),
    ];
    for (name, password) in attempts {
        let error = house.accounts.login(name, &secret(password)).await;
        let error = error.unwrap_err();
        assert!(matches!(error, AccountError::InvalidCredentials), "{name}");
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert!(error.fields().is_empty());
    }
    let checks = house.hasher.checks.lock().unwrap().clone();
    assert_eq!(checks, [false, false, true, true]);
    assert!(house.store.read(|t| t.sessions.is_empty()));
}

#[tokio::test]
async fn an_old_hash_is_renewed_at_sign_in() {
    let house = House::with_mei().await;
    house
        .store
        .write(|t| t.users[0].password_hash = PasswordHash::new("old:open sesame".to_owned()));
    house.sign_in().await;
    let user = house.store.read(|t| t.users[0].clone());
    assert_eq!(user.password_hash.as_str(), "new:open sesame");
    assert_eq!(user.updated_at, None);
}

#[tokio::test]
async fn two_sign_ins_that_both_renew_a_hash_both_succeed() {
    let house = House::with_mei().await;
    let hash = |text: &str| PasswordHash::new(text.to_owned());
    house
        .store
        .write(|t| t.users[0].password_hash = hash("old:open sesame"));
    *house.hasher.meanwhile.lock().unwrap() = Some(Box::new(move |t| {
        t.users[0].password_hash = hash("new:open sesame");
    }));
    house.sign_in().await;
}

#[tokio::test]
async fn a_password_changed_during_sign_in_keeps_the_old_one_out() {
    let house = House::with_mei().await;
    *house.hasher.meanwhile.lock().unwrap() = Some(Box::new(|t| {
        t.users[0].password_hash = PasswordHash::new("new:another one".to_owned());
    }));
    let result = house.accounts.login("mei", &secret("open sesame")).await;
    assert!(matches!(result, Err(AccountError::InvalidCredentials)));
    assert!(house.store.read(|t| t.sessions.is_empty()));
}

#[tokio::test]
async fn a_user_disabled_during_sign_in_stays_out() {
    let house = House::with_mei().await;
    *house.hasher.meanwhile.lock().unwrap() = Some(Box::new(|t| t.users[0].is_active = false));
    let result = house.accounts.login("mei", &secret("open sesame")).await;
    assert!(matches!(result, Err(AccountError::InvalidCredentials)));
}

#[tokio::test]
async fn a_token_tells_who_is_calling_until_its_hour_is_over() {
    let house = House::with_mei().await;
    let token = house.sign_in().await.token;
    let caller = house.accounts.authenticate(&token).await.unwrap();
    assert_eq!(caller.username.as_str(), "mei");
    assert_eq!(caller.actor().user_id(), Some(caller.user_id));
    caller.require(Permission::CampaignsSend).unwrap();
    let error = caller.require(Permission::UsersManage).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(error.details().unwrap()["permission"], "users:manage");

    house.pass(TimeDelta::minutes(60));
    let error = house.accounts.authenticate(&token).await.unwrap_err();
    assert_eq!(error.code(), "invalid_token");
    let error = house.accounts.authenticate("rubbish").await.unwrap_err();
    assert_eq!(error.code(), "invalid_token");
}

#[tokio::test]
async fn a_changed_role_and_a_deactivation_count_at_once() {
    let house = House::with_mei().await;
    let token = house.sign_in().await.token;
    house.store.write(|t| t.users[0].role = Role::Admin);
    let caller = house.accounts.authenticate(&token).await.unwrap();
    assert_eq!(caller.role, Role::Admin);
    house.store.write(|t| t.users[0].is_active = false);
    for result in [
        house.accounts.authenticate(&token).await.map(|_| ()),
        house.accounts.refresh(&token).await.map(|_| ()),
    ] {
        assert!(matches!(result, Err(AccountError::SessionEnded)));
    }
}

#[tokio::test]
async fn a_refreshed_token_lives_on_but_never_past_the_day() {
    let house = House::with_mei().await;
    let mut token = house.sign_in().await.token;
    for _ in 0..47 {
        house.pass(TimeDelta::minutes(30));
        token = house.accounts.refresh(&token).await.unwrap().token;
    }
    let last = house.accounts.refresh(&token).await.unwrap();
    assert_eq!(last.expires_in, 30 * 60);
    house.pass(TimeDelta::minutes(30));
    let result = house.accounts.refresh(&last.token).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn signing_out_ends_one_session_and_may_be_repeated() {
    let house = House::with_mei().await;
    let (here, there) = (house.sign_in().await, house.sign_in().await);
    let caller = house.accounts.authenticate(&here.token).await.unwrap();
    house.accounts.logout(&caller).await.unwrap();
    house.accounts.logout(&caller).await.unwrap();
    let actions: Vec<_> = house
        .store
        .read(|t| t.audit.iter().map(|entry| entry.action).collect());
    let signed_out = actions
        .iter()
        .filter(|action| **action == "user.signed_out");
    assert_eq!(signed_out.count(), 1);
    let result = house.accounts.authenticate(&here.token).await;
    assert!(matches!(result, Err(AccountError::SessionEnded)));
    house.accounts.authenticate(&there.token).await.unwrap();
}

#[tokio::test]
async fn a_session_of_somebody_else_does_not_fit_the_token() {
    let house = House::with_mei().await;
    let ann = house.create("ann", Role::Admin).await;
    let token = house.sign_in().await.token;
    house.store.write(|t| t.sessions[0].user = ann.id());
    let result = house.accounts.authenticate(&token).await;
    assert!(matches!(result, Err(AccountError::SessionEnded)));
}

#[tokio::test]
async fn me_shows_the_callers_own_page() {
    let house = House::with_mei().await;
    let token = house.sign_in().await.token;
    let caller = house.accounts.authenticate(&token).await.unwrap();
    let me = house.accounts.me(&caller).await.unwrap();
    assert_eq!(me.email.as_str(), "mei@hotel.com");
    assert_eq!(me.last_login_at, Some(house.clock.now()));
}
