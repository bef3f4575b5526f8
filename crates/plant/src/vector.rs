//! The widest vectors of the machine that the program runs on.

/// Work compiled for SSE2, AVX2 and AVX-512 alike; the machine's is run. All give the same bits: nothing is fused and
/// no sum reordered. What it calls is inlined into it or stays at SSE2.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
