//! Pictures (document 000 appendix D).

mod dto;
mod files;
mod form;

use super::answer::{ApiResult, Envelope, created};
use super::extract::{Allowed, Form, FromQuery, Query, QueryReader, UploadsCreate};
use super::problem::Problems;
use super::wire::UploadCategory;
use actix_web::post;
use actix_web::web::Data;
use crm_bootstrap::{Crm, Settings};
use crm_uploads::{Category, UploadPicture};
use dto::{UploadImage, UploadedImage};
use form::{Crop, PictureFields};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(upload_image);
}

/// What everybody may ask, beside the API.
pub(crate) fn public_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(files::show_upload)
        .service(files::look_at_upload);
}

/// What the form may leave to the address.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToKeep {
    /// What it is for, unless the form says it; `templates` when nobody does
    #[param(inline)]
    category: Option<UploadCategory>,
    /// `square` keeps only the square in the middle
    #[param(value_type = Option<String>, example = "square")]
    crop: Option<Crop>,
}

impl FromQuery for HowToKeep {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            category: query.word("category"),
            crop: query.word("crop"),
        }
    }
}

/// Keep a picture: turned upright, at most 1200 pixels wide, without where it was taken.
#[utoipa::path(
    tag = "uploads",
    security(("bearer" = [])),
    params(HowToKeep),
    request_body(content = UploadImage, content_type = "multipart/form-data"),
    responses((status = 201, description = "Kept", body = Envelope<UploadedImage>), Problems),
)]
#[post("/upload/image")]
async fn upload_image(
    user: Allowed<UploadsCreate>,
    how: Query<HowToKeep>,
    form: Form<PictureFields>,
    crm: Data<Crm>,
    settings: Data<Settings>,
) -> ApiResult<UploadedImage> {
    let category = form.text("category").map(str::to_owned);
    let crop = Crop::read(form.text("crop"))?;
    let asked = how.0.category.map_or(Category::Templates, Category::from);
    let name = form.file_name;
    let command = UploadPicture {
        category: category.unwrap_or_else(|| asked.as_str().to_owned()),
        bytes: form.file,
        crop_square: crop.or(how.0.crop) == Some(Crop::Square),
    };
    let upload = crm.uploads.upload(&user.actor(), command).await?;
    let image = UploadedImage::new(&upload, settings.public_base_url.as_str(), &name);
    Ok(created(upload.url(), image))
}
