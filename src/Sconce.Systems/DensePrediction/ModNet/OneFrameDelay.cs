using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>
/// Takes single-frame flicker out of a clip's mattes, one frame late: where the frames before and after agree and both differ from the one
/// between, it becomes their mean. 2011.11961 §3.6. The neighbours are the network's own mattes, not smoothed ones; the first and the last
/// frame stay as they are.
/// </summary>
public sealed class OneFrameDelay : IDisposable
{
    private Tensor? before;
    private Tensor? current;

    /// <summary>From what difference on mattes disagree; in (0, 1).</summary>
    public double Threshold { get; init; } = 0.1;

    /// <summary>Takes the next frame's matte in, and gives the one before it, smoothed; null for the first frame.</summary>
    /// <param name="matte">Of one shape throughout; the object keeps a handle of its own.</param>
    /// <exception cref="ArgumentException">The shape changed.</exception>
    public Tensor? Push(Tensor matte)
    {
        if (current is not null && !current.Shape.SequenceEqual(matte.Shape))
        {
            string next = string.Join(", ", matte.Shape.ToArray()), last = string.Join(", ", current.Shape.ToArray());
            throw new ArgumentException($"one-frame delay: a matte of shape [{next}] follows one of [{last}]", nameof(matte));
        }

        var answer = current is null ? null : before is null ? current.Alias() : Smooth(before, current, matte, Threshold);
        before?.Dispose();
        (before, current) = (current, matte.Hold());
        return answer;
    }

    /// <summary>The last frame's matte; null where none was pushed. The next frame begins a new clip.</summary>
    public Tensor? Finish()
    {
        var last = current?.Alias();
        Dispose();
        return last;
    }

    /// <summary>A whole clip at once: <c>(T, …) -> (T, …)</c>.</summary>
    public static Tensor Apply(Tensor frames, double threshold = 0.1)
    {
        if (frames.Size(0) < 3) return frames;
        using var scope = new TensorScope();
        var inner = Smooth(frames[..^2], frames[1..^1], frames[2..], threshold);
        return scope.Keep(Tensor.Cat([frames[..1], inner, frames[^1..]], 0));
    }

    /// <summary>Frees the frames held.</summary>
    public void Dispose()
    {
        before?.Dispose();
        current?.Dispose();
        before = current = null;
    }

    private static Tensor Smooth(Tensor before, Tensor current, Tensor after, double threshold)
    {
        using var scope = new TensorScope();
        var agree = (before - after).Abs() <= threshold;
        var flicker = agree & ((before - current).Abs() > threshold) & ((after - current).Abs() > threshold);
        return scope.Keep(Functional.Where(flicker, (before + after) / 2, current));
    }
}
