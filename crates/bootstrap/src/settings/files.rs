use crate::read::Reader;
use std::path::PathBuf;

/// Kinds of pictures that can be uploaded at all.
const IMAGE_TYPES: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
const MIB: u64 = 1024 * 1024;

/// Where uploaded files lie, and which are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// `UPLOAD_DIR`
    pub upload_dir: PathBuf,
    /// `MAX_FILE_SIZE`, in bytes
    pub max_file_size: usize,
    /// `ALLOWED_IMAGE_TYPES`, in small letters
    pub allowed_image_types: Vec<String>,
}

pub(super) fn files(r: &mut Reader<'_>) -> FileSettings {
    let upload_dir = r.text("UPLOAD_DIR").unwrap_or_else(|| "uploads".to_owned());
    let max_file_size = r.number("MAX_FILE_SIZE", 10 * MIB, 1..=100 * MIB);
    FileSettings {
        upload_dir: PathBuf::from(upload_dir),
        max_file_size: usize::try_from(max_file_size).unwrap_or(usize::MAX),
        allowed_image_types: image_types(r),
    }
}

fn image_types(r: &mut Reader<'_>) -> Vec<String> {
    let Some(text) = r.text("ALLOWED_IMAGE_TYPES") else {
        return IMAGE_TYPES.map(str::to_owned).to_vec();
    };
    let types: Vec<String> = text
        .split(',')
        .map(|kind| kind.trim().to_ascii_lowercase())
        .filter(|kind| !kind.is_empty())
        .collect();
    if types.is_empty() || types.iter().any(|t| !IMAGE_TYPES.contains(&t.as_str())) {
        r.problem(
            "ALLOWED_IMAGE_TYPES",
            "must be some of jpg, jpeg, png, webp, separated by commas",
        );
    }
    types
}
