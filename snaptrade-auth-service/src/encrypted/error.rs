//! What can go wrong with keys and with encrypted responses.

use crate::rsa_public_key::InvalidRsaPublicKey;

/// Why a text is no private key to open responses with. It never holds the text or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPrivateKey {
    /// There is no PEM block in the text.
    #[error("no PEM block: the private key must begin with a line `-----BEGIN … PRIVATE KEY-----`")]
    NotPem,

    /// The block is cut off.
    #[error(
        "the private key's PEM block has no line `-----END … PRIVATE KEY-----` to match its beginning: copy the whole block"
    )]
    Unfinished,

    /// What stands between the first and the last line is no base64.
    #[error(
        "the private key's PEM block is no base64: copy it unchanged (in an environment variable it needs true line breaks or spaces, not `\\n` as two characters)"
    )]
    NotBase64,

    /// The key is protected by a passphrase.
    #[error(
        "the private key is protected by a passphrase: remove it from a copy (`openssl pkey -in <key>`, or `ssh-keygen -p -f <key>` for OpenSSH)"
    )]
    Passphrase,

    /// The block holds a public key, a certificate or something else.
    #[error(
        "the PEM block is not a private key: it must be `RSA PRIVATE KEY`, `PRIVATE KEY` or `OPENSSH PRIVATE KEY`"
    )]
    OtherKind,

    /// The key is a private key, but not of RSA.
    #[error(
        "the private key is not an RSA key: encrypted responses need one (`ssh-keygen -t rsa -b 3072`)"
    )]
    NotRsa,

    /// The bytes in the block are not the form that its first line announces.
    #[error("the bytes in the private key's PEM block are not a key in the {form} form")]
    Malformed {
        /// `PKCS#1`, `PKCS#8` or `OpenSSH`.
        form: &'static str,
    },

    /// The public half of the key cannot be used.
    #[error("the public half of the private key is refused")]
    PublicHalf(#[from] InvalidRsaPublicKey),

    /// The numbers of the key contradict each other, or there are more than two primes.
    #[error(
        "the numbers in the private key do not fit together: it is damaged, or not a key of two primes"
    )]
    Inconsistent,
}

/// Why an encrypted response was not opened. It never holds anything of the response or the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The response was made for another key, was changed, or is no encrypted response at all. Which of them is not
    /// told, as the answer would help to decrypt without the key.
    #[error(
        "the encrypted response did not open: it was made for another key than this one (the user's `rsaPublicKey` must be its pair), or changed on the way"
    )]
    Refused,

    /// The response opened, and the message is genuine, but not the JSON that was asked for.
    #[error(
        "the encrypted response opened, but its message is not the expected JSON (line {line}, column {column}): `open` gives the bytes"
    )]
    UnexpectedJson {
        /// The line of the message, from 1.
        line: usize,
        /// The column in the line, from 1; 0 before its first character.
        column: usize,
    },

    /// The operating system gave no random numbers, without which the private key is not used.
    #[error("the operating system gave no random numbers, which decrypting needs")]
    NoRandomness,
}

/// Why a response was not encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The random number generator failed.
    #[error("the random number generator failed, so nothing was encrypted")]
    NoRandomness,

    /// The message is 1 GiB or longer.
    #[error("the message is too long to be encrypted: it must be shorter than 1 GiB")]
    TooLong,
}
