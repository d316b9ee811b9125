using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// Brings narratives and pictures to one space, where those that belong together lie close. 2011.03775 §4.2. The paper's towers are not
/// published; ours are a transformer's first token, and convolutions with a mean over the map.
/// </summary>
public sealed partial class DualEncoder : Module
{
    /// <summary>Builds both towers.</summary>
    /// <param name="text">The transformer that reads the narrative.</param>
    /// <param name="width">Of the common space.</param>
    /// <param name="channels">Of the pictures, or of one-hot maps of labels.</param>
    public DualEncoder(BertConfig text, int width, int channels = 3)
    {
        Reader = new Bert(text);
        TextProjection = new Linear(text.Width, width);
        int inputs = channels;
        foreach (int outputs in (int[])[32, 64, 128])
        {
            Viewer.Add(new Conv2d(inputs, outputs, 3, 2, 1));
            Viewer.Add(new Relu(inPlace: true));
            inputs = outputs;
        }

        ImageProjection = new Linear(inputs, width);
    }

    internal Bert Reader { get; }

    internal Linear TextProjection { get; }

    internal Sequential Viewer { get; } = [];

    internal Linear ImageProjection { get; }

    /// <summary>Narratives: <c>pieces (N, L), mask (N, L) -> (N, width)</c> of length 1.</summary>
    public Tensor OfText(Tensor pieces, Tensor mask)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Normalize(TextProjection.Call(Reader.Call(pieces, mask)[.., 0])));
    }

    /// <summary>Pictures: <c>(N, channels, H, W) -> (N, width)</c> of length 1.</summary>
    public Tensor OfImages(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Normalize(ImageProjection.Call(Viewer.Call(images).Mean([2, 3]))));
    }
}

/// <summary>
/// Each narrative must find its picture among the batch's, and each picture its narrative, by a margin: the sum of both cross-entropies.
/// 1902.08564 §2.3 (additive margin softmax in both directions).
/// </summary>
/// <param name="Margin">By how much the right pair must be closer.</param>
/// <param name="Scale">From cosines to logits.</param>
public sealed record DualEncoderLoss(double Margin = 0.3, double Scale = 20)
{
    /// <summary>Cosines of all pairs: <c>(N, d), (M, d) -> (N, M)</c>.</summary>
    public static Tensor Similarity(Tensor text, Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Normalize(text).Matmul(Functional.Normalize(images).T()));
    }

    /// <summary>The loss <c>()</c> of pairs <c>(N, d)</c>.</summary>
    public Tensor Of(Tensor text, Tensor images)
    {
        using var scope = new TensorScope();
        long count = text.Size(0);
        var diagonal = Tensor.Eye(count, dtype: text.DType, device: text.Device) * Margin;
        var logits = (Similarity(text, images) - diagonal) * Scale;
        var own = Tensor.Arange(count, dtype: DType.Int64, device: text.Device);
        return scope.Keep(Functional.CrossEntropy(logits, own) + Functional.CrossEntropy(logits.T(), own));
    }
}
