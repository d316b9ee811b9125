using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>
/// A bank of patches as a linear layer, which packs: <c>(N, C) -> (N, M)</c>, |y|² - 2xy, which is the squared distance less |x|².
/// </summary>
internal static class BankLayer
{
    /// <summary>Rows that are asked about at once: of a bank of 20,000 a table of 80 MB.</summary>
    private const long MostRows = 1024;

    /// <summary>The layer compiled; null where that cannot be had.</summary>
    internal static CompiledModule? Compiled(Tensor bank)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var layer = new Linear(bank.Size(1), bank.Size(0));
        layer.Weight.CopyInPlace(bank * -2);
        layer.Bias!.CopyInPlace(bank.Square().Sum([1L]));
        try
        {
            return layer.Compile(Tensor.Zeros([1, bank.Size(1)]), anyBatch: true);
        }
        catch (TorchException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="PatchScores.Nearest"/> has it: distances and places, <c>(N, P)</c> both.</summary>
    internal static (Tensor Scores, Tensor Places) Nearest(Tensor rows, CompiledModule bank, int pictures)
    {
        using var scope = new TensorScope();
        List<Tensor> least = [], places = [];
        for (long start = 0, block; start < rows.Size(0); start += block)
        {
            using var inner = new TensorScope();
            block = Math.Min(rows.Size(0) - start, MostRows);
            var (near, at) = bank.Call(rows.Narrow(0, start, block)).Min(1, false);
            least.Add(inner.Keep(near));
            places.Add(inner.Keep(at));
        }

        var squares = Tensor.Cat([.. least], 0) + rows.Square().Sum([1L]);
        return scope.Keep((squares.ClampMin(0).Sqrt().Reshape([pictures, -1]), Tensor.Cat([.. places], 0).Reshape([pictures, -1])));
    }
}
