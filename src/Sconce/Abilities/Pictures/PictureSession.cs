using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>A network that is asked about one picture at a time. Several threads may ask it.</summary>
/// <typeparam name="TNetwork">What is asked; freed with the session.</typeparam>
/// <typeparam name="TAnswer">What comes out.</typeparam>
/// <typeparam name="TSettings">What can be set for each question.</typeparam>
/// <param name="network">With its weights.</param>
public abstract class PictureSession<TNetwork, TAnswer, TSettings>(TNetwork network) : Session<Picture, TAnswer, TSettings>
    where TNetwork : IDisposable
    where TAnswer : IAnswer
    where TSettings : class, ISettings<TSettings>, new()
{
    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>What is asked.</summary>
    protected TNetwork Network => network;

    /// <inheritdoc/>
    protected sealed override IReadOnlyList<TAnswer> Answer(
        IReadOnlyList<Picture> inputs, TSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Looked(input, settings, cancellation))];

    /// <summary>The answer about a picture, off the tape and in a scope of its own.</summary>
    /// <param name="picture">8-bit RGB, on white where it was transparent.</param>
    /// <param name="settings">What was asked.</param>
    protected abstract TAnswer Look(Image picture, TSettings settings);

    /// <inheritdoc/>
    protected sealed override void Free() => network.Dispose();

    private TAnswer Looked(Picture input, TSettings settings, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return Look(input.Image.To8Bit().ToRgb(Rgb.White), settings);
    }
}
