use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{
    AuditEntry, AuditTrail, Clock, IdGenerator, LiveEvent, LiveFeed, NewJob, Outbox, PictureUse,
    StoreError, Transaction, Transactions, UploadId,
};
use crm_uploads::{
    Category, EncodedPicture, MadePicture, NewUpload, OrphanAge, PictureError, PictureKind,
    PictureMaker, PictureOrder, PictureStore, Upload, UploadQueries, UploadRepository, UploadRules,
    Uploads, UploadsTx,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use uuid::Uuid;

/// Everything outside, and what is to fail.
#[derive(Default)]
pub struct World {
    pub rows: BTreeMap<i64, Upload>,
    pub used: HashSet<i64>,
    /// Used, but only since the sweep asked.
    pub used_just_now: HashSet<i64>,
    pub audit: Vec<AuditEntry>,
    pub files: BTreeMap<String, DateTime<Utc>>,
    pub orders: Vec<PictureOrder>,
    pub now: DateTime<Utc>,
    pub insert_fails: bool,
    pub commit_fails: bool,
    pub put_fails_after: Option<usize>,
    pub remove_fails: bool,
    pub maker_fails: Option<PictureError>,
    last_id: i64,
}

#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<World>>);

impl Fake {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub fn uploads(&self) -> Uploads {
        self.uploads_with(UploadRules::default())
    }

    pub fn uploads_with(&self, rules: UploadRules) -> Uploads {
        let all = Arc::new(self.clone());
        Uploads::new(
            all.clone(),
            all.clone(),
            all.clone(),
            all.clone(),
            all.clone(),
            all,
            rules,
        )
    }

    pub fn pass(&self, time: TimeDelta) {
        self.world().now += time;
    }

    pub fn paths(&self) -> Vec<String> {
        self.world().files.keys().cloned().collect()
    }
}

pub fn broken() -> StoreError {
    StoreError::internal("broken")
}

struct Tx {
    fake: Fake,
    inserted: Vec<Upload>,
    deleted: Vec<i64>,
    audit: Vec<AuditEntry>,
}

#[async_trait]
impl Transactions<dyn UploadsTx> for Fake {
    async fn begin(&self) -> Result<Box<dyn UploadsTx>, StoreError> {
        Ok(Box::new(Tx {
            fake: self.clone(),
            inserted: Vec::new(),
            deleted: Vec::new(),
            audit: Vec::new(),
        }))
    }
}

/// Nothing is named here.
#[async_trait]
impl PictureUse for Tx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Err(StoreError::internal(address))
    }
}

/// Nobody listens.
impl LiveFeed for Tx {
    fn announce(&mut self, _: LiveEvent) {}
}

/// Nobody counts.
impl crm_kernel::Figures for Tx {
    fn add(&mut self, _: crm_kernel::Figure, _: i64, _: chrono::DateTime<chrono::Utc>, _: i64) {}
}

#[async_trait]
impl Transaction for Tx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }
    fn pictures(&mut self) -> &mut dyn PictureUse {
        self
    }
    fn live(&mut self) -> &mut dyn LiveFeed {
        self
    }

    fn figures(&mut self) -> &mut dyn crm_kernel::Figures {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let mut world = self.fake.world();
        if world.commit_fails {
            return Err(StoreError::Unavailable("gone".into()));
        }
        for upload in self.inserted {
            world.rows.insert(upload.id().get(), upload);
        }
        for id in self.deleted {
            world.rows.remove(&id);
        }
        world.audit.extend(self.audit);
        Ok(())
    }
}

impl UploadsTx for Tx {
    fn uploads(&mut self) -> &mut dyn UploadRepository {
        self
    }
}

#[async_trait]
impl Outbox for Tx {
    async fn put(&mut self, _: NewJob) -> Result<bool, StoreError> {
        Err(broken())
    }
}

#[async_trait]
impl AuditTrail for Tx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.audit.push(entry);
        Ok(())
    }
    async fn forget(&mut self, _: &'static str, _: i64) -> Result<(), StoreError> {
        Err(broken())
    }
}

