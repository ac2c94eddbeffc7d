use crate::fakes::{House, secret};
use chrono::TimeDelta;
use crm_accounts::{AccountError, Caller, Role, UpdateUser, User, UserFilter};
use crm_kernel::{DomainError, ErrorKind, PageRequest, Patch, SessionId, UserId};

/// Somebody as whom to act; no sign-in is needed for that.
fn acting(user: &User) -> Caller {
    Caller {
        user_id: user.id(),
        session_id: SessionId::new(999),
        username: user.username().clone(),
        role: user.role(),
    }
}

/// Mei, who does marketing, and Lin, the only admin.
async fn mei_and_lin() -> (House, UserId, User) {
    let house = House::with_mei().await;
    let lin = house.create("lin", Role::Admin).await;
    let mei = house.store.read(|t| t.users[0].id);
    (house, mei, lin)
}

async fn update(
    house: &House,
    by: &User,
    id: UserId,
    change: UpdateUser,
) -> Result<User, AccountError> {
    house.accounts.update_user(&acting(by), id, change).await
}

fn role(role: Role) -> UpdateUser {
    UpdateUser {
        role: Some(role),
        ..UpdateUser::default()
    }
}

fn active(is_active: bool) -> UpdateUser {
    UpdateUser {
        is_active: Some(is_active),
        ..UpdateUser::default()
    }
}

fn password(text: &str) -> UpdateUser {
    UpdateUser {
        password: Some(secret(text)),
        ..UpdateUser::default()
    }
}

#[tokio::test]
async fn what_is_not_mentioned_stays_and_nobody_is_signed_out_for_a_name() {
    let (house, mei, lin) = mei_and_lin().await;
    let token = house.sign_in().await.token;
    house.pass(TimeDelta::minutes(1));
    let change = UpdateUser {
        email: Some("Mei.Lin@hotel.com".to_owned()),
        full_name: Patch::Clear,
        ..UpdateUser::default()
    };
    let user = update(&house, &lin, mei, change).await.unwrap();
    assert_eq!(user.email().as_str(), "mei.lin@hotel.com");
    assert_eq!((user.full_name(), user.role()), (None, Role::Marketing));
    assert_eq!(
        user.updated_at(),
        Some(user.created_at() + TimeDelta::minutes(1))
    );
    let stored = house.accounts.get_user(mei).await.unwrap();
    assert_eq!(stored.email, *user.email());
    house.accounts.authenticate(&token).await.unwrap();
}

#[tokio::test]
async fn the_same_said_again_leaves_no_trace() {
    let (house, mei, lin) = mei_and_lin().await;
    let token = house.sign_in().await.token;
    let same = UpdateUser {
        email: Some("MEI@hotel.com".to_owned()),
        full_name: Patch::Set("林小美".to_owned()),
        role: Some(Role::Marketing),
        is_active: Some(true),
        password: None,
    };
    let user = update(&house, &lin, mei, same).await.unwrap();
    assert_eq!(user.updated_at(), None);
    house.accounts.authenticate(&token).await.unwrap();
}

#[tokio::test]
async fn another_role_another_password_and_deactivating_end_all_sessions() {
    for change in [role(Role::Admin), active(false), password("close sesame")] {
        let (house, mei, lin) = mei_and_lin().await;
        let tokens = [house.sign_in().await.token, house.sign_in().await.token];
        update(&house, &lin, mei, change).await.unwrap();
        for token in tokens {
            let result = house.accounts.authenticate(&token).await;
            assert!(matches!(result, Err(AccountError::SessionEnded)));
        }
    }
}

#[tokio::test]
async fn a_password_that_was_set_is_the_password() {
    let (house, mei, lin) = mei_and_lin().await;
    let change = password("close sesame");
    update(&house, &lin, mei, change).await.unwrap();
    let old = house.accounts.login("mei", &secret("open sesame")).await;
    assert!(matches!(old, Err(AccountError::InvalidCredentials)));
    let new = house.accounts.login("mei", &secret("close sesame")).await;
    new.unwrap();
}

