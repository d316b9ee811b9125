using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Chains of modules that let go of what lies between as soon as it is read, as PyTorch's reference counts do.</summary>
public static class Chaining
{
    /// <summary>Calls <paramref name="next"/> on a temporary of this scope and frees the temporary.</summary>
    public static Tensor Then(this Tensor temporary, Module<Tensor, Tensor> next)
    {
        var result = next.Call(temporary);
        if (!ReferenceEquals(result, temporary)) temporary.Dispose();
        return result;
    }
}
