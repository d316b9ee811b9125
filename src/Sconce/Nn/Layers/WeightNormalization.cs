using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>A layer whose weight another tensor can stand in for: linear layers and convolutions.</summary>
public interface IWeightedLayer
{
    /// <summary>Its own weight.</summary>
    Parameter Weight { get; }

    /// <summary>Its offsets, or null.</summary>
    Parameter? Bias { get; }

    /// <summary>Which dimension of the weight counts outputs: 0, of transposed convolutions 1.</summary>
    int OutputDimension { get; }

    /// <summary>The layer's answer with another weight of the same shape. For use inside a module's <c>Forward</c>: it opens no scope of
    /// its own.</summary>
    Tensor CallWith(Tensor weight, Tensor input);
}

/// <summary>
/// A layer whose weight is divided by its largest singular value, which one power iteration a training call estimates. 1802.05957; keys as
/// <c>torch.nn.utils.spectral_norm</c> leaves them in the layer's place: <c>bias</c>, <c>weight_orig</c>, <c>weight_u</c>, <c>weight_v</c>.
/// </summary>
public sealed class SpectralNorm : Module<Tensor, Tensor>
{
    private readonly IWeightedLayer layer;
    private readonly int iterations;
    private readonly double eps;
    private readonly Buffer weightU;
    private readonly Buffer weightV;

    /// <summary>Takes the layer over.</summary>
    /// <param name="layer">A linear layer or a convolution.</param>
    /// <param name="iterations">Power iterations a call, while training.</param>
    /// <param name="eps">Against division by zero.</param>
    public SpectralNorm(IWeightedLayer layer, int iterations = 1, double eps = 1e-12)
    {
        if (iterations < 1)
            throw new ArgumentOutOfRangeException(nameof(iterations), iterations, "spectral norm: there is one power iteration at least");
        this.layer = layer;
        this.iterations = iterations;
        this.eps = eps;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        long outputs = layer.Weight.Size(layer.OutputDimension);
        weightU = new Buffer(scope.KeepForever(Unit(Tensor.Randn([outputs]), eps)));
        weightV = new Buffer(scope.KeepForever(Unit(Tensor.Randn([layer.Weight.Elements / outputs]), eps)));
    }

    /// <summary>The weight before division.</summary>
    public Parameter WeightOrig => layer.Weight;

    /// <summary>The estimated left singular vector <c>(outputs)</c>.</summary>
    public Buffer WeightU => weightU;

    /// <summary>The estimated right singular vector <c>(the weight's other numbers)</c>.</summary>
    public Buffer WeightV => weightV;

    /// <summary>Power iterations: what a matrix's vectors of the largest singular value are, about. Off the tape.</summary>
    /// <param name="matrix"><c>(outputs, rest)</c></param>
    /// <param name="u">Where the left one begins, of length 1, <c>(outputs)</c>.</param>
    /// <param name="iterations">How many.</param>
    /// <param name="eps">Against division by zero.</param>
    public static (Tensor U, Tensor V) SingularVectors(Tensor matrix, Tensor u, int iterations, double eps = 1e-12)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var v = u;
        for (int k = 0; k < iterations; k++)
        {
            v = Unit(matrix.T().Mv(u), eps);
            u = Unit(matrix.Mv(v), eps);
        }

        return scope.Keep((u, v));
    }

    /// <summary>The weight that the layer runs with.</summary>
    public Tensor NormalizedWeight()
    {
        using var scope = new TensorScope();
        var matrix = Matrix();
        if (Training) Iterate(matrix);

        // Copies, because the next call changes the buffers while this one's tape still needs them.
        var u = Training ? WeightU.Clone() : WeightU;
        var v = Training ? WeightV.Clone() : WeightV;
        return scope.Keep(layer.Weight / u.Dot(matrix.Mv(v)));
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        visitor.Parameter("bias", layer.Bias);
        visitor.Parameter("weight_orig", layer.Weight);
        visitor.Buffer("weight_u", WeightU, saved: true);
        visitor.Buffer("weight_v", WeightV, saved: true);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => layer.CallWith(NormalizedWeight(), input);

    private Tensor Matrix()
    {
        var weight = layer.OutputDimension == 0 ? (Tensor)layer.Weight : layer.Weight.Transpose(0, layer.OutputDimension);
        return weight.Reshape([weight.Size(0), -1]); // (outputs, rest)
    }

    private void Iterate(Tensor matrix)
    {
        using var noGrad = Gradients.Off();
        var (u, v) = SingularVectors(matrix, WeightU, iterations, eps);
        WeightU.CopyInPlace(u);
        WeightV.CopyInPlace(v);
    }

    private static Tensor Unit(Tensor vector, double eps) => Functional.Normalize(vector, 0, eps);
}

/// <summary>
/// A layer whose weight is a direction times a length for each output: <c>w = g · v / |v|</c>. 1602.07868; keys as
/// <c>torch.nn.utils.weight_norm</c> leaves them in the layer's place: <c>bias</c>, <c>weight_g</c>, <c>weight_v</c>.
/// </summary>
public sealed class WeightNorm : Module<Tensor, Tensor>
{
    private readonly IWeightedLayer layer;
    private readonly Parameter lengths;

    /// <summary>Takes the layer over; it answers as before until its weights change.</summary>
    /// <param name="layer">A linear layer or a convolution. The lengths are counted along the weight's first dimension, as PyTorch's
    /// default has it.</param>
    public WeightNorm(IWeightedLayer layer)
    {
        this.layer = layer;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        long[] inner = [.. Enumerable.Range(1, layer.Weight.Dimensions - 1)];
        lengths = new Parameter(scope.KeepForever(layer.Weight.LinalgVectorNorm(2, inner, keepdim: true)));
    }

    /// <summary>Lengths <c>(first dimension, 1, …)</c>.</summary>
    public Parameter WeightG => lengths;

    /// <summary>Directions, of the weight's shape.</summary>
    public Parameter WeightV => layer.Weight;

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        visitor.Parameter("bias", layer.Bias);
        visitor.Parameter("weight_g", WeightG);
        visitor.Parameter("weight_v", layer.Weight);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => layer.CallWith(Functional.WeightNorm(WeightV, WeightG), input);
}
