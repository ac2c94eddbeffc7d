//! Stored pictures (document 000 §5.3, appendix D). The table says what is there; the files lie
//! where the settings say.

crate::step!(
    "m0007_uploads",
    up: &[
        // Paths are those below `/static/uploads/`.
        "CREATE TABLE uploads (
            id {id},
            category {key:20} NOT NULL,
            path {key:200} NOT NULL,
            jpeg_path {key:200},
            thumbnail_path {key:200} NOT NULL,
            bytes BIGINT NOT NULL,
            width INT NOT NULL,
            height INT NOT NULL,
            uploaded_by BIGINT,
            created_at {time} NOT NULL,
            CONSTRAINT uq_uploads_path UNIQUE (path),
            CONSTRAINT fk_uploads_uploaded_by FOREIGN KEY (uploaded_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_uploads_created ON uploads (created_at, id)",
        // Files are looked up by every path that a row names.
        "CREATE INDEX ix_uploads_jpeg ON uploads (jpeg_path)",
        "CREATE INDEX ix_uploads_thumbnail ON uploads (thumbnail_path)",
    ],
    down: &["DROP TABLE uploads"],
);
