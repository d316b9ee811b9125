using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Modules one after the other where they are members of their own and no <see cref="Sequential"/>.</summary>
public static class ThroughModules
{
    /// <summary>
    /// <c>x.Through(Conv1, Bn1, Relu)</c>: each module reads what the one before made, and what lies between two of them is freed
    /// as soon as the next has read it, so that peak memory is that of PyTorch. The input itself is left alone.
    /// </summary>
    /// <param name="input">What the first module reads.</param>
    /// <param name="modules">In order; a null one (a configuration without it) is left out.</param>
    /// <returns>What the last module made; <paramref name="input"/> where there is none.</returns>
    public static Tensor Through(this Tensor input, params ReadOnlySpan<Module<Tensor, Tensor>?> modules)
    {
        var x = input;
        foreach (var module in modules)
        {
            if (module is null) continue;
            var next = module.Call(x);
            if (!ReferenceEquals(x, input) && !ReferenceEquals(x, next)) x.Dispose();
            x = next;
        }

        return x;
    }
}
