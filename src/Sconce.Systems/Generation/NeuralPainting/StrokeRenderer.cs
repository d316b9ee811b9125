using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>Strokes drawn, each on a canvas of its own.</summary>
/// <param name="Foreground">The paint, <c>(N, 3, s, s)</c>, roughly in [0, 1].</param>
/// <param name="Alpha">How much of it covers, <c>(N, 3, s, s)</c>, roughly in [0, 1]; three channels that need not agree.</param>
public sealed record StrokeImages(Tensor Foreground, Tensor Alpha) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Foreground, Alpha];
}

/// <summary>A renderer that learns nothing any more, in its fastest form; it answers as the renderer does, but for rounding.</summary>
/// <param name="Draw">Strokes <c>(N, d)</c> to pictures.</param>
/// <param name="Held">What is freed with it; null for nothing.</param>
internal sealed record FrozenStrokes(Func<Tensor, StrokeImages> Draw, IDisposable? Held = null) : IDisposable
{
    public void Dispose() => Held?.Dispose();
}

/// <summary>
/// Draws strokes so that what it draws has a gradient: vectors <c>(N, d)</c> or <c>(N, d, 1, 1)</c> in [0, 1] to pictures, each on a canvas
/// of its own. The paper's are networks that imitate the engine, 2011.08114 §3.2.
/// </summary>
public abstract class StrokeRenderer(Brush brush, int side) : Module<Tensor, StrokeImages>
{
    /// <summary>What kind of stroke it draws.</summary>
    public Brush Brush => brush;

    /// <summary>The side of its canvas in pixels.</summary>
    public int Side => side;

    /// <inheritdoc/>
    protected sealed override StrokeImages Forward(Tensor strokes)
    {
        if (strokes.Dimensions is not (2 or 4) || strokes.Size(1) != brush.Width || strokes.Elements != strokes.Size(0) * brush.Width)
        {
            throw new TorchException(
                $"stroke renderer: strokes of shape [{string.Join(", ", strokes.Shape.ToArray())}]; "
                + $"a {brush.Name} takes (N, {brush.Width})");
        }

        return Draw(strokes.Reshape([-1, brush.Width]));
    }

    /// <summary>What a descent of strokes calls many times; itself where there is no faster form. Whoever asks disposes it.</summary>
    internal virtual FrozenStrokes Frozen() => new(Call);

    /// <summary>Draws <c>(N, d)</c>.</summary>
    /// <param name="strokes">The vectors.</param>
    protected abstract StrokeImages Draw(Tensor strokes);

    /// <summary>Paint and cover from the two halves of six channels.</summary>
    /// <param name="both"><c>(N, 6, s, s)</c></param>
    private protected static StrokeImages Halves(Tensor both) => new(both[.., ..3], both[.., 3..]);

    /// <summary>
    /// N(0, 0.02) for weights, zero for offsets, N(1, 0.02) for the gains of batch norms; networks.py <c>init_weights</c>.
    /// </summary>
    private protected void DrawInitialWeights()
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is IWeightedLayer layer)
            {
                Init.Normal(layer.Weight, 0.02);
                if (layer.Bias is { } bias) Init.Constant(bias, 0);
            }
            else if (module is BatchNorm norm)
            {
                Init.Normal(norm.Weight!, 0.02, 1);
            }
        }
    }
}
