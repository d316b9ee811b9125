using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>Pictures through the codes and back. Several threads may ask it.</summary>
public sealed class VqReconstructSession : Session<Picture, ReconstructedPicture, VqReconstructSettings>
{
    private readonly Nn.Module network;
    private readonly VqModel model;
    private readonly int side;
    private readonly Device device;

    /// <summary>Loads the network.</summary>
    /// <exception cref="UsageException">It holds no autoencoder.</exception>
    public VqReconstructSession(OpenRequest request)
    {
        device = request.Device;
        network = request.Network<Nn.Module>();
        model = network as VqModel ?? (network as Net2Net)?.FirstStageModel
            ?? throw new UsageException($"{request.Name} has no autoencoder of pictures");
        side = request.Size ?? model.Config.Autoencoder.Resolution;
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<ReconstructedPicture> Answer(
        IReadOnlyList<Picture> inputs, VqReconstructSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Reconstructed(input.Image, settings, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private ReconstructedPicture Reconstructed(Image picture, VqReconstructSettings settings, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var (channels, code) = (model.Config.Autoencoder.InputChannels, model.Config.Autoencoder.Downsampling);
        var seen = settings.Square
            ? VqPictures.Middle(picture, side, side, channels)
            : VqPictures.Whole(picture, side, code, channels);
        var seenCodes = model.CodesOf(seen.To(device));
        var painted = model.DecodeCodes(seenCodes).Cpu().Float();
        long[] codes = seenCodes.Cpu().ToArray<long>();
        double difference = VqPictures.AreLabels(channels)
            ? painted.Argmax(1).Ne(seen.Argmax(1)).To(DType.Float32).Mean().Item<double>()
            : ((painted.Clamp(-1, 1) - seen).Abs().Mean() / 2).Item<double>();
        var made = new MadePicture(VqPictures.Painted(painted)[0]);
        return new ReconstructedPicture(made, codes.Length, codes.Distinct().Count(), difference);
    }
}
