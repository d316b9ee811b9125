using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>A batch's regions as tokens; pictures with fewer are padded.</summary>
/// <param name="Pooled"><c>(N, P, C, bins, bins)</c>, zero on padding.</param>
/// <param name="Boxes">Of each region, as shares of its picture: corners <c>(N, P, 4)</c>, zero on padding.</param>
/// <param name="Visible"><c>(N, 1, 1, P)</c> bool, false on padding.</param>
internal sealed record RegionTokens(Tensor Pooled, Tensor Boxes, Tensor Visible);

/// <summary>
/// Proposals look at each other: pooled features become tokens, with their boxes as sines, through a transformer encoder;
/// <c>-> (N, P, width)</c>. 2011.10881 §4.3; Edward-Sun/TSP-Detection@1b8a503 rcnn/mybox_head.py.
/// </summary>
internal sealed partial class TspBoxHead : Module<RegionTokens, Tensor>
{
    private const double Temperature = 10_000;
    private const int Coordinates = 8;
    private readonly int width;

    internal TspBoxHead(TspHeadConfig config)
    {
        width = config.Encoder.Width;
        if (config.Positions && width % (2 * Coordinates) != 0)
        {
            throw new ArgumentException($"TSP-RCNN: a width of {width} does not divide into sines and cosines of {Coordinates} numbers");
        }

        InputProj = Projection(config.Channels * config.Bins * config.Bins, config);
        PostInputProjNorm = new LayerNorm(width);
        TransformerEncoder = new PositionedEncoder(config.Encoder);
        DecPosEmbedProj = config.Positions ? new Linear(width, width) : null;
        foreach (var parameter in Parameters().Where(parameter => parameter.Dimensions > 1)) Init.XavierUniform(parameter);
    }

    Module<Tensor, Tensor>? InputProj { get; }

    LayerNorm PostInputProjNorm { get; }

    PositionedEncoder TransformerEncoder { get; }

    Linear? DecPosEmbedProj { get; }

    protected override Tensor Forward(RegionTokens regions)
    {
        var tokens = regions.Pooled.Flatten(2).Through(InputProj); // (N, P, width)
        var positions = DecPosEmbedProj is null ? null : Sines(regions.Boxes);
        if (positions is not null) tokens = tokens + DecPosEmbedProj!.Call(positions);
        return TransformerEncoder.Call(PostInputProjNorm.Call(tokens), positions, regions.Visible);
    }

    /// <summary>Centre, size and corners as sines and cosines in turn: <c>(N, P, 4) -> (N, P, width)</c>.</summary>
    private Tensor Sines(Tensor boxes)
    {
        using var scope = new TensorScope();
        int waves = width / Coordinates;
        float[] periods = [.. Enumerable.Range(0, waves / 2).Select(k => (float)Math.Pow(Temperature, 2.0 * k / waves))];
        var numbers = Tensor.Cat([Boxes.ToCentres(boxes), boxes], -1).Unsqueeze(3); // (N, P, 8, 1)
        var angles = numbers * (2 * Math.PI) / Tensor.From(periods).To(boxes.Device, boxes.DType); // (N, P, 8, waves / 2)
        return scope.Keep(Tensor.Stack([angles.Sin(), angles.Cos()], 4).Flatten(2));
    }

    private static Module<Tensor, Tensor>? Projection(int inputs, TspHeadConfig config)
    {
        int width = config.Encoder.Width;
        if (config.InputLayers == 0) return null;
        if (config.InputLayers == 1) return new Linear(inputs, width);
        var layers = new Sequential(new Linear(inputs, config.InputWidth));
        for (int k = 2; k < config.InputLayers; k++)
        {
            layers.Add(new Relu());
            layers.Add(new Linear(config.InputWidth, config.InputWidth));
        }

        layers.Add(new Relu());
        layers.Add(new Linear(config.InputWidth, width));
        return layers;
    }
}

/// <summary>
/// Classes with the background last, and a box of every class; rcnn/my_fast_rcnn_output.py <c>MyFastRCNNOutputLayers</c>.
/// </summary>
internal sealed partial class TspBoxPredictor : Module<Tensor, (Tensor Logits, Tensor Deltas)>
{
    private const double ClassStd = 0.01, BoxStd = 0.001;

    internal TspBoxPredictor(int width, int classes)
    {
        ClsScore = new Linear(width, classes + 1);
        Init.Normal(ClsScore.Weight, ClassStd);
        Init.Constant(ClsScore.Bias!, 0);
        BboxPred = new BoxMlp(width, width, 4 * classes, 3);
        Init.Normal(BboxPred.Layers[^1].Weight, BoxStd);
        Init.Constant(BboxPred.Layers[^1].Bias!, 0);
    }

    Linear ClsScore { get; }

    BoxMlp BboxPred { get; }

    protected override (Tensor Logits, Tensor Deltas) Forward(Tensor tokens) => (ClsScore.Call(tokens), BboxPred.Call(tokens));
}
