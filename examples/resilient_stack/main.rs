//! Every layer in its order, built by hand, and a server that misbehaves scene by scene.
//!
//! ```text
//! cargo run --example resilient_stack
//! ```
//!
//! `stack.rs` is the stack, with the reason for each layer's place. The scenes are told three times: by the server's
//! log, by the layers, and by what the caller saw. All over real sockets; it takes a few seconds, as its waits are real.

pub(crate) mod quota;
pub(crate) mod retries;
pub(crate) mod scene;
pub(crate) mod secrets;
mod stack;
pub(crate) mod stamps;

use snaptrade_signing::BoxError;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    println!("1. {}", retries::unavailable().await?);
    println!("2. {}", quota::throttled().await?);
    println!("3. {}", retries::stalled().await?);
    println!("4. {}", retries::idle_close().await?);
    println!("5. {}", secrets::reset_after_commit().await?);
    println!("6. {}", secrets::caller_leaves().await?);
    println!("7. {}", stamps::wrong_clock().await?);
    println!("8. {}", stamps::new_key().await?);
    println!("9. {}", quota::full().await?);
    Ok(())
}
