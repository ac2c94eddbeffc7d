use crate::http::wire::UploadCategory;
use crm_uploads::Upload;
use serde::Serialize;
use utoipa::ToSchema;

/// A form with a picture in it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; what is read is `Form`")]
pub(crate) struct UploadImage {
    /// A JPEG, PNG or WebP, by its content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `templates` when not said.
    #[schema(inline)]
    category: Option<UploadCategory>,
    /// `square` keeps only the square in the middle.
    #[schema(example = "square")]
    crop: Option<String>,
}

/// A picture that is kept.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "filename": "中秋海報.webp",
    "path": "images/templates/20251008_103000_5f0c8f4e-7f57-4b06-8f0e-0a9c5b1d2e3f.webp",
    "url": "/static/uploads/images/templates/20251008_103000_5f0c8f4e-7f57-4b06-8f0e-0a9c5b1d2e3f.webp",
    "absolute_url": "https://crm.hotel.com/static/uploads/images/templates/20251008_103000_5f0c8f4e-7f57-4b06-8f0e-0a9c5b1d2e3f.webp",
    "line_url": "https://crm.hotel.com/static/uploads/images/templates/20251008_103000_5f0c8f4e-7f57-4b06-8f0e-0a9c5b1d2e3f.jpg",
    "thumbnail_url": "/static/uploads/images/templates/20251008_103000_5f0c8f4e-7f57-4b06-8f0e-0a9c5b1d2e3f_thumb.webp",
    "width": 1200, "height": 800, "bytes": 182_044, "category": "templates"
}))]
pub(crate) struct UploadedImage {
    id: i64,
    /// What the client calls the file; kept nowhere.
    filename: String,
    /// Below the upload folder.
    path: String,
    /// Where a browser finds it, on the host of this API.
    url: String,
    /// The same for other hosts.
    absolute_url: String,
    /// What to put into a template: LINE shows no WebP, so of one it is the JPEG.
    line_url: String,
    /// Where a browser finds a smaller one.
    thumbnail_url: String,
    /// Pixels across.
    width: u32,
    /// Pixels down.
    height: u32,
    /// Size of the file that was kept.
    bytes: u64,
    category: UploadCategory,
}

impl UploadedImage {
    /// An upload found below `base`, which the client called `name`.
    pub(super) fn new(upload: &Upload, base: &str, name: &str) -> Self {
        let base = base.trim_end_matches('/');
        let record = upload.record();
        Self {
            id: upload.id().get(),
            filename: match name {
                "" => upload.file_name().to_owned(),
                name => name.to_owned(),
            },
            path: record.path.clone(),
            url: upload.url(),
            absolute_url: format!("{base}{}", upload.url()),
            line_url: format!("{base}{}", upload.line_url()),
            thumbnail_url: upload.thumbnail_url(),
            width: record.width,
            height: record.height,
            bytes: record.bytes,
            category: record.category.into(),
        }
    }
}
