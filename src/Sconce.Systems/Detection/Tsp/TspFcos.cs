using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>What a TSP-FCOS says of a batch; K features of interest a picture, in the order of their chances.</summary>
/// <param name="Places">Their numbers among all cells of all levels, level by level, row by row, <c>(N, K)</c> int64.</param>
/// <param name="Levels">Their levels, 0 being the finest, <c>(N, K)</c> int64.</param>
/// <param name="Locations">Their x and y in pixels, <c>(N, K, 2)</c>.</param>
/// <param name="Logits"><c>(N, K, C)</c></param>
/// <param name="Sides">Distances to the box's left, top, right and bottom, in strides of their level, <c>(N, K, 4)</c>.</param>
/// <param name="Centreness">Logits <c>(N, K, 1)</c>.</param>
/// <param name="Dense">The dense head's logits of each level, <c>(N, C, h, w)</c>.</param>
/// <param name="Pyramid">The pyramid's maps.</param>
public sealed record TspFcosOutput(
    Tensor Places, Tensor Levels, Tensor Locations, Tensor Logits, Tensor Sides, Tensor Centreness,
    IReadOnlyList<Tensor> Dense, IReadOnlyList<Tensor> Pyramid)
    : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Places, Levels, Locations, Logits, Sides, Centreness, .. Dense, .. Pyramid];
}

/// <summary>
/// Set prediction without a decoder: the cells that a dense head is surest of are refined by a transformer encoder, each to one box.
/// 2011.10881
/// §4.2; Edward-Sun/TSP-Detection@1b8a503 fcos/my_fcos.py <c>MyFCOS</c>. Reads pictures <c>(3, H, W)</c> of blue, green, red in [0, 255].
/// </summary>
public sealed partial class TspFcos : Module<IReadOnlyList<Tensor>, TspFcosOutput>, ICompilable
{
    private const double InitialStd = 0.01;

    /// <summary>What every side of every box is before training, in strides.</summary>
    private const double InitialSide = 1;
    private readonly SinePositions positions;
    private Compilation.CompiledSizes? trunk;

    /// <summary>
    /// Initial weights as the official code has them, but for the trunk, which it takes from ImageNet, and for the boxes. Those begin
    /// alike, one stride to each side. With a linear layer's own first weights, as officially, about half of the sides begin below zero,
    /// for all features at once; where several do, every box is empty, neither the ReLU nor the generalised IoU of an empty box has a
    /// gradient, and no box is ever learned.
    /// </summary>
    /// <param name="config">The published R50 where left out.</param>
    public TspFcos(TspFcosConfig? config = null)
    {
        Config = config ?? new TspFcosConfig();
        int channels = Config.Backbone.Channels, width = Config.Encoder.Width, levels = Config.Strides.Count;
        positions = new SinePositions(width / 2);
        PixelMean = new Nn.Buffer(Tensor.From([.. Config.PixelMean.Select(value => (float)value)], [3, 1, 1]));
        PixelStd = new Nn.Buffer(Tensor.From([.. Config.PixelStd.Select(value => (float)value)], [3, 1, 1]));
        Backbone = new TspBackbone(Config.Backbone);
        FcosHead = new FcosHead(channels, Config.Classes, Config.Towers);
        EncProj = new Linear(2 * channels, width);
        PostEncProjNorm = new LayerNorm(width);
        PyramidPositionEmbedding = Parameter.Ones(levels, width);
        TransformerEncoder = new PositionedEncoder(Config.Encoder);
        ClsLogits = new Linear(width, Config.Classes);
        BboxPred = new Linear(width, 4);
        Ctrness = new Linear(width, 1);
        Scales = Parameter.Ones(levels);
        Init.Normal(ClsLogits.Weight, InitialStd);
        Init.Constant(ClsLogits.Bias!, FcosHead.PriorLogit);
        Init.Normal(Ctrness.Weight, InitialStd);
        Init.Constant(Ctrness.Bias!, 0);
        Init.Normal(BboxPred.Weight, InitialStd);
        Init.Constant(BboxPred.Bias!, InitialSide);
    }

    /// <summary>What it was built from.</summary>
    public TspFcosConfig Config { get; }

    /// <summary>Sizes of pictures whose trunk is compiled.</summary>
    internal int CompiledSizes => trunk?.Compiled ?? 0;

    Parameter PyramidPositionEmbedding { get; }

    Parameter Scales { get; }

    Nn.Buffer PixelMean { get; }

    Nn.Buffer PixelStd { get; }

    TspBackbone Backbone { get; }

    FcosHead FcosHead { get; }

    PositionedEncoder TransformerEncoder { get; }

    Linear EncProj { get; }

    LayerNorm PostEncProjNorm { get; }

    Linear ClsLogits { get; }

    Linear BboxPred { get; }

    Linear Ctrness { get; }

    /// <summary>
    /// The answer in training, where cells that belong to an object are favoured and a random share of the features is left out.
    /// </summary>
    /// <param name="pictures">Blue, green, red in [0, 255].</param>
    /// <param name="targets">What each cell should say.</param>
    /// <param name="random">Draws the share and which features stay.</param>
    internal (TspFcosOutput Output, FcosTargets Targets) Run(
        IReadOnlyList<Tensor> pictures, Func<IReadOnlyList<FcosGrid>, FcosTargets> targets, Random random)
    {
        using var scope = new TensorScope();
        FcosTargets? made = null;
        var output = Answer(pictures, grids => made = targets(grids), random);
        return scope.Keep((output, made!));
    }

