use crate::PictureKind;

/// Which kinds of pictures the hotel accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedTypes(Vec<PictureKind>);

impl AllowedTypes {
    /// Reads a comma list out of `jpg`, `jpeg`, `png` and `webp`.
    ///
    /// # Errors
    /// What is wrong with the list.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut kinds = Vec::new();
        for word in list
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            let kind = match word.to_ascii_lowercase().as_str() {
                "jpg" | "jpeg" => PictureKind::Jpeg,
                "png" => PictureKind::Png,
                "webp" => PictureKind::WebP,
                _ => return Err(format!("`{word}` is none of jpg, jpeg, png, webp")),
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if kinds.is_empty() {
            return Err("must name at least one of jpg, jpeg, png, webp".to_owned());
        }
        Ok(Self(kinds))
    }

    /// Whether pictures of this kind are accepted.
    #[must_use]
    pub fn contains(&self, kind: PictureKind) -> bool {
        self.0.contains(&kind)
    }
}

impl Default for AllowedTypes {
    /// All that can be read.
    fn default() -> Self {
        Self(vec![PictureKind::Jpeg, PictureKind::Png, PictureKind::WebP])
    }
}

/// What the hotel's settings say about uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRules {
    /// Largest file, in bytes; exactly this many are fine.
    pub max_bytes: usize,
    /// Kinds that are accepted.
    pub allowed: AllowedTypes,
}

impl Default for UploadRules {
    fn default() -> Self {
        Self {
            max_bytes: 10 * 1024 * 1024,
            allowed: AllowedTypes::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_may_name_fewer_kinds() {
        let allowed = AllowedTypes::parse(" JPG, jpeg ,png,").unwrap();
        assert!(allowed.contains(PictureKind::Jpeg));
        assert!(allowed.contains(PictureKind::Png));
        assert!(!allowed.contains(PictureKind::WebP));
    }

    #[test]
    fn other_kinds_and_an_empty_list_are_mistakes() {
        assert!(AllowedTypes::parse("jpg,svg").unwrap_err().contains("svg"));
        assert!(AllowedTypes::parse(" , ").is_err());
    }
}
