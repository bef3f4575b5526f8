//! Function length: what does not fit on a screen is not understood.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{File, ImplItemFn, ItemFn, TraitItemFn};

use super::Violation;
use crate::workspace::Source;

/// Lines from `fn` to the closing brace.
const LONGEST: usize = 70;

pub(super) fn check(source: &Source, file: &File) -> Vec<Violation> {
    let mut lengths = Lengths { source, violations: Vec::new() };
    lengths.visit_file(file);
    lengths.violations
}

struct Lengths<'a> {
    source: &'a Source,
    violations: Vec<Violation>,
}

impl Lengths<'_> {
    fn measure(&mut self, name: &str, start: Span, end: Span) {
        let lines = end.end().line + 1 - start.start().line;
        if lines > LONGEST {
            let message = format!("fn {name} is {lines} lines long; at most {LONGEST}");
            self.violations.push(Violation::new(self.source, start.start().line, message));
        }
    }
}

impl<'ast> Visit<'ast> for Lengths<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(
            &item.sig.ident.to_string(),
            item.sig.fn_token.span,
            item.block.brace_token.span.close(),
        );
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(
            &item.sig.ident.to_string(),
            item.sig.fn_token.span,
            item.block.brace_token.span.close(),
        );
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig.ident.to_string(), item.sig.fn_token.span, block.brace_token.span.close());
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(body_lines: usize) -> usize {
        let text = format!("impl A {{ fn long() {{\n{}}} }}", "let _ = 1;\n".repeat(body_lines));
        let source = Source { path: "crates/core/src/a.rs".to_owned(), text };
        let file = syn::parse_file(&source.text).expect("Rust");
        check(&source, &file).len()
    }

    #[test]
    fn seventy_lines_pass_and_seventy_one_do_not() {
        assert_eq!(violations(68), 0);
        assert_eq!(violations(69), 1);
    }
}
