//! Outgoing HTTP: mails to SES and webhooks to users. Guarantees: the only TLS stack is the one that the AWS SDKs bring; redirects
//! are not followed; only a few seconds and a few kilobytes of a response are read; and where a user supplied the address, only
//! hosts on the public internet are contacted, whatever the name resolves to and whenever.

use crate::fault::{During, Fault};
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use axum::http::{Request, Uri};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

/// Maximum duration of a request, including its response.
const PATIENCE: Duration = Duration::from_secs(10);
/// Maximum number of response bytes that are read; the rest is ignored.
const MAX_ANSWER: usize = 4096;

/// The addresses that a client may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Egress {
    /// Any address, because we chose it.
    Anywhere,
    /// Public addresses only.
    Public,
    /// Public addresses and loopback, for testing webhooks on one machine.
    PublicAndLoopback,
}

/// An HTTP client. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct HttpClient {
    connector: Arc<Connector>,
    reach: Egress,
}

/// The response to a request.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Status code.
    pub status: u16,
    /// The beginning of the body, up to 4096 bytes.
    pub body: String,
}

impl Answered {
    /// Whether the status code is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// The address is not on the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address is not on the public internet")]
pub struct NotPublic;

impl HttpClient {
    /// A client that connects only to addresses within `reach`.
    #[must_use]
    pub fn new(reach: Egress) -> Self {
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let connector = Connector::builder().tls_provider(provider).build_with_resolver(Resolver(reach));
        Self { connector: Arc::new(connector), reach }
    }

    /// Sends a request and reads the beginning of the response.
    ///
    /// # Errors
    /// A fault that says why there is no response.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Answered, Fault> {
        // A literal IP address is not resolved, so the resolver does not check it.
        let host = request.uri().host().unwrap_or_default();
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>()
            && !self.reach.includes(address)
        {
            return Err(NotPublic).during("connecting");
        }
        let request = request.map(SdkBody::from).try_into().during("writing a request")?;
        let sending = async {
            let response = self.connector.call(request).await.during("sending a request")?;
            let status = response.status().as_u16();
            let mut body = Vec::new();
            let mut stream = ByteStream::new(response.into_body());
            while let Some(Ok(bytes)) = stream.next().await {
                body.extend_from_slice(&bytes[..bytes.len().min(MAX_ANSWER - body.len())]);
                if body.len() == MAX_ANSWER {
                    break;
                }
            }
            Ok(Answered { status, body: String::from_utf8_lossy(&body).into_owned() })
        };
        tokio::time::timeout(PATIENCE, sending).await.during("waiting for an answer")?
    }
}

/// Checks an address that a user wants messages posted to: `https` with a host, no user name and no fragment; on one machine also
/// `http` to that machine. An address that can never be reached is rejected: an impossible port, a host that is neither a name nor
/// a complete address, a name that is never public.
///
/// # Errors
/// A description of what was expected.
pub fn check_url(url: &str, reach: Egress) -> Result<Uri, &'static str> {
    let uri: Uri = url.parse().map_err(|_| "expected an address such as https://desk.example.com/hooks")?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if uri.host().is_none_or(str::is_empty) || authority.contains('@') {
        return Err("expected a host without a user name");
    }
    let named = uri.host().unwrap_or_default().to_ascii_lowercase();
    // The parser accepts a port that is not a number from 0 to 65535, and then reports no port.
    let has_port = authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
    if has_port && uri.port_u16().is_none_or(|port| port == 0) {
        return Err("expected a port from 1 to 65535");
    }
    let host = Host::read(&named)?;
    let address = host.address();
    let loopback = match &host {
        Host::Name(name) => is_of(name, "localhost"),
        Host::Address(address) => address.is_loopback(),
    };
    let local = reach != Egress::Public && loopback;
    if uri.scheme_str() != Some("https") && !(local && uri.scheme_str() == Some("http")) {
        return Err("expected an address that starts with https://");
    }
    let inside = address.is_some_and(|address| !reach.includes(address));
    // A name without a dot belongs to the network in which it is looked up.
    let never_public = matches!(&host, Host::Name(name)
        if !name.contains('.') || NEVER_PUBLIC.iter().any(|domain| is_of(name, domain)));
    if inside || ((loopback || never_public) && !local) {
        return Err("expected an address on the public internet");
    }
    Ok(uri)
}

/// Domains that never resolve publicly (RFC 6761, 6762, 7686 and 8375, and ICANN's 2024 reservation).
const NEVER_PUBLIC: [&str; 7] = ["localhost", "local", "internal", "invalid", "test", "onion", "home.arpa"];

/// Whether a name is a domain or lies within it.
fn is_of(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The host of an address, in lower case.
enum Host {
    /// A name, without a trailing dot.
    Name(String),
    /// A literal IP address.
    Address(IpAddr),
}

impl Host {
    fn read(text: &str) -> Result<Self, &'static str> {
        if let Some(inside) = text.strip_prefix('[') {
            let address = inside.strip_suffix(']').and_then(|inside| inside.parse::<Ipv6Addr>().ok());
            return address
                .map(|address| Self::Address(address.into()))
                .ok_or("expected an IPv6 address in brackets, without a zone");
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        // Resolvers treat a host that ends in a number as an address: 0, 0x7f.1 and 2852039166 are addresses (WHATWG URL, section
        // 3.5).
        let last = name.rsplit('.').next().unwrap_or_default();
        let number = last.strip_prefix("0x").unwrap_or(last);
        if last.bytes().all(|byte| byte.is_ascii_digit())
            || (last.starts_with("0x") && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            return Err("expected a name, or an IPv4 address as four numbers from 0 to 255");
        }
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.len() > 253 || !name.split('.').all(label) {
            return Err("expected a name of letters, digits and hyphens, such as desk.example.com");
        }
        Ok(Self::Name(name.to_owned()))
    }

    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::Address(address) => Some(*address),
        }
    }
}

impl Egress {
    /// Whether a client may connect to an address.
    #[must_use]
    pub fn includes(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => is_public(address),
            Self::PublicAndLoopback => is_public(address) || address.is_loopback(),
        }
    }
}

/// Whether an address is on the public internet. An address not known to be public counts as private (IANA's registries of
/// special-purpose addresses, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    // Shared (carrier-grade NAT), protocol assignments, 6to4 relays, benchmarking; this network, multicast and reserved.
    let special = matches!(
        (a, b, c),
        (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (0 | 224..=255, _, _)
    );
    !(special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [a, b, ..] = address.segments();
    // Global unicast is 2000::/3, except 2001::/23 (Teredo and similar), documentation and 6to4.
    let global = a & 0xe000 == 0x2000;
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || a == 0x3fff;
    global && !special
}

/// Resolves names and drops addresses that must not be contacted. The connection uses the returned addresses: there is no second
/// look-up that could return something else.
#[derive(Clone, Copy, Debug)]
struct Resolver(Egress);

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let found: Vec<IpAddr> =
                found.map(|address| address.ip()).filter(|address| self.0.includes(*address)).collect();
            if found.is_empty() { Err(ResolveDnsError::new(NotPublic)) } else { Ok(found) }
        })
    }
}

#[cfg(test)]
mod tests;