#[async_trait]
impl UploadRepository for Tx {
    async fn insert(&mut self, new: &NewUpload) -> Result<UploadId, StoreError> {
        let mut world = self.fake.world();
        if world.insert_fails {
            return Err(broken());
        }
        let there = |path: &str| world.files.contains_key(path);
        assert!(new.record().paths().all(there), "files come first");
        world.last_id += 1;
        let id = UploadId::new(world.last_id);
        self.inserted.push(new.clone().stored_as(id));
        Ok(id)
    }

    async fn delete_if_unused(&mut self, id: UploadId) -> Result<bool, StoreError> {
        let world = self.fake.world();
        let id = id.get();
        let used = world.used.contains(&id) || world.used_just_now.contains(&id);
        if used || !world.rows.contains_key(&id) {
            return Ok(false);
        }
        self.deleted.push(id);
        Ok(true)
    }
}

#[async_trait]
impl UploadQueries for Fake {
    async fn orphans(
        &self,
        age: &OrphanAge,
        after: Option<UploadId>,
        limit: u32,
    ) -> Result<Vec<Upload>, StoreError> {
        let world = self.world();
        let old = |upload: &&Upload| {
            let before = match upload.record().category {
                Category::Temp => age.temp_before,
                Category::Templates => age.templates_before,
                Category::Members => return false,
            };
            upload.record().created_at < before
                && Some(upload.id()) > after
                && !world.used.contains(&upload.id().get())
        };
        let found = world.rows.values().filter(old).take(limit as usize);
        Ok(found.cloned().collect())
    }

    async fn known_paths(&self, paths: &[String]) -> Result<HashSet<String>, StoreError> {
        assert!(paths.len() <= Uploads::PATHS_AT_ONCE);
        let world = self.world();
        let known = world.rows.values().flat_map(|row| row.record().paths());
        let asked = known.map(str::to_owned).filter(|path| paths.contains(path));
        Ok(asked.collect())
    }
}

fn picture(kind: PictureKind, width: u32) -> EncodedPicture {
    EncodedPicture {
        kind,
        bytes: vec![7; width as usize],
        width,
        height: width / 2,
    }
}

#[async_trait]
impl PictureMaker for Fake {
    async fn make(&self, order: PictureOrder) -> Result<MadePicture, PictureError> {
        let mut world = self.world();
        if let Some(error) = world.maker_fails.take() {
            return Err(error);
        }
        let webp = order.kind == PictureKind::WebP;
        let made = MadePicture {
            main: picture(order.kind, 1200),
            jpeg: webp.then(|| picture(PictureKind::Jpeg, 1200)),
            thumbnail: picture(PictureKind::Jpeg, 800),
        };
        world.orders.push(order);
        Ok(made)
    }
}

#[async_trait]
impl PictureStore for Fake {
    async fn put(&self, path: &str, _: Vec<u8>) -> Result<(), StoreError> {
        let mut world = self.world();
        if let Some(left) = world.put_fails_after {
            world.put_fails_after = Some(left.checked_sub(1).ok_or_else(broken)?);
        }
        let now = world.now;
        world.files.insert(path.to_owned(), now);
        Ok(())
    }

    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.world().files.contains_key(path).then(|| vec![7]))
    }

    async fn remove(&self, path: &str) -> Result<(), StoreError> {
        let mut world = self.world();
        if world.remove_fails {
            return Err(broken());
        }
        world.files.remove(path);
        Ok(())
    }

    async fn list(&self, prefix: &str, before: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let world = self.world();
        let old = world
            .files
            .iter()
            .filter(|(path, at)| path.starts_with(&format!("{prefix}/")) && **at < before);
        Ok(old.map(|(path, _)| path.clone()).collect())
    }
}

impl Clock for Fake {
    fn now(&self) -> DateTime<Utc> {
        self.world().now
    }
}

impl IdGenerator for Fake {
    fn uuid(&self) -> Uuid {
        let mut world = self.world();
        world.last_id += 1;
        Uuid::from_u128(u128::try_from(world.last_id).unwrap())
    }
}
