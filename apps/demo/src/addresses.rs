//! Who listens where: the API where it is told to, its companions a fixed way above it when
//! that is free, so that bookmarks and stored addresses stay right.

use crate::DemoError;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

const LINE_ABOVE: u16 = 700;
const PICTURES_ABOVE: u16 = 701;
const PMS_ABOVE: u16 = 702;

/// Takes the API's address.
pub(crate) fn listen(addr: SocketAddr) -> Result<TcpListener, DemoError> {
    TcpListener::bind(addr).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => DemoError::AddressInUse(addr),
        _ => DemoError::Listen(addr, error),
    })
}

/// Where the simulated LINE would like to be.
pub(crate) fn line(api: SocketAddr) -> SocketAddr {
    above(api, LINE_ABOVE)
}

/// Where the pictures would like to be.
pub(crate) fn pictures(api: SocketAddr) -> SocketAddr {
    above(api, PICTURES_ABOVE)
}

/// Where the simulated PMS would like to be.
pub(crate) fn pms(api: SocketAddr) -> SocketAddr {
    above(api, PMS_ABOVE)
}

/// Any free port beside this address.
pub(crate) fn any_port(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(addr.ip(), 0)
}

/// How a browser on this machine reaches it.
pub(crate) fn url(addr: SocketAddr) -> String {
    let ip = if addr.ip().is_unspecified() {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        addr.ip()
    };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}

/// The same for an address that is written as a URL already.
pub(crate) fn reachable(url: String) -> String {
    let addr = url
        .strip_prefix("http://")
        .and_then(|addr| addr.parse().ok());
    addr.map_or(url, self::url)
}

/// A companion is reached over plain http, which is for this machine only: an API that others
/// may use from outside does not take it along.
fn above(api: SocketAddr, by: u16) -> SocketAddr {
    let ip = if api.ip().is_unspecified() || api.ip().is_loopback() {
        api.ip()
    } else {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    };
    SocketAddr::new(ip, api.port().checked_add(by).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn companions_are_a_fixed_way_above_on_this_machine() {
        assert_eq!(line(addr("127.0.0.1:8000")), addr("127.0.0.1:8700"));
        assert_eq!(pictures(addr("10.0.0.5:8000")), addr("127.0.0.1:8701"));
        assert_eq!(line(addr("127.0.0.1:65500")).port(), 0);
    }

    #[test]
    fn everywhere_is_reached_as_this_machine() {
        assert_eq!(url(addr("0.0.0.0:8000")), "http://127.0.0.1:8000");
        assert_eq!(url(addr("[::1]:8000")), "http://[::1]:8000");
        let everywhere = reachable("http://[::]:8700".to_owned());
        assert_eq!(everywhere, "http://127.0.0.1:8700");
    }

    #[test]
    fn a_taken_address_is_told_as_such() {
        let taken = listen(addr("127.0.0.1:0")).unwrap();
        let again = listen(taken.local_addr().unwrap());
        assert!(matches!(again, Err(DemoError::AddressInUse(_))));
    }
}
