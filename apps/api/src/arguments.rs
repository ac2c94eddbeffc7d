/// What the program says of itself.
pub(crate) const USAGE: &str = "\
Usage: crm-api [COMMAND]

  serve                    serve the REST API (default)
  migrate up               bring the database schema to the newest step
  migrate down [N]         take back N steps (1)
  migrate status           list the steps
  create-admin --username NAME --email ADDRESS [--password PASSWORD]
                           create an admin; without --password it is read from
                           standard input
  analytics rebuild        count the figures of reports anew from what happened
  analytics rebuild --check
                           only tell which figures are not what happened; ends
                           with an error if there are any
  help                     show this

Settings come from the environment and from .env; see .env.example.
";

/// What the program is asked to do.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Serve,
    MigrateUp,
    MigrateDown(u32),
    MigrateStatus,
    CreateAdmin(NewAdmin),
    RebuildFigures,
    CheckFigures,
    Help,
}

/// An admin to be created, as typed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewAdmin {
    pub(crate) username: String,
    pub(crate) email: String,
    /// Asked for when it was not given.
    pub(crate) password: Option<String>,
}

impl Command {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let arguments: Vec<String> = arguments.into_iter().collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] | ["serve"] => Ok(Self::Serve),
            ["help" | "--help" | "-h", ..] => Ok(Self::Help),
            ["migrate", "up"] => Ok(Self::MigrateUp),
            ["migrate", "down"] => Ok(Self::MigrateDown(1)),
            ["migrate", "down", steps] => steps
                .parse()
                .ok()
                .filter(|steps| *steps > 0)
                .map(Self::MigrateDown)
                .ok_or_else(|| format!("{steps} is not a number of steps")),
            ["migrate", "status"] => Ok(Self::MigrateStatus),
            ["migrate", ..] => Err("migrate needs up, down or status".to_owned()),
            ["create-admin", options @ ..] => new_admin(options).map(Self::CreateAdmin),
            ["analytics", "rebuild"] => Ok(Self::RebuildFigures),
            ["analytics", "rebuild", "--check"] => Ok(Self::CheckFigures),
            ["analytics", ..] => Err("analytics needs rebuild, or rebuild --check".to_owned()),
            [other, ..] => Err(format!("there is no command {other}")),
        }
    }
}

fn new_admin(options: &[&str]) -> Result<NewAdmin, String> {
    let (mut username, mut email, mut password) = (None, None, None);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let (name, inline) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (*option, None),
        };
        let slot = match name {
            "--username" => &mut username,
            "--email" => &mut email,
            "--password" => &mut password,
            _ => return Err(format!("create-admin does not know {name}")),
        };
        let value = inline.or_else(|| rest.next().copied());
        *slot = Some(
            value
                .ok_or_else(|| format!("{name} needs a value"))?
                .to_owned(),
        );
    }
    Ok(NewAdmin {
        username: username.ok_or("create-admin needs --username")?,
        email: email.ok_or("create-admin needs --email")?,
        password,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn serving_is_what_happens_unless_something_else_is_asked_for() {
        assert!(parse("") == Ok(Command::Serve));
        assert!(parse("serve") == Ok(Command::Serve));
        assert!(parse("migrate down 3") == Ok(Command::MigrateDown(3)));
        for wrong in [
            "sreve",
            "migrate",
            "migrate down x",
            "migrate down 0",
            "serve now",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_admin_needs_a_name_and_an_address() {
        let admin = NewAdmin {
            username: "amy".into(),
            email: "amy@hotel.tw".into(),
            password: None,
        };
        let command = parse("create-admin --username amy --email=amy@hotel.tw");
        assert!(command == Ok(Command::CreateAdmin(admin)));
        for wrong in [
            "create-admin",
            "create-admin --username amy",
            "create-admin --username amy --email",
            "create-admin --name amy",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
