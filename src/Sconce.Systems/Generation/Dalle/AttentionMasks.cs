using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Which of the earlier codes of the picture a code sees. It sees all of the text, and text sees earlier text.</summary>
public enum MaskKind
{
    /// <summary>As many as a row has, and itself; the furthest is the one above.</summary>
    Row,

    /// <summary>Those above it.</summary>
    Column,

    /// <summary>Its neighbourhood, cut at the picture's edge. ru-dalle's third version.</summary>
    ConvolutionClamped,

    /// <summary>Its neighbourhood, continued at the opposite edge. ru-dalle's second version.</summary>
    ConvolutionWrapped,

    /// <summary>Its neighbourhood in the sequence of rows, continued in the next and the previous row. 2102.12092 figure 11.</summary>
    ConvolutionRaster,
}

/// <summary>
/// Sparse causal attention over text and then the codes of a square picture, row by row. 2102.12092 figure 11; ai-forever/ru-dalle@0255cec
/// image_attention.py.
/// </summary>
public static class AttentionMasks
{
    /// <summary>Whether the row's position sees the column's: booleans <c>(text + side², text + side²)</c>.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="text">Tokens of text.</param>
    /// <param name="side">Codes of a row of the picture.</param>
    /// <param name="kernel">The neighbourhood's side, odd.</param>
    public static Tensor Of(MaskKind kind, int text, int side, int kernel = 11)
    {
        int total = text + (side * side), reach = kernel / 2;
        var seen = new bool[total * total];
        for (int i = 0; i < total; i++)
        {
            for (int j = 0; j <= i; j++) seen[(i * total) + j] = j < text || Sees(kind, i - text, j - text, side, reach);
        }

        return Tensor.From(seen, [total, total]);
    }

    /// <summary>Whether code i sees code j, which is not later.</summary>
    private static bool Sees(MaskKind kind, int i, int j, int side, int reach)
    {
        int rows = (i / side) - (j / side), columns = (i % side) - (j % side);
        return kind switch
        {
            MaskKind.Row => i - j <= side,
            MaskKind.Column => (i - j) % side == 0,
            MaskKind.ConvolutionClamped => rows <= reach && Math.Abs(columns) <= reach,
            MaskKind.ConvolutionWrapped => Around(rows, side) <= reach && Around(columns, side) <= reach,
            _ => InSequence(i - j, side, reach),
        };
    }

    /// <summary>The distance on a circle.</summary>
    private static int Around(int difference, int side)
    {
        int forwards = ((difference % side) + side) % side;
        return Math.Min(forwards, side - forwards);
    }

    /// <summary>Whether a distance in the sequence is some rows, and a few codes more or less.</summary>
    private static bool InSequence(int distance, int side, int reach)
    {
        int above = Math.Min(distance / side, reach), next = Math.Min(above + 1, reach);
        return Math.Abs(distance - (above * side)) <= reach || Math.Abs(distance - (next * side)) <= reach;
    }
}