#[tokio::test]
async fn a_deactivated_user_is_let_in_again() {
    let (house, mei, lin) = mei_and_lin().await;
    update(&house, &lin, mei, active(false)).await.unwrap();
    let out = house.accounts.login("mei", &secret("open sesame")).await;
    assert!(matches!(out, Err(AccountError::InvalidCredentials)));
    update(&house, &lin, mei, active(true)).await.unwrap();
    house.sign_in().await;
}

#[tokio::test]
async fn nobody_deactivates_or_demotes_themself() {
    let (house, _, lin) = mei_and_lin().await;
    house.create("wei", Role::Admin).await;
    for change in [active(false), role(Role::Marketing)] {
        let error = update(&house, &lin, lin.id(), change).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Conflict, "own_account")
        );
    }
    let lin = house.accounts.get_user(lin.id()).await.unwrap();
    assert!(lin.is_active && lin.role == Role::Admin);
}

#[tokio::test]
async fn one_active_admin_always_remains() {
    let (house, _, lin) = mei_and_lin().await;
    let wei = house.create("wei", Role::Admin).await;
    // Both were admins when their requests came in.
    let demoted = update(&house, &lin, wei.id(), role(Role::Marketing)).await;
    demoted.unwrap();
    for change in [active(false), role(Role::Marketing)] {
        let error = update(&house, &wei, lin.id(), change).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Conflict, "last_admin")
        );
    }
    // What is no loss is no matter.
    let renamed = UpdateUser {
        full_name: Patch::Set("林".to_owned()),
        ..role(Role::Admin)
    };
    update(&house, &wei, lin.id(), renamed).await.unwrap();
}

#[tokio::test]
async fn an_address_cannot_be_taken_from_somebody_else() {
    let (house, mei, lin) = mei_and_lin().await;
    let change = UpdateUser {
        email: Some("LIN@hotel.com".to_owned()),
        ..UpdateUser::default()
    };
    let error = update(&house, &lin, mei, change).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.fields()[0].field, "email");
}

#[tokio::test]
async fn mistakes_are_named_together_and_a_weak_password_as_such() {
    let (house, mei, lin) = mei_and_lin().await;
    let change = UpdateUser {
        email: Some("nowhere".to_owned()),
        full_name: Patch::Set(" ".to_owned()),
        ..password("short")
    };
    let error = update(&house, &lin, mei, change).await.unwrap_err();
    let fields: Vec<_> = error.fields().into_iter().map(|f| f.field).collect();
    assert_eq!(fields, ["email", "full_name", "password"]);

    // The address that counts is the one they will have.
    let named = UpdateUser {
        email: Some("mei.lin@hotel.com".to_owned()),
        ..password("Mei.Lin@hotel.com")
    };
    for change in [password("short"), named] {
        let error = update(&house, &lin, mei, change).await.unwrap_err();
        assert_eq!(error.code(), "weak_password");
        assert_eq!(error.fields()[0].field, "password");
    }
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_not_found() {
    let (house, _, lin) = mei_and_lin().await;
    let nobody = UserId::new(999);
    for change in [active(false), password("close sesame")] {
        let error = update(&house, &lin, nobody, change).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::NotFound, "user_not_found")
        );
    }
    let found = house.accounts.get_user(nobody).await;
    assert!(matches!(found, Err(AccountError::UserNotFound)));
}

#[tokio::test]
async fn users_are_listed() {
    let (house, mei, lin) = mei_and_lin().await;
    let page = PageRequest::new(1, 20).unwrap();
    let list = house
        .accounts
        .list_users(&UserFilter::default(), page)
        .await;
    let ids: Vec<_> = list.unwrap().items.into_iter().map(|u| u.id).collect();
    assert_eq!(ids, [mei, lin.id()]);
}
