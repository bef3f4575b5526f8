//! Least squares with bounds: normal equations, Cholesky, and an active set for what must not be negative.

/// `sum of weights x (row . x - value)^2`, gathered.
#[derive(Debug, Clone)]
pub(super) struct Normal {
    size: usize,
    /// Row by row; only the lower triangle is kept.
    matrix: Vec<f64>,
    right: Vec<f64>,
}

impl Normal {
    pub(super) fn new(size: usize) -> Self {
        Self { size, matrix: vec![0.0; size * size], right: vec![0.0; size] }
    }

    /// Adds an equation; `places` must rise.
    pub(super) fn add(&mut self, places: &[usize], factors: &[f64], value: f64, weight: f64) {
        for (n, (&row, &factor)) in places.iter().zip(factors).enumerate() {
            let weighted = weight * factor;
            self.right[row] += weighted * value;
            let line = &mut self.matrix[row * self.size..][..=row];
            for (&column, &other) in places[..=n].iter().zip(factors) {
                line[column] += weighted * other;
            }
        }
    }

    /// Divides everything, so that weights add up to one.
    pub(super) fn divide(&mut self, by: f64) {
        self.matrix.iter_mut().chain(&mut self.right).for_each(|value| *value /= by);
    }

    pub(super) fn join(&mut self, other: &Self) {
        let pairs = self.matrix.iter_mut().zip(&other.matrix).chain(self.right.iter_mut().zip(&other.right));
        pairs.for_each(|(mine, theirs)| *mine += theirs);
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.matrix[row.max(column) * self.size + row.min(column)]
    }

    /// Half the gradient at `x`, for one row.
    fn gradient(&self, row: usize, x: &[f64]) -> f64 {
        (0..self.size).map(|column| self.at(row, column) * x[column]).sum::<f64>() - self.right[row]
    }

    /// The sum at `x` without the constant part.
    pub(super) fn value(&self, x: &[f64]) -> f64 {
        (0..self.size).map(|row| x[row] * (self.gradient(row, x) - self.right[row])).sum()
    }

    /// The least value with `x[k] >= 0` for all `k >= free`. `bound` is the guess which of them are at the bound, and
    /// says afterwards which are.
    pub(super) fn minimum(&self, free: usize, bound: &mut [bool]) -> Vec<f64> {
        let scale: Vec<f64> = (0..self.size).map(|k| 1.0 / self.at(k, k).max(1e-30).sqrt()).collect();
        let mut x = vec![0.0; self.size];
        for round in 0..ROUNDS {
            let open: Vec<usize> = (0..self.size).filter(|&k| !bound[k]).collect();
            x.fill(0.0);
            for (&k, value) in open.iter().zip(self.solve(&open, &scale)) {
                x[k] = value;
            }
            let below: Vec<usize> = open.iter().copied().filter(|&k| k >= free && x[k] < 0.0).collect();
            below.iter().for_each(|&k| bound[k] = true);
            let mut changed = !below.is_empty();
            // Letting go ends after half of the rounds: two unknowns could otherwise take turns for ever.
            if round < ROUNDS / 2 {
                for k in (free..self.size).filter(|&k| bound[k] && !below.contains(&k)).collect::<Vec<_>>() {
                    if self.gradient(k, &x) * scale[k] < -LET_GO {
                        bound[k] = false;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        (free..self.size).for_each(|k| x[k] = x[k].max(0.0));
        x
    }

    /// Cholesky of the open rows, scaled to a diagonal of ones.
    fn solve(&self, open: &[usize], scale: &[f64]) -> Vec<f64> {
        let n = open.len();
        let mut lower = vec![0.0; n * n];
        for (i, &row) in open.iter().enumerate() {
            let (done, rest) = lower.split_at_mut(i * n);
            let line = &mut rest[..n];
            for (j, &column) in open[..=i].iter().enumerate() {
                line[j] = self.at(row, column) * scale[row] * scale[column];
            }
            for j in 0..i {
                let other = &done[j * n..][..n];
                line[j] = (line[j] - dot(&line[..j], &other[..j])) / other[j];
            }
            line[i] = (line[i] + RIDGE - dot(&line[..i], &line[..i])).max(RIDGE).sqrt();
        }
        let mut x: Vec<f64> = open.iter().map(|&k| self.right[k] * scale[k]).collect();
        for i in 0..n {
            let line = &lower[i * n..][..n];
            x[i] = (x[i] - dot(&line[..i], &x[..i])) / line[i];
        }
        for i in (0..n).rev() {
            x[i] /= lower[i * n + i];
            let solved = x[i];
            for (j, value) in x[..i].iter_mut().enumerate() {
                *value -= lower[i * n + j] * solved;
            }
        }
        open.iter().zip(&mut x).for_each(|(&k, value)| *value *= scale[k]);
        x
    }
}

const ROUNDS: usize = 40;
/// Scaled gradient below which a bound value stays, V: far below a microvolt of effect.
const LET_GO: f64 = 1e-9;
/// Added to the diagonal of ones: keeps rounding from making it negative.
const RIDGE: f64 = 1e-12;

/// Four sums side by side, so that the processor can work on them at once.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (mut left, mut right) = (a.chunks_exact(8), b.chunks_exact(8));
    for (a, b) in (&mut left).zip(&mut right) {
        for k in 0..8 {
            sums[k] += a[k] * b[k];
        }
    }
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_met_where_they_bind() {
        // x0 + x1 = 1, x0 - x1 = 3: without a bound (2, -1); with x1 >= 0 the least squares are (2, 0).
        let mut normal = Normal::new(2);
        normal.add(&[0, 1], &[1.0, 1.0], 1.0, 1.0);
        normal.add(&[0, 1], &[1.0, -1.0], 3.0, 1.0);
        let free = normal.minimum(2, &mut [false; 2]);
        assert!((free[0] - 2.0).abs() < 1e-9 && (free[1] + 1.0).abs() < 1e-9, "{free:?}");
        let mut bound = [false; 2];
        let x = normal.minimum(1, &mut bound);
        assert!((x[0] - 2.0).abs() < 1e-9 && x[1] == 0.0 && bound[1], "{x:?}");
        assert!(normal.value(&x) > normal.value(&free));
    }

    #[test]
    fn a_wrong_guess_of_the_bounds_is_put_right() {
        let mut normal = Normal::new(3);
        for (k, value) in [1.0, 2.0, -3.0].into_iter().enumerate() {
            normal.add(&[k], &[1.0], value, 1.0);
        }
        let mut bound = [true, true, false];
        let x = normal.minimum(0, &mut bound);
        assert!((x[0] - 1.0).abs() < 1e-9 && (x[1] - 2.0).abs() < 1e-9 && x[2] == 0.0, "{x:?}");
        assert_eq!(bound, [false, false, true]);
    }
}
