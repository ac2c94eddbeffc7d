//! The background process: does the jobs that the rest of the CRM leaves for later.
fn main() {}
