using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>The claim's generator, whose tokens are parts alone, among the tokens that screens have otherwise.</summary>
internal static class KeptWriter
{
    private const double Never = -1e4; // what a blank strip's logit is: the claim's screens have none

    /// <summary>The same generator with blank strips that it never writes, and what its tokens stand for.</summary>
    /// <param name="writer">Over padding and the parts of <see cref="MadeScreens"/>, app by app.</param>
    /// <param name="real">The screens that it learned from, in its tokens.</param>
    /// <param name="length">Tokens of a screen.</param>
    public static ClaimNetwork Of(SubtreeGenerator writer, Tensor real, int length)
    {
        var builder = MadeScreens.Parts();
        int strips = ScreenLibrary.FirstPart - 1;
        var screens = real.ToArray<long>().Chunk((int)real.Size(1))
            .Select(row => row.Where(token => token > 0).Select(token => (int)token + strips).ToArray());
        var library = builder.Build(length) with { Screens = [.. screens] };
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var wider = new SubtreeGenerator(library.Vocabulary.Count, (int)writer.Emb.Weight.Size(1), (int)writer.Lin.Weight.Size(1));
        foreach (var (own, other) in wider.Lstm.Parameters().Zip(writer.Lstm.Parameters())) own.CopyInPlace(other);
        wider.Emb.Weight.CopyInPlace(Widened(writer.Emb.Weight, 0));
        wider.Lin.Weight.CopyInPlace(Widened(writer.Lin.Weight, 0));
        wider.Lin.Bias!.CopyInPlace(Widened(writer.Lin.Bias!, Never));
        return ClaimNetwork.Of(GuiganSystem.SmallName, wider, files: library.Files(builder.Pictures));

        Tensor Widened(Tensor rows, double value)
        {
            long[] shape = [strips, .. rows.Shape.ToArray()[1..]];
            return Tensor.Cat([rows.Narrow(0, 0, 1), Tensor.Full(shape, value), rows.Narrow(0, 1, rows.Size(0) - 1)], 0);
        }
    }
}
