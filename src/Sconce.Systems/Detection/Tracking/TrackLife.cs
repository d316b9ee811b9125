namespace Sconce.Systems.Detection.Tracking;

/// <summary>When an object is believed in, and when it is given up.</summary>
public abstract record TrackLifeRule
{
    /// <summary>The life of an object that was just seen for the first time.</summary>
    /// <param name="period">Frames that one detection stands for.</param>
    /// <param name="framesPerSecond">What the tracker takes a second for.</param>
    internal abstract TrackLife Begin(double period, double framesPerSecond);
}

/// <summary>
/// norfair's: one counter, from the period, less 1 in every frame and 2 more for every match, up to a limit. Above the delay an object is
/// confirmed;
/// below 0 it is given up.
/// </summary>
/// <param name="Most">The counter's limit: how many frames a well-seen object outlives its last match.</param>
/// <param name="Delay">Below <paramref name="Most"/>; half of it, rounded down, where left out.</param>
public sealed record HitCounterRule(double Most = 15, double? Delay = null) : TrackLifeRule
{
    /// <summary>What the counter has to exceed.</summary>
    public double InitializationDelay => Delay ?? Math.Floor(Most / 2);

    /// <inheritdoc/>
    internal override TrackLife Begin(double period, double framesPerSecond) => InitializationDelay >= 0 && InitializationDelay < Most
        ? new HitCounterLife(this, period)
        : throw new ArgumentException($"an initialisation delay of {InitializationDelay}: from 0 to below the counter's limit of {Most}");
}

/// <summary>
/// By the clock, whatever the frame rate: an object is confirmed once it was followed for some time, and given up once it was hidden for
/// some time, which
/// begins anew at every match: a detector that blinks does not wear an object out.
/// </summary>
/// <param name="ConfirmAfter">Seconds from the first match to the one that confirms; 0 confirms at the second.</param>
/// <param name="ForgetAfter">Seconds hidden after which a confirmed object is given up.</param>
/// <param name="ForgetYoungAfter">The same for one that is not confirmed.</param>
public sealed record SecondsRule(double ConfirmAfter = 0.2, double ForgetAfter = 1, double ForgetYoungAfter = 0.4) : TrackLifeRule
{
    /// <inheritdoc/>
    internal override TrackLife Begin(double period, double framesPerSecond)
    {
        foreach (double seconds in (double[])[ConfirmAfter, ForgetAfter, ForgetYoungAfter])
        {
            if (!(seconds >= 0)) throw new ArgumentException($"a limit of {seconds} seconds: 0 or more");
        }

        return new SecondsLife(this, framesPerSecond);
    }
}

/// <summary>One object's life.</summary>
internal abstract class TrackLife
{
    /// <summary>Whether the object is believed in; it stays so.</summary>
    internal bool Confirmed { get; private protected set; }

    /// <summary>Whether it is not given up.</summary>
    internal abstract bool Alive { get; }

    /// <summary>Whether one more frame without a match would put its re-identification on the clock.</summary>
    internal abstract bool Fading { get; }

    /// <summary>norfair's hit counter, or the frames that are left to a hidden object.</summary>
    internal abstract double Counter { get; }

    internal abstract void Tick(double frames);

    internal abstract void Hit(double period);

    /// <summary>Found again under another identity.</summary>
    internal abstract void Revive();
}

internal sealed class HitCounterLife : TrackLife
{
    private readonly HitCounterRule rule;
    private readonly double initialPeriod;
    private double counter;

    internal HitCounterLife(HitCounterRule rule, double period)
    {
        (this.rule, initialPeriod, counter) = (rule, period, period);
        Confirmed = counter > rule.InitializationDelay;
    }

    internal override bool Alive => counter >= 0;

    internal override bool Fading => counter <= 0;

    internal override double Counter => counter;

    internal override void Tick(double frames) => counter -= frames;

    internal override void Hit(double period)
    {
        counter = Math.Min(counter + (2 * period), rule.Most);
        Confirmed |= counter > rule.InitializationDelay;
    }

    internal override void Revive() => counter = initialPeriod * 2;
}

internal sealed class SecondsLife(SecondsRule rule, double framesPerSecond) : TrackLife
{
    // Sums of times that a clock gives are not exact: a limit of 0.2 s is met by 6 frames of a thirtieth.
    private const double Slack = 1e-6;
    private double age, hidden;

    internal override bool Alive => hidden <= Limit + Slack;

    internal override bool Fading => hidden >= Limit - Slack;

    internal override double Counter => Limit - hidden;

    private double Limit => (Confirmed ? rule.ForgetAfter : rule.ForgetYoungAfter) * framesPerSecond;

    internal override void Tick(double frames)
    {
        age += frames;
        hidden += frames;
    }

    internal override void Hit(double period)
    {
        hidden = 0;
        Confirmed |= age + Slack >= rule.ConfirmAfter * framesPerSecond;
    }

    internal override void Revive() => hidden = 0;
}
