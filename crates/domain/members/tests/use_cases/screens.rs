use crate::desk::Desk;
use crm_kernel::{DomainError, PageRequest};

#[tokio::test]
async fn nobody_has_no_timeline_and_no_import_no_errors() {
    let desk = Desk::new();
    let page = PageRequest::new(1, 20).unwrap();
    let timeline = desk.members.timeline(999.into(), page).await;
    assert_eq!(timeline.unwrap_err().code(), "member_not_found");
    let import = desk.members.import(999.into()).await;
    assert_eq!(import.unwrap_err().code(), "import_not_found");
    let errors = desk.members.import_errors(999.into(), page).await;
    assert_eq!(errors.unwrap_err().code(), "import_not_found");
}
