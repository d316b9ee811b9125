using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>
/// A residual network's five maps, under the keys <c>encoder.*</c>. lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029
/// models/resnet_encoder.py.
/// </summary>
public sealed partial class DepthEncoder : Module
{
    /// <summary>Of torchvision's initial weights.</summary>
    /// <param name="backbone">Its <see cref="ResNetConfiguration.InputChannels"/> are three a picture.</param>
    public DepthEncoder(ResNetConfiguration backbone)
    {
        Encoder = new ResNet(backbone with { Classes = 0 });
        Widths = [64, .. Encoder.StageWidths];
    }

    /// <summary>Channels of the five maps.</summary>
    public IReadOnlyList<int> Widths { get; }

    /// <summary>The network itself.</summary>
    public ResNet Encoder { get; }

    /// <summary>The maps at strides 2, 4, 8, 16, 32, less where dilated.</summary>
    /// <param name="pictures"><c>(N, 3, H, W)</c> in [0, 1], or several side by side in the channels.</param>
    /// <returns>Five, of <see cref="Widths"/>.</returns>
    public Tensor[] Maps(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Encoder.Pyramid((pictures - 0.45) / 0.225));
    }

    /// <summary>Loads a classifier's weights (torchvision's keys); the classifier itself is left out.</summary>
    /// <param name="file">Of the same depth.</param>
    /// <exception cref="CheckpointException">Damaged, or of another network.</exception>
    internal void LoadTrunk(string file) => ModelWeights.Load(Encoder, file, new LoadOptions
    {
        Rename = static key => key.StartsWith("fc.", StringComparison.Ordinal) ? null : key,
    });
}
