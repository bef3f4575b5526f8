"""The ageing models, evaluated independently of the Rust code, and their peers.

    python3 -m venv /tmp/ageing && /tmp/ageing/bin/pip install mpmath scipy blast-lite==1.1.1
    /tmp/ageing/bin/python benches/peers/ageing.py reference > benches/peers/ageing/reference.csv
    /tmp/ageing/bin/python benches/peers/ageing.py fit       # the two numbers of naumann-refit, with cross-validation
    /tmp/ageing/bin/python benches/peers/ageing.py blast     # BLAST-Lite itself beside our equations

`reference` solves steady stress in closed form with 40 digits, and stress that varies by integrating the state equations
as differential equations, step by step, which is not how the Rust code solves them.
"""
import csv
import math
import pathlib
import sys

from mpmath import erfc, exp, fabs, mp, mpf, pi, sqrt, tanh

mp.dps = 40
GAS = mpf("8.3145")
DAY = 86400
DATA = pathlib.Path(__file__).parents[2] / "data/ageing/naumann_calendar_fit.csv"
SONY_K, SONY_BREAK_K, SONY_BREAK_P = map(
    mpf, ("0.000130510034211874", "0.00303553871631028", "1.43752162947637"))
SONY_P = mpf("1.12847759334355")


def arrhenius(activation, kelvin):
    return exp(-mpf(activation) / GAS * (1 / kelvin - 1 / mpf("298.15")))


def graphite(soc):
    x = mpf("0.0085") + soc * (mpf("0.78") - mpf("0.0085"))
    terms = [(mpf("0.044"), -(x - mpf("0.1958")) / mpf("0.1088")), (mpf("-0.1978"), (x - mpf("1.0571")) / mpf("0.0854")),
             (mpf("-0.6875"), (x + mpf("0.0117")) / mpf("0.0529")), (mpf("-0.0175"), (x - mpf("0.5692")) / mpf("0.0875"))]
    return mpf("0.6379") + mpf("0.5416") * exp(mpf("-305.5309") * x) + sum(a * tanh(b) for a, b in terms)


def power(k, p):
    """The curve y = k x^p: the curve, dy/dx over y, and the loss from where it goes no further."""
    return lambda x: k * x**p, lambda y: k * p * (y / k) ** ((p - 1) / p), mpf(1)


def sigmoid(limit, k, p):
    def slope(y):
        z = mp.log((limit + y) / (limit - y))
        x = z ** (1 / p) / k
        return limit * p * z / x * 2 * exp(z) / (exp(z) + 1) ** 2

    return lambda x: limit * tanh((k * x) ** p / 2), slope, limit


NOTHING = (lambda x: mpf(0), lambda y: mpf(0), mpf(0))


def naumann_like(rate, activation):
    def calendar(kelvin, soc):
        shape = mpf("2.8575") * (soc - mpf("0.5")) ** 3 + mpf("0.60225")
        return power(mpf(rate) * arrhenius(activation, kelvin) * shape * sqrt(mpf(DAY)), mpf("0.5"))

    def cycle(kelvin, soc, depth, c, per_day):
        k = (mpf("0.0630") * c + mpf("0.0971")) * (mpf("4.0253") * (depth - mpf("0.6")) ** 3 + mpf("1.0923")) / 100
        return power(k, mpf("0.5")), NOTHING

    return calendar, cycle


def prismatic_calendar(kelvin, soc):
    k = mpf("8.37e4") * exp(-5210 / kelvin) * exp(-3560 * graphite(soc) / kelvin)
    return power(k, mpf("0.526"))


def prismatic_cycle(kelvin, soc, depth, c, per_day):
    k = mpf("4.38e-8") + mpf("1.55e-8") * depth + mpf("1.68e-7") * c
    return power(k * (exp(2190 / kelvin) + exp(mpf("-1.55e5") / kelvin)), mpf("0.828")), NOTHING


def sony_calendar(t, soc):
    u = graphite(soc)
    q1 = fabs(mpf("0.989687151293590") * exp(mpf("-2881067.56019324") * sqrt(u) / t**2)
              * exp(mpf("8742.06309157261") * sqrt(u) / t))
    q3 = fabs(mpf("0.000332850281062177") * exp(mpf("734553185711.369") * u ** (mpf(1) / 3) / t**4)
              * exp(mpf("-2.82161575620780e-06") * t**3 * u ** (mpf(1) / 4))
              * exp(mpf("-3284991315.45121") * u ** (mpf(1) / 3) / t**3)
              * exp(mpf("0.00127227593657290") * t**2 * u ** (mpf(1) / 4)))
    return sigmoid(q1, SONY_K, q3)


