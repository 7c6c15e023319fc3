//! Tests of the addresses that may be contacted.

use super::*;

#[test]
fn addresses_outside_the_public_internet_are_rejected() {
    for inside in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::",
        "64:ff9b::a00:1",
    ] {
        assert!(!Egress::Public.includes(inside.parse().unwrap()), "{inside}");
    }
    for outside in ["8.8.8.8", "93.184.216.34", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
        assert!(Egress::Public.includes(outside.parse().unwrap()), "{outside}");
    }
    assert!(Egress::PublicAndLoopback.includes("127.0.0.1".parse().unwrap()));
    assert!(!Egress::PublicAndLoopback.includes("10.0.0.1".parse().unwrap()));
}

#[test]
fn an_address_must_be_https_and_public_or_local_where_that_is_allowed() {
    let good = |url: &str, reach| check_url(url, reach).is_ok();
    assert!(good("https://desk.example.com/hooks?a=b", Egress::Public));
    assert!(good("https://8.8.8.8:8443/x", Egress::Public));
    assert!(good("http://127.0.0.1:9/x", Egress::PublicAndLoopback));
    assert!(good("http://localhost:9/x", Egress::PublicAndLoopback));
    for wrong in [
        "http://desk.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "http://localhost/",
        "https://169.254.169.254/latest/meta-data",
        "https://user@desk.example.com/",
        "https:///x",
        "/x",
        "ftp://a.b/",
        "",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
    ] {
        assert!(!good(wrong, Egress::Public), "{wrong}");
    }
    // These would be stored and could never be reached.
    for never in [
        "https://example.com:99999/",
        "https://example.com:65536/",
        "https://example.com:0/",
        "https://example.com:/",
        "https://example.com:-1/",
        "https://[2606:4700::1111]:99999/",
        "https://0/",
        "https://2852039166/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://8.8.8.8.8/",
        "https://256.1.1.1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[example.com]/",
        "https://localhost./",
        "https://desk.localhost/",
        "https://desk.internal/",
        "https://printer.local/hook",
        "https://desk.invalid/",
        "https://a..b/",
        "https://-a.example.com/",
        "https://a%20b.example.com/",
    ] {
        for reach in [Egress::Public, Egress::PublicAndLoopback] {
            let local = never.contains("localhost") && reach == Egress::PublicAndLoopback;
            assert_eq!(good(never, reach), local, "{never}");
        }
    }
    for fine in [
        "https://example.com.:65535/",
        "https://xn--bcher-kva.example.com/",
        "https://[2606:4700::1111]/",
        "https://a_b.test.example.com/",
    ] {
        assert!(good(fine, Egress::Public), "{fine}");
    }
    assert!(!good("http://desk.example.com/", Egress::PublicAndLoopback));
    assert!(!good("https://10.0.0.1/", Egress::PublicAndLoopback));
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_not_contacted() {
    let request = |url: &str| Request::post(url).body(vec![]).unwrap();
    for url in ["http://localhost:9/", "http://127.0.0.1:9/", "http://[::1]:9/", "http://0x7f.1:9/"] {
        let said = HttpClient::new(Egress::Public).send(request(url)).await.unwrap_err().chain();
        assert!(said.contains("public internet") || said.contains("DNS"), "{url}: {said}");
    }
}
