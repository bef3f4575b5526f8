use voltower_core::{Duration, Instant};

/// Buckets of one curve: enough for every pixel of a picture.
const BUCKETS: usize = 1024;

/// Lowest, highest and mean over equal spans of time. When all are used, neighbours join and the spans double.
#[derive(Debug)]
pub(super) struct Buckets {
    width: Duration,
    buckets: Vec<Bucket>,
}

/// One span of time; empty if `count` is zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    pub(super) low: f64,
    pub(super) high: f64,
    sum: f64,
    count: u64,
}

impl Bucket {
    const EMPTY: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY, sum: 0.0, count: 0 };

    fn join(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            sum: self.sum + other.sum,
            count: self.count + other.count,
        }
    }

    pub(super) fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

impl Buckets {
    pub(super) fn new(width: Duration) -> Self {
        Self { width: Duration(width.0.max(1)), buckets: Vec::with_capacity(BUCKETS) }
    }

    pub(super) fn add(&mut self, at: Instant, low: f64, high: f64) {
        let mut place = (at.0 / self.width.0) as usize;
        while place >= BUCKETS {
            self.coarsen();
            place = (at.0 / self.width.0) as usize;
        }
        if place >= self.buckets.len() {
            self.buckets.resize(place + 1, Bucket::EMPTY);
        }
        let seen = Bucket { low, high, sum: f64::midpoint(low, high), count: 1 };
        self.buckets[place] = self.buckets[place].join(seen);
    }

    /// The filled buckets with the middle of their span, s.
    pub(super) fn filled(&self) -> impl Iterator<Item = (f64, Bucket)> + '_ {
        let width = self.width.0 as f64 / 1e6;
        let spans = self.buckets.iter().enumerate().filter(|(_, bucket)| bucket.count > 0);
        spans.map(move |(place, bucket)| ((place as f64 + 0.5) * width, *bucket))
    }

    /// Lowest and highest of all.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        let all = self.buckets.iter().copied().reduce(Bucket::join)?;
        (all.count > 0).then_some((all.low, all.high))
    }

    fn coarsen(&mut self) {
        let halves = self.buckets.len().div_ceil(2);
        for place in 0..halves {
            let second = self.buckets.get(2 * place + 1).copied().unwrap_or(Bucket::EMPTY);
            self.buckets[place] = self.buckets[2 * place].join(second);
        }
        self.buckets.truncate(halves);
        self.width = Duration(self.width.0 * 2);
    }
}
