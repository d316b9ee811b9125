using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>From pictures to what the network reads: stretched to a square, with one mean and deviation for all colours.</summary>
internal static class CenterNetPictures
{
    /// <summary>The usual side in pixels.</summary>
    internal const int Side = 192;

    private const int Divisor = 32;

    /// <summary>Subtracted from each colour of [0, 1].</summary>
    internal static IReadOnlyList<float> Means { get; } = [0.45f, 0.45f, 0.45f];

    /// <summary>What each colour is then divided by.</summary>
    internal static IReadOnlyList<float> Deviations { get; } = [0.25f, 0.25f, 0.25f];

    /// <summary>The surest boxes in a picture, in its own pixels; not cut to it.</summary>
    /// <param name="network">In evaluation.</param>
    /// <param name="picture">8-bit RGB.</param>
    /// <param name="side">What it is stretched to: a multiple of 32.</param>
    /// <param name="device">Where the network is.</param>
    internal static IReadOnlyList<DetectedBox> Look(CenterNetLite network, Image picture, int side, Device device)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var peaks = CenterNetPeaks.Decode(network.Call(Prepare(picture, side).Unsqueeze(0).To(device)));
        var found = new ClasswiseDetections(peaks.Boxes[0], peaks.Scores[0], peaks.Classes[0]);
        return DetectedBoxes.Of(found, (double)picture.Width / side, (double)picture.Height / side);
    }

    /// <summary><c>(3, side, side)</c></summary>
    internal static Tensor Prepare(Image picture, int side)
    {
        var tensor = Tensor.Empty([3, side, side], DType.Float32);
        picture.Resize(side, side, ResizeFilter.Bilinear).Normalize([.. Means], [.. Deviations], tensor.AsSpan<float>());
        return tensor;
    }

    /// <summary>The nearest side that the network takes.</summary>
    internal static int Rounded(int side) => Math.Max(Divisor, (side + (Divisor / 2)) / Divisor * Divisor);
}
