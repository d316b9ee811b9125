using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How a decoder is built.</summary>
public sealed record DepthDecoderConfig
{
    /// <summary>Channels of its stages, from the last and largest map, stage 0, to the first.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [16, 32, 64, 128, 256];

    /// <summary>Stages that answer with a disparity.</summary>
    public IReadOnlyList<int> Scales { get; init; } = [0, 1, 2, 3];

    /// <summary>Channels of a disparity.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Whether the encoder's maps come in.</summary>
    public bool UseSkips { get; init; } = true;

    /// <summary>The dilations of the first stage's ASPP; null for a plain convolution.</summary>
    public IReadOnlyList<int>? AsppRates { get; init; }

    /// <summary>Whether the ASPP sees the picture's mean too.</summary>
    public bool AsppPooling { get; init; } = true;

    /// <summary>The number of the first stage.</summary>
    public int FirstStage { get; init; } = 4;

    /// <summary>Whether blocks have a batch norm.</summary>
    public bool Norm { get; init; }

    /// <summary>The rate at which blocks drop channels.</summary>
    public double Dropout { get; init; }

    /// <summary>To how many channels the encoder's maps are brought before they come in; null leaves them.</summary>
    public int? SkipWidth { get; init; }
}

/// <summary>What a decoder made, by stage; null where a stage did not run.</summary>
/// <param name="Maps">Features <c>(N, width, h, w)</c>.</param>
/// <param name="Disparities"><c>(N, outputs, h, w)</c> in (0, 1), large where near.</param>
public sealed record DecodedMaps(IReadOnlyList<Tensor?> Maps, IReadOnlyList<Tensor?> Disparities) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Maps.Concat(Disparities).OfType<Tensor>();
}

/// <summary>
/// From an encoder's five maps to the size of the picture, stage by stage: mirrored convolutions, ELU, nearest enlargement. 1806.01260
/// §3.4; lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 models/depth_decoder.py.
/// </summary>
public sealed partial class DepthDecoder : Module
{
    private readonly DepthDecoderConfig config;

    /// <summary>The list's modules by what they are.</summary>
    [Borrowed]
    private readonly Dictionary<(string Part, int Stage), Module<Tensor, Tensor>> parts = [];

    /// <summary>PyTorch's default initial weights.</summary>
    /// <param name="encoderWidths">Channels of the encoder's five maps.</param>
    /// <param name="config">The rest.</param>
    /// <exception cref="ArgumentException">Not five widths, or stages that there are not.</exception>
    public DepthDecoder(IReadOnlyList<int> encoderWidths, DepthDecoderConfig config)
    {
        if (encoderWidths.Count != 5) throw Wrong($"an encoder of five maps is wanted, not of {encoderWidths.Count}");
        if (config.FirstStage < 0 || config.FirstStage >= config.Widths.Count || config.FirstStage > 4)
        {
            throw Wrong($"{config.Widths.Count} widths do not reach the first stage, {config.FirstStage}, of 0 to 4");
        }

        if (config.Scales.Any(scale => scale < 0 || scale >= config.Widths.Count))
        {
            throw Wrong($"disparities of the stages {string.Join(", ", config.Scales)}, where there are {config.Widths.Count}");
        }

        this.config = config;
        var order = new List<Module<Tensor, Tensor>>();
        for (int stage = config.FirstStage; stage >= 0; stage--)
        {
            int width = config.Widths[stage], joined = width;
            int inputs = stage == config.FirstStage ? encoderWidths[^1] : config.Widths[stage + 1];
            bool isWide = stage == config.FirstStage && config.AsppRates is not null;
            Add("first", stage, isWide ? new Aspp(inputs, width, config.AsppRates!, config.AsppPooling) : Block(inputs, width));
            if (config.UseSkips && stage > 0)
            {
                int skip = encoderWidths[stage - 1];
                joined += config.SkipWidth ?? skip;
                Add("skip", stage, config.SkipWidth is { } narrow ? Projection(skip, narrow) : new Identity());
            }

            Add("second", stage, Block(joined, width));
        }

        foreach (int scale in config.Scales) Add("disparity", scale, new MirroredConv(config.Widths[scale], config.Outputs));
        Decoder = new ModuleList<Module<Tensor, Tensor>>(order);

        void Add(string part, int stage, Module<Tensor, Tensor> module)
        {
            parts.Add((part, stage), module);
            order.Add(module);
        }

        EluBlock Block(int inputs, int outputs) => new(inputs, outputs, config.Norm, config.Dropout);
    }

    ModuleList<Module<Tensor, Tensor>> Decoder { get; }

    /// <summary>Runs every stage.</summary>
    /// <param name="encoded">The encoder's five maps.</param>
    /// <param name="withDisparities">Whether the disparities are wanted.</param>
    public DecodedMaps Decode(IReadOnlyList<Tensor> encoded, bool withDisparities = true) =>
        Decode(encoded, encoded[^1], config.FirstStage, 0, withDisparities);

    /// <summary>Runs some stages.</summary>
    /// <param name="encoded">The encoder's five maps.</param>
    /// <param name="x">What the first of the stages reads.</param>
    /// <param name="first">The first stage; the larger number.</param>
    /// <param name="last">The last stage.</param>
    /// <param name="withDisparities">Whether the disparities are wanted.</param>
    internal DecodedMaps Decode(IReadOnlyList<Tensor> encoded, Tensor x, int first, int last, bool withDisparities)
    {
        using var scope = new TensorScope();
        Tensor?[] maps = new Tensor?[config.Widths.Count], disparities = new Tensor?[config.Widths.Count];
        for (int stage = first; stage >= last; stage--)
        {
            x = parts[("first", stage)].Call(x);
            if (stage == 0 || x.Size(3) < encoded[stage - 1].Size(3)) x = Functional.InterpolateBy(x, 2);
            if (parts.TryGetValue(("skip", stage), out var skip)) x = Tensor.Cat([x, skip.Call(encoded[stage - 1])], 1);
            maps[stage] = x = parts[("second", stage)].Call(x);
            if (withDisparities && parts.TryGetValue(("disparity", stage), out var head)) disparities[stage] = head.Call(x).Sigmoid();
        }

        return scope.Keep(new DecodedMaps(maps, disparities));
    }

    private static Sequential Projection(int inputs, int outputs) =>
        new(new Conv2d(inputs, outputs, 1), new BatchNorm2d(outputs), new Relu(inPlace: true));

    private static ArgumentException Wrong(string fault) => new($"depth decoder: {fault}");
}
