//! Lights written in words.
