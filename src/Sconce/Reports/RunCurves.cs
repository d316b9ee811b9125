using Sconce.Training;

namespace Sconce.Reports;

/// <summary>A run's log as curves: its losses, its rate, and each figure of its evaluations.</summary>
internal static class RunCurves
{
    /// <summary>Of one run.</summary>
    /// <param name="history">Its log.</param>
    /// <param name="name">What its lines are called; empty where the page is about this run alone.</param>
    internal static IReadOnlyList<CurveRecord> Of(RunHistory history, string name)
    {
        List<CurveRecord> curves = [];
        Steps("training loss", step => step.Loss);
        foreach (string figure in history.Evaluations.SelectMany(evaluation => evaluation.Figures.Keys).Distinct())
        {
            var told = history.Evaluations.Where(evaluation => evaluation.Figures.ContainsKey(figure)).ToList();
            Add(figure == "loss" ? "loss of the evaluations" : figure, told.Select(one => (double)one.Step),
                told.Select(one => one.Figures[figure]));
        }

        foreach (string figure in history.Steps.SelectMany(step => step.Figures.Keys).Distinct().Take(8))
            Steps($"{figure} of the steps", step => step.Figures.GetValueOrDefault(figure, double.NaN));
        if (name.Length > 0) return curves;
        Steps("learning rate", step => step.Rate);
        Steps("gradient norm", step => step.GradientNorm);
        return curves;

        void Steps(string chart, Func<StepReport, double> value) =>
            Add(chart, history.Steps.Select(step => (double)step.Step), history.Steps.Select(value));

        void Add(string chart, IEnumerable<double> x, IEnumerable<double> y)
        {
            double[] values = [.. y];
            if (values.Any(double.IsFinite)) curves.Add(new CurveRecord(chart, name.Length > 0 ? name : chart, [.. x], values));
        }
    }
}
