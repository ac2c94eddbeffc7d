//! Evaluates licence expressions: may we ship under one of the ways it offers?

/// `MIT OR (Apache-2.0 AND ISC)`, and the older `MIT/Apache-2.0`.
pub fn allows(expression: &str, allowed: &[String]) -> Result<bool, String> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = Words {
        words: spaced.split_whitespace().collect(),
        next: 0,
        allowed,
    };
    let verdict = words.either()?;
    match words.peek() {
        None => Ok(verdict),
        Some(word) => Err(format!("did not expect `{word}`")),
    }
}

struct Words<'a> {
    words: Vec<&'a str>,
    next: usize,
    allowed: &'a [String],
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self, expected: &str) -> bool {
        let found = self.peek() == Some(expected);
        self.next += usize::from(found);
        found
    }

    fn either(&mut self) -> Result<bool, String> {
        let mut verdict = self.both()?;
        while self.take("OR") {
            verdict |= self.both()?;
        }
        Ok(verdict)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut verdict = self.one()?;
        while self.take("AND") {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let verdict = self.either()?;
            return if self.take(")") {
                Ok(verdict)
            } else {
                Err("a bracket is not closed".into())
            };
        }
        let mut licence = self.name()?.to_owned();
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.name()?);
        }
        Ok(self.allowed.contains(&licence))
    }

    fn name(&mut self) -> Result<&'a str, String> {
        match self.peek() {
            Some("OR" | "AND" | "WITH" | "(" | ")") | None => {
                Err("a licence name is missing".into())
            }
            Some(name) => {
                self.next += 1;
                Ok(name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(expression: &str) -> Result<bool, String> {
        let allowed =
            ["MIT", "Apache-2.0", "ISC", "Apache-2.0 WITH LLVM-exception"].map(String::from);
        allows(expression, &allowed)
    }

    #[test]
    fn one_way_is_enough_and_all_parts_of_it_are_needed() {
        for good in [
            "MIT",
            "GPL-3.0-only OR MIT",
            "MIT/GPL-3.0",
            "GPL-3.0 / MIT",
            "Apache-2.0 AND ISC",
            "(MIT OR GPL-3.0-only) AND ISC",
            "GPL-3.0-only AND MIT OR ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(verdict(good), Ok(true), "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR ISC) AND GPL-3.0-only",
            "GPL-3.0-only OR MIT AND AGPL-3.0-only",
            "MIT WITH LLVM-exception",
        ] {
            assert_eq!(verdict(bad), Ok(false), "{bad}");
        }
    }

    #[test]
    fn nonsense_is_an_error_and_never_allowed() {
        for nonsense in [
            "", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND MIT", "MIT WITH",
        ] {
            assert!(verdict(nonsense).is_err(), "{nonsense}");
        }
    }
}
