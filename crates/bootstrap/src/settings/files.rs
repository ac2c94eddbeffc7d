use crate::read::Reader;
use crm_uploads::AllowedTypes;
use std::path::PathBuf;
use std::time::Duration;

const IMAGE_TYPES: &str = "jpg,jpeg,png,webp";
const MIB: u64 = 1024 * 1024;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Where uploaded files lie, and which are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// `UPLOAD_DIR`
    pub upload_dir: PathBuf,
    /// `MAX_FILE_SIZE`, in bytes
    pub max_file_size: usize,
    /// `MAX_MEDIA_SIZE`, in bytes
    pub max_media_size: u64,
    /// `ALLOWED_IMAGE_TYPES`
    pub allowed_image_types: AllowedTypes,
    /// `EXPORT_DIR`
    pub export_dir: PathBuf,
    /// `EXPORT_LINK_TTL`
    pub export_link_ttl: Duration,
    /// `PDF_FONT_PATH`
    pub pdf_font_path: Option<PathBuf>,
}

pub(super) fn files(r: &mut Reader<'_>) -> FileSettings {
    let upload_dir = r.text("UPLOAD_DIR").unwrap_or_else(|| "uploads".to_owned());
    let max_file_size = r.number("MAX_FILE_SIZE", 10 * MIB, 1..=100 * MIB);
    let max_media_size = r.number("MAX_MEDIA_SIZE", 50 * MIB, 1..=200 * MIB);
    FileSettings {
        upload_dir: PathBuf::from(upload_dir),
        max_file_size: usize::try_from(max_file_size).unwrap_or(usize::MAX),
        max_media_size,
        allowed_image_types: image_types(r),
        export_dir: PathBuf::from(r.text("EXPORT_DIR").unwrap_or_else(|| "exports".to_owned())),
        export_link_ttl: r.seconds("EXPORT_LINK_TTL", HOUR, MINUTE, DAY),
        pdf_font_path: r.text("PDF_FONT_PATH").map(PathBuf::from),
    }
}

fn image_types(r: &mut Reader<'_>) -> AllowedTypes {
    let text = r.text("ALLOWED_IMAGE_TYPES");
    let text = text.unwrap_or_else(|| IMAGE_TYPES.to_owned());
    AllowedTypes::parse(&text).unwrap_or_else(|problem| {
        r.problem("ALLOWED_IMAGE_TYPES", problem);
        AllowedTypes::default()
    })
}
