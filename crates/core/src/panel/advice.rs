//! What to do about a condition.
