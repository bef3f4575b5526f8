//! Functions as text in the syntax of Python, as BPX files have them: `1.9793 * exp(-39.4 * x) - x**2`.
//!
//! The order of operations is Python's: `-x**2` is `-(x**2)`, `2**3**2` is `2**(3**2)`, `2**-x` is `2**(-x)`.

use winnow::ascii::{alpha1, digit1, multispace0};
use winnow::combinator::{Infix, Prefix, alt, cut_err, expression, opt, preceded};
use winnow::error::{ContextError, ErrMode};
use winnow::prelude::*;
use winnow::stream::Stateful;
use winnow::token::{one_of, take_while};

/// Open brackets plus powers at most, so that no text can exhaust the stack. Published functions have some ten.
const DEEPEST: usize = 64;

type Named = (&'static str, fn(f64) -> f64);

/// The functions a text may call: those of the standard (`exp`, `tanh`, `cosh`), and their neighbours.
const FUNCTIONS: [Named; 6] = [
    ("cosh", libm::cosh),
    ("exp", libm::exp),
    ("log", libm::log),
    ("sinh", libm::sinh),
    ("sqrt", libm::sqrt),
    ("tanh", libm::tanh),
];

/// Where it is evaluated, and how deep the text is nested here.
#[derive(Debug, Clone, Copy)]
struct At {
    x: f64,
    depth: usize,
}

type Text<'a> = Stateful<&'a str, At>;
type Failure = ErrMode<ContextError>;
type Parsed<T> = Result<T, Failure>;

/// The value at `x`; it may be infinite or not a number.
///
/// # Errors
/// If the text is no such function: says where, and what may stand there.
pub(super) fn evaluate(text: &str, x: f64) -> Result<f64, String> {
    let input = Text { input: text, state: At { x, depth: 0 } };
    (sum, multispace0).map(|(value, _)| value).parse(input).map_err(|error| message(text, error.offset()))
}

fn message(text: &str, offset: usize) -> String {
    let names = FUNCTIONS.map(|(name, _)| name).join(", ");
    let rest: String = text.get(offset..).unwrap_or_default().chars().take(20).collect();
    let at = if rest.is_empty() {
        "ends too early".to_owned()
    } else {
        format!("cannot be read from `{rest}` on")
    };
    format!("{at}; it may have numbers, x, + - * / **, brackets ({DEEPEST} deep) and {names}")
}

fn sum(input: &mut Text<'_>) -> Parsed<f64> {
    expression(preceded(multispace0, operand)).prefix(sign).infix(operator).parse_next(input)
}

/// Weaker than a power, stronger than a product. A row of signs is read at once.
fn sign<'a>(input: &mut Text<'a>) -> Parsed<Prefix<Text<'a>, f64, Failure>> {
    let signs = preceded(multispace0, take_while(1.., ('+', '-', ' '))).parse_next(input)?;
    let minus = signs.matches('-').count() % 2 == 1;
    Ok(Prefix(20, if minus { |_, a| Ok(-a) } else { |_, a| Ok(a) }))
}

fn operator<'a>(input: &mut Text<'a>) -> Parsed<Infix<Text<'a>, f64, Failure>> {
    let word = preceded(multispace0, alt(("**", "*", "/", "+", "-"))).parse_next(input)?;
    if word == "**" {
        deeper(input)?;
    }
    Ok(match word {
        "**" => Infix::Right(30, |_, a, b| Ok(libm::pow(a, b))),
        "*" => Infix::Left(10, |_, a, b| Ok(a * b)),
        "/" => Infix::Left(10, |_, a, b| Ok(a / b)),
        "+" => Infix::Left(5, |_, a, b| Ok(a + b)),
        _ => Infix::Left(5, |_, a, b| Ok(a - b)),
    })
}

fn deeper(input: &mut Text<'_>) -> Parsed<()> {
    input.state.depth += 1;
    if input.state.depth > DEEPEST { Err(ErrMode::Cut(ContextError::new())) } else { Ok(()) }
}

fn operand(input: &mut Text<'_>) -> Parsed<f64> {
    alt((number, bracket, named)).parse_next(input)
}

/// Without a sign, so that `2-1` are two numbers.
fn number(input: &mut Text<'_>) -> Parsed<f64> {
    let mantissa = alt(((digit1, opt(('.', opt(digit1)))).void(), ('.', digit1).void()));
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    (mantissa, opt(exponent)).take().parse_to().parse_next(input)
}

fn bracket(input: &mut Text<'_>) -> Parsed<f64> {
    '('.parse_next(input)?;
    deeper(input)?;
    let value = cut_err((sum, multispace0, ')').map(|(value, _, _)| value)).parse_next(input)?;
    input.state.depth -= 1;
    Ok(value)
}

/// `x`, or a function of a bracket.
fn named(input: &mut Text<'_>) -> Parsed<f64> {
    let x = input.state.x;
    let start = input.checkpoint();
    let name = (alpha1, take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_'))
        .take()
        .parse_next(input)?;
    if name == "x" {
        return Ok(x);
    }
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, function)) => cut_err(preceded(multispace0, bracket)).parse_next(input).map(function),
        None => {
            input.reset(&start);
            Err(ErrMode::Cut(ContextError::new()))
        }
    }
}
