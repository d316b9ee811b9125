using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>How the paper trains on ImageNet: 2004.08955 §4; zhanghang1989/ResNeSt@1dfb3e8 scripts/gluon/train.py,
/// resnest/torch/loss.py.</summary>
public static class ResNeStTraining
{
    /// <summary>Passes over the training set.</summary>
    public const int Epochs = 270;

    /// <summary>Of them, the first with a rising rate.</summary>
    public const int WarmUpEpochs = 5;

    /// <summary>Stochastic gradient descent's momentum.</summary>
    public const double Momentum = 0.9;

    /// <summary>Of convolutions' and the classifier's weights only.</summary>
    public const double WeightDecay = 1e-4;

    /// <summary>The share of each label that is spread over all classes.</summary>
    public const double LabelSmoothing = 0.1;

    /// <summary>Both parameters of the Beta distribution from which mixing shares are drawn.</summary>
    public const double MixUpAlpha = 0.2;

    /// <summary>Channel covariances' square roots of ImageNet, for <c>PcaLighting</c>: deviations along the principal directions.</summary>
    public static IReadOnlyList<double> LightingEigenvalues { get; } = [0.2175, 0.0188, 0.0045];

    /// <summary>Rows are red, green and blue; columns the principal directions.</summary>
    public static IReadOnlyList<double> LightingEigenvectors { get; } =
    [
        -0.5675, 0.7192, 0.4009,
        -0.5808, -0.0045, -0.8140,
        -0.5836, -0.6948, 0.4203,
    ];

    /// <summary>SGD with the paper's momentum and decay, biases and norms undecayed.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="batch">Pictures a step, over all machines: the rate is 0.1 for 256 of them.</param>
    public static Sgd Optimizer(Module network, int batch) =>
        new(ParameterGroup.WeightsAndVectors(network), PeakRate(batch), Momentum, weightDecay: WeightDecay);

    /// <summary>The rate of each step: linear warm-up, then a cosine to 0.</summary>
    /// <param name="batch">Pictures a step.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="epochs">In all, warm-up included.</param>
    public static LearningRateSchedule Schedule(int batch, long stepsPerEpoch, int epochs = Epochs) =>
        LearningRateSchedule.Cosine(PeakRate(batch), stepsPerEpoch * (epochs - WarmUpEpochs)).WithWarmUp(stepsPerEpoch * WarmUpEpochs);

    /// <summary>DropBlock's rate in an epoch: it grows linearly and ends at <paramref name="last"/> (resnest/gluon/dropblock.py).</summary>
    public static double DropBlockRate(int epoch, int epochs = Epochs, double last = 0.1) => last * (epoch + 1) / epochs;

    /// <summary>0.9 · (−Σ target · log p) + 0.1 · mean(−log p), averaged over the batch.</summary>
    /// <param name="logits"><c>(N, classes)</c></param>
    /// <param name="target">Class numbers <c>(N)</c>, or mixed shares <c>(N, classes)</c>.</param>
    /// <param name="smoothing">0.1 in the paper.</param>
    public static Tensor Loss(Tensor logits, Tensor target, double smoothing = LabelSmoothing) =>
        Functional.CrossEntropy(logits, target, labelSmoothing: smoothing);

    /// <summary>
    /// MixUp with one share λ ~ Beta(α, α) a batch: λ·x + (1 − λ)·x', labels alike, where x' is the batch in reverse; 1710.09412.
    /// </summary>
    /// <param name="pictures"><c>(N, 3, H, W)</c></param>
    /// <param name="labels">Class numbers <c>(N)</c>.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="generator">Where the share comes from; the default one where left out.</param>
    /// <param name="alpha">α.</param>
    /// <returns>The mixed pictures, and shares <c>(N, classes)</c> that <see cref="Loss"/> takes.</returns>
    public static (Tensor Pictures, Tensor Targets) MixUp(Tensor pictures, Tensor labels, int classes, Generator? generator = null,
        double alpha = MixUpAlpha)
    {
        using var scope = new TensorScope();
        double share = Tensor.Full([2], alpha, DType.Float64).SampleDirichlet(generator)[0].Item<double>();
        var targets = labels.OneHot(classes).To(pictures.DType);
        return scope.Keep((pictures * share + pictures.Flip([0]) * (1 - share), targets * share + targets.Flip([0]) * (1 - share)));
    }

    /// <summary>AlexNet's lighting noise: each picture's channels are shifted along ImageNet's principal colours, by normal numbers of
    /// deviation <paramref name="std"/>.</summary>
    /// <param name="pictures"><c>(N, 3, H, W)</c> in [0, 1].</param>
    /// <param name="generator">Where the numbers come from; the default one where left out.</param>
    /// <param name="std">0.1 in the paper.</param>
    public static Tensor PcaLighting(Tensor pictures, Generator? generator = null, double std = 0.1)
    {
        using var scope = new TensorScope();
        var strengths = Tensor.Empty([pictures.Size(0), 3], DType.Float64)
            .NormalInPlace(0, std, generator) * Tensor.From([.. LightingEigenvalues]);
        // (N, 3): Σ_k vector[c, k] · value[k] · strength[k]
        var shift = strengths.Matmul(Tensor.From([.. LightingEigenvectors], [3, 3]).T());
        return scope.Keep(pictures + shift.To(pictures.DType).Reshape([-1, 3, 1, 1]));
    }

    private static double PeakRate(int batch) => 0.1 * batch / 256;
}
