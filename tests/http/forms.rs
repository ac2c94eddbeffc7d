//! Forms with a file in them, as a browser would send them or would not.

/// The content type of a form.
pub const KIND: &str = "multipart/form-data; boundary=--b";

/// A form of parts: what stands behind `form-data; `, and the content.
pub fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (named, content) in parts {
        let head = format!("----b\r\nContent-Disposition: form-data; {named}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"----b--\r\n");
    body
}
