/// What machines that look at links call themselves.
const MACHINES: [&str; 8] = [
    "facebookexternalhit",
    "line-poker",
    "bot",
    "crawler",
    "spider",
    "preview",
    "curl",
    "wget",
];

/// Whether a tap was a guest's and not that of a machine making a preview.
pub(super) fn is_guest(agent: &str) -> bool {
    // A make of telephones whose name looks like a machine's.
    let agent = agent.to_ascii_lowercase().replace("cubot", "");
    !agent.trim().is_empty() && !MACHINES.iter().any(|machine| agent.contains(machine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_count_also_inside_line() {
        for agent in [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari Line/15.0.0",
            "Mozilla/5.0 (Linux; Android 14; CUBOT NOTE 50) AppleWebKit/537.36 Chrome/129.0 Mobile",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0",
        ] {
            assert!(is_guest(agent), "{agent}");
        }
    }

    #[test]
    fn machines_do_not_count() {
        for agent in [
            "",
            " ",
            "facebookexternalhit/1.1;line-poker/1.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1)",
            "Slackbot-LinkExpanding 1.0",
            "SomeCrawler/3",
            "Baiduspider/2.0",
            "BingPreview/1.0b",
            "curl/8.5.0",
            "Wget/1.21",
        ] {
            assert!(!is_guest(agent), "{agent}");
        }
    }
}
