//! The report of a fit, as text.

use std::fmt::Write as _;

use voltower_lab::fit::Fitted;
use voltower_lab::log::{Kind, Log};
use voltower_lab::show;

pub(super) fn text(fitted: &Fitted) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_report(&mut text, fitted);
    text
}

fn write_report(text: &mut String, fitted: &Fitted) -> std::fmt::Result {
    writeln!(text, "Logs")?;
    for log in &fitted.logs {
        write_log(text, log)?;
    }
    writeln!(text, "\nWhat the logs do not tell")?;
    for note in &fitted.notes {
        writeln!(text, "  {note}")?;
    }
    writeln!(text, "\nParameters")?;
    for line in show::table(&fitted.cell).lines() {
        writeln!(text, "  {line}")?;
    }
    writeln!(
        text,
        "\nResiduals: the written cell along each log, run by the plant (RMSE, largest, mean error in mV)\n  \
         5 to 95 %                   whole log"
    )?;
    for run in &fitted.runs {
        let [middle, whole] = [&run.middle, &run.whole].map(|errors| {
            format!("{:7.2} {:7.1} {:+7.2}", errors.rmse * 1e3, errors.largest * 1e3, errors.bias * 1e3)
        });
        writeln!(text, "  {middle}     {whole}   {}", run.name)?;
        for note in &run.notes {
            writeln!(text, "    {note}")?;
        }
    }
    Ok(())
}

fn write_log(text: &mut String, log: &Log) -> std::fmt::Result {
    let rows = if log.kind == Kind::Table { log.table.len() } else { log.time.len() };
    writeln!(text, "  {}: {}, {:.1} °C, {rows} rows", log.name, log.kind, log.mean_temperature())?;
    for note in &log.notes {
        writeln!(text, "    {note}")?;
    }
    Ok(())
}
