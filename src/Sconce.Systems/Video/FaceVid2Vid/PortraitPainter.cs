using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>A portrait whose appearance and keypoints are kept from frame to frame. Its tensors belong to no scope.</summary>
internal sealed class PortraitPainter : IDisposable
{
    private readonly FaceVid2VidNetwork network;
    private readonly Device device;
    private readonly AnimateSettings settings;
    private readonly FaceSource source;
    private Tensor? first;
    private double scale = 1;

    internal PortraitPainter(FaceVid2VidNetwork network, Device device, AnimateSettings settings, Image portrait)
    {
        (this.network, this.device, this.settings) = (network, device, settings);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        source = network.Source(Input(portrait)).Held();
    }

    /// <summary>Whether movement is measured from a frame; angles that were asked for are taken as they are.</summary>
    internal bool IsRelative => !settings.Absolute && !settings.View.IsSet && settings.Turn is null;

    /// <summary>Later frames move the portrait by as much as they differ from this one, in proportion to the faces' sizes.</summary>
    internal void MeasureFrom(Image window)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var keypoints = network.Driven(source, Input(window)).Value;
        double own = HullVolume.Of(source.Keypoints.Value), other = HullVolume.Of(keypoints);
        if (other > 0) scale = Math.Sqrt(own) / Math.Sqrt(other);
        first = keypoints.Hold();
    }

    /// <summary>The portrait as the frame's head is: 8-bit RGB.</summary>
    /// <param name="window">The frame's face.</param>
    /// <param name="view">From where it is seen.</param>
    internal Image Paint(Image window, HeadView view)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var driving = network.Driven(source, Input(window), view.IsSet ? seen => Turned(seen, view) : null);
        if (first is not null) driving = driving with { Value = source.Keypoints.Value + ((driving.Value - first) * scale) };
        return network.Paint(source, driving)[0].To(Device.Cpu).ToImage();
    }

    public void Dispose()
    {
        foreach (var tensor in source.Tensors) tensor.Dispose();
        first?.Dispose();
    }

    private static HeadAngles Turned(HeadAngles seen, HeadView view) =>
        new(Set(seen.Yaw, view.Yaw), Set(seen.Pitch, view.Pitch), Set(seen.Roll, view.Roll));

    private static Tensor Set(Tensor seen, double? degrees) => degrees is { } asked ? (seen * 0) + asked : seen;

    private Tensor Input(Image window) => window.ToTensor().Unsqueeze(0).To(device);
}
