using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>One picture as a question and its true answers.</summary>
/// <param name="Input"><c>(1, 3, h, w)</c> in [0, 1].</param>
/// <param name="Targets">Of each level, <c>(1, 3, h', w')</c> in [0, 1].</param>
internal sealed record RimPair(Tensor Input, IReadOnlyList<Tensor> Targets) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Input, .. Targets];
}

/// <summary>Full-size pictures in memory; what is small of them is made when it is asked for.</summary>
internal sealed class RimPairs : IDisposable
{
    /// <summary>Turns by quarters, mirrored or not.</summary>
    public const int Turns = 8;

    private readonly Tensor pictures; // (N, 3, side, side), 8 bits
    private readonly HyperRimConfig config;
    private readonly int quality;

    /// <summary>Reads them.</summary>
    /// <param name="data">Of any sizes: the shorter side is brought to the network's, and the middle is taken.</param>
    /// <param name="side">Of the answers.</param>
    /// <param name="config">The network.</param>
    /// <param name="quality">Of JPEG, where the network undoes it.</param>
    /// <param name="fault">Told of pictures that cannot be read, which are left out; null to stop at one.</param>
    public RimPairs(IDataset<ImageExample> data, int side, HyperRimConfig config, int quality, Action<ItemFault>? fault)
    {
        (this.config, this.quality) = (config, quality);
        using var scope = new TensorScope();
        var read = new List<Tensor>();
        for (int k = 0; k < data.Count; k++)
        {
            try
            {
                var square = data[k].Image.To8Bit().ToRgb(Rgb.White).ResizeShortSide(side, ResizeFilter.Bicubic).CenterCrop(side);
                read.Add((square.ToTensor() * 255).Round().To(DType.UInt8));
            }
            catch (Exception error) when (fault is not null && error is DataException or ImageException)
            {
                fault(new ItemFault(k, data.NameOf(k), 0, error));
            }
        }

        if (read.Count == 0) throw new DataException(data.NameOf(0), "there is no picture that can be read");
        pictures = scope.KeepForever(Tensor.Stack([.. read]));
    }

    /// <summary>How many.</summary>
    public int Count => (int)pictures.Size(0);

    /// <summary>A picture, turned: every size of it the same way.</summary>
    /// <param name="index">Which.</param>
    /// <param name="turn">0 for as it is, up to <see cref="Turns"/> - 1.</param>
    public RimPair this[int index, int turn]
    {
        get
        {
            using var scope = new TensorScope();
            var full = pictures[index].Float() / 255;
            if (turn >= Turns / 2) full = full.Flip([2]);
            full = full.Rot90(turn % (Turns / 2), [1, 2]).Unsqueeze(0).Contiguous();
            long side = full.Size(2);
            if (config.KeepsSize)
                return scope.Keep(new RimPair(Compressed(full), [.. Enumerable.Repeat(full, config.Levels)]));
            var targets = Enumerable.Range(1, config.Levels).Select(level => Shrunk(full, side >> (config.Levels - level))).ToList();
            return scope.Keep(new RimPair(Shrunk(full, side >> config.Levels), targets));
        }
    }

    public void Dispose() => pictures.Dispose();

    private Tensor Compressed(Tensor picture)
    {
        byte[] file = picture[0].ToImage().Encode(ImageFormat.Jpeg, quality);
        return Image.Decode(file, "a picture compressed by JPEG").ToTensor().Unsqueeze(0);
    }

    /// <summary>OpenCV's cubic filter, which does not widen.</summary>
    private static Tensor Shrunk(Tensor picture, long side) => side == picture.Size(2)
        ? picture
        : Functional.Interpolate(picture, [side, side], Interpolation.Bicubic).Clamp(0, 1);
}
