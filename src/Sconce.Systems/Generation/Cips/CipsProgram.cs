using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Cips;

/// <summary>
/// A generator of single pixels learns from patches: real pictures and coordinates are cut alike, and the generator paints those
/// coordinates alone. 2011.13775 §3.3; saic-mdal/CIPS@eadae6e4 tensor_transforms.py.
/// </summary>
/// <param name="parts">Players, rules, device.</param>
/// <param name="patch">The side of the patches.</param>
internal sealed class CipsProgram(AdversarialParts parts, int patch)
    : AdversarialProgram(parts.Generator, parts.Discriminator, parts.Rules, parts.Device)
{
    private const int Colours = 3;

    // Of the step's batch, like which the fakes are painted.
    private Tensor? places;

    private CipsGenerator Pixels => (CipsGenerator)Painter;

    /// <inheritdoc/>
    protected override Tensor Reals(Tensor pictures)
    {
        int side = Pixels.Config.Size, scales = int.Log2(side / patch) + 1;
        float[] chance = Tensor.Rand([2]).ToArray<float>();
        var random = new Random((int)(chance[1] * int.MaxValue));
        var whole = CoordinateGrid.Whole(side).To(pictures.Device).Expand([pictures.Size(0), -1, -1, -1]);
        int scale = Math.Min(scales - 1, (int)(chance[0] * scales));
        var piece = CoordinateGrid.Patch(Tensor.Cat([pictures, whole], 1), patch, scale, random);
        places = piece.Narrow(0, 0, 1).Narrow(1, Colours, 2);
        return piece.Narrow(1, 0, Colours);
    }

    /// <inheritdoc/>
    protected override Tensor Fakes(long count) => Pixels.Render(places!, Pixels.Map(Latents(count)));
}
