//! What comes out, whatever goes in.

use proptest::prelude::*;

use super::{LONGEST, READ, hidden::is_hidden, quote};

const MARKER: &str = "mArk3r-sEcret/0+9=";

fn quoted(text: &str) -> String {
    quote(text).to_string()
}

#[test]
fn queries_are_cut_out_and_nothing_else() {
    for (text, expected) in [
        (
            "error for url (https://h/p?userId=j&userSecret=s%20t), really?",
            "error for url (https://h/p?[redacted]), really?",
        ),
        ("a?b \"c?d\" e", "a?[redacted] \"c?[redacted]\" e"),
        ("a??secret", "a?[redacted]"),
        ("a?x=1&token=[b]&c d", "a?[redacted]&c d"),
        ("nothing", "nothing"),
    ] {
        assert_eq!(quoted(text), expected);
    }
}

#[test]
fn what_servers_say_passes() {
    for text in [
        "",
        "1076",
        "0123456789abcdef0123456789abcdef",
        "Unable to verify signature sent",
        "Invalid clientId provided - [YOUR_CLIENT_ID]",
        "Invalid userID or userSecret provided",
        "Authentication credentials were not provided.",
        "Request was throttled. Expected available in 7 seconds.",
        "brokerage_authorization: 87b24961-b51e-4db8-9226-f198f6518a89",
        "{\"broker\":[\"\\\"X\\\" is not a valid choice.\"]}",
        "tokens: 3, secrets=4, token_type: bearer",
        "50 % of 2 & 3; ça va, 日本語, 👍, e\u{301}\u{a0}!",
        "the signature does not fit, which is never the user's fault",
    ] {
        assert_eq!(quoted(text), text);
    }
}

#[test]
fn secrets_are_masked_up_to_their_ends() {
    for (text, expected) in [
        ("userSecret: abc, x", "userSecret: [redacted], x"),
        ("a=1&user_secret=abc&b=2", "a=1&user_secret=[redacted]&b=2"),
        (
            r#"{"userSecret":"a\"b c","x":1}"#,
            r#"{"userSecret":[redacted],"x":1}"#,
        ),
        (
            r#"{"b":"{\"userSecret\": \"a\\\"b\", \"x\": 1}"}"#,
            r#"{"b":"{\"userSecret\": [redacted], \"x\": 1}"}"#,
        ),
        ("{'token': 'a b', 'x': 1}", "{'token': [redacted], 'x': 1}"),
        ("('Token', 'a b'), 1", "('Token', [redacted]), 1"),
        ("<token>a b</token>", "<token>[redacted] b</token>"),
        (
            "user_secret: Some(\"a b\"), x",
            "user_secret: [redacted], x",
        ),
        ("token[0]=abc d", "token[redacted] d"),
        (
            "Authorization: Basic a b\nx",
            "Authorization: [redacted]\\nx",
        ),
        (
            "Proxy-Authorization: Digest a=\"b\", c",
            "Proxy-Authorization: [redacted]",
        ),
        ("CONSUMER KEY -> a", "CONSUMER KEY -> [redacted]"),
        (
            "invalid token \"a b\" here",
            "invalid token [redacted] here",
        ),
        (
            "the signature sent was: abc",
            "the signature sent was: [redacted]",
        ),
        (
            "&quot;token&quot;: &quot;a&quot;, x",
            "&quot;token&quot;: [redacted], x",
        ),
        (
            "%22token%22%3A%22a%20b%22%2C x",
            "%22token%22%3A[redacted] x",
        ),
    ] {
        assert_eq!(quoted(text), expected, "{text}");
    }
}

#[test]
fn debug_is_in_quotes_and_escapes_once() {
    assert_eq!(
        format!("{:?}", quote("a\"b\u{202e}\n")),
        r#""a\"b\u{202e}\n""#
    );
}

#[test]
fn what_is_cut_says_so() {
    let long = "ä".repeat(LONGEST);
    let expected = format!("{}… [cut, 2048 bytes]", "ä".repeat(LONGEST / 2));
    assert_eq!(quoted(&long), expected);
    let fits = "x".repeat(LONGEST);
    assert_eq!(quoted(&fits), fits);
    // A character that does not fit is not cut through, nor is an escape.
    let text = quoted(&format!("{}\u{202e}", "x".repeat(LONGEST - 3)));
    assert_eq!(
        text,
        format!("{}… [cut, 1024 bytes]", "x".repeat(LONGEST - 3))
    );
    // A secret is masked even if its end is not looked at.
    let text = quoted(&format!(
        "a?{}\"token\": \"{}",
        "x".repeat(READ - 60),
        MARKER.repeat(9)
    ));
    assert!(
        text.starts_with("a?[redacted]\"token\": [redacted]… [cut, "),
        "{text}"
    );
}

fn hidden() -> Vec<char> {
    let all = (0..0xe_1000).filter_map(char::from_u32);
    all.filter(|&c| is_hidden(c)).collect()
}

