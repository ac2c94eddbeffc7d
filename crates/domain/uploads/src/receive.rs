use crate::name::Paths;
use crate::{
    Category, EncodedPicture, MadePicture, NewUpload, PictureKind, PictureOrder, Upload,
    UploadError, UploadRecord, Uploads,
};
use crm_kernel::{Actor, AuditEntry, Problems, StoreError, UploadId};
use tracing::instrument;

/// A picture as a client sends it. What the client calls it does not matter.
#[derive(Clone, Debug)]
pub struct UploadPicture {
    /// What it is for: `templates`, `members` or `temp`.
    pub category: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Whether to keep only the square in the middle.
    pub crop_square: bool,
}

impl Uploads {
    /// Makes a picture anew and keeps it with its thumbnail, and with a JPEG if it is WebP.
    ///
    /// # Errors
    /// `upload_invalid` naming `category` or `file`; `file_too_large`;
    /// `unsupported_image_type`; `uploads_busy`; or the store's.
    #[instrument(name = "uploads.upload", skip_all, fields(?actor, upload.id))]
    pub async fn upload(
        &self,
        actor: &Actor,
        command: UploadPicture,
    ) -> Result<Upload, UploadError> {
        let (category, kind) = self.check(&command)?;
        let order = PictureOrder {
            bytes: command.bytes,
            kind,
            crop_square: command.crop_square,
        };
        let made = self.maker.make(order).await?;
        let at = self.clock.now();
        let paths = Paths::new(category, at, self.ids.uuid(), &made);
        let new = NewUpload::new(UploadRecord {
            category,
            path: paths.main,
            jpeg_path: paths.jpeg,
            thumbnail_path: paths.thumbnail,
            bytes: made.main.bytes.len() as u64,
            width: made.main.width,
            height: made.main.height,
            uploaded_by: actor.user_id(),
            created_at: at,
        });

        if let Err(error) = self.write(new.record(), made).await {
            self.remove_files(new.record().paths()).await;
            return Err(error.into());
        }
        let id = self.store_row(actor, &new).await?;
        tracing::Span::current().record("upload.id", id.get());
        Ok(new.stored_as(id))
    }

    fn check(&self, command: &UploadPicture) -> Result<(Category, PictureKind), UploadError> {
        let mut problems = Problems::default();
        let category = problems.keep(
            "category",
            Category::parse(&command.category).ok_or("must be templates, members or temp"),
        );
        problems.check(!command.bytes.is_empty(), "file", "must not be empty");
        let (Some(category), true) = (category, problems.is_empty()) else {
            return Err(UploadError::Invalid(
                problems.into_result().err().unwrap_or_default(),
            ));
        };
        let max_bytes = self.rules.max_bytes;
        if command.bytes.len() > max_bytes {
            return Err(UploadError::TooLarge { max_bytes });
        }
        let kind = PictureKind::of(&command.bytes)
            .filter(|kind| self.rules.allowed.contains(*kind))
            .ok_or(UploadError::UnsupportedType)?;
        Ok((category, kind))
    }

    async fn write(&self, record: &UploadRecord, made: MadePicture) -> Result<(), StoreError> {
        let MadePicture {
            main,
            jpeg,
            thumbnail,
        } = made;
        let put =
            async |path: &str, picture: EncodedPicture| self.files.put(path, picture.bytes).await;
        put(&record.path, main).await?;
        if let (Some(path), Some(jpeg)) = (&record.jpeg_path, jpeg) {
            put(path, jpeg).await?;
        }
        put(&record.thumbnail_path, thumbnail).await
    }

    async fn store_row(&self, actor: &Actor, new: &NewUpload) -> Result<UploadId, UploadError> {
        let record = new.record();
        let stored = async {
            let mut tx = self.store.begin().await?;
            let id = tx.uploads().insert(new).await?;
            let entry = AuditEntry::new(
                actor,
                record.created_at,
                "upload.created",
                "upload",
                id.get(),
            );
            tx.audit().record(entry.born(record.facts())).await?;
            Ok::<_, StoreError>((tx, id))
        };
        match stored.await {
            Ok((tx, id)) => {
                // Whether a commit that failed was carried out may be unknown, and a row must
                // not point at nothing: the sweep removes the files if there is no row.
                tx.commit().await?;
                Ok(id)
            }
            Err(error) => {
                self.remove_files(record.paths()).await;
                Err(error.into())
            }
        }
    }

    /// Removes files as well as it can; the sweep finds what stays.
    pub(crate) async fn remove_files(&self, paths: impl Iterator<Item = &str>) -> u64 {
        let mut removed = 0;
        for path in paths {
            match self.files.remove(path).await {
                Ok(()) => removed += 1,
                Err(error) => tracing::warn!(path, %error, "a file could not be removed"),
            }
        }
        removed
    }
}
