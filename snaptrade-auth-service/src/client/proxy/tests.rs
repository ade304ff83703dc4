use std::ffi::OsString;

use http::Uri;

use super::{Kind, Proxy, Route};
use crate::client::error::ClientError;

const SERVER: &str = "https://api.snaptrade.com";

/// The route to a server with these variables.
fn route(server: &'static str, variables: &[(&str, &str)]) -> Result<String, String> {
    let read = |name: &str| {
        let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
        Some(OsString::from(value))
    };
    match Route::from_env(&Uri::from_static(server), read) {
        Ok(Route::Direct) => Ok("direct".to_owned()),
        Ok(Route::Through(proxy)) => Ok(proxy.uri.to_string()),
        Err(error) => {
            let said = format!("{error} {error:?}");
            assert!(!said.contains("s3cret"), "{said}");
            match error {
                ClientError::InvalidProxyVariable { name } => Err(name.to_owned()),
                other => panic!("{other}"),
            }
        }
    }
}

fn through(proxy: &str) -> Result<String, String> {
    Ok(format!("{proxy}/"))
}

fn direct() -> Result<String, String> {
    Ok("direct".to_owned())
}

#[test]
fn the_schemes_variable_counts_and_else_the_one_for_all() {
    assert_eq!(route(SERVER, &[]), direct());
    for (server, own, other) in [
        (SERVER, ["HTTPS_PROXY", "https_proxy"], "HTTP_PROXY"),
        (
            "http://10.0.0.1",
            ["HTTP_PROXY", "http_proxy"],
            "HTTPS_PROXY",
        ),
    ] {
        for name in own.into_iter().chain(["ALL_PROXY", "all_proxy"]) {
            let set = route(server, &[(name, "http://a.test:1")]);
            assert_eq!(set, through("http://a.test:1"), "{name}");
        }
        let both = [
            ("ALL_PROXY", "http://a.test:1"),
            (own[1], "http://b.test:2"),
        ];
        assert_eq!(route(server, &both), through("http://b.test:2"));
        let other = [(other, "http://a.test:1")];
        assert_eq!(route(server, &other), direct());
    }
}

#[test]
fn upper_case_comes_first_even_if_empty() {
    for (upper, lower) in [("HTTPS_PROXY", "https_proxy"), ("ALL_PROXY", "all_proxy")] {
        let both = [(upper, "http://a.test:1"), (lower, "http://b.test:2")];
        assert_eq!(route(SERVER, &both), through("http://a.test:1"));
        let empty = [(upper, ""), (lower, "http://b.test:2")];
        assert_eq!(route(SERVER, &empty), direct());
    }
    let empty = [("HTTPS_PROXY", ""), ("all_proxy", "http://b.test:2")];
    assert_eq!(route(SERVER, &empty), through("http://b.test:2"));
    let no = [
        ("ALL_PROXY", "http://a.test:1"),
        ("NO_PROXY", ""),
        ("no_proxy", "*"),
    ];
    assert_eq!(route(SERVER, &no), through("http://a.test:1"));
}

#[test]
fn what_counts_and_cannot_be_used_is_an_error() {
    for value in [
        "socks4://jane:s3cret@a.test",
        "socks4a://a.test",
        "socks://a.test",
        "ftp://jane:s3cret@a.test",
        "http://",
        "http://jane:s3cret@",
        "http://:8080",
        "http://a.test:port",
        "http://a.test:99999",
        "http://jane:s3cr@s3cret@a.test",
        "two words",
        "/s3cret",
        " ",
        "http://[::1",
    ] {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            let found = route(SERVER, &[(name, value)]);
            assert_eq!(found, Err(name.to_owned()), "{value}");
        }
        // What does not count need not be right: some desktops set such an `all_proxy` beside others.
        let beside = [("HTTPS_PROXY", "http://a.test:1"), ("all_proxy", value)];
        assert_eq!(route(SERVER, &beside), through("http://a.test:1"));
        let exempt = [("HTTPS_PROXY", value), ("NO_PROXY", "snaptrade.com")];
        assert_eq!(route(SERVER, &exempt), direct());
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_an_error() {
    use std::os::unix::ffi::OsStringExt;

    let read = |name: &str| (name == "HTTPS_PROXY").then(|| OsString::from_vec(vec![0xff]));
    let route = Route::from_env(&Uri::from_static(SERVER), read);
    let name = "HTTPS_PROXY";
    assert!(matches!(route, Err(ClientError::InvalidProxyVariable { name: of }) if of == name));
}

#[test]
fn servers_that_no_proxy_names() {
    for (server, no_proxy, is_exempt) in [
        (SERVER, "*", true),
        (SERVER, "other.test, *", true),
        (SERVER, "snaptrade.com", true),
        (SERVER, ".snaptrade.com", true),
        (SERVER, "api.snaptrade.com,10.0.0.0/8", true),
        (SERVER, "trade.com", false),
        (SERVER, "other.test", false),
        ("https://10.0.0.1:8443", "*", true),
        ("https://10.0.0.1:8443", "a.test,*", true),
        ("https://10.0.0.1:8443", "10.0.0.0/8", true),
        ("https://10.0.0.1:8443", "11.0.0.0/8", false),
        ("https://[2001:db8::1]", "*", true),
        ("https://[2001:db8::1]", " * ", true),
        ("https://[2001:db8::1]", "2001:db8::/32", true),
        ("https://[2001:db8::1]", "2001:db9::/32", false),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let variables = [("ALL_PROXY", "http://a.test:1"), (name, no_proxy)];
            let expected = if is_exempt {
                direct()
            } else {
                through("http://a.test:1")
            };
            assert_eq!(route(server, &variables), expected, "{server} {no_proxy}");
        }
    }
}

#[test]
fn cgi_uses_none() {
    let variables = [
        ("REQUEST_METHOD", "GET"),
        ("HTTPS_PROXY", "http://a.test:1"),
    ];
    assert_eq!(route(SERVER, &variables), direct());
}

#[test]
fn ports_and_logins() {
    for (url, uri) in [
        ("a.test", "http://a.test:80/"),
        ("a.test:8080", "http://a.test:8080/"),
        ("http://a.test:", "http://a.test:80/"),
        ("https://a.test/path?query", "https://a.test:443/"),
        ("socks5://[::1]", "socks5://[::1]:1080/"),
        (
            "socks5h://jane:p%40ss@a.test:9050",
            "socks5h://a.test:9050/",
        ),
    ] {
        let proxy = Proxy::parse(url).unwrap();
        assert_eq!(proxy.uri.to_string(), uri, "{url}");
    }
    let basic = Proxy::parse("http://jane:p%40ss@a.test").unwrap();
    let Kind::Tunnel { auth: Some(auth) } = basic.kind else {
        panic!("a login");
    };
    // "jane:p@ss".
    assert_eq!(auth, "Basic amFuZTpwQHNz");
    assert!(auth.is_sensitive());
    // No message of the protocol has room for it.
    let long = "p".repeat(256);
    assert!(Proxy::parse(&format!("socks5://jane:{long}@a.test")).is_none());
    assert!(Proxy::parse(&format!("socks5://jane:{}@a.test", &long[1..])).is_some());
}
