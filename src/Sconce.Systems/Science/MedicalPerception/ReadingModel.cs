using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>A normal distribution that a quantity is drawn from before any reading is seen.</summary>
/// <param name="Mean">Its centre, in logits.</param>
/// <param name="Deviation">More than 0.</param>
public readonly record struct NormalPrior(double Mean = 0, double Deviation = 1);

/// <summary>What is believed beforehand of the model's four quantities.</summary>
/// <param name="Exam">μ of each exam and side: how suspicious it is.</param>
/// <param name="Step">γ′: what each further severity adds for a subgroup.</param>
/// <param name="Reader">ν of each reader for a subgroup.</param>
/// <param name="Subgroup">b of each subgroup.</param>
public sealed record ReadingPriors(NormalPrior Exam, NormalPrior Step, NormalPrior Reader, NormalPrior Subgroup)
{
    /// <summary>Standard normal ones, the study's.</summary>
    public static ReadingPriors Standard { get; } = new(new(0, 1), new(0, 1), new(0, 1), new(0, 1));
}

/// <summary>What readers said.</summary>
/// <param name="Predictions"><c>(readers, severities, exams, 2)</c>: 0 or 1 from people, probabilities from networks.</param>
/// <param name="Mask"><c>(readers, severities, exams)</c>: 1 where there is a reading, else 0.</param>
/// <param name="Subgroups"><c>(exams, 2)</c> int64: the clinical subgroup of each breast, from 0.</param>
/// <param name="SubgroupCount">How many subgroups there are (the study has 5).</param>
public sealed record Readings(Tensor Predictions, Tensor Mask, Tensor Subgroups, int SubgroupCount)
{
    /// <summary>How many readers.</summary>
    public long Readers => Predictions.Size(0);

    /// <summary>How many severities, the unfiltered one included.</summary>
    public long Severities => Predictions.Size(1);

    /// <summary>How many exams, of two breasts each.</summary>
    public long Exams => Predictions.Size(2);

    /// <summary>Says what does not fit together.</summary>
    /// <exception cref="ArgumentException">Shapes that contradict each other, a subgroup out of range, a prediction outside [0,
    /// 1].</exception>
    public Readings Checked()
    {
        using var scope = new TensorScope();
        if (Predictions.Dimensions != 4 || Predictions.Size(3) != 2)
            throw new ArgumentException($"predictions must be (readers, severities, exams, 2), not "
                + $"[{string.Join(", ", Predictions.Shape.ToArray())}]");
        if (!Mask.Shape.SequenceEqual(Predictions.Shape[..3]))
            throw new ArgumentException($"the mask must be [{string.Join(", ", Predictions.Shape[..3].ToArray())}] as the predictions are, "
                + $"not [{string.Join(", ", Mask.Shape.ToArray())}]");
        if (!Subgroups.Shape.SequenceEqual([Exams, 2]))
            throw new ArgumentException($"subgroups must be ({Exams}, 2), not [{string.Join(", ", Subgroups.Shape.ToArray())}]");
        if (Subgroups.Min().Item<long>() < 0 || Subgroups.Max().Item<long>() >= SubgroupCount)
            throw new ArgumentException($"a subgroup is out of range: there are {SubgroupCount}, counted from 0");
        if (!(Predictions.Min().Item<double>() >= 0) || !(Predictions.Max().Item<double>() <= 1))
            throw new ArgumentException("predictions are probabilities: each must lie in [0, 1]");
        return this;
    }
}

/// <summary>
/// How probable a reader is to call a breast malignant: logit θ = μ[exam, side] + γ[severity, c] + ν[reader, c] + b[c], c the breast's
/// subgroup, γ[0] = 0 and γ[s] the sum of the first s steps; 2011.14036 "Probabilistic modeling", official probabilistic_inference.py. The
/// module's parameters are one point of that space.
/// </summary>
public sealed partial class ReadingModel : Module
{
    private readonly ReadingPriors priors;

