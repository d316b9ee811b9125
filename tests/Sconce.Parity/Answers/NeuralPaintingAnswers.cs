using System.Globalization;
using System.Text.RegularExpressions;
using Sconce.Optim;
using Sconce.Systems.Generation.NeuralPainting;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Neural painting: renderers, losses, blending, the optimiser, coordinates, the engine's geometry.</summary>
internal sealed partial class NeuralPaintingAnswers : ParityAnswers
{
    internal override string System => "neural_painting";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        bool light = config.Int("out_size", 128) == 32;
        return question.Model switch
        {
            "ZouFCNFusion" or "ZouFCNFusionLight" =>
                Renderer(new FusionRenderer(Read(config), light || question.Model.EndsWith("Light", StringComparison.Ordinal))),
            "DCGAN" or "DCGAN_32" => Renderer(new ShadingRenderer(Read(config), light || question.Model == "DCGAN_32")),
            "HuangNet" => Renderer(new RasterisationRenderer(Read(config), light)),
            "UNet" => Renderer(new UNetRenderer(Read(config))),
            "PixelShuffleNet" or "PixelShuffleNet_32" =>
                throw new ArgumentException("the rasterisation network is asked inside a renderer"),
            "sinkhorn_loss" => ParityAnswer.Of(inputs => new() { ["out"] = Transport(config, inputs) }),
            "pixel_loss" => ParityAnswer.Of(Pixels),
            "vgg_style_loss" => Style(config),
            "vgg_perceptual_loss" => Content(config),
            "morphology" => ParityAnswer.Of(inputs => new()
            {
                ["dilated"] = Compositing.Dilate(inputs["x"], config.Int("m", 1)),
                ["eroded"] = Compositing.Erode(inputs["x"], config.Int("m", 1)),
            }),
            "composite" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = Compositing.Paint(inputs["foreground"], inputs["alpha"], inputs["canvas"], config.Int("m", 1)),
            }),
            "rmsprop_centered" => ParityAnswer.Of(inputs => new() { ["out"] = Steps(config, inputs) }),
            "normalize_strokes" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = StrokeCoordinates.OnCanvas(inputs["v"], Read(config), config.Int("m_grid")),
            }),
            "brush_matrix" => ParityAnswer.Of(inputs => new() { ["out"] = Matrices(config, inputs["p"]) }),
            "marker_polygons" => ParityAnswer.Of(inputs => new() { ["out"] = Tips(config, inputs["p"]) }),
            _ => null,
        };
    }

    private static Brush Read(Config config) => Brush.Named(config.String("renderer"));

    private static ParityAnswer Renderer(StrokeRenderer network) => new(network, inputs =>
    {
        var images = network.Call(inputs["x"]);
        return new() { ["foreground"] = images.Foreground, ["alpha"] = images.Alpha };
    });

    private static Tensor Transport(Config config, ParityInputs inputs) => new Sinkhorn
    {
        Epsilon = config.Double("epsilon", 0.01),
        Iterations = config.Int("niter", 5),
        Normalized = config.Bool("normalize", false),
    }.Loss(inputs["canvas"], inputs["gt"], config.Int("channel", 0));

    private static Dictionary<string, Tensor> Pixels(ParityInputs inputs) => new()
    {
        ["l1"] = PaintingLosses.Pixels(inputs["canvas"], inputs["gt"]),
        ["l2"] = PaintingLosses.Pixels(inputs["canvas"], inputs["gt"], 2),
        ["grey"] = PaintingLosses.Pixels(inputs["canvas"], inputs["gt"], ignoreColour: true),
    };

    private static ParityAnswer Style(Config config)
    {
        var network = VggComparison.OfStyle(config.Int("transfer_mode", 1) != 0, config.Bool("resize", true));
        return new(network, inputs => new() { ["out"] = network.Style(inputs["input"], inputs["target"]) * 1000 }); // the case's own factor
    }

    private static ParityAnswer Content(Config config)
    {
        var network = VggComparison.OfContent(config.Bool("resize", true));
        return new(network, inputs => new()
        {
            ["color"] = network.Content(inputs["input"], inputs["target"]),
            ["grey"] = network.Content(inputs["input"], inputs["target"], ignoreColour: true),
        });
    }

    private static Tensor Steps(Config config, ParityInputs inputs)
    {
        var place = inputs["x0"].Clone();
        place.RequiresGrad = true;
        using var optimizer = new RmsProp(
            [place], config.Double("lr"), config.Double("alpha", 0.99), config.Double("eps", 1e-8), 0, config.Double("momentum", 0),
            config.Bool("centered", false));
        foreach (var gradient in inputs["grads"].Unbind(0))
        {
            place.Grad = gradient.Clone();
            optimizer.Step();
        }

        return place.Detach();
    }

    private static Tensor Matrices(Config config, Tensor shapes)
    {
        int canvas = config.Int("canvas"), width = config.Int("brush_width"), height = config.Int("brush_height");
        var rows = Rows(shapes).SelectMany(shape => StrokeGeometry.Place(shape, canvas, width, height).ToArray());
        return Tensor.From(rows.ToArray(), [shapes.Size(0), 2, 3]);
    }

    private static Tensor Tips(Config config, Tensor shapes)
    {
        int canvas = config.Int("canvas");
        int[] said = [.. Numbers().Matches(config.String("steps", "i = 0, 9, ..., 99"))
            .Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture))];
        int[] steps = [.. Enumerable.Range(0, StrokeCurve.Steps).Where(step => step % (said[1] - said[0]) == said[0])];
        var points = Rows(shapes).SelectMany(shape =>
        {
            var curve = new StrokeCurve(shape, canvas);
            return steps.SelectMany(step => curve.Tip(step)).ToArray();
        });
        return Tensor.From(points.SelectMany(point => (double[])[point.X, point.Y]).ToArray(), [shapes.Size(0), steps.Length, 4, 2]);
    }

    private static IEnumerable<float[]> Rows(Tensor rows) => rows.Unbind(0).Select(row => row.ToArray<float>());

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
