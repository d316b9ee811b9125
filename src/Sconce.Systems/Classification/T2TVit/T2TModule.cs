using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>
/// Pictures to tokens, step by step: overlapping windows become tokens, attention mixes them, they lie down on their grid again, and the
/// next windows are cut from it. <c>(N, channels, S, S) -> (N, (S/16)², width)</c>; 2101.11986 §3.1 figure 3, keys as in
/// models/t2t_vit.py@0f63dc9.
/// </summary>
public sealed partial class T2TModule : Module<Tensor, Tensor>
{
    private readonly int channels;

    /// <summary>PyTorch's default initial numbers.</summary>
    /// <param name="channels">Of the pictures.</param>
    /// <param name="tokenWidth">Of the tokens between.</param>
    /// <param name="width">Of the tokens that come out.</param>
    /// <param name="layer">What stands between two splits.</param>
    public T2TModule(int channels, int tokenWidth, int width, TokenLayer layer = TokenLayer.Performer)
    {
        this.channels = channels;
        Attention1 = Layer(channels * 7 * 7);
        Attention2 = Layer(tokenWidth * 3 * 3);
        Project = new Linear(tokenWidth * 3 * 3, width);

        Module<Tensor, Tensor> Layer(int inputs) => layer switch
        {
            TokenLayer.Performer => new TokenPerformer(inputs, tokenWidth),
            TokenLayer.Transformer => new TokenTransformer(inputs, tokenWidth),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "t2t module: no such token layer"),
        };
    }

    /// <summary>After the first split.</summary>
    public Module<Tensor, Tensor> Attention1 { get; }

    /// <summary>After the second.</summary>
    public Module<Tensor, Tensor> Attention2 { get; }

    /// <summary>After the third, to the backbone's width.</summary>
    public Linear Project { get; }

    /// <summary>
    /// The first soft split: windows of 7x7 every 4 pixels, with 2 of zeros around. <c>(N, C, H, W) -> (N, windows, 49·C)</c>, channels of
    /// the picture slowest, then rows, then columns of the window; windows row by row.
    /// </summary>
    public static Tensor FirstSplit(Tensor pictures) => Unfold(pictures, 7, 4, 2);

    /// <summary>The later ones: windows of 3x3 every 2 cells, with 1 of zeros around. <c>(N, C, H, W) -> (N, windows, 9·C)</c>.</summary>
    public static Tensor LaterSplit(Tensor map) => Unfold(map, 3, 2, 1);

    /// <summary>Tokens back onto their square grid: <c>(N, s², C) -> (N, C, s, s)</c>, rows first.</summary>
    /// <exception cref="TorchException">Their number is no square.</exception>
    public static Tensor Restructure(Tensor tokens)
    {
        TokenShapes.Check(tokens, "restructure");
        long count = tokens.Size(1), side = (long)Math.Round(Math.Sqrt(count));
        if (side * side != count)
            throw new TorchException($"restructure: {count} tokens of an input of shape [{string.Join(", ", tokens.Shape.ToArray())}] fill "
                + $"no square grid: T2T-ViT takes square pictures");
        return tokens.Transpose(1, 2).Reshape([tokens.Size(0), -1, side, side]);
    }

    /// <summary>Windows along a side after a later split.</summary>
    internal static int Split(int side) => ((side - 1) / 2) + 1;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(1) != channels || pictures.Size(2) != pictures.Size(3))
        {
            throw new TorchException($"t2t module: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], but (N, {channels}, "
                + $"side, side) is expected: crop them square");
        }

        var tokens = Attention1.Call(FirstSplit(pictures)); // (N, (S/4)², t)
        tokens = Attention2.Call(LaterSplit(Restructure(tokens))); // (N, (S/8)², t)
        return Project.Call(LaterSplit(Restructure(tokens))); // (N, (S/16)², width)
    }

    private static Tensor Unfold(Tensor map, int kernel, int stride, int padding) =>
        map.Im2col([kernel, kernel], [1, 1], [padding, padding], [stride, stride]).Transpose(1, 2);
}
