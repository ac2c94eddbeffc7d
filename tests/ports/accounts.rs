use crate::samples::at;
use crm_accounts::{
    AccountQueries, AccountsTx, Email, LoginName, NewSession, NewUser, PasswordHash, Role, Username,
};
use crm_database::Database;
use crm_kernel::{StoreError, Transactions};

crate::contract!(
    a_user_is_found_by_name_and_by_address_whatever_the_case,
    names_and_addresses_are_unique,
    revoking_all_sessions_spares_the_one_named,
);

async fn begin(db: &Database) -> Box<dyn AccountsTx> {
    Transactions::<dyn AccountsTx>::begin(db).await.unwrap()
}

fn mei(name: &str, email: &str) -> NewUser {
    NewUser {
        username: Username::parse(name).unwrap(),
        email: Email::parse(email).unwrap(),
        password_hash: PasswordHash::new("$argon2id$…".into()),
        full_name: None,
        role: Role::Admin,
    }
}

async fn a_user_is_found_by_name_and_by_address_whatever_the_case(db: Database) {
    let mut tx = begin(&db).await;
    let user = tx
        .users()
        .insert(mei("mei", "mei@hotel.com"), at(0))
        .await
        .unwrap();
    tx.users().record_login(user.id(), at(1)).await.unwrap();
    assert_eq!(tx.users().count_admins().await.unwrap(), 1);
    tx.commit().await.unwrap();
    for typed in ["mei", "MEI", "Mei@Hotel.com"] {
        let name = LoginName::parse(typed).unwrap();
        let found = db.find_credentials(&name).await.unwrap().unwrap();
        assert_eq!(found.user, user.id(), "{typed}");
    }
    let me = db.me(user.id()).await.unwrap().unwrap();
    assert_eq!(me.last_login_at, Some(at(1)));
}

async fn names_and_addresses_are_unique(db: Database) {
    let mut tx = begin(&db).await;
    tx.users()
        .insert(mei("mei", "mei@hotel.com"), at(0))
        .await
        .unwrap();
    let same_name = tx
        .users()
        .insert(mei("mei", "other@hotel.com"), at(0))
        .await;
    assert!(matches!(
        same_name,
        Err(StoreError::Duplicate {
            key: "user_username"
        })
    ));
    let same_address = tx.users().insert(mei("lin", "mei@hotel.com"), at(0)).await;
    assert!(matches!(
        same_address,
        Err(StoreError::Duplicate { key: "user_email" })
    ));
}

async fn revoking_all_sessions_spares_the_one_named(db: Database) {
    let mut tx = begin(&db).await;
    let user = tx
        .users()
        .insert(mei("mei", "mei@hotel.com"), at(0))
        .await
        .unwrap()
        .id();
    let new = NewSession {
        user,
        created_at: at(0),
        expires_at: at(60),
    };
    let kept = tx.sessions().insert(new).await.unwrap().id();
    let ended = tx.sessions().insert(new).await.unwrap().id();
    assert_eq!(
        tx.sessions()
            .revoke_all(user, Some(kept), at(1))
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
    let caller = db.find_caller(kept).await.unwrap().unwrap();
    assert!(caller.session.is_live(at(2)));
    let caller = db.find_caller(ended).await.unwrap().unwrap();
    assert!(!caller.session.is_live(at(2)));
}
