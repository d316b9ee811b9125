using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// Paints the mouth of one frame after the other. As in the released code, faces have their colours in the order blue, green, red, and the
/// frame is its own reference. Rudrabha/Wav2Lip@5c90fa9 inference.py.
/// </summary>
internal sealed class MouthPainter : IDisposable
{
    private readonly LipPainter network;
    private readonly Device device;
    private readonly SpeechFeatures features;
    private readonly double rate;
    private readonly Tensor speech;

    internal MouthPainter(LipPainter network, Device device, SpeechFeatures features, float[] samples, double rate)
    {
        (this.network, this.device, this.features, this.rate) = (network, device, features, rate);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        speech = features.Of(Tensor.From(samples)).To(device).Hold(); // (bands, steps)
    }

    /// <summary>The frame with the mouth of its moment: 8-bit RGB.</summary>
    /// <param name="frame">8-bit RGB.</param>
    /// <param name="face">Where the face is.</param>
    /// <param name="number">The frame's number in what is made, by which it is spoken.</param>
    internal Image Paint(Image frame, PixelBox face, long number)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var seen = frame.ResizeRegion(face, LipPainter.Side, LipPainter.Side).ToTensor().Flip([0]).Unsqueeze(0).To(device);
        var masked = seen.Clone();
        masked.FillInPlace(0, .., .., (LipPainter.Side / 2)..);
        var answer = InColours(seen[0], network.Call(Heard(number), Tensor.Cat([masked, seen], 1))[0]);
        var painted = answer.Flip([0]).To(Device.Cpu).ToImage();
        return FadedPatch.Over(frame, painted.Resize(face.Width, face.Height, ResizeFilter.Bilinear), face);
    }

    public void Dispose() => speech.Dispose();

    /// <summary>Speech from the frame's moment on; at the end, the last of it: <c>(1, 1, 80, 16)</c>.</summary>
    private Tensor Heard(long number)
    {
        long first = Math.Min(features.FirstStep(number, rate), speech.Size(1) - SpeechFeatures.Steps);
        return speech.Narrow(1, first, SpeechFeatures.Steps).Unsqueeze(0).Unsqueeze(0);
    }

    /// <summary>
    /// The painted face in the frame's colours: what its upper half, which is known, is off by in the mean of each colour is made good in
    /// all of it. The released code does without, and its box is seen. <c>(3, H, W) x 2 -> (3, H, W)</c> in [0, 1]
    /// </summary>
    internal static Tensor InColours(Tensor seen, Tensor painted)
    {
        using var scope = new TensorScope();
        long known = seen.Size(1) / 2;
        var off = (seen[.., ..(int)known] - painted[.., ..(int)known]).Mean([1, 2], keepdim: true);
        return scope.Keep((painted + off).Clamp(0, 1));
    }

    /// <summary>A box as a setting; the whole frame where it is empty.</summary>
    /// <exception cref="SettingsException">The box lies outside the frame.</exception>
    internal static PixelBox Window(Image frame, IReadOnlyList<int> box)
    {
        if (box is not [var left, var top, var right, var bottom]) return new PixelBox(0, 0, frame.Width, frame.Height);
        if (right <= frame.Width && bottom <= frame.Height) return new PixelBox(left, top, right, bottom);
        string size = $"{frame.Width} x {frame.Height}";
        throw new SettingsException(
            "box", called => $"{called} {left},{top},{right},{bottom} lies outside the clip's pictures, which have {size} pixels");
    }
}
