using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// Moves the strokes of a grid's cells so that they look like the target. 2011.08114 §3.4; jiupinjia/stylized-neural-painting@e7a66b2
/// painter.py <c>_drawing_step_states</c>.
/// </summary>
internal sealed class StrokeDescent : IDisposable
{
    private const double Rate = 0.002;
    private readonly StrokeRenderer renderer;
    private readonly FrozenStrokes frozen;
    private readonly Tensor strokes, canvas, target;
    private readonly RmsProp optimizer;

    /// <summary>Begins where the strokes are.</summary>
    /// <param name="renderer">In evaluation; its numbers do not change while the strokes move.</param>
    /// <param name="strokes"><c>(cells, count, d)</c>, on the tape; written into.</param>
    /// <param name="canvas">What they are laid on, <c>(cells, 3, s, s)</c>.</param>
    /// <param name="target">Of the canvas's shape.</param>
    internal StrokeDescent(StrokeRenderer renderer, Tensor strokes, Tensor canvas, Tensor target)
    {
        (this.renderer, this.strokes, this.canvas, this.target) = (renderer, strokes, canvas, target);
        frozen = renderer.Frozen();
        optimizer = new RmsProp([strokes], Rate, centered: true);
    }

    public void Dispose()
    {
        optimizer.Dispose();
        frozen.Dispose();
    }

    /// <summary>A step of the first strokes of each cell; the loss before it, <c>()</c>, in the scope around.</summary>
    /// <param name="count">How many strokes of each cell.</param>
    /// <param name="further">A further term of the loss, of what is painted; null for none.</param>
    internal Tensor Step(int count, Func<Tensor, Tensor>? further = null)
    {
        using var scope = new TensorScope();
        strokes.Grad = null;
        Clamp();
        var painted = Painted(count);
        var loss = PaintingLosses.Pixels(painted, target);
        if (further is not null) loss = loss + further(painted);
        Gradients.Backward([loss]);
        Clamp();
        optimizer.Step();
        return scope.Keep(loss.Detach());
    }

    /// <summary>The first strokes of each cell over its canvas, <c>(cells, 3, s, s)</c>.</summary>
    internal Tensor Painted(int count)
    {
        using var scope = new TensorScope();
        var images = frozen.Draw(strokes[.., ..count].Flatten(0, 1));
        long[] shape = [strokes.Size(0), count, 3, renderer.Side, renderer.Side];
        int reach = renderer is AnalyticRenderer ? 0 : 1; // it leaves no black about its strokes
        return scope.Keep(Compositing.Paint(images.Foreground.Reshape(shape), images.Alpha.Reshape(shape), canvas, reach));
    }

    /// <summary>Shapes to [0.1, 0.9], all else to [0, 1]; on the data, so that no gradient is lost.</summary>
    internal void Clamp()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        strokes[.., .., ..renderer.Brush.ShapeWidth].ClampInPlace(0.1, 0.9);
        strokes.ClampInPlace(0.0, 1.0);
    }
}
