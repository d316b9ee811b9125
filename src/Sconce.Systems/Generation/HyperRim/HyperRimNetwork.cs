using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>What a level makes.</summary>
/// <param name="Symmetric">The picture as the next level sees it, <c>(N, Outputs, H, W)</c> in [-1, 1].</param>
/// <param name="Features">What the next level sees beside it, <c>(N, C, H, W)</c>.</param>
public sealed record RimLevelOutput(Tensor Symmetric, Tensor Features) : ITensorContainer
{
    /// <summary>The picture in [0, 1].</summary>
    public Tensor Picture => (Symmetric + 1) / 2;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Symmetric, Features];
}

/// <summary>
/// Makes a picture larger, level by level, each by two and from random numbers of its own, so that one input has many answers: <c>input (N,
/// Inputs, H, W) in [0, 1], codes of each level -> a picture of each level</c>. 2011.01926 §4; niopeng/HyperRIM@e17b7e2c9725
/// architecture.py IMRRDBNet.
/// </summary>
public sealed class HyperRimNetwork : Module<Tensor, IReadOnlyList<Tensor>, Tensor[]>, IAnswersOfPictures
{
    private readonly RimLevel[] levels;

    /// <summary>Builds it.</summary>
    public HyperRimNetwork(HyperRimConfig config)
    {
        if (config.Dense.Count != config.Levels || config.FeatureScales?.Count < config.Levels - 1)
        {
            throw new ArgumentException(
                $"HyperRIM: {config.Levels} levels of residual channels, but {config.Dense.Count} of dense channels and "
                + $"{config.FeatureScales?.Count ?? config.Levels - 1} feature scales: one for each level (of the scales, but the last)");
        }

        Config = config;
        levels = [.. Enumerable.Range(1, config.Levels).Select(level => RimLevel.Of(config, level))];
    }

    /// <summary>What it was built as.</summary>
    public HyperRimConfig Config { get; }

    /// <summary>One level alone.</summary>
    /// <param name="level">From 1.</param>
    /// <param name="input">The network's input, or what the level before made of it, in [-1, 1].</param>
    /// <param name="features">Of the level before; none for the first.</param>
    /// <param name="code"><c>(N, CodeLength)</c></param>
    public RimLevelOutput Level(int level, Tensor input, Tensor? features, Tensor code)
    {
        using var scope = new TensorScope();
        return scope.Keep(levels[level - 1].Run(input, features, code));
    }

    /// <summary>Normal codes of each level for inputs of a size.</summary>
    /// <param name="count">Of inputs.</param>
    /// <param name="height">Of the inputs.</param>
    /// <param name="width">Of the inputs.</param>
    /// <param name="generator">The source of chance.</param>
    public Tensor[] Codes(int count, int height, int width, Generator? generator = null) =>
        [.. Enumerable.Range(1, Config.Levels).Select(level => Tensor.Randn([count, Config.CodeLength(level, height, width)], generator))];

    /// <inheritdoc/>
    Tensor IAnswersOfPictures.Answer(Tensor picture, Generator generator)
    {
        var codes = Codes((int)picture.Size(0), (int)picture.Size(2), (int)picture.Size(3), generator);
        return Call(picture, [.. codes.Select(code => code.To(picture.Device))])[^1];
    }

    /// <summary>The first numbers of linear layers: He's, a tenth as large. niopeng/HyperRIM@e17b7e2c9725 networks.py.</summary>
    internal static Linear Initialized(Linear layer)
    {
        Init.Normal(layer.Weight, 0.1 * Math.Sqrt(2.0 / Init.Fan(layer.Weight, FanMode.In)));
        Init.Constant(layer.Bias!, 0);
        return layer;
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var level in levels) level.Show(visitor);
    }

    /// <inheritdoc/>
    protected override Tensor[] Forward(Tensor first, IReadOnlyList<Tensor> second)
    {
        if (second.Count != levels.Length)
        {
            throw new TorchException($"HyperRIM: {second.Count} codes for {levels.Length} levels: one for each");
        }

        var pictures = new Tensor[levels.Length];
        RimLevelOutput? before = null;
        for (int k = 0; k < levels.Length; k++)
        {
            before = levels[k].Run(before?.Symmetric ?? first, before?.Features, second[k]);
            pictures[k] = before.Picture;
        }

        return pictures;
    }
}

