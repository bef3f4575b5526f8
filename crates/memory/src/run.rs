//! For callers whose flash answers at once.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use crate::StoreError;

/// Runs an operation of a store whose flash is never pending, like a simulated one.
///
/// # Errors
/// That of the operation; [`StoreError::Pending`] if the flash has not finished. The operation is then given up, as if
/// the supply had been cut.
pub fn run<T, E>(operation: impl Future<Output = Result<T, StoreError<E>>>) -> Result<T, StoreError<E>> {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StoreError::Pending),
    }
}
