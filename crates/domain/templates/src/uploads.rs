//! Pictures that were uploaded here. A template names them by the path that their upload was
//! answered with, so that it survives a move of the product to another address.

/// Below this, and a folder, lie all uploaded pictures.
const UPLOADS: &str = "/static/uploads/images/";
/// The folders: one for each category of uploads.
const FOLDERS: [&str; 3] = ["templates", "members", "temp"];
/// The endings of their files.
const ENDINGS: [&str; 3] = ["jpg", "png", "webp"];

/// Whether it is the path of an uploaded picture as uploads are answered with it: a known
/// folder, a plain name, a known ending. Whether the picture is still there is not asked.
pub(crate) fn is_upload(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    path.strip_prefix(UPLOADS)
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(folder, name)| Some((folder, name.rsplit_once('.')?)))
        .is_some_and(|(folder, (stem, ending))| {
            FOLDERS.contains(&folder)
                && !stem.is_empty()
                && stem.chars().all(plain)
                && ENDINGS.contains(&ending)
        })
}

/// Where LINE finds an uploaded picture, below the product's own address; `None` for any other
/// picture. LINE takes JPEG and PNG only, so a WebP is shown by the JPEG that lies beside it.
pub(crate) fn address(picture: &str, base_url: &str) -> Option<String> {
    let base_url = base_url.trim_end_matches('/');
    let path = picture.strip_prefix(base_url).unwrap_or(picture);
    is_upload(path).then(|| match path.strip_suffix(".webp") {
        Some(stem) => format!("{base_url}{stem}.jpg"),
        None => format!("{base_url}{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "20260924_101500_018f3c2e-1b1a-7c3d-9a4b-0123456789ab";

    #[test]
    fn only_paths_as_uploads_answer_them_are_uploads() {
        for folder in FOLDERS {
            for ending in ["jpg", "png", "webp"] {
                assert!(is_upload(&format!("{UPLOADS}{folder}/{NAME}.{ending}")));
            }
        }
        assert!(is_upload(&format!("{UPLOADS}templates/{NAME}_thumb.jpg")));
        for wrong in [
            "",
            "/",
            "/static/uploads/images/templates/",
            "/static/uploads/images/templates/.jpg",
            "/static/uploads/images/templates/a",
            "/static/uploads/images/templates/a.svg",
            "/static/uploads/images/templates/a.JPG",
            "/static/uploads/images/templates/a.jpg?x",
            "/static/uploads/images/templates/a.jpg#x",
            "/static/uploads/images/templates/a.b.jpg",
            "/static/uploads/images/templates/..a.jpg",
            "/static/uploads/images/templates/../a.jpg",
            "/static/uploads/images/templates/../templates/a.jpg",
            "/static/uploads/images/templates//a.jpg",
            "/static/uploads/images/templates/b/a.jpg",
            "/static/uploads/images/templates/a%2e.jpg",
            "/static/uploads/images/templates/房.jpg",
            "/static/uploads/images/templates/a\\b.jpg",
            "/static/uploads/images/others/a.jpg",
            "/static/uploads/images/a.jpg",
            "/static/uploads/templates/a.jpg",
            "/static/uploads/exports/temp/a.jpg",
            "static/uploads/images/templates/a.jpg",
            "//h.tw/static/uploads/images/templates/a.jpg",
            "https://h.tw/static/uploads/images/templates/a.jpg",
        ] {
            assert!(!is_upload(wrong), "{wrong}");
        }
    }

    #[test]
    fn line_gets_the_address_of_a_jpeg_or_png() {
        let at = |ending: &str| format!("{UPLOADS}templates/{NAME}.{ending}");
        for base in ["https://crm.hotel.tw", "http://127.0.0.1:8000/"] {
            let shown = |ending: &str| address(&at(ending), base);
            let wanted =
                |ending: &str| Some(format!("{}{}", base.trim_end_matches('/'), at(ending)));
            assert_eq!(shown("jpg"), wanted("jpg"));
            assert_eq!(shown("png"), wanted("png"));
            assert_eq!(shown("webp"), wanted("jpg"));
        }
    }

    #[test]
    fn an_upload_may_be_named_by_its_whole_address_too() {
        let base = "https://crm.hotel.tw";
        let whole = format!("{base}{UPLOADS}temp/a.webp");
        let wanted = Some(format!("{base}{UPLOADS}temp/a.jpg"));
        assert_eq!(address(&whole, base), wanted);
        assert_eq!(address(&whole, "https://other.tw"), None);
        assert_eq!(address("https://cdn.hotel.tw/a.webp", base), None);
    }
}