    /// <inheritdoc/>
    public void Compile()
    {
        Eval();
        trunk ??= new Compilation.CompiledSizes(this, Maps);
    }

    /// <summary>
    /// The dense half alone, which an export can hold: pictures that are normalised and padded to the logits of P3 to P7.
    /// </summary>
    /// <param name="images"><c>(N, 3, H, W)</c>, sides multiples of 32.</param>
    internal Tensor[] Dense(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(Backbone.Call(images).Levels.Select(map => FcosHead.Call(map).Logits).ToArray());
    }

    /// <inheritdoc/>
    protected override TspFcosOutput Forward(IReadOnlyList<Tensor> pictures) => Answer(pictures, null, null);

    private TspFcosOutput Answer(IReadOnlyList<Tensor> pictures, Func<IReadOnlyList<FcosGrid>, FcosTargets>? targets, Random? random)
    {
        var padded = TspPixels.Prepare(pictures, PixelMean, PixelStd);
        var found = Training || targets is not null || trunk is null ? Maps(padded.Images) : trunk.Call(padded.Images);
        int count = found.Length / 3;
        var maps = found[..count];
        if (count != Config.Strides.Count)
            throw new TorchException($"TSP-FCOS: {Config.Strides.Count} strides for a pyramid of {count} levels");
        FcosLevel[] dense = [.. found[count..].Chunk(2).Select(pair => new FcosLevel(pair[0], pair[1]))];
        FcosGrid[] grids = [.. maps.Select((map, level) => new FcosGrid(Config.Strides[level], map.Size(2), map.Size(3)))];
        var places = Select(dense, targets?.Invoke(grids), random); // (N, K)
        var features = Gathered(Tokens(dense.Select(level => level.Features)), places); // (N, K, 2·channels)
        var placed = Gathered(Positions(padded, grids), places); // (N, K, width)
        var tokens = TransformerEncoder.Call(PostEncProjNorm.Call(EncProj.Call(features)), placed, null);
        var levels = FcosGrid.LevelNumbers(grids).To(places.Device)[places];
        var locations = FcosGrid.Locations(grids).To(places.Device)[places];
        var sides = BboxPred.Call(tokens).Relu() * Scales[levels].Unsqueeze(2);
        return new TspFcosOutput(
            places, levels, locations, ClsLogits.Call(tokens), sides, Ctrness.Call(tokens),
            [.. dense.Select(level => level.Logits)], maps);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) trunk?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The pyramid's maps, then each level's logits and features.</summary>
    private Tensor[] Maps(Tensor images)
    {
        var levels = Backbone.Call(images).Levels;
        return [.. levels, .. levels.SelectMany(map => FcosHead.Call(map).Tensors)];
    }

    /// <summary>The numbers of the features of interest, <c>(N, K)</c>: the surest cells of all levels.</summary>
    private Tensor Select(FcosLevel[] dense, FcosTargets? targets, Random? random)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var chances = Tokens(dense.Select(level => level.Logits)).Sigmoid().Max(2).Item1; // (N, T)
        if (targets is not null) chances = Functional.Where(targets.Positive.To(chances.Device), (chances + 1) * 0.5, chances);
        var places = chances.Topk(Math.Min(Config.Features, chances.Size(1)), 1).Item2;
        if (random is null) return scope.Keep(places);
        int count = (int)places.Size(1), kept = (int)(count * (1 - (random.NextDouble() * (1 - Config.LeastKept))));
        long[] some = [.. Enumerable.Range(0, count).Select(k => (long)k)];
        random.Shuffle(some);
        return scope.Keep(places.IndexSelect(1, Tensor.From(some[..Math.Max(1, kept)]).To(places.Device)));
    }

    /// <summary>Sines of rows and columns within the picture, and each level's own vector: <c>(N, T, width)</c>.</summary>
    private Tensor Positions(TspPictures pictures, FcosGrid[] grids)
    {
        // The map at stride 4; the picture's sides are multiples of 32.
        var res2 = (pictures.Images.Size(2) / 4, pictures.Images.Size(3) / 4);
        var masks = PaddingMasks.Compute(pictures, res2, grids.Select(grid => (grid.Height, grid.Width)));
        var levels = masks.Select((mask, level) => positions.Compute(mask).Flatten(2).Transpose(1, 2) + PyramidPositionEmbedding[level]);
        return Tensor.Cat([.. levels], 1);
    }

    /// <summary>Maps as one row of cells: <c>(N, C, h, w) … -> (N, T, C)</c>.</summary>
    private static Tensor Tokens(IEnumerable<Tensor> maps) => Tensor.Cat([.. maps.Select(map => map.Flatten(2).Transpose(1, 2))], 1);

    private static Tensor Gathered(Tensor cells, Tensor places) => cells.Gather(1, places.Unsqueeze(2).Expand([-1, -1, cells.Size(2)]));
}
