use crate::{Category, MadePicture, PictureKind};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Below this lie all pictures.
pub(crate) const ROOT: &str = "images";

/// The paths of one upload's files, below `/static/uploads/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    pub main: String,
    pub jpeg: Option<String>,
    pub thumbnail: String,
}

impl Paths {
    /// Made of the moment and a fresh id, and of nothing that a client sent.
    pub fn new(category: Category, at: DateTime<Utc>, id: Uuid, made: &MadePicture) -> Self {
        let folder = category.as_str();
        let stem = format!("{ROOT}/{folder}/{}_{id}", at.format("%Y%m%d_%H%M%S"));
        let path = |kind: PictureKind| format!("{stem}.{}", kind.extension());
        Self {
            main: path(made.main.kind),
            jpeg: made.jpeg.as_ref().map(|jpeg| path(jpeg.kind)),
            thumbnail: format!("{stem}_thumb.{}", made.thumbnail.kind.extension()),
        }
    }
}

/// The kind of picture at `path`, when it is a path as we make them: a known folder and a plain
/// name. Anything else is not even looked for.
pub(crate) fn kind_at(path: &str) -> Option<PictureKind> {
    let mut parts = path.split('/');
    let (root, folder, name) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let ours = root == ROOT
        && parts.next().is_none()
        && Category::parse(folder).is_some()
        && !name.starts_with('.')
        && name.chars().all(plain);
    ours.then(|| PictureKind::of_path(name)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_as_we_make_them_are_looked_for() {
        assert_eq!(
            kind_at("images/temp/20260102_030405_ab-1_thumb.jpg"),
            Some(PictureKind::Jpeg)
        );
        for path in [
            "",
            "images/temp",
            "images/temp/../../etc/passwd",
            "images/../x.jpg",
            "images/other/a.jpg",
            "images/temp/.jpg",
            "images/temp/a.svg",
            "images/temp/a%2e.jpg",
            "/images/temp/a.jpg",
            "exports/temp/a.jpg",
            "images/temp/a\\b.jpg",
        ] {
            assert_eq!(kind_at(path), None, "{path}");
        }
    }
}