def sony_cycle(kelvin, soc, depth, c, per_day):
    q5 = fabs(mpf("-6.81260579372875e-06") + mpf("2.59615973160844e-05") * depth
              + mpf("2.11559711307295e-06") * exp(depth**2 * c**3))
    wear = power(q5**SONY_P, SONY_P)
    if per_day <= 3:
        return wear, NOTHING

    def skewed(x, skew, width):
        x = (x - mpf("0.5")) / mpf(width)
        return 2 * exp(-x * x / 2) / sqrt(2 * pi) * erfc(-mpf(skew) * x / sqrt(mpf(2))) / 2

    grows = 2 * (mpf(1) / 2 - 1 / (1 + exp(mpf("25.4130804598602") * depth)))
    q7 = fabs(mpf("0.582258029148225") * skewed(soc, "0.0583128906965484", "0.208738181522897")
              * skewed(depth, "-3.80744333129564", "1.16126260428210") * grows)
    return wear, sigmoid(q7, SONY_BREAK_K, SONY_BREAK_P)


def growth(kelvin, soc, seconds, depth, c, cycles):
    calendar = mpf("3.4194e-10") * arrhenius(71827, kelvin) * (mpf("-3.3903") * (soc - mpf("0.5")) ** 2 + mpf("1.5604"))
    over_rate = max(mpf("-0.0020") * c + mpf("0.0021"), mpf(0))
    cycle = over_rate * (mpf("6.8477") * (depth - mpf("0.5")) ** 3 + mpf("0.9182")) / 100
    return calendar * seconds + cycle * cycles


MODELS = {
    "naumann": naumann_like("1.2571e-5", 17126),
    "naumann-refit": naumann_like("8.795536e-6", "34595.3"),
    "blast-prismatic-250ah": (prismatic_calendar, prismatic_cycle),
    "blast-sony-3ah": (sony_calendar, sony_cycle),
}

# Days, degC, SOC, full cycles, depth, C-rate, full cycles a day: one line a span of steady stress.
YEARS10 = 3650
LIVES = {
    "calendar 25 degC 50 %": [(YEARS10, 25, 0.5, 0, 0, 0, 0)],
    "calendar 25 degC 100 %": [(YEARS10, 25, 1, 0, 0, 0, 0)],
    "calendar 35 degC 50 %": [(YEARS10, 35, 0.5, 0, 0, 0, 0)],
    "calendar 10 degC 50 %": [(YEARS10, 10, 0.5, 0, 0, 0, 0)],
    "calendar 40 degC 0 %": [(885, 40, 0, 0, 0, 0, 0)],
    "calendar 60 degC 75 %": [(400, 60, 0.75, 0, 0, 0, 0)],
    "calendar -10 degC 30 %": [(YEARS10, -10, 0.3, 0, 0, 0, 0)],
    "cycles 25 degC": [(0, 25, 0.5, 2500, 0.8, 0.3, 0.7)],
    "cycles 12 degC": [(0, 12, 0.4, 1200, 0.35, 0.15, 0.5)],
    "cycles 40 degC 1C": [(0, 40, 0.5, 4000, 1, 1, 2)],
    "fast cycles, break-in": [(0, 25, 0.5, 900, 0.8, 0.7, 8)],
    "fast cycles 40 degC full depth": [(0, 40, 0.55, 3000, 1, 1, 11)],
    "two years in a shed": [(30, 5 + 25 * k % 35, (0.15 + 0.37 * k) % 1, 18 + k, 0.3 + 0.025 * k, 0.1 + 0.02 * k, 0.6 + 0.2 * k)
                            for k in range(24)],
    "hot, then cool": [(365, 45, 0.9, 250, 0.9, 0.5, 0.7), (1460, 15, 0.4, 600, 0.4, 0.2, 0.4)],
    "cool, then hot": [(1460, 15, 0.4, 600, 0.4, 0.2, 0.4), (365, 45, 0.9, 250, 0.9, 0.5, 0.7)],
}


def follow(law, y, dx):
    """Integrates dy = slope(y) dx from y: closed form from nothing, classic Runge-Kutta from anywhere else."""
    curve, slope, limit = law
    if y >= limit or dx == 0:
        return y
    if y == 0:
        return curve(dx)
    n = 400
    h = dx / n
    for _ in range(n):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


