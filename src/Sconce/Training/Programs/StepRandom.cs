using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// Random numbers of one step for what draws outside libtorch. The seed comes from libtorch's own generator, whose state is in the
/// checkpoint, so that a run that goes on draws as one that was never stopped.
/// </summary>
public static class StepRandom
{
    /// <summary>A generator for the step that is being made.</summary>
    public static Random Next()
    {
        using var scope = new TensorScope();
        return new Random((int)Tensor.Randint(int.MaxValue, [1]).Item<long>());
    }
}
