use actix_web::{HttpMessage, HttpRequest};
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// Keeps what follows `Allowed` in a handler's signature waiting until the caller is admitted:
/// whoever may not come in is not told what is wrong with the rest of their request.
///
/// The parameters of a handler are extracted in one future, polled in their order, so that the
/// one that opens the gate also wakes those behind it.
#[derive(Clone)]
pub(crate) struct Gate(Rc<Cell<bool>>);

impl Gate {
    /// Closes the gate of a request.
    pub(crate) fn close(request: &HttpRequest) -> Self {
        let gate = Self(Rc::new(Cell::new(false)));
        request.extensions_mut().insert(gate.clone());
        gate
    }

    /// Opens it.
    pub(crate) fn open(&self) {
        self.0.set(true);
    }
}

/// Waits until the caller is admitted; at once where nobody asks who they are.
pub(crate) async fn admitted(request: &HttpRequest) {
    let gate = request.extensions().get::<Gate>().cloned();
    if let Some(Gate(is_open)) = gate {
        poll_fn(|_| {
            if is_open.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
