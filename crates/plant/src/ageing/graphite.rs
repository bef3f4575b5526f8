//! Potential of the graphite electrode against lithium: why a full cell ages faster.

/// Potential of the graphite over the cell's state of charge, V.
///
/// Curve of Safari and Delacourt 2011 (10.1149/1.3567007); the electrode is between 0.85 % and 78 % full, as Schimpe
/// et al. 2018 (10.1149/2.1181714jes) found for an LFP cell. BLAST-Lite takes both for all its cells.
pub(super) fn potential(soc: f64) -> f64 {
    let x = 0.0085 + soc * (0.78 - 0.0085);
    0.6379 + 0.5416 * libm::exp(-305.5309 * x) + 0.044 * tanh(-(x - 0.1958) / 0.1088)
        - 0.1978 * tanh((x - 1.0571) / 0.0854)
        - 0.6875 * tanh((x + 0.0117) / 0.0529)
        - 0.0175 * tanh((x - 0.5692) / 0.0875)
}

/// Loses digits near zero, which do not show in the sum above; `libm::tanh` keeps them and takes twice as long.
fn tanh(x: f64) -> f64 {
    1.0 - 2.0 / (1.0 + libm::exp(2.0 * x))
}
