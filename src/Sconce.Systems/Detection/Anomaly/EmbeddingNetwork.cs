using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>From prepared pictures to rows of features, as one function that can be compiled: <c>(N, 3, H, W) -> (N, h·w, C)</c>.</summary>
internal sealed partial class EmbeddingNetwork(InspectionMethod method, FeatureExtractor network, Tensor? channels) : Module<Tensor, Tensor>
{
    /// <summary>Looked at, not owned.</summary>
    [Borrowed]
    FeatureExtractor Extractor { get; } = network;

    /// <summary>Maps of features on the finest's grid: <c>(N, 3, H, W) -> (N, C, h, w)</c>.</summary>
    internal Tensor Grid(Tensor pictures)
    {
        using var scope = new TensorScope();
        var maps = Extractor.Maps(pictures);
        return scope.Keep(method == InspectionMethod.Padim ? PatchEmbedding.Padim(maps, channels) : PatchEmbedding.PatchCore(maps));
    }

    /// <summary>The same compiled for pictures of a side, any number of them; null where it cannot be had.</summary>
    internal CompiledModule? Compiled(int side)
    {
        using var scope = new TensorScope();
        try
        {
            return this.Compile(Tensor.Zeros([1, 3, side, side]), anyBatch: true);
        }
        catch (TorchException)
        {
            // A network that cannot be had compiled for any batch is asked as it is: slower, and as right.
            return null;
        }
    }

    protected override Tensor Forward(Tensor pictures) => PatchEmbedding.Rows(Grid(pictures));
}
