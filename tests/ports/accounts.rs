use crate::samples::at;
use crm_accounts::{
    AccountQueries, AccountsTx, Email, FullName, LoginName, NewSession, NewUser, PasswordHash,
    Role, UserFilter, UserRow, Username,
};
use crm_database::Database;
use crm_kernel::{PageRequest, StoreError, Transactions, UserId};

crate::contract!(
    a_user_is_found_by_name_and_by_address_whatever_the_case,
    names_and_addresses_are_unique,
    revoking_all_sessions_spares_the_one_named,
    an_address_cannot_be_taken_from_somebody_else,
    who_counts_admins_waits_for_who_takes_one_away,
    users_are_found_by_text_role_and_state,
    users_come_page_by_page,
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

async fn an_address_cannot_be_taken_from_somebody_else(db: Database) {
    let mut tx = begin(&db).await;
    let new = mei("mei", "mei@hotel.com");
    tx.users().insert(new, at(0)).await.unwrap();
    let new = mei("lin", "lin@hotel.com");
    let mut lin = tx.users().insert(new, at(0)).await.unwrap();
    lin.change_email(Email::parse("mei@hotel.com").unwrap(), at(1));
    let taken = tx.users().update(&lin).await;
    assert!(matches!(
        taken,
        Err(StoreError::Duplicate { key: "user_email" })
    ));
}

/// Deactivates somebody unless they are the last admin; answers whether it did.
async fn deactivate(db: &Database, id: UserId) -> Result<bool, StoreError> {
    let mut tx = begin(db).await;
    if tx.users().count_admins().await? < 2 {
        return Ok(false);
    }
    let mut user = tx.users().find(id).await?.unwrap();
    user.deactivate(at(1));
    tx.users().update(&user).await?;
    tx.commit().await?;
    Ok(true)
}

async fn who_counts_admins_waits_for_who_takes_one_away(db: Database) {
    let mut tx = begin(&db).await;
    let mut ids = Vec::new();
    for name in ["mei", "lin", "wei"] {
        let new = mei(name, &format!("{name}@hotel.com"));
        ids.push(tx.users().insert(new, at(0)).await.unwrap().id());
    }
    tx.commit().await.unwrap();
    let racers = ids.iter().map(|id| deactivate(&db, *id));
    let mut done = 0;
    for result in futures::future::join_all(racers).await {
        match result {
            Ok(deactivated) => done += u64::from(deactivated),
            // Two writers met; the loser changed nothing.
            Err(StoreError::Busy(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let left = begin(&db).await.users().count_admins().await.unwrap();
    assert_eq!(left, 3 - done);
    assert!(left >= 1);
}

/// Mei, an admin; Lin, deactivated, who does marketing; and Wei, who looks after customers.
async fn three_users(db: &Database) -> [UserId; 3] {
    let mut tx = begin(db).await;
    let users = tx.users();
    let admin = users.insert(mei("mei", "mei@hotel.com"), at(0)).await;
    let marketing = NewUser {
        full_name: Some(FullName::parse("林小美").unwrap()),
        role: Role::Marketing,
        ..mei("lin_100", "lin@hotel.com")
    };
    let mut lin = users.insert(marketing, at(1)).await.unwrap();
    lin.deactivate(at(5));
    users.update(&lin).await.unwrap();
    let service = NewUser {
        role: Role::CustomerService,
        ..mei("wei", "desk@mei.tw")
    };
    let wei = users.insert(service, at(2)).await.unwrap().id();
    tx.commit().await.unwrap();
    [admin.unwrap().id(), lin.id(), wei]
}

async fn found(db: &Database, filter: UserFilter) -> Vec<UserId> {
    let page = PageRequest::new(1, 100).unwrap();
    let list = db.list_users(&filter, page).await.unwrap();
    assert_eq!(list.total, list.items.len() as u64);
    list.items.into_iter().map(|user| user.id).collect()
}

async fn users_are_found_by_text_role_and_state(db: Database) {
    let [mei, lin, wei] = three_users(&db).await;
    assert_eq!(found(&db, UserFilter::default()).await, [mei, lin, wei]);
    for (text, ids) in [
        ("MEI", vec![mei, wei]),
        ("小美", vec![lin]),
        (" lin_ ", vec![lin]),
        ("_", vec![lin]),
        ("%", vec![]),
        (" ", vec![mei, lin, wei]),
    ] {
        let filter = UserFilter {
            search: Some(text.into()),
            ..UserFilter::default()
        };
        assert_eq!(found(&db, filter).await, ids, "{text}");
    }
    let marketing = UserFilter {
        role: Some(Role::Marketing),
        ..UserFilter::default()
    };
    assert_eq!(found(&db, marketing.clone()).await, [lin]);
    let active = UserFilter {
        is_active: Some(true),
        ..UserFilter::default()
    };
    assert_eq!(found(&db, active).await, [mei, wei]);
    let nobody = UserFilter {
        is_active: Some(true),
        ..marketing
    };
    assert!(found(&db, nobody).await.is_empty());
}

async fn users_come_page_by_page(db: Database) {
    let ids = three_users(&db).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let page = PageRequest::new(page, 2).unwrap();
        let list = db.list_users(&UserFilter::default(), page).await.unwrap();
        assert_eq!((list.total, list.request), (3, page));
        seen.extend(list.items);
    }
    assert_eq!(seen.iter().map(|u| u.id).collect::<Vec<_>>(), ids);
    let lin: UserRow = db.find_user(ids[1]).await.unwrap().unwrap();
    assert_eq!(lin, seen[1]);
    assert_eq!((lin.is_active, lin.role), (false, Role::Marketing));
    assert_eq!((lin.created_at, lin.updated_at), (at(1), Some(at(5))));
    assert!(db.find_user(UserId::new(999)).await.unwrap().is_none());
}
