use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use crm_kernel::{StoreError, UploadId};
use crm_templates::{Button, InteractionResult, TemplateContent};
use crm_uploads::{NewUpload, Upload, UploadRecord, UploadRepository};

impl MemoryStore {
    /// Every upload that was committed, by id.
    #[must_use]
    pub fn uploads(&self) -> Vec<Upload> {
        self.read(|tables| {
            let uploads = tables.uploads.iter();
            uploads
                .map(|(id, record)| Upload::from_store(*id, record.clone()))
                .collect()
        })
    }
}

fn taps(
    buttons: &[Button],
    result: Option<&InteractionResult>,
) -> Result<[String; 2], serde_json::Error> {
    Ok([
        serde_json::to_string(buttons)?,
        serde_json::to_string(&result)?,
    ])
}

fn words_of(content: &TemplateContent) -> Result<Vec<String>, serde_json::Error> {
    let mut words = Vec::from(taps(&content.buttons, content.interaction_result.as_ref())?);
    words.extend(content.content.clone());
    for card in &content.cards {
        words.push(card.image_url.clone());
        words.extend(taps(&card.buttons, card.interaction_result.as_ref())?);
    }
    Ok(words)
}

impl Tables {
    /// Whether one of the upload's paths occurs anywhere.
    fn is_used(&self, upload: &UploadRecord) -> Result<bool, StoreError> {
        let named = |text: &str| upload.paths().any(|path| text.contains(path));
        for template in self.templates.values() {
            let words = words_of(template.content());
            let words = words.map_err(|e| StoreError::Internal(Box::new(e)))?;
            if words.iter().any(|text| named(text)) {
                return Ok(true);
            }
        }
        let frozen = self.campaigns.values();
        let mut frozen = frozen.filter_map(|campaign| campaign.frozen_template.as_deref());
        let mut said = self.messages.values();
        let rules = self.auto_responses.values();
        let mut answers = rules.flat_map(|rule| rule.answer.texts());
        Ok(frozen.any(named)
            || said.any(|stored| named(stored.record.content.body()))
            || answers.any(|text| named(text)))
    }
}

#[async_trait]
impl UploadRepository for MemoryTx {
    async fn insert(&mut self, new: &NewUpload) -> Result<UploadId, StoreError> {
        let record = new.record();
        let by = record.uploaded_by;
        if by.is_some_and(|user| !self.tables.users.contains_key(&user)) {
            return Err(StoreError::Reference);
        }
        let mut others = self.tables.uploads.values();
        if others.any(|other| other.path == record.path) {
            return Err(StoreError::Duplicate { key: "upload_path" });
        }
        let id = self.tables.next_id();
        self.tables.uploads.insert(id, record.clone());
        Ok(id)
    }

    async fn delete_if_unused(&mut self, id: UploadId) -> Result<bool, StoreError> {
        let Some(upload) = self.tables.uploads.get(&id) else {
            return Ok(false);
        };
        if self.tables.is_used(upload)? {
            return Ok(false);
        }
        self.tables.uploads.remove(&id);
        Ok(true)
    }
}
