namespace Sconce.Optim;

/// <summary>
/// A learning rate for every step, as a pure function of the step's number (0, 1, 2 …): nothing to save in a checkpoint. What a step is,
/// an update or an epoch, is the caller's choice. <see cref="Apply"/> before the optimiser's step.
/// </summary>
public sealed class LearningRateSchedule(Func<long, double> rate)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 0.</param>
    public double At(long step) => step >= 0 ? rate(step) : throw new ArgumentOutOfRangeException(nameof(step), step, "steps count from 0");

    /// <summary>Gives the optimiser, and each of its groups its <see cref="ParameterGroup.RateFactor"/> of, the rate of a step.</summary>
    /// <returns>The rate.</returns>
    public double Apply(Optimizer optimizer, long step) => optimizer.LearningRate = At(step);

    /// <summary>One rate for ever.</summary>
    public static LearningRateSchedule Constant(double rate) => new(_ => rate);

    /// <summary>Straight from one rate to another over <paramref name="steps"/> steps, then constant.</summary>
    public static LearningRateSchedule Linear(double from, double to, long steps) =>
        Over(steps, t => from + ((to - from) * t));

    /// <summary>Half a cosine from one rate down to <paramref name="floor"/> over <paramref name="steps"/> steps, then constant
    /// (<c>CosineAnnealingLR</c>; 1608.03983).</summary>
    public static LearningRateSchedule Cosine(double from, long steps, double floor = 0) =>
        Over(steps, t => floor + ((from - floor) * (1 + Math.Cos(Math.PI * t)) / 2));

    /// <summary><c>(from − floor) · (1 − t)^power + floor</c> over <paramref name="steps"/> steps, then constant.</summary>
    public static LearningRateSchedule Polynomial(double from, long steps, double power = 1, double floor = 0) =>
        Over(steps, t => floor + ((from - floor) * Math.Pow(1 - t, power)));

    /// <summary>Times <paramref name="factor"/> at every step.</summary>
    public static LearningRateSchedule Exponential(double from, double factor) => new(step => from * Math.Pow(factor, step));

    /// <summary>Times <paramref name="factor"/> after every <paramref name="every"/> steps (<c>StepLR</c>).</summary>
    public static LearningRateSchedule Step(double from, long every, double factor = 0.1)
    {
        Positive(every, nameof(every));
        return new(step => from * Math.Pow(factor, step / every));
    }

    /// <summary>Times <paramref name="factor"/> when each of the <paramref name="milestones"/> is reached (<c>MultiStepLR</c>).</summary>
    public static LearningRateSchedule MultiStep(double from, IEnumerable<long> milestones, double factor = 0.1)
    {
        long[] reached = [.. milestones];
        return new(step => from * Math.Pow(factor, reached.Count(milestone => step >= milestone)));
    }

    /// <summary>
    /// Up from <c>peak / divisor</c> to <paramref name="peak"/> and down to <c>peak / (divisor · finalDivisor)</c>, both half cosines
    /// (<c>OneCycleLR</c>; 1708.07120), then constant.
    /// </summary>
    /// <param name="peak">The largest rate.</param>
    /// <param name="steps">In all; at least 2.</param>
    /// <param name="rising">The share of the steps that rise.</param>
    /// <param name="divisor">Of the first rate.</param>
    /// <param name="finalDivisor">Of the last rate, below the first one.</param>
    public static LearningRateSchedule OneCycle(double peak, long steps, double rising = 0.3, double divisor = 25,
        double finalDivisor = 1e4)
    {
        if (steps < 2) throw new ArgumentOutOfRangeException(nameof(steps), steps, "a cycle has two steps at least");
        double top = (rising * steps) - 1, end = steps - 1, first = peak / divisor, last = first / finalDivisor;
        return new(step =>
        {
            double at = Math.Min(step, end);
            return at <= top && top > 0 ? Anneal(first, peak, at / top) : Anneal(peak, last, (at - top) / (end - top));
        });
    }

    /// <summary>This schedule for its first <paramref name="steps"/> steps, then <paramref name="next"/>, which counts from 0
    /// again.</summary>
    public LearningRateSchedule Then(long steps, LearningRateSchedule next) => new(step => step < steps ? At(step) : next.At(step - steps));

    /// <summary>
    /// A straight rise from <paramref name="from"/> to this schedule's first rate over <paramref name="steps"/> steps (step 0 has the rate
    /// <paramref name="from"/>), then this schedule, which starts at 0 then.
    /// </summary>
    public LearningRateSchedule WithWarmUp(long steps, double from = 0) => steps <= 0 ? this : Linear(from, At(0), steps).Then(steps, this);

    /// <summary>A straight rise over the first <paramref name="steps"/> steps that takes their place: this schedule goes on at its own
    /// count, as timm's warm-up without prefix.</summary>
    public LearningRateSchedule WithWarmUpInside(long steps, double from = 0)
    {
        if (steps <= 0) return this;
        double to = At(0);
        return new(step => step < steps ? from + ((to - from) * step / steps) : At(step));
    }

    /// <summary>Every rate times <paramref name="factor"/>.</summary>
    public LearningRateSchedule Times(double factor) => new(step => At(step) * factor);

    private static LearningRateSchedule Over(long steps, Func<double, double> rate)
    {
        Positive(steps, nameof(steps));
        return new(step => rate(Math.Min(1, (double)step / steps)));
    }

    private static double Anneal(double from, double to, double t) => to + ((from - to) * (1 + Math.Cos(Math.PI * t)) / 2);

    private static void Positive(long value, string name)
    {
        if (value < 1) throw new ArgumentOutOfRangeException(name, value, "there is at least one step");
    }
}