    /// <summary>All at 0.</summary>
    /// <param name="readers">How many readers.</param>
    /// <param name="severities">How many severities, the unfiltered one included; 2 at least.</param>
    /// <param name="exams">How many exams.</param>
    /// <param name="subgroups">How many subgroups.</param>
    /// <param name="priors">What is believed beforehand; standard normal by default.</param>
    public ReadingModel(long readers, long severities, long exams, long subgroups, ReadingPriors? priors = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(severities, 2);
        this.priors = priors ?? ReadingPriors.Standard;
        Mu = new Parameter(Tensor.Zeros([exams, 2]));
        GammaStep = new Parameter(Tensor.Zeros([severities - 1, subgroups]));
        Nu = new Parameter(Tensor.Zeros([readers, subgroups]));
        B = new Parameter(Tensor.Zeros([subgroups]));
    }

    /// <summary><c>(exams, 2)</c></summary>
    public Parameter Mu { get; }

    /// <summary><c>(severities - 1, subgroups)</c></summary>
    public Parameter GammaStep { get; }

    /// <summary><c>(readers, subgroups)</c></summary>
    public Parameter Nu { get; }

    /// <summary><c>(subgroups)</c></summary>
    public Parameter B { get; }

    /// <summary>The effect of each severity: cumulative sums of the steps, after a row of zeros. <c>(S - 1, C) -> (S, C)</c></summary>
    public static Tensor Gamma(Tensor steps) => Functional.Pad(steps.Cumsum(0), [0, 0, 1, 0]);

    /// <summary>The logits of all readings, <c>-> (readers, severities, exams, 2)</c>.</summary>
    /// <param name="mu"><c>(exams, 2)</c></param>
    /// <param name="gamma"><c>(severities, subgroups)</c></param>
    /// <param name="nu"><c>(readers, subgroups)</c></param>
    /// <param name="b"><c>(subgroups)</c></param>
    /// <param name="subgroups"><c>(exams, 2)</c> int64.</param>
    public static Tensor Logits(Tensor mu, Tensor gamma, Tensor nu, Tensor b, Tensor subgroups)
    {
        using var scope = new TensorScope();
        var effect = gamma.IndexSelect(1, subgroups.Flatten()).Reshape([1, gamma.Size(0), .. subgroups.Shape]);
        var bias = (nu + b).IndexSelect(1, subgroups.Flatten()).Reshape([nu.Size(0), 1, .. subgroups.Shape]);
        return scope.Keep(mu + effect + bias);
    }

    /// <summary>The log density of quantities before any reading, without its constants. <c>-> ()</c></summary>
    public static Tensor LogPrior(Tensor mu, Tensor steps, Tensor nu, Tensor b, ReadingPriors priors)
    {
        using var scope = new TensorScope();
        return scope.Keep(Of(mu, priors.Exam) + Of(steps, priors.Step) + Of(nu, priors.Reader) + Of(b, priors.Subgroup));

        static Tensor Of(Tensor values, NormalPrior prior) => ((values - prior.Mean) / prior.Deviation).Square().Sum() * -0.5;
    }

    /// <summary>The log likelihood of the readings that there are; probabilities count as that share of a yes and the rest of a no.
    /// <c>-> ()</c></summary>
    public static Tensor LogLikelihood(Tensor logits, Tensor predictions, Tensor mask)
    {
        using var scope = new TensorScope();
        var each = predictions * logits.LogSigmoid() + (1 - predictions) * (-logits).LogSigmoid();
        return scope.Keep((each * mask.Unsqueeze(-1).To(each.DType)).Sum());
    }

    /// <summary>The log joint density at this point, without constants. <c>-> ()</c></summary>
    public Tensor LogJoint(Readings readings)
    {
        using var scope = new TensorScope();
        var logits = Logits(Mu, Gamma(GammaStep), Nu, B, readings.Subgroups);
        return scope.Keep(LogPrior(Mu, GammaStep, Nu, B, priors) + LogLikelihood(logits, readings.Predictions, readings.Mask));
    }
}
