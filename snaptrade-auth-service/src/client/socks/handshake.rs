//! What is said to a SOCKS5 proxy, and what it answers (RFC 1928, RFC 1929).

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use super::error::SocksError;

const VERSION: u8 = 5;
const CONNECT: u8 = 1;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NO_ACCEPTABLE_METHOD: u8 = 0xff;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Where the proxy is to connect to.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Address(SocketAddr),
    /// To be looked up by the proxy.
    Name(String, u16),
}

/// Who the proxy is told that this is.
#[derive(Clone)]
pub(crate) struct Login {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

impl Login {
    /// None if the protocol has no room for it.
    pub(crate) fn new(user: &str, password: &str) -> Option<Self> {
        let fits = |text: &str| text.len() <= usize::from(u8::MAX);
        (fits(user) && fits(password)).then(|| Self {
            user: Zeroizing::new(user.to_owned()),
            password: Zeroizing::new(password.to_owned()),
        })
    }
}

/// Has the proxy at the other end of `stream` connect it to `target`. No byte behind the proxy's last is read.
pub(super) async fn connect<S>(
    stream: &mut S,
    target: &Target,
    login: Option<&Login>,
) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    log_in(stream, login).await?;
    stream.write_all(&request(target)?).await?;
    // Some close behind the code if it is a refusal.
    match read(stream).await? {
        [VERSION, 0] => {}
        [VERSION, code] => return Err(SocksError::Refused(code.into())),
        _ => return Err(SocksError::Garbled),
    }
    // The proxy's own address, which nobody needs, and a port.
    let [_reserved, kind] = read(stream).await?;
    let len = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => stream.read_u8().await?.into(),
        _ => return Err(SocksError::Garbled),
    };
    stream.read_exact(&mut vec![0; len + 2]).await?;
    Ok(())
}

async fn log_in<S>(stream: &mut S, login: Option<&Login>) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // A proxy that wants no login is right for who has one.
    let offer: &[u8] = match login {
        Some(_) => &[VERSION, 2, NO_LOGIN, PASSWORD],
        None => &[VERSION, 1, NO_LOGIN],
    };
    stream.write_all(offer).await?;
    let login = match (read(stream).await?, login) {
        ([VERSION, NO_LOGIN], _) => return Ok(()),
        ([VERSION, PASSWORD], Some(login)) => login,
        ([VERSION, NO_ACCEPTABLE_METHOD], _) => return Err(SocksError::NoLogin),
        _ => return Err(SocksError::Garbled),
    };
    let mut message = Zeroizing::new(Vec::with_capacity(3 + 2 * usize::from(u8::MAX)));
    message.push(1);
    for text in [&login.user, &login.password] {
        // `Login` is made of short ones alone.
        message.push(u8::try_from(text.len()).map_err(|_| SocksError::NoLogin)?);
        message.extend(text.as_bytes());
    }
    stream.write_all(&message).await?;
    // Proxies do not agree on the version here.
    match read(stream).await? {
        [_version, 0] => Ok(()),
        _ => Err(SocksError::BadLogin),
    }
}

fn request(target: &Target) -> Result<Vec<u8>, SocksError> {
    let mut message = vec![VERSION, CONNECT, 0];
    let port = match target {
        Target::Address(SocketAddr::V4(address)) => {
            message.push(IPV4);
            message.extend(address.ip().octets());
            address.port()
        }
        Target::Address(SocketAddr::V6(address)) => {
            message.push(IPV6);
            message.extend(address.ip().octets());
            address.port()
        }
        Target::Name(name, port) => {
            let len = u8::try_from(name.len()).map_err(|_| SocksError::NameTooLong)?;
            message.extend([NAME, len]);
            message.extend(name.as_bytes());
            *port
        }
    };
    message.extend(port.to_be_bytes());
    Ok(message)
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<[u8; 2]> {
    let mut bytes = [0; 2];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
