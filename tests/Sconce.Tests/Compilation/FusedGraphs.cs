using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>Functions as frozen graphs that are rewritten for this processor, held to the same operators run one by one.</summary>
internal static class FusedGraphs
{
    private const double Tolerance = 2e-5;

    internal static void Agrees(Func<Tensor, Tensor> function, long[] shape, int nodes = 0, string kind = "sconce::packed")
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var fused = Fused(function, Tensor.Randn(shape));
        int found = fused.Graph.Split(kind + "(").Length - 1;
        Assert.True(nodes == 0 ? found > 0 : found == nodes, fused.Graph);
        var x = Tensor.Randn(shape);
        Close(function(x), fused.Run(x)[0]);
    }

    internal static ScriptModule Fused(Func<Tensor, Tensor> function, Tensor example)
    {
        using var traced = ScriptModule.Trace(inputs => [function(inputs[0])], example);
        using var frozen = traced.Freeze();
        return frozen.Fuse();
    }

    internal static void Close(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        if (expected.Elements > 0)
            Assert.InRange((expected - actual).Abs().Max().Item<double>() / Math.Max(1, expected.Abs().Max().Item<double>()), 0, Tolerance);
    }
}
