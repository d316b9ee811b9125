using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.DataParallelism;

/// <summary>Ten Gaussian classes in 32 dimensions whose coordinates are scaled from 1 down to 0.1: the curvature of any loss on them varies
/// by 100, and so momentum can help.</summary>
public sealed class ScaledClusters
{
    /// <summary>Classes.</summary>
    public const int Classes = 10;

    /// <summary>Coordinates.</summary>
    public const int Dimensions = 32;

    private const double Distance = 3.2;

    /// <summary>Draws both sets.</summary>
    /// <param name="training">Examples to learn from.</param>
    /// <param name="validation">Examples to measure with.</param>
    /// <param name="seed">Of centres and examples.</param>
    public ScaledClusters(int training, int validation, ulong seed)
    {
        using var scope = new TensorScope();
        using var generator = new Generator(seed);
        var centres = Tensor.Randn([Classes, Dimensions], generator);
        centres = centres / centres.Norm(2, [1], keepdim: true) * Distance;
        var scale = (Tensor.Arange(Dimensions, dtype: DType.Float32) * (-Math.Log(10) / (Dimensions - 1))).Exp();
        LabelledTensors Draw(int count)
        {
            var labels = Tensor.Randint(Classes, [count], generator, DType.Int64);
            return new LabelledTensors((centres[labels] + Tensor.Randn([count, Dimensions], generator)) * scale, labels);
        }

        Training = scope.Keep(Draw(training));
        Validation = scope.Keep(Draw(validation));
    }

    /// <summary><c>(N, 32)</c> and <c>(N)</c>.</summary>
    public LabelledTensors Training { get; }

    /// <summary><c>(N, 32)</c> and <c>(N)</c>.</summary>
    public LabelledTensors Validation { get; }
}
