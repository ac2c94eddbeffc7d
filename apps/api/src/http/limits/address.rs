use actix_web::HttpRequest;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request comes from. A web server on this machine is believed whom it speaks for;
/// anybody else could claim what they like.
pub(super) fn client(request: &HttpRequest) -> IpAddr {
    let peer = request
        .peer_addr()
        .map(|address| address.ip().to_canonical());
    let client = match peer {
        Some(peer) if peer.is_loopback() => forwarded(request).unwrap_or(peer),
        Some(peer) => peer,
        None => Ipv4Addr::UNSPECIFIED.into(),
    };
    household(client.to_canonical())
}

/// The last address of the header is the web server's own; what stands before it, its client may
/// have made up.
fn forwarded(request: &HttpRequest) -> Option<IpAddr> {
    let value = request.headers().get_all(FORWARDED_FOR).last()?;
    let last = value.to_str().ok()?.rsplit(',').next()?;
    last.trim().parse().ok()
}

/// Who has one IPv6 address has the 2^64 beside it as well.
fn household(address: IpAddr) -> IpAddr {
    const NETWORK: u128 = u128::MAX << 64;
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for value in forwarded {
            request = request.append_header((FORWARDED_FOR, *value));
        }
        client(&request.to_http_request()).to_string()
    }

    #[test]
    fn only_a_web_server_on_this_machine_speaks_for_others() {
        assert_eq!(seen("203.0.113.9:1", &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9:1", &["198.51.100.7"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1:1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("[::1]:1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("127.0.0.1:1", &[]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1:1", &["somewhere"]), "127.0.0.1");
    }

    #[test]
    fn what_a_client_claims_before_the_web_server_does_not_count() {
        let claimed = "10.0.0.1, 198.51.100.7";
        assert_eq!(seen("127.0.0.1:1", &[claimed]), "198.51.100.7");
        let lines = ["10.0.0.1", "198.51.100.7"];
        assert_eq!(seen("127.0.0.1:1", &lines), "198.51.100.7");
    }

    #[test]
    fn one_ipv6_network_is_one_client_and_an_ipv4_address_stays_one() {
        assert_eq!(seen("[2001:db8:1:2:3:4:5:6]:1", &[]), "2001:db8:1:2::");
        assert_eq!(seen("[::ffff:203.0.113.9]:1", &[]), "203.0.113.9");
    }
}
