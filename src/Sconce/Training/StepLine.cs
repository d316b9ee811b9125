using System.Globalization;

namespace Sconce.Training;

/// <summary>A step in one line, as progress shows it.</summary>
internal static class StepLine
{
    /// <summary>The line.</summary>
    /// <param name="report">The step.</param>
    /// <param name="epochs">Of the whole run.</param>
    /// <param name="items">What is counted a second.</param>
    /// <param name="watched">The figure that is shown of the evaluation.</param>
    /// <param name="latest">The evaluation before it; null for none.</param>
    public static string Of(StepReport report, int epochs, string items, string watched, Evaluation? latest)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"epoch {report.Epoch + 1} of {epochs}, loss {report.Loss:0.000}, "
            + $"rate {report.Rate:G3}, {report.ExamplesPerSecond:0} {items}/s");
        return latest is null ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}, {watched} {latest.Figures[watched]:0.0000}");
    }
}
