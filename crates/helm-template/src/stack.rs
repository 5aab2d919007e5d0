//! Templates, values and YAML nest as deep as their author likes; our stack does not.

/// Below this much stack a new piece is taken from the heap.
const STACK_RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 8 * 1024 * 1024;

/// Runs `body` with enough stack, however deep we are.
pub(crate) fn with_stack<T>(body: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_RED_ZONE, STACK_PIECE, body)
}
