use crate::reading::Scope;
use crate::text::narrow;
use crm_members::Email;

/// The first address of a field that reaches the guest; those of booking sites are nothing.
pub(crate) fn email(text: &str, scope: &Scope<'_>) -> Result<Option<Email>, &'static str> {
    let text = narrow(text);
    let mut wrong = None;
    for part in text
        .split([';', ',', ' ', '/', '、'])
        .filter(|p| !p.is_empty())
    {
        match Email::parse(part) {
            Ok(email) if is_relay(&email, scope) => {}
            Ok(email) => return Ok(Some(email)),
            Err(reason) => wrong = wrong.or(Some(reason)),
        }
    }
    wrong.map_or(Ok(None), Err)
}

fn is_relay(email: &Email, scope: &Scope<'_>) -> bool {
    let (_, domain) = email.as_str().rsplit_once('@').unwrap_or_default();
    scope.known.is_relay(domain)
}
