using System.Globalization;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>How the posterior is sought.</summary>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="LearningRate">Adam's, annealed to 0 by a cosine.</param>
/// <param name="Draws">Samples of the reparameterised posterior a step.</param>
public sealed record InferenceOptions(int Steps = 2000, double LearningRate = 0.05, int Draws = 4);

/// <summary>Samples of the posterior, the sample's number first.</summary>
/// <param name="Mu"><c>(samples, exams, 2)</c></param>
/// <param name="Gamma"><c>(samples, severities, subgroups)</c></param>
/// <param name="Nu"><c>(samples, readers, subgroups)</c></param>
/// <param name="B"><c>(samples, subgroups)</c></param>
public sealed record PosteriorSamples(Tensor Mu, Tensor Gamma, Tensor Nu, Tensor B) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Mu, Gamma, Nu, B];

    /// <summary>The mean probability of each reading, over samples: the posterior predictive. <c>-> (readers, severities, exams, 2)</c> in
    /// (0, 1).</summary>
    /// <param name="subgroups"><c>(exams, 2)</c> int64.</param>
    public Tensor Predict(Tensor subgroups)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        long samples = Mu.Size(0);
        var sum = Tensor.Zeros([Nu.Size(1), Gamma.Size(1), .. subgroups.Shape], Mu.DType);
        for (long k = 0; k < samples; k++)
        {
            using var one = new TensorScope();
            sum.AddInPlace(ReadingModel.Logits(Mu[k], Gamma[k], Nu[k], B[k], subgroups).Sigmoid());
        }

        return scope.Keep(sum / samples);
    }
}

/// <summary>
/// The posterior of the reading model as independent normals (mean-field automatic differentiation variational inference, 1603.00788): the
/// means and deviations that maximise E[log joint] + entropy, by reparameterised gradients. The study ran Stan's.
/// </summary>
public sealed class VariationalInference : IDisposable
{
    private readonly Readings readings;
    private readonly ReadingPriors priors;
    private readonly ReadingModel means;
    private readonly ReadingModel logDeviations;
    private readonly Generator generator;

    /// <summary>Begins at the prior's centre of zero with deviations of e^-1.</summary>
    /// <param name="readings">What readers said; kept, not freed.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="priors">What is believed beforehand; standard normal by default.</param>
    /// <exception cref="ArgumentException">See <see cref="Readings.Checked"/>.</exception>
    public VariationalInference(Readings readings, ulong seed = 0, ReadingPriors? priors = null)
    {
        this.readings = readings.Checked();
        this.priors = priors ?? ReadingPriors.Standard;
        generator = new Generator(seed);
        means = new ReadingModel(readings.Readers, readings.Severities, readings.Exams, readings.SubgroupCount);
        logDeviations = new ReadingModel(readings.Readers, readings.Severities, readings.Exams, readings.SubgroupCount);
        foreach (var parameter in logDeviations.Parameters()) Init.Constant(parameter, -1);
    }

    /// <summary>Fits, and gives the bound (ELBO, up to a constant) of each step.</summary>
    public IReadOnlyList<double> Fit(InferenceOptions options, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var optimizer = new Adam([.. means.Parameters(), .. logDeviations.Parameters()], options.LearningRate);
        var schedule = LearningRateSchedule.Cosine(options.LearningRate, options.Steps);
        var bounds = new List<double>(options.Steps);
        for (int step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var bound = Entropy();
            for (int draw = 0; draw < options.Draws; draw++) bound += LogJoint() / options.Draws;
            (-bound).Backward();
            optimizer.Step();
            bounds.Add(bound.Item<double>());
            if (step % 50 == 0)
                progress?.Report(new WorkProgress("posterior", step, options.Steps,
                    string.Create(CultureInfo.InvariantCulture, $"bound {bounds[^1]:0.0}")));
        }

        optimizer.ZeroGrad();
        return bounds;
    }

    /// <summary>Draws from what was fitted.</summary>
    public PosteriorSamples Sample(int count = 1000)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var steps = Draw(means.GammaStep, logDeviations.GammaStep, count);
        return scope.Keep(new PosteriorSamples(
            Draw(means.Mu, logDeviations.Mu, count),
            Functional.Pad(steps.Cumsum(1), [0, 0, 1, 0]),
            Draw(means.Nu, logDeviations.Nu, count),
            Draw(means.B, logDeviations.B, count)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        means.Dispose();
        logDeviations.Dispose();
        generator.Dispose();
    }

    private Tensor LogJoint()
    {
        using var scope = new TensorScope();
        var (mu, steps, nu, b) = (Draw(means.Mu, logDeviations.Mu), Draw(means.GammaStep, logDeviations.GammaStep),
            Draw(means.Nu, logDeviations.Nu), Draw(means.B, logDeviations.B));
        var logits = ReadingModel.Logits(mu, ReadingModel.Gamma(steps), nu, b, readings.Subgroups);
        return scope.Keep(ReadingModel.LogPrior(mu, steps, nu, b, priors)
            + ReadingModel.LogLikelihood(logits, readings.Predictions, readings.Mask));
    }

    /// <summary>Of the normals, without constants: the sum of the log deviations.</summary>
    private Tensor Entropy()
    {
        using var scope = new TensorScope();
        return scope.Keep(logDeviations.Mu.Sum() + logDeviations.GammaStep.Sum() + logDeviations.Nu.Sum() + logDeviations.B.Sum());
    }

    private Tensor Draw(Tensor mean, Tensor logDeviation) => mean + logDeviation.Exp() * Tensor.Randn([.. mean.Shape], generator);

    private Tensor Draw(Tensor mean, Tensor logDeviation, int count) =>
        mean + logDeviation.Exp() * Tensor.Randn([count, .. mean.Shape], generator);
}