def live(model, spans):
    calendar_law, cycle_law = MODELS[model]
    calendar = cycle = break_in = grown = mpf(0)
    for span in spans:
        days, celsius, soc, cycles, depth, c, per_day = (mpf(repr(x)) for x in span)
        kelvin = celsius + mpf("273.15")
        calendar = follow(calendar_law(kelvin, soc), calendar, days)
        if cycles:
            wear, first = cycle_law(kelvin, soc, depth, c, per_day)
            cycle = follow(wear, cycle, cycles)
            break_in = follow(first, break_in, cycles)
        grown += growth(kelvin, soc, days * DAY, depth, c, cycles)
    return calendar, cycle, break_in, grown


def reference():
    print("model,life,days,temperature_c,soc,full_cycles,depth,rate,per_day,calendar_loss,cycle_loss,break_in_loss,"
          "resistance_growth")
    for model in MODELS:
        for life, spans in LIVES.items():
            for span in spans[:-1]:
                print(",".join([model, f'"{life}"', *map(repr, span), "", "", "", ""]))
            result = [mp.nstr(x, 12, min_fixed=-30, max_fixed=30) for x in live(model, spans)]
            print(",".join([model, f'"{life}"', *map(repr, spans[-1]), *result]))


def observations():
    conditions = {}
    for row in csv.DictReader(DATA.open()):
        values = [float(row[key]) for key in ("temperature_c", "storage_soc_fraction", "elapsed_days", "capacity_retention_pct")]
        conditions.setdefault(row["condition_id"], []).append(values)
    return conditions


def fit():
    from scipy.optimize import least_squares

    def loss(x, row):
        celsius, soc, days, _ = row
        shape = 2.8575 * (soc - 0.5) ** 3 + 0.60225
        hot = math.exp(-x[1] * 1e4 / 8.3145 * (1 / (celsius + 273.15) - 1 / 298.15))
        return 100 * x[0] * 1e-5 * hot * shape * math.sqrt(days * DAY)

    def errors(x, rows):
        return [100 - loss(x, row) - row[3] for row in rows]

    def rms(values):
        return math.sqrt(sum(v * v for v in values) / len(values))

    conditions = observations()

    def fitted(names):
        rows = [row for name in names for row in conditions[name]]
        return least_squares(lambda x: errors(x, rows), [1.2571, 1.7126], xtol=1e-14, ftol=1e-14).x

    x = fitted(conditions)
    print(f"rate {x[0] * 1e-5:.6e} 1/sqrt(s), activation {x[1] * 1e4:.1f} J/mol")
    print("RMSE, percentage points: condition, published, fitted on all, fitted without this condition")
    totals = [[], [], []]
    for name, rows in conditions.items():
        columns = [errors(p, rows) for p in ([1.2571, 1.7126], x, fitted([n for n in conditions if n != name]))]
        print(f"  {name:24}" + "".join(f"{rms(c):8.3f}" for c in columns))
        if rows[0][0] <= 40:
            for total, column in zip(totals, columns):
                total.extend(column)
    print(f"  {'all up to 40 degC':24}" + "".join(f"{rms(t):8.3f}" for t in totals))


def blast():
    import numpy as np
    if not hasattr(np, "trapz"):
        np.trapz = np.trapezoid
    from blast.models import Lfp_Gr_250AhPrismatic, Lfp_Gr_SonyMurata3Ah_Battery

    print("ten years of storage, capacity lost in %: BLAST-Lite (explicit daily steps), the equations")
    for name, kind in (("blast-prismatic-250ah", Lfp_Gr_250AhPrismatic), ("blast-sony-3ah", Lfp_Gr_SonyMurata3Ah_Battery)):
        for celsius, soc in ((25, 0.5), (25, 1.0), (35, 0.5), (10, 0.5)):
            t = np.arange(0.0, 3650.5 * DAY, DAY / 2)
            theirs = kind()
            theirs.simulate_battery_life(
                {"Time_s": t, "SOC": np.full_like(t, soc), "Temperature_C": np.full_like(t, float(celsius))},
                is_conserve_energy_throughput=False)
            ours = live(name, [(YEARS10, celsius, soc, 0, 0, 0, 0)])[0]
            print(f"  {name:22} {celsius:3} degC {soc:4.0%} {100 * (1 - theirs.outputs['q'][-1]):8.4f} {float(100 * ours):8.4f}")


if __name__ == "__main__":
    {"reference": reference, "fit": fit, "blast": blast}[sys.argv[1]]()