/// <summary>The modules of one level, which the network holds, and frees, under names of its own.</summary>
/// <param name="Config">The network's.</param>
/// <param name="Number">From 1.</param>
/// <param name="Map">From the code's vector to the style.</param>
/// <param name="Feat">From the picture and the code's map to features.</param>
/// <param name="Style">Blocks under the style.</param>
/// <param name="Up">To twice the size.</param>
/// <param name="Out">To a picture in [-1, 1].</param>
internal sealed record RimLevel(
    HyperRimConfig Config, int Number, Sequential Map, Sequential Feat, StyledShortcut Style, Sequential Up, Sequential Out)
{
    private const int MappingLayers = 8;

    internal static RimLevel Of(HyperRimConfig config, int number)
    {
        int channels = config.Residual[number - 1];
        int inputs = config.CodeChannels + (number == 1 ? config.Inputs : config.Outputs + config.Residual[number - 2]);
        var map = new Sequential();
        for (int k = 0; k < MappingLayers; k++)
        {
            map.Add(HyperRimNetwork.Initialized(new Linear(k == 0 ? config.Vector : config.Style, config.Style)));
            map.Add(RimLayers.Activation());
        }

        var up = new Sequential();
        if (!config.KeepsSize) up.Add(new Upsample(2));
        for (int k = 0; k < 2; k++)
        {
            up.Add(RimLayers.Convolution(channels, channels));
            up.Add(RimLayers.Activation());
        }

        return new RimLevel(
            config,
            number,
            map,
            new Sequential(RimLayers.Convolution(inputs, channels)),
            new StyledShortcut(new StyleBlock(channels, config.Dense[number - 1], config.Blocks, config.Style)),
            up,
            new Sequential(RimLayers.Convolution(channels, config.Outputs), new Tanh()));
    }

    internal void Show(IModuleVisitor visitor)
    {
        visitor.Child($"level_{Number}_map", Map);
        visitor.Child($"level_{Number}_feat", Feat);
        visitor.Child($"level_{Number}_style", Style);
        visitor.Child($"level_{Number}_up", Up);
        visitor.Child($"level_{Number}_out", Out);
    }

    internal RimLevelOutput Run(Tensor input, Tensor? features, Tensor code)
    {
        long count = input.Size(0), height = input.Size(2), width = input.Size(3);
        long wanted = Config.Vector + (Config.CodeChannels * height * width);
        if (code.Dimensions != 2 || code.Size(1) != wanted)
        {
            throw new TorchException(
                $"HyperRIM: level {Number} has a code of shape [{string.Join(", ", code.Shape.ToArray())}], but ({count}, {wanted}) is "
                + $"expected for an input of {height} by {width}");
        }

        var vector = Map.Call(code.Narrow(1, 0, Config.Vector));
        var noise = code.Narrow(1, Config.Vector, wanted - Config.Vector).Reshape([count, Config.CodeChannels, height, width]);
        var seen = Tensor.Cat(features is null ? [input, noise] : [input, noise, features * Config.FeatureScale(Number - 1)], 1);
        var x = Up.Call(Style.Call(Feat.Call(seen), vector));
        return new RimLevelOutput(Out.Call(x), x);
    }
}

/// <summary><c>x + f(x, style)</c></summary>
internal sealed partial class StyledShortcut(StyleBlock block) : Module<Tensor, Tensor, Tensor>
{
    public StyleBlock Sub { get; } = block;

    protected override Tensor Forward(Tensor first, Tensor second) => first + Sub.Call(first, second);
}