/// Any character, those that are hidden more often than not.
fn characters() -> impl Strategy<Value = char> {
    prop_oneof![
        any::<char>(),
        prop::sample::select(hidden()),
        prop::sample::select("\"'`\\?%&;:=<>()[]{}, \n\tabc".chars().collect::<Vec<_>>()),
    ]
}

fn text(longest: usize) -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        8 => characters().prop_map(String::from),
        1 => prop::sample::select(vec![
            "userSecret", "token", "signature: ", "\\\"", "%22", "&quot;", "&amp;", "%25", "\\u0022", "is ", "[redacted]",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(pieces, 0..longest).prop_map(|pieces| pieces.concat())
}

/// A name and its value, as one of the forms in which a server may quote what it was sent.
fn embedding() -> impl Strategy<Value = String> {
    let names = [
        "userSecret",
        "user_secret",
        "USER-SECRET",
        "User Secret",
        "token",
        "accessToken",
        "x-access-token",
        "consumerKey",
        "CONSUMER_KEY",
        "consumer-key",
        "signature",
        "Signature",
        "clientSecret",
    ];
    let around = [
        "{n}: {v}",
        "{n}:{v}",
        "{n}={v}",
        "{n} = {v}",
        "{n} => {v}",
        "{n} -> {v}",
        "{n}&#61;{v}",
        "{n}%3D{v}",
        "{n}%253D{v}",
        "{n}\\u003d{v}",
        "{n} is: {v}",
        "{n} provided - [{v}]",
        "{n} '{v}'",
        "({n}) \"{v}\"",
        "\"{n}\":\"{v}\"",
        "\"{n}\" : \"{v}\"",
        "'{n}': '{v}'",
        "'{n}':'a b{v}c'",
        "`{n}`: `{v}`",
        "\"{n}\":[\"{v}\"]",
        "\"{n}\":{\"x\":\"a b {v}\"}",
        "\"{n}\":\"a\\\"b {v}\"",
        "\\\"{n}\\\":\\\"{v}\\\"",
        "\\\"{n}\\\": \\\"a\\\\\\\"b {v}\\\"",
        "\\\\\\\"{n}\\\\\\\":\\\\\\\"{v}\\\\\\\"",
        "\\u0022{n}\\u0022:\\u0022{v}\\u0022",
        "&quot;{n}&quot;: &quot;{v}&quot;",
        "&amp;quot;{n}&amp;quot;: &amp;quot;{v}&amp;quot;",
        "&#39;{n}&#39;: &#x27;{v}&#x27;",
        "%22{n}%22%3A%22{v}%22",
        "%2522{n}%2522%253A%2522{v}%2522",
        "(\"{n}\", \"{v}\")",
        "{n}: Some(\"{v}\")",
        "{n}({v})",
        "{n}: Bearer {v}",
        "{n}:\n  {v}",
        "{n}\u{200b}: \u{feff}{v}",
        "<{n}>{v}</{n}>",
        "{n}[]={v}",
        "{n} | {v}",
        "**{n}**: {v}",
        "b'{n}': b'{v}'",
        "GET /x?a={n}&{n}={v} HTTP/1.1",
        "/x%3F{n}%3D{v}",
    ];
    let header = [
        "Authorization: {v}",
        "authorization: Bearer {v}",
        "\"Authorization\": \"Signature keyId=\\\"a\\\", x={v}\"",
        "AUTHORIZATION=Basic {v}",
        "authorization: Digest a=b, c=\"{v}\"",
        "Proxy-Authorization: Basic  {v}",
    ];
    let named = (
        prop::sample::select(around.to_vec()),
        prop::sample::select(names.to_vec()),
    )
        .prop_map(|(form, name)| form.replace("{n}", name));
    let forms =
        prop_oneof![9 => named, 1 => prop::sample::select(header.to_vec()).prop_map(str::to_owned)];
    (forms, 0..4_u8).prop_map(|(form, change)| {
        let form = match change {
            0 => form
                .to_uppercase()
                .replace("{V}", "{v}")
                .replace("\\U00", "\\u00"),
            1 => form.to_lowercase(),
            _ => form,
        };
        form.replace("{v}", MARKER)
    })
}

proptest! {
    #[test]
    fn nothing_hidden_comes_out_and_it_is_bounded(text in text(600)) {
        let quoted = quote(&text);
        for text in [quoted.to_string(), format!("{quoted:?}")] {
            prop_assert!(!text.chars().any(is_hidden), "{:?}", text);
            prop_assert!(text.len() <= 2 * LONGEST + 64, "{}", text.len());
        }
    }

    #[test]
    fn the_same_comes_out_of_what_came_out(text in "[ a-z0-9äöü.,/-]{0,200}") {
        prop_assert_eq!(quoted(&text), text);
    }

    /// The text before ends with a space, so that the name is one.
    #[test]
    fn no_embedding_shows_the_secret(before in text(20), embedded in embedding(), after in text(20)) {
        for text in [format!("{before} {embedded} {after}"), format!("{before}\n{embedded}")] {
            let printed = format!("{} {:?}", quote(&text), quote(&text));
            prop_assert!(!printed.to_lowercase().contains("mark3r"), "{:?} became {}", text, printed);
        }
    }
}
